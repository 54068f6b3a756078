/// What a process is, for as long as it lives: a pid alone may be reused.
public struct ProcessIdentity: Hashable, Sendable {
    /// Process id, or thread id for a thread, in the reader's pid namespace.
    public var pid: Int32
    /// Clock ticks after boot at which it started.
    ///
    /// - Source: `/proc/<pid>/stat`, field 22 (`starttime`), proc_pid_stat(5).
    public var startTicks: UInt64

    /// The process that had this pid and started at this tick.
    public init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }
}
