/// The scheduling group of a session, sched(7). Source: `/proc/<pid>/autogroup`.
public struct Autogroup: Sendable, Hashable, BitwiseCopyable {
    /// Number of the group.
    public var id: UInt64
    /// Nice value of the group as a whole.
    public var nice: Int32

    /// Parses the file; nil unless it is whole.
    public init?(parsing bytes: Span<UInt8>) {
        var index = 0
        guard bytes.endsWithNewline, bytes.skip("/autogroup-", &index), let id = bytes.decimal(&index),
            bytes.skip(" nice ", &index), let nice = bytes.signedDecimal(&index).flatMap({ Int32(exactly: $0) })
        else { return nil }
        self.id = id
        self.nice = nice
    }
}

extension ProcReader {
    /// Reads `/proc/<pid>/autogroup`; gone where the kernel has none.
    public mutating func autogroup(_ pid: Int32) -> Reading<Autogroup> {
        read(Self.path(pid, "autogroup"), .onePiece, Autogroup.init(parsing:))
    }
}
