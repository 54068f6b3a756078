/// One reading of `/proc/loadavg`, proc_loadavg(5).
public struct LoadAverage: Sendable, Hashable, BitwiseCopyable {
    /// Tasks running, ready or waiting for a disk, over the last minute.
    public var oneMinute: Double
    /// The same over five minutes.
    public var fiveMinutes: Double
    /// The same over fifteen minutes.
    public var fifteenMinutes: Double
    /// Tasks on a processor or ready for one.
    public var running: UInt64
    /// Tasks, threads included.
    public var tasks: UInt64
    /// Pid given out last.
    public var lastPid: Int32

    /// Parses the file; nil unless it is whole.
    public init?(parsing bytes: Span<UInt8>) {
        var index = 0
        guard bytes.endsWithNewline,
            let one = bytes.fraction(&index), bytes.skip(" ", &index),
            let five = bytes.fraction(&index), bytes.skip(" ", &index),
            let fifteen = bytes.fraction(&index), bytes.skip(" ", &index),
            let running = bytes.decimal(&index), bytes.skip("/", &index),
            let tasks = bytes.decimal(&index), bytes.skip(" ", &index),
            let last = bytes.decimal(&index).flatMap({ Int32(exactly: $0) })
        else { return nil }
        (oneMinute, fiveMinutes, fifteenMinutes) = (one, five, fifteen)
        self.running = running
        self.tasks = tasks
        lastPid = last
    }
}

extension ProcReader {
    /// Reads `/proc/loadavg`.
    public mutating func loadAverage() -> Reading<LoadAverage> {
        read(Self.path("loadavg"), .onePiece, LoadAverage.init(parsing:))
    }

    /// Time since boot, sleep included. Unit: seconds. Source: `/proc/uptime`, first field.
    public mutating func uptimeSeconds() -> Reading<Double> {
        read(Self.path("uptime")) { bytes in
            var index = 0
            return bytes.endsWithNewline ? bytes.fraction(&index) : nil
        }
    }
}
