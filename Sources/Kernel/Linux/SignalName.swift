/// Names of signals, the same on x86-64 and ARM64.
public enum SignalName {
    /// Names of 1 to 31, without `SIG`.
    private static let standard = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ]

    /// Other names in use.
    private static let aliases: [String: Int32] = ["IOT": 6, "CLD": 17, "POLL": 29]

    /// The first and last real-time signal a program may use: the C library keeps 32 and 33.
    private static let realTime: ClosedRange<Int32> = 34...64

    /// Every signal, by number.
    public static var all: [(number: Int32, name: String)] {
        (1...64).compactMap { number in name(of: number).map { (number, $0) } }
    }

    /// The name without `SIG`, such as `TERM` or `RTMIN+3`; nil for a number that is no signal of a program.
    public static func name(of number: Int32) -> String? {
        if (1...31).contains(number) { return standard[Int(number) - 1] }
        guard realTime.contains(number) else { return nil }
        return number == realTime.lowerBound ? "RTMIN" : "RTMIN+\(number - realTime.lowerBound)"
    }

    /// The number of a signal given as `TERM`, `SIGTERM`, `sigterm`, `15`, `RTMIN+3` or `RTMAX-1`.
    public static func number(of text: String) -> Int32? {
        if let number = Int32(text) { return name(of: number) == nil ? nil : number }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        if let index = standard.firstIndex(of: name) { return Int32(index) + 1 }
        return aliases[name] ?? realTimeNumber(of: name)
    }

    private static func realTimeNumber(of name: String) -> Int32? {
        let digits = name.dropFirst(6)
        let number: Int32
        switch (name.prefix(5), name.dropFirst(5).first, Int32(digits)) {
        case ("RTMIN", nil, _): number = realTime.lowerBound
        case ("RTMAX", nil, _): number = realTime.upperBound
        case ("RTMIN", "+", let distance?) where (0...30).contains(distance): number = realTime.lowerBound + distance
        case ("RTMAX", "-", let distance?) where (0...30).contains(distance): number = realTime.upperBound - distance
        default: return nil
        }
        return number
    }
}
