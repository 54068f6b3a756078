internal import CLinux

/// Kernel and hardware counters of all threads of one process, from the moment they are opened.
///
/// Threads that exist are opened one by one from the list the caller gives; threads they start later are inherited by
/// the kernel, and keep counting after they end. A thread started between the caller's listing of
/// `/proc/<pid>/task` and the opening of the thread that starts it is missed, and cannot be told from an inherited one
/// afterwards. A caller that must be sure lists the threads again after `init`: where the list is the same, none was
/// missed; where it differs, it opens new counters and drops these.
///
/// Each thread costs 5 descriptors, 11 with a PMU; raise `RLIMIT_NOFILE` for processes of many threads. Nothing is
/// installed in the target: the counters end with the descriptors, also when this process is killed.
public struct TaskCounters: ~Copyable {
    /// The process that is counted.
    public let pid: Int32

    /// How many of the listed threads are counted; the others had ended.
    public let openedThreads: Int

    private var groups: [CounterGroup]
    private let descriptors: [Int32]
    private let access: CounterAccess

    /// Opens the counters.
    ///
    /// - Parameters:
    ///   - pid: The process.
    ///   - threads: Its threads as `/proc/<pid>/task` lists them.
    /// - Throws: ``PerfError``. Where the kernel is off limits for this user the counters fall back to user mode, and
    ///   ``CounterValues/userOnly`` is set; that is no error.
    public init(pid: Int32, threads: [Int32]) throws(PerfError) {
        try self.init(pid: pid, threads: threads, access: CounterAccess())
    }

    init(pid: Int32, threads: [Int32], access: CounterAccess) throws(PerfError) {
        let opened = try CounterOpening.open(threads, access: access)
        self.pid = pid
        self.openedThreads = opened.threads
        self.groups = opened.groups
        self.descriptors = opened.descriptors
        self.access = opened.access
    }

    deinit {
        for fd in descriptors { _ = close(fd) }
    }

    /// Reads every counter; one system call for each thread, three with a PMU.
    ///
    /// A group that cannot be read just now (its inheriting threads are ending) keeps its last value, and the next
    /// reading has the rest. After the process has ended the last values stay readable.
    public mutating func read() -> CounterValues {
        var values = CounterValues()
        values.userOnly = access.userOnly
        values.includesChildProcesses = !access.threadsOnly
        for index in groups.indices {
            for _ in 0..<CounterOpening.attempts where groups[index].update() != ECHILD { break }
            add(groups[index], to: &values)
        }
        return values
    }

    private func add(_ group: CounterGroup, to values: inout CounterValues) {
        values.multiplexed = values.multiplexed || group.multiplexed
        guard !group.starved else { return }
        for index in 0..<group.eventCount {
            let event = group.events[index]
            values[event] = (values[event] ?? 0) &+ group.totals[index]
        }
    }
}
