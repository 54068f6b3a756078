internal import SystemCallFacts

/// The system calls of an architecture: what they are called, what their arguments are.
///
/// Sources: Resources/system-calls.txt (names, numbers and types, of the kernel's headers), system-call-kinds.txt (what the arguments mean).
public struct SystemCallTable: Sendable {
    /// One call.
    public struct Call: Sendable {
        /// As asm/unistd.h numbers it.
        public let number: Int
        /// As the manual calls it.
        public let name: String
        /// Names of its arguments, as the kernel has them.
        public let argumentNames: [String]
        let arguments: [ArgumentKind]
        let result: ArgumentKind
    }

    /// By number; nil where no call has it.
    public let calls: [Call?]
    private let numbers: [String: Int]
    let classes: [String: Set<Int32>]
    let constants: ConstantSets
    let structures: Structures

    /// The calls of the architecture this was built for.
    public static let native = SystemCallTable()

    private init() {
        self.init(
            calls: String(decoding: SystemCallFacts.calls, as: UTF8.self),
            kinds: String(decoding: SystemCallFacts.kinds, as: UTF8.self),
            constants: String(decoding: SystemCallFacts.constants, as: UTF8.self),
            structures: String(decoding: SystemCallFacts.structures, as: UTF8.self))
    }

    init(calls list: String, kinds: String, constants: String, structures: String) {
        self.constants = ConstantSets(parsing: constants)
        self.structures = Structures(parsing: structures, self.constants)
        var meanings: [Substring: [Substring]] = [:]
        for line in kinds.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            if let name = words.first { meanings[name] = Array(words.dropFirst()) }
        }
        var calls: [Call?] = []
        var numbers: [String: Int] = [:]
        for line in list.split(separator: "\n") where !line.hasPrefix("#") {
            guard let call = SystemCallTable.call(line, meanings, self.constants, self.structures),
                (0..<4096).contains(call.number)
            else { continue }
            while calls.count <= call.number { calls.append(nil) }
            calls[call.number] = call
            numbers[call.name] = call.number
        }
        self.calls = calls
        self.numbers = numbers
        classes = SystemCallTable.classes(kinds, calls, numbers)
    }

    private static func call(
        _ line: Substring, _ meanings: [Substring: [Substring]], _ constants: ConstantSets, _ structures: Structures
    ) -> Call? {
        guard let space = line.firstIndex(of: " "), let number = Int(line[..<space]),
            let open = line.firstIndex(of: "("), line.hasSuffix(")")
        else { return nil }
        let name = line[line.index(after: space)..<open]
        var names: [String] = []
        var kinds: [ArgumentKind] = []
        for argument in line[line.index(after: open)...].dropLast().split(separator: ",") where argument != "?" {
            // The name is the last word; what is before it is the type.
            let start = argument.lastIndex { $0 == " " || $0 == "*" }.map { argument.index(after: $0) }
            let word = String(argument[(start ?? argument.startIndex)...])
            let type = argument[..<(start ?? argument.startIndex)].drop { $0 == " " }
            names.append(word)
            kinds.append(ArgumentKind(type: String(type.last == " " ? type.dropLast() : type), name: word))
        }
        var result = ArgumentKind(base: .long)
        if let words = meanings[name] {
            let parts = words.split(separator: "=", maxSplits: 1)
            for (index, word) in (words.first == "=" ? [] : parts.first ?? []).enumerated() {
                guard let kind = ArgumentKind(parsing: word, constants, structures) else { continue }
                while kinds.count <= index {
                    kinds.append(kind)
                    names.append("argument\(kinds.count)")
                }
                kinds[index] = kind
            }
            if words.contains("="), let last = words.last {
                result = ArgumentKind(parsing: last, constants, structures) ?? result
            }
        }
        return Call(number: number, name: String(name), argumentNames: names, arguments: kinds, result: result)
    }

    /// The call of a number; nil where there is none.
    public func call(_ number: Int32) -> Call? {
        calls.indices.contains(Int(number)) ? calls[Int(number)] : nil
    }

    /// The number of a call; nil where the architecture does not have it.
    public func number(of name: String) -> Int32? { numbers[name].map { Int32($0) } }
}
