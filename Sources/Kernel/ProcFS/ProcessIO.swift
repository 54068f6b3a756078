/// One reading of `/proc/<pid>/io`, proc_pid_io(5): all threads, ended ones included.
public struct ProcessIO: Sendable, Hashable, BitwiseCopyable {
    /// Bytes that reading calls returned, pages in memory and pipes included. Source: `rchar`.
    public var readCharacters: UInt64 = 0
    /// Bytes that writing calls took. Source: `wchar`.
    public var writtenCharacters: UInt64 = 0
    /// Reading calls. Source: `syscr`.
    public var readCalls: UInt64 = 0
    /// Writing calls. Source: `syscw`.
    public var writeCalls: UInt64 = 0
    /// Bytes fetched from storage. Source: `read_bytes`.
    public var readBytes: UInt64 = 0
    /// Bytes made to be written to storage. Source: `write_bytes`.
    public var writtenBytes: UInt64 = 0
    /// Bytes of those that never will be: their file was truncated first. Source: `cancelled_write_bytes`.
    public var cancelledBytes: UInt64 = 0

    /// Nothing read and nothing written.
    public init() {}

    /// Parses the file; nil unless it is whole.
    public init?(parsing bytes: Span<UInt8>) {
        self.init()
        var found = 0
        var hasUnknown = false
        let isWhole = bytes.forEachField(.decimal) { key, value in
            found += 1
            switch key {
            case "rchar": readCharacters = value
            case "wchar": writtenCharacters = value
            case "syscr": readCalls = value
            case "syscw": writeCalls = value
            case "read_bytes": readBytes = value
            case "write_bytes": writtenBytes = value
            case "cancelled_write_bytes": cancelledBytes = value
            default: hasUnknown = true
            }
        }
        guard isWhole, found >= 7, !(hasUnknown && found == 7) else { return nil }
    }
}

extension ProcReader {
    /// Reads `/proc/<pid>/io`; refused without the right to trace the process.
    public mutating func io(_ pid: Int32) -> Reading<ProcessIO> {
        read(Self.path(pid, "io"), .onePiece, ProcessIO.init(parsing:))
    }
}
