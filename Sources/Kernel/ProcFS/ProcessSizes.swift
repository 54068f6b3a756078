/// One reading of `/proc/<pid>/statm`. Unit: pages; all 0 for kernel threads.
public struct ProcessSizes: Sendable, Hashable, BitwiseCopyable {
    /// Address space. Source: field 1 (`size`).
    public var virtualPages: UInt64 = 0
    /// Source: field 2 (`resident`).
    public var residentPages: UInt64 = 0
    /// Resident pages of files and shared memory. Source: field 3 (`shared`).
    public var sharedPages: UInt64 = 0
    /// Source: field 4 (`text`).
    public var textPages: UInt64 = 0
    /// Source: field 6 (`data`).
    public var dataPages: UInt64 = 0

    /// No memory.
    public init() {}

    /// Parses the file; nil unless it is whole.
    public init?(parsing bytes: Span<UInt8>) {
        guard bytes.endsWithNewline else { return nil }
        var index = 0
        var values = InlineArray<7, UInt64>(repeating: 0)
        for field in 0..<7 {
            guard let value = bytes.number(.decimal, &index) else { return nil }
            values[field] = value
        }
        virtualPages = values[0]
        residentPages = values[1]
        sharedPages = values[2]
        textPages = values[3]
        dataPages = values[5]
    }
}

extension ProcReader {
    /// Reads `/proc/<pid>/statm`.
    public mutating func statm(_ pid: Int32) -> Reading<ProcessSizes> {
        read(Self.path(pid, "statm"), .onePiece, ProcessSizes.init(parsing:))
    }
}
