internal import Linux

/// Which system calls are shown: terms with blanks or `and` between them, all of which must be true.
public struct SyscallFilter: Sendable {
    /// Numbers of the calls that are wanted; nil for all.
    public var wanted: Set<Int32>?
    /// Whether only those are shown that failed.
    public var onlyFailed = false
    /// What is shorter is not shown. Unit: nanoseconds.
    public var slowerThanNanoseconds: UInt64 = 0
    /// Names of errors, one of which a call must have ended with.
    private var errors: Set<String> = []
    private var descriptors: Set<Int32> = []
    private var tasks: Set<Int32> = []
    private var paths: [[UInt8]] = []
    private var words: [[UInt8]] = []

    /// Everything.
    public init() {}

    /// Why a text is no filter.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        /// What is wrong, and what would be right.
        public let description: String
    }

    /// What can be written, in a line.
    public static let grammar = "call=open,%file,!close fd=3 path~/etc error error=ENOENT slower>10ms tid=12 WORD"

    /// Understands a text.
    ///
    /// - Throws: ``Fault``.
    public init(parsing text: String, _ table: SystemCallTable) throws(Fault) {
        for word in text.split(separator: " ") where word != "and" {
            try add(String(word), table)
        }
    }

    private mutating func add(_ word: String, _ table: SystemCallTable) throws(Fault) {
        guard let place = word.firstIndex(where: { "=~>".contains($0) }) else {
            try add(bare: word, table)
            return
        }
        let (key, sign, value) = (word[..<place], word[place], String(word[word.index(after: place)...]))
        switch (key, sign) {
        case ("call", "="), ("class", "="), ("trace", "="): try want(value, table)
        case ("error", "="), ("errno", "="):
            onlyFailed = true
            errors.formUnion(value.split(separator: ",").map { String($0) })
        case ("fd", "="): descriptors.formUnion(try numbers(value))
        case ("tid", "="), ("pid", "="): tasks.formUnion(try numbers(value))
        case ("path", "~"), ("path", "="): paths.append(Array(value.utf8))
        case ("slower", ">"), ("time", ">"), ("duration", ">"), ("slower", "="):
            guard let nanoseconds = SyscallFilter.nanoseconds(value) else {
                throw Fault(description: "'\(value)' is no duration: write 500us, 10ms or 1.5s")
            }
            slowerThanNanoseconds = nanoseconds
        default: throw Fault(description: "'\(word)' is no term of a filter; there are: \(SyscallFilter.grammar)")
        }
    }

    private mutating func add(bare word: String, _ table: SystemCallTable) throws(Fault) {
        if word == "error" || word == "errors" || word == "failed" {
            onlyFailed = true
        } else if word.hasPrefix("%") || word.hasPrefix("!") || table.number(of: word) != nil {
            try want(word, table)
        } else {
            words.append(Array(word.utf8))
        }
    }

    /// Narrows down to the calls of a list.
    public mutating func want(_ list: String, _ table: SystemCallTable) throws(Fault) {
        do throws(UnknownCall) {
            let numbers = try table.numbers(of: list)
            wanted = wanted?.intersection(numbers) ?? numbers
        } catch {
            throw Fault(description: "\(error)")
        }
    }

    private func numbers(_ text: String) throws(Fault) -> Set<Int32> {
        var found = Set<Int32>()
        for word in text.split(separator: ",") {
            guard let number = Int32(word) else { throw Fault(description: "'\(word)' is no number") }
            found.insert(number)
        }
        return found
    }

    /// A duration such as `10ms`; without a unit it is of milliseconds.
    static func nanoseconds(_ text: String) -> UInt64? {
        let units: [(String, Double)] = [("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let value = Double(text.dropLast(unit.count)) else { continue }
            return value >= 0 && value * factor < 1e18 ? UInt64(value * factor) : nil
        }
        return Double(text).flatMap { $0 >= 0 && $0 < 1e12 ? UInt64($0 * 1e6) : nil }
    }

    /// Whether an event is shown, as far as its text does not matter.
    public func keeps(_ event: SyscallEvent, _ table: SystemCallTable) -> Bool {
        if !tasks.isEmpty, !tasks.contains(event.tid), !tasks.contains(event.pid) { return false }
        guard event.kind == .call else { return isPlain }
        if let wanted, !wanted.contains(event.number) { return false }
        if onlyFailed, event.error == nil { return false }
        if !errors.isEmpty, !(event.error.map { errors.contains(Errno(rawValue: $0).name) } ?? false) { return false }
        if slowerThanNanoseconds > 0 {
            // What goes on has been going on for long enough to be told.
            guard (event.durationNanoseconds ?? 0) >= slowerThanNanoseconds || event.flags.contains(.unfinished) else {
                return false
            }
        }
        guard !descriptors.isEmpty || !paths.isEmpty, let call = table.call(event.number) else {
            return descriptors.isEmpty && paths.isEmpty
        }
        return hasDescriptor(event, call) && hasPath(event, call)
    }

    /// Whether calls are shown only when they have ended.
    public var isTimed: Bool { onlyFailed || !words.isEmpty }

    /// Whether signals and ends are shown as well: where nothing but calls and who makes them is asked for.
    private var isPlain: Bool {
        !onlyFailed && slowerThanNanoseconds == 0 && descriptors.isEmpty && paths.isEmpty && words.isEmpty
    }

    private func hasDescriptor(_ event: SyscallEvent, _ call: SystemCallTable.Call) -> Bool {
        guard !descriptors.isEmpty else { return true }
        if call.result.base == .fd, descriptors.contains(Int32(truncatingIfNeeded: event.result)) { return true }
        return call.arguments.enumerated().contains { index, kind in
            index < 6 && (kind.base == .fd || kind.base == .dirfd)
                && descriptors.contains(Int32(truncatingIfNeeded: event.arguments[index]))
        }
    }

    private func hasPath(_ event: SyscallEvent, _ call: SystemCallTable.Call) -> Bool {
        paths.allSatisfy { path in
            call.arguments.enumerated().contains { index, kind in
                kind.base == .path && (event.piece(index)?.bytes).map { $0.holds(path) } ?? false
            }
        }
    }

    /// Whether a text has all the words.
    public func keeps(text: ArraySlice<UInt8>) -> Bool {
        words.allSatisfy { text.holds($0) }
    }
}

extension ArraySlice<UInt8> {
    /// Whether other bytes are in these.
    func holds(_ other: [UInt8]) -> Bool {
        guard let first = other.first, count >= other.count else { return other.isEmpty }
        for start in startIndex...(endIndex - other.count) where self[start] == first {
            if self[start..<start + other.count].elementsEqual(other) { return true }
        }
        return false
    }
}
