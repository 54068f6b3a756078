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
    /// How much tasks waited for a processor.
    ///
    /// - Source: `/proc/pressure/cpu`.
    /// - Absent: as for `memoryPressure`.
    public var cpuPressure: PressureShares?
    /// How much tasks waited for memory.
    ///
    /// - Source: `/proc/pressure/memory`.
    /// - Absent: where the kernel does not account pressure.
    public var memoryPressure: PressureShares?
    /// How much tasks waited for block I/O.
    ///
    /// - Source: `/proc/pressure/io`.
    /// - Absent: as for `memoryPressure`.
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

    /// A host of which nothing is known yet.
    public init() {}
}

/// How a processor spent its time. Unit: percent of the time between two readings.
public struct CPUShares: Sendable, Hashable {
    /// The kernel's kinds of time; guests are in `user` and `nice`, both kinds of interrupts in `interrupts`.
    public var user = 0.0, system = 0.0, nice = 0.0, ioWait = 0.0, interrupts = 0.0, steal = 0.0, idle = 0.0

    /// Everything but idle and I/O wait.
    public var busy: Double { user + system + nice + interrupts + steal }

    /// No time at all, before there are two readings.
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
    /// Fields 1, 3, 2 and 5 of a `cpu` line.
    public var user: UInt64 = 0, system: UInt64 = 0, nice: UInt64 = 0, ioWait: UInt64 = 0
    /// Hardware and software interrupts: fields 6 and 7.
    public var interrupts: UInt64 = 0
    /// Taken by the hypervisor, and idle: fields 8 and 4.
    public var steal: UInt64 = 0, idle: UInt64 = 0
    /// No tick.
    public init() {}
}

/// Memory of the host. Unit: bytes. Source: `/proc/meminfo`.
public struct MemoryUse: Sendable, Hashable {
    /// Lines `MemTotal`, `MemAvailable` (`MemFree` before Linux 3.14), `MemFree`, `Buffers` and `Cached`.
    public var totalBytes: UInt64, availableBytes: UInt64, freeBytes: UInt64, buffersBytes: UInt64, cachedBytes: UInt64
    /// Lines `SwapTotal` and `SwapFree`.
    public var swapTotalBytes: UInt64, swapFreeBytes: UInt64

    /// A reading of the lines of `/proc/meminfo` that the members name.
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
    /// Time in which at least one task waited.
    ///
    /// - Unit: percent of the last ten seconds.
    /// - Source: line `some`, `avg10`.
    public var some: Double
    /// Absent: for the CPU on kernels before 5.13.
    public var full: Double?
    /// Shares from the two lines of a pressure file.
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
    /// Page faults of both kinds. Source: `/proc/vmstat` `pgfault`.
    public var faults: UInt64?
    /// Page faults that waited for a disk.
    ///
    /// - Unit: count since boot.
    /// - Source: `/proc/vmstat`, `pgmajfault`.
    /// - Absent: when the file cannot be read.
    public var majorFaults: UInt64?
    /// Bytes read from whole disks. Source: `/proc/diskstats`, field 6 (sectors read) times 512.
    public var diskReadBytes: UInt64?
    /// Bytes written to whole disks; partitions and layered devices are not counted again.
    ///
    /// - Unit: bytes since boot.
    /// - Source: `/proc/diskstats`, field 10 (sectors written) times 512.
    /// - Absent: when the file cannot be read.
    public var diskWrittenBytes: UInt64?
    /// Bytes that all interfaces but loopback received. Source: `/proc/net/dev`, receive field 1.
    public var receivedBytes: UInt64?
    /// Bytes that all interfaces but loopback sent.
    ///
    /// - Unit: bytes since boot.
    /// - Source: `/proc/net/dev`, transmit field 1.
    /// - Absent: when the file cannot be read.
    public var transmittedBytes: UInt64?

    /// No counter read.
    public init() {}
}

/// Rates of the whole host. Unit: per second.
public struct HostRates: Sendable, Hashable {
    /// Context switches; processes and threads made.
    public var switches: Double, forks: Double
    /// Page faults: all but the major ones, and those that waited for a disk.
    public var minorFaults: Double?, majorFaults: Double?
    /// Bytes to and from whole disks.
    public var diskReadBytes: Double?, diskWrittenBytes: Double?
    /// Bytes through all interfaces but loopback.
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
    /// Processes, their threads by stat field 20, and how many of the processes are kernel threads.
    public var processes = 0, threads = 0, kernelThreads = 0
    /// Processes by state letter: R, S and others, D, T and t, Z and X, I.
    public var running = 0, sleeping = 0, disk = 0, stopped = 0, zombies = 0, idle = 0

    /// No task.
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
