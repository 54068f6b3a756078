/// Rates between two readings of the same process, over the time between those two readings.
public struct ProcessRates: Sendable, Hashable {
    /// Time between the readings. Unit: seconds.
    public var elapsedSeconds: Double
    /// CPU time. Unit: percent of one processor.
    public var cpuPercent: Double
    /// CPU time in user mode. Unit: percent of one processor.
    public var userPercent: Double
    /// CPU time in the kernel. Unit: percent of one processor.
    public var systemPercent: Double
    /// Minor faults per second.
    public var minorFaults: Double
    /// Major faults per second.
    public var majorFaults: Double
    /// Change of resident memory. Unit: bytes per second.
    public var residentBytes: Double
    /// Voluntary switches per second.
    public var voluntarySwitches: Double?
    /// Involuntary switches per second.
    public var involuntarySwitches: Double?
    /// Time waiting for a processor. Unit: percent of elapsed time, summed over threads.
    public var runQueuePercent: Double?
    /// Time waiting for block I/O. Unit: percent of elapsed time.
    public var blockIOPercent: Double?
    /// Time waiting for swapped-out pages. Unit: percent of elapsed time.
    public var swapInPercent: Double?
    /// Bytes per second from storage.
    public var readBytes: Double?
    /// Bytes per second to storage.
    public var writtenBytes: Double?

    /// The rates from `before` to `now`; `nil` when they are not the same process or no time has passed.
    public init?(from before: ProcessRow, to now: ProcessRow, ticksPerSecond: Double) {
        guard before.identity == now.identity, now.readNanoseconds > before.readNanoseconds else { return nil }
        let seconds = Double(now.readNanoseconds - before.readNanoseconds) / 1e9
        elapsedSeconds = seconds
        let user = growth(before.counters.userTicks, now.counters.userTicks)
        let system = growth(before.counters.systemTicks, now.counters.systemTicks)
        userPercent = user / ticksPerSecond / seconds * 100
        systemPercent = system / ticksPerSecond / seconds * 100
        cpuPercent = userPercent + systemPercent
        minorFaults = growth(before.counters.minorFaults, now.counters.minorFaults) / seconds
        majorFaults = growth(before.counters.majorFaults, now.counters.majorFaults) / seconds
        residentBytes = (Double(now.residentBytes) - Double(before.residentBytes)) / seconds
        if let old = before.extras.switches, let new = now.extras.switches {
            voluntarySwitches = growth(old.voluntary, new.voluntary) / seconds
            involuntarySwitches = growth(old.involuntary, new.involuntary) / seconds
        }
        if let old = before.extras.delays, let new = now.extras.delays {
            blockIOPercent = growth(old.blockIONanoseconds, new.blockIONanoseconds) / 1e7 / seconds
            swapInPercent = growth(old.swapInNanoseconds, new.swapInNanoseconds) / 1e7 / seconds
        }
        if let old = before.extras.io, let new = now.extras.io {
            readBytes = growth(old.readBytes, new.readBytes) / seconds
            writtenBytes = growth(old.writtenBytes, new.writtenBytes) / seconds
        }
        if let old = before.extras.schedule, let new = now.extras.schedule {
            runQueuePercent = growth(old.waitNanoseconds, new.waitNanoseconds) / 1e7 / seconds
            // The nanosecond clock is exact where ticks are 10 ms: it replaces the sum, the split stays the kernel's.
            // A sum over threads loses those that end, ticks do not: then only for one thread.
            let isWhole = old.coversEndedThreads && new.coversEndedThreads
            guard isWhole || before.threads == 1 && now.threads == 1 else { return }
            let exact = growth(old.runNanoseconds, new.runNanoseconds) / 1e7 / seconds
            // Where no tick fell between the readings, the split is that of the process's whole life.
            let total = Double(now.counters.userTicks) + Double(now.counters.systemTicks)
            let share =
                cpuPercent > 0 ? userPercent / cpuPercent : total > 0 ? Double(now.counters.userTicks) / total : 1
            userPercent = exact * share
            systemPercent = exact - userPercent
            cpuPercent = exact
        }
    }
}

extension ProcessRates {
    /// Whether any rate is not zero.
    public var isActive: Bool {
        cpuPercent != 0 || minorFaults != 0 || majorFaults != 0 || residentBytes != 0 || (voluntarySwitches ?? 0) != 0
            || (involuntarySwitches ?? 0) != 0 || (readBytes ?? 0) != 0 || (writtenBytes ?? 0) != 0
            || (runQueuePercent ?? 0) != 0
    }
}

/// How far a counter moved; one that went back (a thread of a sum ended) counts as not moved.
func growth(_ before: UInt64, _ now: UInt64) -> Double {
    now > before ? Double(now &- before) : 0
}
