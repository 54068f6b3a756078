/// Something that happened to a thread or process of the host, as the kernel saw it.
///
/// `monotonicNanoseconds` is the kernel's `CLOCK_MONOTONIC` at that moment.
public enum ProcessEvent: Sendable, Equatable {
    /// A thread or process was created; ``EventTask/isProcess`` of the child tells which.
    ///
    /// - Source: `PROC_EVENT_FORK`. `parent` is the child's parent, which after `clone(CLONE_PARENT)` is not its maker.
    case fork(parent: EventTask, child: EventTask, monotonicNanoseconds: UInt64)

    /// A process runs another program now; its threads are gone but for one.
    ///
    /// - Source: `PROC_EVENT_EXEC`.
    case exec(EventTask, monotonicNanoseconds: UInt64)

    /// A thread renamed itself, as `prctl(PR_SET_NAME)` does; an exec sends none.
    ///
    /// - Source: `PROC_EVENT_COMM`. Hostile text: any thread can choose it.
    case comm(EventTask, name: String, monotonicNanoseconds: UInt64)

    /// A thread ended. Where it was the main thread, the process ends with it unless other threads go on.
    ///
    /// - Source: `PROC_EVENT_EXIT`, sent just after its parent can reap it: wait(2) may return before this comes.
    case exit(EventTask, EventExit, monotonicNanoseconds: UInt64)

    /// So many events are missing: nobody read them in time, or the kernel had no memory for them.
    ///
    /// - Source: gaps in the kernel's numbering, which it keeps for each CPU: the count is exact, and comes with the
    ///   next event of that CPU. For processes only, the drops of the socket (`SO_MEMINFO`), once the queue is empty.
    case lost(count: UInt64)

    /// The queue ran over just now: events are missing, and `lost` will say how many. Time to read `/proc` anew.
    ///
    /// - Source: ENOBUFS from recv(2).
    case overrun
}

/// The thread an event is about.
public struct EventTask: Sendable, Hashable {
    /// The process (the kernel's `tgid`).
    public var pid: Int32
    /// The thread (the kernel's `pid`).
    public var tid: Int32

    /// Names a thread.
    public init(pid: Int32, tid: Int32) {
        self.pid = pid
        self.tid = tid
    }

    /// Whether this is the main thread, whose birth and end are those of the process.
    public var isProcess: Bool { pid == tid }
}

/// What is told of a thread's end.
public struct EventExit: Sendable, Hashable {
    /// How it ended.
    public var status: ExitStatus

    /// The signal its parent gets: SIGCHLD for most processes.
    ///
    /// - Absent: for a thread that is not a process.
    public var parentSignal: Int32?

    /// The parent process.
    ///
    /// - Absent: before Linux 4.18, and where the parent was so quick to reap it that the kernel cannot tell.
    public var parentPid: Int32?
}
