/// One reading of `/proc/<pid>/schedstat`: of one thread, of the main one in the file of a process.
public struct TaskSchedule: Sendable, Hashable, BitwiseCopyable {
    /// Time on a processor. Unit: nanoseconds. Source: field 1.
    public var runNanoseconds: UInt64 = 0
    /// Time runnable but waiting for a processor. Unit: nanoseconds. Source: field 2.
    public var waitNanoseconds: UInt64 = 0
    /// Times it was put on a processor. Source: field 3.
    public var timeslices: UInt64 = 0

    /// A task that never ran.
    public init() {}

    /// Parses the file; nil unless it is whole.
    public init?(parsing bytes: Span<UInt8>) {
        guard bytes.endsWithNewline else { return nil }
        var index = 0
        guard let run = bytes.decimal(&index), bytes.skip(" ", &index), let wait = bytes.decimal(&index),
            bytes.skip(" ", &index), let slices = bytes.decimal(&index)
        else { return nil }
        (runNanoseconds, waitNanoseconds, timeslices) = (run, wait, slices)
    }
}

extension ProcReader {
    /// Reads `/proc/<pid>/schedstat`: the main thread's.
    public mutating func schedstat(_ pid: Int32) -> Reading<TaskSchedule> {
        read(Self.path(pid, "schedstat"), .onePiece, TaskSchedule.init(parsing:))
    }

    /// Reads `/proc/<pid>/task/<tid>/schedstat`.
    public mutating func schedstat(_ pid: Int32, thread: Int32) -> Reading<TaskSchedule> {
        read(Self.path(pid, thread: thread, "schedstat"), .onePiece, TaskSchedule.init(parsing:))
    }
}
