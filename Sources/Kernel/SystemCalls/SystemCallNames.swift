internal import SystemCallFacts

/// Names of system calls by number, for one architecture. Source: Resources/system-calls.txt, which a script makes of the kernel's headers.
public struct SystemCallNames: Sendable {
    private let names: [Int32: String]
    private let numbers: [String: Int32]

    /// The calls of the architecture this was built for.
    public static let native = SystemCallNames(parsing: SystemCallFacts.calls)
    /// The calls of each.
    static let (x86_64, arm64) =
        (SystemCallNames(parsing: SystemCallFacts.x86_64Calls), SystemCallNames(parsing: SystemCallFacts.arm64Calls))

    /// Parses lines of a number, a name and arguments.
    private init(parsing bytes: [UInt8]) {
        var names: [Int32: String] = [:]
        var numbers: [String: Int32] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.firstIndex(of: " "), let open = line.firstIndex(of: "("),
                let number = Int32(line[..<space])
            else { continue }
            let name = String(line[line.index(after: space)..<open])
            names[number] = name
            numbers[name] = number
        }
        self.names = names
        self.numbers = numbers
    }

    /// The name of a call; nil for a number without one.
    public func name(of number: Int32) -> String? { names[number] }

    /// The number of a call; nil where the architecture does not have it.
    public func number(of name: String) -> Int32? { numbers[name] }
}
