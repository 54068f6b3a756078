internal import CLinux

/// One thing the kernel counts for a thread.
enum CounterEvent: Int, CaseIterable {
    case taskClock, contextSwitches, cpuMigrations, minorFaults, majorFaults
    case cycles, instructions, branches, branchMisses
    case cacheReferences, cacheMisses

    static let count = 11

    /// The events that are opened as one group, so that one read returns all of them.
    ///
    /// Software events are apart because a machine without a PMU still has them. Hardware events are in two groups of
    /// those whose ratio is shown: a group is counted only when all of its events fit the PMU at once, and six
    /// would not fit where the NMI watchdog holds a counter.
    static let groups: [[CounterEvent]] = [
        [.taskClock, .contextSwitches, .cpuMigrations, .minorFaults, .majorFaults],
        [.cycles, .instructions, .branches, .branchMisses],
        [.cacheReferences, .cacheMisses],
    ]

    var isHardware: Bool { rawValue >= CounterEvent.cycles.rawValue }

    /// Whether the event only ever happens in the kernel, so that a counter that excludes the kernel stays at 0.
    var happensInKernelOnly: Bool { self == .contextSwitches || self == .cpuMigrations }

    /// `perf_event_attr.config`.
    var configuration: UInt64 {
        switch self {
        case .taskClock: UInt64(PERF_COUNT_SW_TASK_CLOCK.rawValue)
        case .contextSwitches: UInt64(PERF_COUNT_SW_CONTEXT_SWITCHES.rawValue)
        case .cpuMigrations: UInt64(PERF_COUNT_SW_CPU_MIGRATIONS.rawValue)
        case .minorFaults: UInt64(PERF_COUNT_SW_PAGE_FAULTS_MIN.rawValue)
        case .majorFaults: UInt64(PERF_COUNT_SW_PAGE_FAULTS_MAJ.rawValue)
        case .cycles: UInt64(PERF_COUNT_HW_CPU_CYCLES.rawValue)
        case .instructions: UInt64(PERF_COUNT_HW_INSTRUCTIONS.rawValue)
        case .branches: UInt64(PERF_COUNT_HW_BRANCH_INSTRUCTIONS.rawValue)
        case .branchMisses: UInt64(PERF_COUNT_HW_BRANCH_MISSES.rawValue)
        case .cacheReferences: UInt64(PERF_COUNT_HW_CACHE_REFERENCES.rawValue)
        case .cacheMisses: UInt64(PERF_COUNT_HW_CACHE_MISSES.rawValue)
        }
    }
}

/// What the kernel lets us count; each loss is visible in ``CounterValues``.
struct CounterAccess: Equatable {
    /// `exclude_kernel`: all that `kernel.perf_event_paranoid` = 2 leaves to a user.
    var userOnly = false
    /// `inherit_thread` (Linux 5.13): later threads are counted, child processes are not.
    var threadsOnly = true

    func attributes(of event: CounterEvent) -> perf_event_attr {
        var attributes = perf_event_attr()
        attributes.size = UInt32(MemoryLayout<perf_event_attr>.size)
        attributes.type = event.isHardware ? PERF_TYPE_HARDWARE.rawValue : PERF_TYPE_SOFTWARE.rawValue
        attributes.config = event.configuration
        attributes.read_format =
            UInt64(PERF_FORMAT_GROUP.rawValue)
            | UInt64(PERF_FORMAT_TOTAL_TIME_ENABLED.rawValue) | UInt64(PERF_FORMAT_TOTAL_TIME_RUNNING.rawValue)
        attributes.inherit = 1
        attributes.inherit_thread = threadsOnly ? 1 : 0
        attributes.exclude_kernel = userOnly ? 1 : 0
        attributes.exclude_hv = userOnly ? 1 : 0
        return attributes
    }
}
