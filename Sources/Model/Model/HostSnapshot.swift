/// The host at one moment: totals, and rates since the moment before.
public struct HostSnapshot: Sendable {
    /// Host's name.
    public var name = ""
    /// Kernel release.
    public var kernelRelease = ""
    /// Time since boot. Unit: seconds. Source: `/proc/uptime`.
    public var uptimeSeconds = 0.0
    /// Runnable tasks averaged over 1, 5 and 15 minutes. Source: `/proc/loadavg`.
    public var load: (Double, Double, Double)?
    /// All processors together; nil before there are two readings.
    public var total: CPUShares?
    /// Each processor.
    public var processors: [CPUShares] = []
    /// Memory; nil when `/proc/meminfo` cannot be read.
    public var memory: MemoryUse?
    /// Pressure stall information; nil where the kernel has none.
    public var cpuPressure: PressureShares?
    public var memoryPressure: PressureShares?
    public var ioPressure: PressureShares?
    /// Rates of the whole host; nil before there are two readings.
    public var rates: HostRates?
    /// Cumulative counters behind the rates.
    public var counters = HostCounters()
    /// Time of the reading. Unit: nanoseconds, CLOCK_MONOTONIC.
    public var nanoseconds: UInt64 = 0
    /// Time of the reading. Unit: seconds since 1970.
    public var realtimeSeconds = 0.0
    /// What the reading cost.
    public var cost = SamplingCost()

    public init() {}
}

/// How a processor spent its time. Unit: percent of the time between two readings.
public struct CPUShares: Sendable, Hashable {
    public var user = 0.0, system = 0.0, nice = 0.0, ioWait = 0.0, interrupts = 0.0, steal = 0.0, idle = 0.0

    /// Everything but idle and I/O wait.
    public var busy: Double { user + system + nice + interrupts + steal }

    public init() {}

    /// Shares between two readings of the same processor; nil when no time has passed.
    public init?(from before: CPUTicks, to now: CPUTicks) {
        func moved(_ field: KeyPath<CPUTicks, UInt64>) -> Double { growth(before[keyPath: field], now[keyPath: field]) }
        let parts = [
            moved(\.user), moved(\.system), moved(\.nice), moved(\.ioWait), moved(\.interrupts), moved(\.steal),
            moved(\.idle),
        ]
        let whole = parts.reduce(0, +)
        guard whole > 0 else { return nil }
        user = parts[0] / whole * 100
        system = parts[1] / whole * 100
        nice = parts[2] / whole * 100
        ioWait = parts[3] / whole * 100
        interrupts = parts[4] / whole * 100
        steal = parts[5] / whole * 100
        idle = parts[6] / whole * 100
    }
}

/// Ticks a processor spent. Unit: clock ticks. Source: `/proc/stat`; guest time is inside user and nice.
public struct CPUTicks: Sendable, Hashable {
    public var user: UInt64 = 0, system: UInt64 = 0, nice: UInt64 = 0, ioWait: UInt64 = 0
    /// Hardware and software interrupts.
    public var interrupts: UInt64 = 0
    public var steal: UInt64 = 0, idle: UInt64 = 0
    public init() {}
}

/// Memory of the host. Unit: bytes. Source: `/proc/meminfo`.
public struct MemoryUse: Sendable, Hashable {
    public var totalBytes: UInt64, availableBytes: UInt64, freeBytes: UInt64, buffersBytes: UInt64, cachedBytes: UInt64
    public var swapTotalBytes: UInt64, swapFreeBytes: UInt64

    public init(
        totalBytes: UInt64, availableBytes: UInt64, freeBytes: UInt64, buffersBytes: UInt64, cachedBytes: UInt64,
        swapTotalBytes: UInt64, swapFreeBytes: UInt64
    ) {
        self.totalBytes = totalBytes
        self.availableBytes = availableBytes
        self.freeBytes = freeBytes
        self.buffersBytes = buffersBytes
        self.cachedBytes = cachedBytes
        self.swapTotalBytes = swapTotalBytes
        self.swapFreeBytes = swapFreeBytes
    }

    /// Memory that is not available to new processes.
    public var usedBytes: UInt64 { totalBytes - min(totalBytes, availableBytes) }
    /// Swap in use.
    public var swapUsedBytes: UInt64 { swapTotalBytes - min(swapTotalBytes, swapFreeBytes) }
}

/// Pressure: percent of the last ten seconds in which some, or all, tasks waited. Source: `/proc/pressure/*`.
public struct PressureShares: Sendable, Hashable {
    public var some: Double
    /// Absent: for the CPU on kernels before 5.13.
    public var full: Double?
    public init(some: Double, full: Double?) {
        self.some = some
        self.full = full
    }
}

/// Counters of the whole host since boot.
public struct HostCounters: Sendable, Hashable {
    /// Context switches. Source: `/proc/stat` `ctxt`.
    public var switches: UInt64 = 0
    /// Processes and threads created. Source: `/proc/stat` `processes`.
    public var forks: UInt64 = 0
    /// Page faults of both kinds, and major ones. Source: `/proc/vmstat` `pgfault`, `pgmajfault`.
    public var faults: UInt64?
    public var majorFaults: UInt64?
    /// Bytes of whole disks. Source: `/proc/diskstats`.
    public var diskReadBytes: UInt64?
    public var diskWrittenBytes: UInt64?
    /// Bytes of all interfaces but loopback. Source: `/proc/net/dev`.
    public var receivedBytes: UInt64?
    public var transmittedBytes: UInt64?

    public init() {}
}

/// Rates of the whole host. Unit: per second.
public struct HostRates: Sendable, Hashable {
    public var switches: Double, forks: Double
    public var minorFaults: Double?, majorFaults: Double?
    public var diskReadBytes: Double?, diskWrittenBytes: Double?
    public var receivedBytes: Double?, transmittedBytes: Double?

    /// Rates between two sets of counters; nil when no time has passed.
    public init?(from before: HostCounters, to now: HostCounters, seconds: Double) {
        guard seconds > 0 else { return nil }
        func rate(_ field: KeyPath<HostCounters, UInt64?>) -> Double? {
            guard let old = before[keyPath: field], let new = now[keyPath: field] else { return nil }
            return growth(old, new) / seconds
        }
        switches = growth(before.switches, now.switches) / seconds
        forks = growth(before.forks, now.forks) / seconds
        majorFaults = rate(\.majorFaults)
        minorFaults = rate(\.faults).map { max(0, $0 - (majorFaults ?? 0)) }
        diskReadBytes = rate(\.diskReadBytes)
        diskWrittenBytes = rate(\.diskWrittenBytes)
        receivedBytes = rate(\.receivedBytes)
        transmittedBytes = rate(\.transmittedBytes)
    }
}

/// Tasks by state, counted over a table.
public struct TaskCounts: Sendable, Hashable {
    public var processes = 0, threads = 0, kernelThreads = 0
    public var running = 0, sleeping = 0, disk = 0, stopped = 0, zombies = 0, idle = 0

    public init() {}

    /// Counts the rows that are alive; threads by what stat says of each process.
    public init(_ table: ProcessTable) {
        for row in table.rows where !row.hasEnded && !row.isThread {
            if row.traits.contains(.kernel) { kernelThreads += 1 }
            processes += 1
            threads += Int(max(1, row.threads))
            switch row.state {
            case UInt8(ascii: "R"): running += 1
            case UInt8(ascii: "D"): disk += 1
            case UInt8(ascii: "T"), UInt8(ascii: "t"): stopped += 1
            case UInt8(ascii: "Z"), UInt8(ascii: "X"): zombies += 1
            case UInt8(ascii: "I"): idle += 1
            default: sleeping += 1
            }
        }
    }
}
