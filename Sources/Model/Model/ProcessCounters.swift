/// Cumulative counters from `/proc/<pid>/stat`, summed by the kernel over the threads of the process, ended ones included.
public struct ProcessCounters: Sendable, Hashable {
    /// Minor page faults. Source: field 10 (`minflt`).
    public var minorFaults: UInt64 = 0
    /// Minor page faults of waited-for children. Source: field 11 (`cminflt`).
    public var childMinorFaults: UInt64 = 0
    /// Major page faults. Source: field 12 (`majflt`).
    public var majorFaults: UInt64 = 0
    /// Major page faults of waited-for children. Source: field 13 (`cmajflt`).
    public var childMajorFaults: UInt64 = 0
    /// CPU time in user mode. Unit: clock ticks. Source: field 14 (`utime`).
    public var userTicks: UInt64 = 0
    /// CPU time in the kernel. Unit: clock ticks. Source: field 15 (`stime`).
    public var systemTicks: UInt64 = 0
    /// User time of waited-for children. Unit: clock ticks. Source: field 16 (`cutime`).
    public var childUserTicks: UInt64 = 0
    /// Kernel time of waited-for children. Unit: clock ticks. Source: field 17 (`cstime`).
    public var childSystemTicks: UInt64 = 0

    /// A process that did nothing.
    public init() {}
}

/// Bytes and calls from `/proc/<pid>/io`.
public struct IOCounters: Sendable, Hashable {
    /// Bytes passed to read(2) and alike. Source: `rchar`.
    public var readCharacters: UInt64
    /// Bytes passed to write(2) and alike. Source: `wchar`.
    public var writtenCharacters: UInt64
    /// Read calls. Source: `syscr`.
    public var readCalls: UInt64
    /// Write calls. Source: `syscw`.
    public var writeCalls: UInt64
    /// Bytes fetched from storage. Source: `read_bytes`.
    public var readBytes: UInt64
    /// Bytes sent to storage. Source: `write_bytes`.
    public var writtenBytes: UInt64
    /// Bytes that were to be written and no longer are. Source: `cancelled_write_bytes`.
    public var cancelledBytes: UInt64

    /// A reading of the lines of `/proc/<pid>/io` that the members name.
    public init(
        readCharacters: UInt64, writtenCharacters: UInt64, readCalls: UInt64, writeCalls: UInt64,
        readBytes: UInt64, writtenBytes: UInt64, cancelledBytes: UInt64
    ) {
        self.readCharacters = readCharacters
        self.writtenCharacters = writtenCharacters
        self.readCalls = readCalls
        self.writeCalls = writeCalls
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
        self.cancelledBytes = cancelledBytes
    }
}

/// Context switches of all live threads of a process.
public struct SwitchCounters: Sendable, Hashable {
    /// The task gave the processor up. Source: taskstats `nvcsw`, or the sum over `/proc/<pid>/task/*/status`.
    public var voluntary: UInt64
    /// The task was made to give it up. Source: taskstats `nivcsw`, or the same sum.
    public var involuntary: UInt64

    /// Switches of both kinds.
    public init(voluntary: UInt64, involuntary: UInt64) {
        self.voluntary = voluntary
        self.involuntary = involuntary
    }
}

/// Time on and time waiting for a processor.
public struct ScheduleCounters: Sendable, Hashable {
    /// Time on a processor. Unit: nanoseconds. Source: schedstat field 1, or taskstats `cpu_run_virtual_total`.
    public var runNanoseconds: UInt64
    /// Time runnable but waiting for a processor. Unit: nanoseconds. Source: schedstat field 2, or taskstats `cpu_delay_total`.
    public var waitNanoseconds: UInt64
    /// Whether threads that ended are in it: taskstats has them, a sum over the threads that are there has not.
    public var coversEndedThreads: Bool

    /// Time on and waiting for a processor.
    public init(runNanoseconds: UInt64, waitNanoseconds: UInt64, coversEndedThreads: Bool = false) {
        self.runNanoseconds = runNanoseconds
        self.waitNanoseconds = waitNanoseconds
        self.coversEndedThreads = coversEndedThreads
    }
}

/// Delays of taskstats; all zero unless the kernel accounts them (`kernel.task_delayacct`), so `nil` then.
public struct DelayCounters: Sendable, Hashable {
    /// Waiting for block I/O. Unit: nanoseconds. Source: `blkio_delay_total`.
    public var blockIONanoseconds: UInt64
    /// Waiting for swapped-out pages. Unit: nanoseconds. Source: `swapin_delay_total`.
    public var swapInNanoseconds: UInt64

    /// Delays of both kinds.
    public init(blockIONanoseconds: UInt64, swapInNanoseconds: UInt64) {
        self.blockIONanoseconds = blockIONanoseconds
        self.swapInNanoseconds = swapInNanoseconds
    }
}

/// Sizes from `/proc/<pid>/statm`.
public struct MemorySizes: Sendable, Hashable {
    /// Resident pages that belong to files or shared memory. Unit: bytes. Source: statm field 3.
    public var sharedBytes: UInt64
    /// Program text. Unit: bytes. Source: statm field 4.
    public var textBytes: UInt64
    /// Data and stack. Unit: bytes. Source: statm field 6.
    public var dataBytes: UInt64

    /// Sizes that were pages, already multiplied by the page size.
    public init(sharedBytes: UInt64, textBytes: UInt64, dataBytes: UInt64) {
        self.sharedBytes = sharedBytes
        self.textBytes = textBytes
        self.dataBytes = dataBytes
    }
}

/// Shares of memory from `/proc/<pid>/smaps_rollup`; the kernel walks the page table for it, so it is read on demand only.
public struct MemoryShares: Sendable, Hashable {
    /// Resident memory, shared pages divided among their users. Unit: bytes. Source: `Pss`.
    public var proportionalBytes: UInt64
    /// Resident memory nobody else maps. Unit: bytes. Source: `Private_Clean` + `Private_Dirty` + `Private_Hugetlb`.
    public var uniqueBytes: UInt64
    /// Swapped out. Unit: bytes. Source: `Swap`.
    public var swapBytes: UInt64
    /// Swapped out, shared pages divided. Unit: bytes. Source: `SwapPss`.
    public var proportionalSwapBytes: UInt64

    /// Shares from the sums of a whole `smaps_rollup`.
    public init(
        proportionalBytes: UInt64, uniqueBytes: UInt64, swapBytes: UInt64, proportionalSwapBytes: UInt64
    ) {
        self.proportionalBytes = proportionalBytes
        self.uniqueBytes = uniqueBytes
        self.swapBytes = swapBytes
        self.proportionalSwapBytes = proportionalSwapBytes
    }
}

/// Everything of a row that costs a system call or file of its own.
public struct ProcessExtras: Sendable, Hashable {
    /// How often its threads left the processor.
    ///
    /// - Source: taskstats; without CAP_NET_ADMIN the status file of every thread.
    /// - Absent: when accounting was not asked for, or the threads cannot be read.
    public var switches: SwitchCounters?
    /// How long its threads ran and waited for a processor.
    ///
    /// - Source: taskstats; without CAP_NET_ADMIN the schedstat file of every thread.
    /// - Absent: when accounting was not asked for, and on kernels without schedstat.
    public var schedule: ScheduleCounters?
    /// How long its threads waited for storage.
    ///
    /// - Source: taskstats.
    /// - Absent: without CAP_NET_ADMIN, and while `kernel.task_delayacct` is 0.
    public var delays: DelayCounters?
    /// What it read and wrote.
    ///
    /// - Source: `/proc/<pid>/io`.
    /// - Absent: when it was not asked for, and without the right to trace the process.
    public var io: IOCounters?
    /// Memory by kind, the cheap reading.
    ///
    /// - Source: `/proc/<pid>/statm`.
    /// - Absent: when it was not asked for.
    public var sizes: MemorySizes?
    /// Memory with shared pages divided, the expensive reading.
    ///
    /// - Source: `/proc/<pid>/smaps_rollup`.
    /// - Absent: when it was not asked for, for kernel threads, and without the right to trace the process.
    public var shares: MemoryShares?
    /// Open file descriptors.
    public var openFiles: Int32?
    /// Kernel's out-of-memory score. Source: `oom_score`.
    public var outOfMemoryScore: Int32?
    /// I/O class (bits 13-15) and level. Source: ioprio_get(2).
    public var ioPriority: Int32?
    /// Scheduler's autogroup. Source: `autogroup`.
    public var autogroup: Int32?
    /// Nice value of the autogroup. Source: `autogroup`.
    public var autogroupNice: Int32?
    /// Number of the system call it is in; -1 while blocked outside of one. Source: `syscall`.
    public var systemCall: Int32?
    /// CPython version as major * 256 + minor.
    public var pythonVersion: UInt16?
    /// What was asked for when the row was read last, whether or not it could be read.
    public var read: ProcessSources = []

    /// Nothing asked for, nothing known.
    public init() {}
}
