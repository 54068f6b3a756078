/// Names of system calls by number, for one architecture.
public struct SystemCallNames: Sendable {
    private let names: [Int32: String]
    private let numbers: [String: Int32]

    /// The calls of the architecture this was built for.
    public static var native: SystemCallNames {
        #if arch(arm64)
        arm64
        #else
        x86_64
        #endif
    }

    /// Parses names in the order of their numbers; `=335` says that the next one is call 335.
    init(_ table: String) {
        var names: [Int32: String] = [:]
        var numbers: [String: Int32] = [:]
        var next: Int32 = 0
        for word in table.split(whereSeparator: \.isWhitespace) {
            if word.first == "=", let number = Int32(word.dropFirst()) {
                next = number
                continue
            }
            names[next] = String(word)
            numbers[String(word)] = next
            next += 1
        }
        self.names = names
        self.numbers = numbers
    }

    /// The name of a call; nil for a number without one.
    public func name(of number: Int32) -> String? { names[number] }

    /// The number of a call; nil where the architecture does not have it.
    public func number(of name: String) -> Int32? { numbers[name] }
}
