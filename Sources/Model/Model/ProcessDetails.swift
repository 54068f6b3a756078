/// Everything about one selected process that the table has no column for.
public struct ProcessDetails: Sendable {
    /// Process that was read.
    public var identity: ProcessIdentity
    /// Name of the owner: real and effective.
    public var realUser = ""
    public var effectiveUser = ""
    /// Executable, and whether its file was deleted or replaced.
    public var executable: String?
    public var executableDeleted = false
    /// Working and root directory.
    public var workingDirectory: String?
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
    public var seccompMode: Int?
    public var noNewPrivileges: Bool?
    public var tracer: Int32?
    public var outOfMemoryScore: Int32?
    public var outOfMemoryAdjust: Int32?
    public var loginUser: String?
    /// Counters of perf_event_open; nil when they could not be opened, with the reason in `countersNote`.
    public var counters: CounterRates?
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

    public init(identity: ProcessIdentity) {
        self.identity = identity
    }
}

/// Resident and other memory by kind. Unit: bytes. Source: `/proc/<pid>/status`.
public struct MemorySplit: Sendable, Hashable {
    public var anonymousBytes: UInt64?, fileBytes: UInt64?, sharedBytes: UInt64?, swapBytes: UInt64?
    public var peakBytes: UInt64?, lockedBytes: UInt64?, pageTableBytes: UInt64?, stackBytes: UInt64?,
        dataBytes: UInt64?
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
    public var path: String
    /// Processors it may use; nil without a limit.
    public var cpuLimit: Double?
    /// Periods in which it was throttled, per second.
    public var throttledPerSecond: Double?
    public var throttledCount: UInt64?
    public var memoryBytes: UInt64?
    public var memoryLimitBytes: UInt64?
    public var tasks: UInt64?
    public var taskLimit: UInt64?
    public var cpuPressure: PressureShares?
    public var memoryPressure: PressureShares?
    public var ioPressure: PressureShares?

    public init(version: String, path: String) {
        self.version = version
        self.path = path
    }
}

/// Rates of perf_event_open's counters over all threads; nil where the machine has no such event.
public struct CounterRates: Sendable, Hashable {
    /// Time on a processor. Unit: percent of one processor. Source: `PERF_COUNT_SW_TASK_CLOCK`.
    public var taskClockPercent: Double?
    public var contextSwitches: Double?, migrations: Double?, minorFaults: Double?, majorFaults: Double?
    public var cycles: Double?, instructions: Double?, cacheMisses: Double?, branchMisses: Double?
    /// Instructions per cycle.
    public var instructionsPerCycle: Double? {
        guard let cycles, let instructions, cycles > 0 else { return nil }
        return instructions / cycles
    }
    /// Whether the kernel shared hardware counters in time, so that the numbers are scaled up.
    public var isScaled = false
    public init() {}
}

/// One thread of the selected process.
public struct ThreadDetail: Sendable, Hashable {
    public var tid: Int32
    public var name: String
    public var state: UInt8
    public var cpuPercent: Double?
    public var voluntarySwitches: Double?
    public var involuntarySwitches: Double?
    public var runQueuePercent: Double?
    public var minorFaults: Double?
    public var majorFaults: Double?
    public var processor: Int32
    public var waitChannel: String?
    public var systemCall: String?

    public init(tid: Int32, name: String, state: UInt8, processor: Int32) {
        self.tid = tid
        self.name = name
        self.state = state
        self.processor = processor
    }
}
