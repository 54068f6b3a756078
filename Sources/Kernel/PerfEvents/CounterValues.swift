/// What the threads of a process did since its ``TaskCounters`` were opened.
///
/// Every count is cumulative and never falls from one reading to the next.
public struct CounterValues: Sendable, Equatable {
    /// Time on a CPU, of all threads together.
    ///
    /// - Unit: nanoseconds.
    /// - Source: `PERF_COUNT_SW_TASK_CLOCK`, perf_event_open(2).
    /// - Absent: never in practice.
    public internal(set) var taskClockNanoseconds: UInt64?

    /// Switches away from a thread, voluntary and involuntary together.
    ///
    /// - Unit: count.
    /// - Source: `PERF_COUNT_SW_CONTEXT_SWITCHES`.
    /// - Absent: where ``userOnly`` is set: the event happens in the kernel and would stay at 0.
    public internal(set) var contextSwitches: UInt64?

    /// Moves of a thread to another CPU.
    ///
    /// - Unit: count.
    /// - Source: `PERF_COUNT_SW_CPU_MIGRATIONS`.
    /// - Absent: where ``userOnly`` is set.
    public internal(set) var cpuMigrations: UInt64?

    /// Page faults served without I/O.
    ///
    /// - Unit: count; without the faults taken inside system calls where ``userOnly`` is set.
    /// - Source: `PERF_COUNT_SW_PAGE_FAULTS_MIN`.
    /// - Absent: never in practice.
    public internal(set) var minorFaults: UInt64?

    /// Page faults that had to wait for I/O.
    ///
    /// - Unit: count; without the faults taken inside system calls where ``userOnly`` is set.
    /// - Source: `PERF_COUNT_SW_PAGE_FAULTS_MAJ`.
    /// - Absent: never in practice.
    public internal(set) var majorFaults: UInt64?

    /// CPU cycles; on a CPU with two kinds of core, those of the performance cores.
    ///
    /// - Unit: count, extrapolated where ``multiplexed`` is set.
    /// - Source: `PERF_COUNT_HW_CPU_CYCLES`.
    /// - Absent: where the machine, often a virtual one, has no PMU.
    public internal(set) var cycles: UInt64?

    /// Instructions retired.
    ///
    /// - Unit: count, extrapolated where ``multiplexed`` is set.
    /// - Source: `PERF_COUNT_HW_INSTRUCTIONS`.
    /// - Absent: without a PMU.
    public internal(set) var instructions: UInt64?

    /// Branch instructions retired.
    ///
    /// - Unit: count, extrapolated where ``multiplexed`` is set.
    /// - Source: `PERF_COUNT_HW_BRANCH_INSTRUCTIONS`.
    /// - Absent: without a PMU.
    public internal(set) var branches: UInt64?

    /// Branches the CPU predicted wrongly.
    ///
    /// - Unit: count, extrapolated where ``multiplexed`` is set.
    /// - Source: `PERF_COUNT_HW_BRANCH_MISSES`.
    /// - Absent: without a PMU.
    public internal(set) var branchMisses: UInt64?

    /// Accesses to the last-level cache.
    ///
    /// - Unit: count, extrapolated where ``multiplexed`` is set.
    /// - Source: `PERF_COUNT_HW_CACHE_REFERENCES`.
    /// - Absent: without a PMU.
    public internal(set) var cacheReferences: UInt64?

    /// Accesses that missed the last-level cache.
    ///
    /// - Unit: count, extrapolated where ``multiplexed`` is set.
    /// - Source: `PERF_COUNT_HW_CACHE_MISSES`.
    /// - Absent: without a PMU.
    public internal(set) var cacheMisses: UInt64?

    /// Whether the PMU had to share its counters, so that hardware counts are extrapolated from part of the time.
    public internal(set) var multiplexed = false

    /// Whether the counts leave out what happened in the kernel, because this user may not see it.
    public internal(set) var userOnly = false

    /// Whether processes started since then are counted too: kernels before 5.13 cannot leave them out.
    public internal(set) var includesChildProcesses = false

    /// Instructions per cycle since the counters were opened; `nil` without a PMU or before the first cycle.
    public var instructionsPerCycle: Double? {
        guard let cycles, let instructions, cycles > 0 else { return nil }
        return Double(instructions) / Double(cycles)
    }

    subscript(event: CounterEvent) -> UInt64? {
        get { self[keyPath: Self.field(event)] }
        set { self[keyPath: Self.field(event)] = newValue }
    }

    private static func field(_ event: CounterEvent) -> WritableKeyPath<CounterValues, UInt64?> {
        switch event {
        case .taskClock: \.taskClockNanoseconds
        case .contextSwitches: \.contextSwitches
        case .cpuMigrations: \.cpuMigrations
        case .minorFaults: \.minorFaults
        case .majorFaults: \.majorFaults
        case .cycles: \.cycles
        case .instructions: \.instructions
        case .branches: \.branches
        case .branchMisses: \.branchMisses
        case .cacheReferences: \.cacheReferences
        case .cacheMisses: \.cacheMisses
        }
    }
}
