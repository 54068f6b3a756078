internal import Linux

/// The text of system calls, as strace(1) writes them: names of flags, structures, errors, escaped data.
public struct CallText {
    /// The calls that are written.
    public let table: SystemCallTable
    /// What a descriptor is, for behind its number; nil where it is not known or not wanted.
    public var describe: ((_ pid: Int32, _ descriptor: Int32) -> [UInt8]?)?
    /// What was written so far.
    public var bytes: [UInt8] = []

    /// A writer of texts of an architecture's calls.
    public init(_ table: SystemCallTable = .native) {
        self.table = table
    }

    /// Writes a call, from its name to its result.
    public mutating func write(_ event: SyscallEvent) {
        switch event.kind {
        case .call:
            writeEntry(event)
            if event.flags.contains(.unfinished) {
                put(" <unfinished ...>")
            } else {
                put(")")
                writeResult(event)
            }
        case .signal: writeSignal(event)
        case .end: writeEnd(event)
        case .birth:
            put("+++ made ")
            put(event.number == Int32(truncatingIfNeeded: event.result) ? "process " : "thread ")
            put(decimal: event.result)
            put(" +++")
        }
    }

    /// Writes a call without its arguments, which stood where it began.
    public mutating func writeResumed(_ event: SyscallEvent) {
        put("<... ")
        writeName(event)
        put(" resumed>")
        guard let call = table.call(event.number), !event.flags.contains(.compat) else {
            put(")")
            writeResult(event)
            return
        }
        // What the call wrote was not known then.
        var isFirst = true
        for (index, kind) in call.arguments.enumerated()
        where kind.moments.contains(.exit) && !kind.moments.contains(.entry) && index < 6 {
            if !isFirst { put(", ") }
            isFirst = false
            writeArgument(event, call, index, kind)
        }
        put(")")
        writeResult(event)
    }

    /// Name of a call.
    public mutating func writeName(_ event: SyscallEvent) {
        if event.flags.contains(.compat) {
            put("[32-bit] call_")
            put(decimal: Int64(event.number))
        } else if let call = table.call(event.number) {
            bytes.append(contentsOf: call.name.utf8)
        } else {
            put("syscall_0x")
            put(hexadecimal: UInt64(UInt32(bitPattern: event.number)))
        }
    }

    private mutating func writeEntry(_ event: SyscallEvent) {
        writeName(event)
        put("(")
        guard let call = table.call(event.number), !event.flags.contains(.compat) else {
            for index in 0..<6 {
                if index > 0 { put(", ") }
                put(address: event.arguments[index], null: "0")
            }
            return
        }
        var isFirst = true
        for index in order(call) where isShown(event, call, index, call.arguments[index]) {
            let kind = call.arguments[index]
            if event.flags.contains(.unfinished), kind.moments.isDisjoint(with: .entry) {
                put(isFirst ? "" : ",")
                return
            }
            if !isFirst { put(", ") }
            isFirst = false
            if call.name == "clone" { put(CallText.cloneNames[index]) }
            writeArgument(event, call, index, kind)
        }
    }

    /// Arguments of clone(2) need their names: processors have them in different order.
    private static let cloneNames: [StaticString] = ["flags=", "child_stack=", "parent_tid=", "child_tidptr=", "tls="]

    private func order(_ call: SystemCallTable.Call) -> [Int] {
        call.name == "clone" ? [1, 0, 2, 4, 3] : Array(call.arguments.indices.prefix(6))
    }

    /// Texts of the arguments of a call, with their names.
    public mutating func arguments(of event: SyscallEvent) -> [(name: String, text: String)] {
        guard event.kind == .call, let call = table.call(event.number), !event.flags.contains(.compat) else {
            return []
        }
        var before: [UInt8] = []
        swap(&before, &bytes)
        defer { swap(&before, &bytes) }
        var found: [(name: String, text: String)] = []
        for (index, kind) in call.arguments.enumerated() where index < 6 && isShown(event, call, index, kind) {
            bytes.removeAll(keepingCapacity: true)
            writeArgument(event, call, index, kind)
            found.append((call.argumentNames[index], String(decoding: bytes, as: UTF8.self)))
        }
        return found
    }

    // MARK: Results

    private mutating func writeResult(_ event: SyscallEvent) {
        put(" = ")
        if event.flags.contains(.final) {
            put("?")
            return
        }
        if let error = event.error {
            writeError(error)
            writeOutcome(event)
            return
        }
        guard let call = table.call(event.number), !event.flags.contains(.compat) else {
            put(decimal: event.result)
            return
        }
        switch call.result.base {
        case .address: put(address: UInt64(bitPattern: event.result), null: "NULL")
        case .octal: put(octal: UInt64(bitPattern: event.result), minimum: 3)
        case .fd: writeDescriptor(Int32(truncatingIfNeeded: event.result), of: event.pid)
        case .fcntlResult: writeFcntlResult(event)
        case .membarrierResult where event.arguments[0] == 0:
            writeNamed(UInt64(bitPattern: event.result), "", set("membarrier-commands"))
        case .signalNumber:
            put(decimal: event.result)
            guard event.result > 0 else { break }
            put(" (")
            writeSignalName(Int32(truncatingIfNeeded: event.result))
            put(")")
        case .scheduler:
            put(decimal: event.result)
            put(" (")
            writeScheduler(UInt64(bitPattern: event.result))
            put(")")
        case .personality:
            writeNumber(UInt64(bitPattern: event.result))
            put(" (")
            writePersonality(UInt64(bitPattern: event.result))
            put(")")
        default: put(decimal: event.result)
        }
        writeOutcome(event)
    }

    /// Numbers that a call is restarted with; no program sees them.
    private static let restarts: [Int32: StaticString] = [
        512: "ERESTARTSYS (To be restarted if SA_RESTART is set)", 513: "ERESTARTNOINTR (To be restarted)",
        514: "ERESTARTNOHAND (To be restarted if no handler)", 516: "ERESTART_RESTARTBLOCK (Interrupted by signal)",
    ]

    private mutating func writeError(_ error: Int32) {
        if let restart = CallText.restarts[error] {
            put("? ")
            put(restart)
            return
        }
        put("-1 ")
        let error = Errno(rawValue: error)
        bytes.append(contentsOf: error.name.utf8)
        put(" (")
        bytes.append(contentsOf: error.message.utf8)
        put(")")
    }

    // MARK: Pieces of text

    mutating func put(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func put(decimal value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        put(decimal: value.magnitude)
    }

    mutating func put(decimal value: UInt64) {
        if value < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
            return
        }
        let start = bytes.count
        var rest = value
        while rest > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        bytes[start...].reverse()
    }

    mutating func put(hexadecimal value: UInt64, digits: Int = 1) {
        var shift = 60
        while shift > 0, value >> shift == 0, shift / 4 >= digits { shift -= 4 }
        while shift >= 0 {
            let digit = UInt8(value >> shift & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            shift -= 4
        }
    }

    mutating func put(octal value: UInt64, minimum digits: Int) {
        // A nought stands before it, which counts as a digit.
        let text = value == 0 ? "" : String(value, radix: 8)
        for _ in 0..<max(digits - 1 - text.utf8.count, 0) { put("0") }
        put("0")
        bytes.append(contentsOf: text.utf8)
    }

    mutating func put(address value: UInt64, null: StaticString = "NULL") {
        guard value != 0 else {
            put(null)
            return
        }
        put("0x")
        put(hexadecimal: value)
    }

    /// A number in hexadecimal, 0 without a prefix.
    mutating func writeNumber(_ value: UInt64) { put(address: value, null: "0") }

    /// Data between quotation marks; what is no printable ASCII is escaped.
    mutating func put(quoted data: ArraySlice<UInt8>, isCut: Bool = false) {
        put("\"")
        var index = data.startIndex
        while index < data.endIndex {
            let byte = data[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): put("\\\"")
            case UInt8(ascii: "\\"): put("\\\\")
            case 0x20..<0x7f: bytes.append(byte)
            case 9: put("\\t")
            case 10: put("\\n")
            case 11: put("\\v")
            case 12: put("\\f")
            case 13: put("\\r")
            default:
                // As short as it can be, unless a digit follows.
                let isBeforeDigit =
                    index < data.endIndex && (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(data[index])
                put("\\")
                if isBeforeDigit || byte >= 64 { bytes.append(UInt8(ascii: "0") + byte >> 6) }
                if isBeforeDigit || byte >= 8 { bytes.append(UInt8(ascii: "0") + byte >> 3 & 7) }
                bytes.append(UInt8(ascii: "0") + byte & 7)
            }
        }
        put(isCut ? "\"…" : "\"")
    }
}
