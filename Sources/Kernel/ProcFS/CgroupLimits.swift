/// What a process's cgroup allows it, what it uses of it and what it met.
public struct CgroupLimits: Sendable, Hashable {
    /// Which hierarchies the host uses.
    public enum Version: String, Sendable, Hashable {
        case v1, v2, hybrid
    }

    /// Which hierarchies the process is in.
    public var version: Version
    /// Its path in the hierarchy that limits memory, or in that of version 2.
    public var path: String
    /// CPU time in a period that the tightest cgroup on the way up allows. Unit: microseconds; nil for no limit.
    ///
    /// - Source: `cpu.max`, or `cpu.cfs_quota_us`.
    public var cpuQuotaMicroseconds: UInt64?
    /// Period of that cgroup. Unit: microseconds. Source: `cpu.max`, or `cpu.cfs_period_us`.
    public var cpuPeriodMicroseconds: UInt64?
    /// Times the cgroup with that quota, or its own without one, was stopped until the next period. Source: `cpu.stat`, `nr_throttled`.
    public var throttledCount: UInt64?
    /// Periods that passed in it. Source: `cpu.stat`, `nr_periods`.
    public var periods: UInt64?
    /// How long its processors were stopped. Unit: nanoseconds. Source: `cpu.stat`, `throttled_usec` or `throttled_time`.
    public var throttledNanoseconds: UInt64?
    /// Memory of its own cgroup. Source: `memory.current`, or `memory.usage_in_bytes`.
    public var memoryBytes: UInt64?
    /// Smallest limit of memory on the way up; nil for none. Source: `memory.max`, or `memory.limit_in_bytes`.
    public var memoryLimitBytes: UInt64?
    /// Processes that its cgroup lost because that was reached. Source: `memory.events` or `memory.oom_control`, `oom_kill`.
    public var outOfMemoryKills: UInt64?
    /// Tasks of its own cgroup. Source: `pids.current`.
    public var tasks: UInt64?
    /// Smallest limit of tasks on the way up; nil for none. Source: `pids.max`.
    public var taskLimit: UInt64?
    /// Whether the cgroup is frozen. Source: `cgroup.events`, `frozen`, or `freezer.state`.
    public var isFrozen: Bool?
    /// Source: `cpu.pressure`. Absent: for version 1.
    public var cpuPressure: Pressure?
    /// Source: `memory.pressure`. Absent: for version 1.
    public var memoryPressure: Pressure?
    /// Source: `io.pressure`. Absent: for version 1.
    public var ioPressure: Pressure?

    /// A reading of nothing, to be filled in.
    public init(version: Version, path: String) {
        self.version = version
        self.path = path
    }

    /// Processors' worth of time that the quota allows; nil for no limit.
    public var cpuLimit: Double? {
        guard let cpuQuotaMicroseconds, let cpuPeriodMicroseconds, cpuPeriodMicroseconds > 0 else { return nil }
        return Double(cpuQuotaMicroseconds) / Double(cpuPeriodMicroseconds)
    }
}
