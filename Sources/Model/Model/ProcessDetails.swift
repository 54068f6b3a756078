/// Everything about one selected process that the table has no column for.
public struct ProcessDetails: Sendable {
    /// Process that was read.
    public var identity: ProcessIdentity
    /// Name of the user who started it, or the number where that has no name.
    ///
    /// - Source: `/proc/<pid>/status`, `Uid`, first number.
    /// - Absent: empty when the status file cannot be read.
    public var realUser = ""
    /// Name of the user whose rights it has, or the number where that has no name.
    ///
    /// - Source: `/proc/<pid>/status`, `Uid`, second number.
    /// - Absent: empty when the status file cannot be read.
    public var effectiveUser = ""
    /// Path of the file it was started from, without ` (deleted)`.
    ///
    /// - Source: `/proc/<pid>/exe`.
    /// - Absent: for kernel threads and zombies, and without the right to trace the process.
    public var executable: String?
    /// Whether the file it was started from is no longer there under that name.
    ///
    /// - Source: ` (deleted)` behind the target of `/proc/<pid>/exe`.
    /// - Absent: false when the link cannot be read; `executable` is nil then.
    public var executableDeleted = false
    /// Directory that relative paths start from.
    ///
    /// - Source: `/proc/<pid>/cwd`.
    /// - Absent: without the right to trace the process, and for zombies.
    public var workingDirectory: String?
    /// Directory that the process sees as `/`.
    ///
    /// - Source: `/proc/<pid>/root`.
    /// - Absent: without the right to trace the process, and for zombies.
    public var rootDirectory: String?
    /// Arguments as they stand in memory.
    public var arguments: [String] = []
    /// Environment, nil when it may not be read.
    public var environment: [String]?
    /// Memory split of `/proc/<pid>/status`.
    public var memory: MemorySplit?
    /// Shares of `smaps_rollup`, when they were asked for.
    public var shares: MemoryShares?
    /// Limits beside what is used of them.
    public var limits: [LimitUse] = []
    /// Cgroup with its limits.
    public var cgroup: CgroupUse?
    /// Namespaces that are not those of viv itself, with their inode.
    public var namespaces: [String] = []
    /// Names of the effective capabilities; nil when the status file could not be read.
    public var capabilities: [String]?
    /// Container id.
    public var container: String?
    /// Pids in nested pid namespaces, the innermost last.
    public var namespacePids: [Int32] = []
    /// How its system calls are filtered: 0 not at all, 1 strict, 2 by a filter.
    ///
    /// - Source: `/proc/<pid>/status`, `Seccomp`.
    /// - Absent: on kernels without seccomp.
    public var seccompMode: Int?
    /// Whether execve(2) can no longer give it rights, as set-user-id files would.
    ///
    /// - Source: `/proc/<pid>/status`, `NoNewPrivs`.
    /// - Absent: before Linux 4.10.
    public var noNewPrivileges: Bool?
    /// Pid of the process that traces it; 0 when none does.
    ///
    /// - Source: `/proc/<pid>/status`, `TracerPid`.
    /// - Absent: when the status file cannot be read.
    public var tracer: Int32?
    /// How ready the kernel is to end it when memory runs out.
    ///
    /// - Unit: points, 0 to about 2,000.
    /// - Source: `/proc/<pid>/oom_score`.
    /// - Absent: when the file cannot be read.
    public var outOfMemoryScore: Int32?
    /// What somebody added to that score.
    ///
    /// - Unit: points, -1,000 to 1,000.
    /// - Source: `/proc/<pid>/oom_score_adj`.
    /// - Absent: when the file cannot be read.
    public var outOfMemoryAdjust: Int32?
    /// Name of the user who logged in, whoever the process runs as since.
    ///
    /// - Source: `/proc/<pid>/loginuid`.
    /// - Absent: for services that nobody logged in for, and on kernels without audit.
    public var loginUser: String?
    /// Counters of perf_event_open; nil when they could not be opened, with the reason in `countersNote`.
    public var counters: CounterRates?
    /// Why `counters` is nil: what perf_event_open(2) lacks, with the remedy, or that the first interval is not over.
    public var countersNote: String?
    /// Where the run-queue wait comes from: `taskstats` or `schedstat`, and whether delays are accounted.
    public var delayProvider = ""
    /// Threads, the main one first.
    public var threads: [ThreadDetail] = []
    /// Whether the process has ended since.
    public var hasEnded = false
    /// What could not be read and what would allow it.
    public var notes: [String] = []
    /// What the reading cost.
    public var cost = SamplingCost()

    /// Details of that process with nothing read yet.
    public init(identity: ProcessIdentity) {
        self.identity = identity
    }
}

/// Resident and other memory by kind. Unit: bytes. Source: `/proc/<pid>/status`.
public struct MemorySplit: Sendable, Hashable {
    /// Resident pages of no file, of files, of shared memory, and what is swapped out.
    ///
    /// - Source: `RssAnon`, `RssFile`, `RssShmem`, `VmSwap`.
    /// - Absent: for kernel threads and zombies; the first three before Linux 4.5.
    public var anonymousBytes: UInt64?, fileBytes: UInt64?, sharedBytes: UInt64?, swapBytes: UInt64?
    /// Most that was ever resident, what is locked, page tables, stack of the main thread, and data.
    ///
    /// - Source: `VmHWM`, `VmLck`, `VmPTE`, `VmStk`, `VmData`.
    /// - Absent: for kernel threads and zombies.
    public var peakBytes: UInt64?, lockedBytes: UInt64?, pageTableBytes: UInt64?, stackBytes: UInt64?,
        dataBytes: UInt64?
    /// No kind known.
    public init() {}
}

/// A resource limit beside what is used of it.
public struct LimitUse: Sendable, Hashable {
    /// Kernel's name of the limit.
    public var name: String
    /// Soft limit; nil for unlimited.
    public var soft: UInt64?
    /// Hard limit; nil for unlimited.
    public var hard: UInt64?
    /// What is used, where it can be told.
    public var used: UInt64?
    /// Whether the numbers are bytes.
    public var isBytes: Bool

    /// A limit from the values that its members name.
    public init(name: String, soft: UInt64?, hard: UInt64?, used: UInt64?, isBytes: Bool) {
        self.name = name
        self.soft = soft
        self.hard = hard
        self.used = used
        self.isBytes = isBytes
    }
}

/// A cgroup's limits and what it met.
public struct CgroupUse: Sendable, Hashable {
    /// `v1`, `v2` or `hybrid`.
    public var version: String
    /// Where it is in the hierarchy that limits memory, else in that of version 2.
    ///
    /// - Source: `/proc/<pid>/cgroup`, as seen from the cgroup namespace of viv.
    public var path: String
    /// Processors it may use; nil without a limit.
    public var cpuLimit: Double?
    /// Periods in which it was throttled, per second.
    public var throttledPerSecond: Double?
    /// Periods in which it used its CPU quota up and was stopped until the next one.
    ///
    /// - Unit: count, cumulative, of the cgroup with the tightest quota on the way up.
    /// - Source: `cpu.stat`, `nr_throttled`.
    /// - Absent: without the cpu controller.
    public var throttledCount: UInt64?
    /// Memory that its own cgroup uses, page cache included.
    ///
    /// - Unit: bytes.
    /// - Source: `memory.current`, or `memory.usage_in_bytes` of version 1.
    /// - Absent: without the memory controller, and in the root cgroup of version 2.
    public var memoryBytes: UInt64?
    /// Smallest limit of memory on the way up to the root.
    ///
    /// - Unit: bytes.
    /// - Source: `memory.max`, or `memory.limit_in_bytes` of version 1.
    /// - Absent: without a limit.
    public var memoryLimitBytes: UInt64?
    /// Processes and threads in its own cgroup.
    ///
    /// - Source: `pids.current`.
    /// - Absent: without the pids controller, and in the root cgroup.
    public var tasks: UInt64?
    /// Smallest limit of processes and threads on the way up to the root.
    ///
    /// - Source: `pids.max`.
    /// - Absent: without a limit.
    public var taskLimit: UInt64?
    /// How much the tasks of its own cgroup waited for a processor.
    ///
    /// - Source: `cpu.pressure`.
    /// - Absent: for version 1, and where pressure is not accounted.
    public var cpuPressure: PressureShares?
    /// How much they waited for memory.
    ///
    /// - Source: `memory.pressure`.
    /// - Absent: as for `cpuPressure`.
    public var memoryPressure: PressureShares?
    /// How much they waited for block I/O.
    ///
    /// - Source: `io.pressure`.
    /// - Absent: as for `cpuPressure`.
    public var ioPressure: PressureShares?

    /// A cgroup of which nothing but its place is known.
    public init(version: String, path: String) {
        self.version = version
        self.path = path
    }
}

/// Rates of perf_event_open's counters over all threads; nil where the machine has no such event.
public struct CounterRates: Sendable, Hashable {
    /// Time on a processor. Unit: percent of one processor. Source: `PERF_COUNT_SW_TASK_CLOCK`.
    public var taskClockPercent: Double?
    /// Events of the kernel. Unit: per second.
    ///
    /// - Source: `PERF_COUNT_SW_CONTEXT_SWITCHES`, `_CPU_MIGRATIONS`, `_PAGE_FAULTS_MIN`, `_PAGE_FAULTS_MAJ`.
    public var contextSwitches: Double?, migrations: Double?, minorFaults: Double?, majorFaults: Double?
    /// Events of the processor. Unit: per second.
    ///
    /// - Source: `PERF_COUNT_HW_CPU_CYCLES`, `_INSTRUCTIONS`, `_CACHE_MISSES`, `_BRANCH_MISSES`.
    /// - Absent: in most virtual machines.
    public var cycles: Double?, instructions: Double?, cacheMisses: Double?, branchMisses: Double?
    /// Instructions per cycle.
    public var instructionsPerCycle: Double? {
        guard let cycles, let instructions, cycles > 0 else { return nil }
        return instructions / cycles
    }
    /// Whether the kernel shared hardware counters in time, so that the numbers are scaled up.
    public var isScaled = false
    /// No event counted.
    public init() {}
}

/// One thread of the selected process.
public struct ThreadDetail: Sendable, Hashable {
    /// Thread id in the pid namespace of viv.
    ///
    /// - Source: an entry of `/proc/<pid>/task`.
    public var tid: Int32
    /// What the thread calls itself, invalid UTF-8 replaced, hostile characters still inside.
    ///
    /// - Source: `/proc/<pid>/task/<tid>/stat`, field 2 (`comm`).
    public var name: String
    /// The kernel's state letter, such as `R`, `S` or `D`.
    ///
    /// - Source: `/proc/<pid>/task/<tid>/stat`, field 3 (`state`).
    public var state: UInt8
    /// Time on a processor since the reading before.
    ///
    /// - Unit: percent of one processor.
    /// - Source: `/proc/<pid>/task/<tid>/schedstat`, field 1; stat fields 14 and 15 (`utime`, `stime`) where there is none.
    /// - Absent: on the first reading of the thread.
    public var cpuPercent: Double?
    /// Times it gave the processor up by itself, to wait for something.
    ///
    /// - Unit: per second.
    /// - Source: `/proc/<pid>/task/<tid>/status`, `voluntary_ctxt_switches`.
    /// - Absent: on the first reading of the thread.
    public var voluntarySwitches: Double?
    /// Times it was made to give the processor up.
    ///
    /// - Unit: per second.
    /// - Source: `/proc/<pid>/task/<tid>/status`, `nonvoluntary_ctxt_switches`.
    /// - Absent: on the first reading of the thread.
    public var involuntarySwitches: Double?
    /// Time it could have run but waited for a processor.
    ///
    /// - Unit: percent of elapsed time.
    /// - Source: `/proc/<pid>/task/<tid>/schedstat`, field 2.
    /// - Absent: on the first reading of the thread, and on kernels without schedstat.
    public var runQueuePercent: Double?
    /// Page faults that needed no disk.
    ///
    /// - Unit: per second.
    /// - Source: `/proc/<pid>/task/<tid>/stat`, field 10 (`minflt`).
    /// - Absent: on the first reading of the thread.
    public var minorFaults: Double?
    /// Page faults that waited for a disk.
    ///
    /// - Unit: per second.
    /// - Source: `/proc/<pid>/task/<tid>/stat`, field 12 (`majflt`).
    /// - Absent: on the first reading of the thread.
    public var majorFaults: Double?
    /// Processor it last ran on.
    ///
    /// - Source: `/proc/<pid>/task/<tid>/stat`, field 39 (`processor`).
    public var processor: Int32
    /// Kernel function it sleeps in.
    ///
    /// - Source: `/proc/<pid>/task/<tid>/wchan`.
    /// - Absent: while it runs, and without the right to trace the process.
    public var waitChannel: String?
    /// Name of the system call it is in.
    ///
    /// - Source: `/proc/<pid>/task/<tid>/syscall`, first number.
    /// - Absent: while it runs or is blocked outside of a call, for a number without a name, and without the right to trace it.
    public var systemCall: String?

    /// A thread from what needs one reading only; the rest is nil until somebody fills it in.
    public init(tid: Int32, name: String, state: UInt8, processor: Int32) {
        self.tid = tid
        self.name = name
        self.state = state
        self.processor = processor
    }
}
