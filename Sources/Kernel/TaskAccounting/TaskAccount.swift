/// The kernel's account of one thread, or of a process: the answer of the taskstats interface.
///
/// A trivial value. What a process's account can and cannot say is decided by the kernel (`fill_stats_for_tgid`):
/// - ``cpuDelay``, the other delays, ``cpuRunRealNanoseconds`` and ``cpuRunVirtualNanoseconds`` are the sum of all
///   threads, ended ones included, on every kernel.
/// - ``userMicroseconds``, ``systemMicroseconds``, ``voluntarySwitches`` and ``involuntarySwitches`` are that too since a
///   fix of 2026 that went into the stable series (seen on 6.18.44). Before it they were the sum of the *living*
///   threads, and fell when one ended: ``missesEndedThreads`` tells where that shows.
/// - Everything else is known of single threads only: ``thread``.
///
/// A thread that is just ending can be counted twice for a moment. A zombie keeps what its threads left behind, but for
/// one that never had a second thread, whose account is all zero.
public struct TaskAccount: Sendable {
    /// What an account is about.
    public enum Scope: Sendable { case thread, process }

    /// How often, and for how long altogether, tasks waited for one thing.
    public struct Delay: Sendable, Equatable {
        /// How many waits.
        public var count: UInt64
        /// How long they took together. After `kernel.task_delayacct` was switched on, single totals can be absurd
        /// (a wait that began before): limit a difference to interval × threads.
        public var nanoseconds: UInt64
    }

    /// Whether this is the account of one thread or of a process.
    public internal(set) var scope: Scope

    /// `TASKSTATS_VERSION` of the kernel that answered.
    public internal(set) var version: UInt16

    /// Waiting for a CPU while runnable.
    ///
    /// - Unit: count is the number of times it got a CPU; nanoseconds cumulative, all threads, ended ones included.
    /// - Source: taskstats `cpu_count`, `cpu_delay_total`; needs no `kernel.task_delayacct`.
    /// - Absent: never.
    public internal(set) var cpuDelay: Delay

    /// Waiting for block I/O to complete.
    ///
    /// - Unit: cumulative, all threads, ended ones included.
    /// - Source: taskstats `blkio_count`, `blkio_delay_total`.
    /// - Absent: where `kernel.task_delayacct` is off. A thread created while it was off stays at 0 after it is on.
    public internal(set) var blockIODelay: Delay?

    /// Waiting for pages to come back from swap; source `swapin_*`, absent as ``blockIODelay`` is.
    public internal(set) var swapInDelay: Delay?

    /// Reclaiming memory on its own behalf; source `freepages_*` (version 7), absent as ``blockIODelay`` is.
    public internal(set) var freePagesDelay: Delay?

    /// Waiting for a page that was evicted a moment ago; source `thrashing_*` (version 9), absent as ``blockIODelay`` is.
    public internal(set) var thrashingDelay: Delay?

    /// Compacting memory for a huge page; source `compact_*` (version 11), absent as ``blockIODelay`` is.
    public internal(set) var compactDelay: Delay?

    /// Copying write-protected pages; source `wpcopy_*` (version 13), absent as ``blockIODelay`` is.
    public internal(set) var writeProtectCopyDelay: Delay?

    /// Interrupted by IRQ and softIRQ; source `irq_*` (version 14), absent as ``blockIODelay`` is.
    public internal(set) var irqDelay: Delay?

    /// CPU time as user and system ticks account for it.
    ///
    /// - Unit: nanoseconds, cumulative, all threads, ended ones included.
    /// - Source: taskstats `cpu_run_real_total`.
    /// - Absent: never.
    public internal(set) var cpuRunRealNanoseconds: UInt64

    /// CPU time as the scheduler measures it (`sum_exec_runtime`).
    ///
    /// - Unit: nanoseconds, cumulative, all threads, ended ones included.
    /// - Source: taskstats `cpu_run_virtual_total`.
    /// - Absent: never.
    public internal(set) var cpuRunVirtualNanoseconds: UInt64

    /// CPU time in user mode.
    ///
    /// - Unit: microseconds, cumulative; of a process, see ``missesEndedThreads``.
    /// - Source: taskstats `ac_utime`.
    /// - Absent: never.
    public internal(set) var userMicroseconds: UInt64

    /// CPU time in the kernel.
    ///
    /// - Unit: microseconds, cumulative; of a process, see ``missesEndedThreads``.
    /// - Source: taskstats `ac_stime`.
    /// - Absent: never.
    public internal(set) var systemMicroseconds: UInt64

    /// Times it gave up the CPU to wait.
    ///
    /// - Unit: count, cumulative; of a process, see ``missesEndedThreads``.
    /// - Source: taskstats `nvcsw`.
    /// - Absent: never.
    public internal(set) var voluntarySwitches: UInt64

    /// Times the CPU was taken from it.
    ///
    /// - Unit: count, cumulative; of a process, see ``missesEndedThreads``.
    /// - Source: taskstats `nivcsw`.
    /// - Absent: never.
    public internal(set) var involuntarySwitches: UInt64

    /// Whether user and system time, and so the switches too, leave out threads that ended.
    ///
    /// It shows where ended threads have used CPU time: that is in ``cpuRunRealNanoseconds`` on every kernel. Always
    /// `false` for a thread.
    public var missesEndedThreads: Bool {
        // The kernel cuts the fraction of a microsecond off twice for each thread.
        scope == .process && cpuRunRealNanoseconds / 1000 > userMicroseconds &+ systemMicroseconds &+ 1000
    }

    /// What only a thread's account holds.
    ///
    /// - Absent: in the account of a process.
    public internal(set) var thread: ThreadAccount?
}

/// The part of an account the kernel fills in for single threads only.
public struct ThreadAccount: Sendable {
    /// The thread.
    public internal(set) var tid: Int32

    /// The process it belongs to.
    ///
    /// - Source: taskstats `ac_tgid`.
    /// - Absent: before version 12 (Linux 5.19).
    public internal(set) var pid: Int32?

    /// The process that is its parent.
    public internal(set) var parentPid: Int32

    /// Page faults served without I/O; source `ac_minflt`.
    public internal(set) var minorFaults: UInt64

    /// Page faults that had to wait for I/O; source `ac_majflt`.
    public internal(set) var majorFaults: UInt64

    /// How it ended, as wait(2) tells it; 0 while it lives. Source `ac_exitcode`.
    public internal(set) var waitStatus: UInt32

    /// Whether it dumped core, and whether a signal ended it; `ACORE` and `AXSIG` of `ac_flag`.
    public internal(set) var flags: UInt8

    /// Time since it was created; source `ac_etime`.
    ///
    /// - Unit: microseconds.
    public internal(set) var elapsedMicroseconds: UInt64

    /// When it was created, by the wall clock of now.
    ///
    /// - Unit: seconds since 1970.
    /// - Source: taskstats `ac_btime64`.
    /// - Absent: before version 10 (Linux 5.5).
    public internal(set) var startSeconds: UInt64?

    /// Its user; source `ac_uid`.
    public internal(set) var uid: UInt32

    /// Its group; source `ac_gid`.
    public internal(set) var gid: UInt32

    /// Its nice value; source `ac_nice`.
    public internal(set) var nice: Int8

    /// Whether it was the last of its process; `AGROUP` of `ac_flag`.
    ///
    /// - Absent: before version 12.
    public internal(set) var endsProcess: Bool?

    /// The bytes of its name as the kernel keeps them, filled up with 0.
    public internal(set) var commBytes: InlineArray<16, UInt8>

    /// Its name. Hostile text: any process can choose it.
    ///
    /// - Source: taskstats `ac_comm`, at most 15 bytes; invalid UTF-8 is replaced.
    public var comm: String {
        var bytes: [UInt8] = []
        for index in commBytes.indices {
            guard commBytes[index] != 0 else { break }
            bytes.append(commBytes[index])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
