/// A limit of a process, getrlimit(2). Source: a line of `/proc/<pid>/limits`.
public struct ResourceLimit: Sendable, Hashable {
    /// The kernel's name of it, such as `Max open files`.
    public var name: String
    /// Limit in force; nil for none.
    public var soft: UInt64?
    /// Limit up to which the process may raise it; nil for none.
    public var hard: UInt64?
    /// What it counts, such as `bytes`; nil where the kernel names no unit.
    public var unit: String?

    /// Parses the file; nil when a line is cut or the heading is missing.
    public static func parse(_ bytes: Span<UInt8>) -> [ResourceLimit]? {
        guard bytes.endsWithNewline, bytes.holds("Limit ", at: 0) else { return nil }
        var limits: [ResourceLimit] = []
        var start = bytes.lineEnd(from: 0) + 1
        while start < bytes.count {
            let end = bytes.lineEnd(from: start)
            guard let limit = ResourceLimit(bytes, start..<end) else { return nil }
            limits.append(limit)
            start = end + 1
        }
        return limits
    }

    /// Parses a line: the name fills 25 columns, the others hold no blank.
    private init?(_ bytes: Span<UInt8>, _ line: Range<Int>) {
        var index = line.lowerBound + 25
        guard index < line.upperBound else { return nil }
        var nameEnd = index
        while nameEnd > line.lowerBound, bytes[nameEnd - 1] == UInt8(ascii: " ") { nameEnd -= 1 }
        name = bytes.text(line.lowerBound..<nameEnd)
        guard let soft = Self.bound(bytes, &index), let hard = Self.bound(bytes, &index) else { return nil }
        self.soft = soft
        self.hard = hard
        bytes.skipBlanks(&index)
        let word = bytes.word(&index)
        unit = word.isEmpty ? nil : bytes.text(word)
    }

    /// A number or `unlimited`; nil for neither.
    private static func bound(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt64?? {
        bytes.skipBlanks(&index)
        if bytes.skip("unlimited", &index) { return .some(nil) }
        return bytes.decimal(&index).map { .some($0) }
    }
}

extension ProcReader {
    /// Reads `/proc/<pid>/limits`.
    public mutating func limits(_ pid: Int32) -> Reading<[ResourceLimit]> {
        read(Self.path(pid, "limits"), .onePiece, ResourceLimit.parse)
    }
}
