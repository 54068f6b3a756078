internal import CLinux

/// One group of counters on one thread and the threads it starts; the descriptors belong to ``TaskCounters``.
struct CounterGroup {
    /// A group has at most five events; its read is three words and one word for each event.
    static let largest = 5

    let leader: Int32
    private(set) var events = InlineArray<5, CounterEvent>(repeating: .taskClock)
    private(set) var eventCount = 0

    private var lastEnabled: UInt64 = 0
    private var lastRunning: UInt64 = 0
    private var lastRaw = InlineArray<5, UInt64>(repeating: 0)
    private(set) var totals = InlineArray<5, UInt64>(repeating: 0)
    /// Some of the time the group was waiting for a free counter.
    private(set) var multiplexed = false
    /// The group's thread ran, but the group was never on the PMU: nothing is known.
    private(set) var starved = false

    init(leader: Int32, first: CounterEvent) {
        self.leader = leader
        add(first)
    }

    mutating func add(_ event: CounterEvent) {
        precondition(eventCount < Self.largest)
        events[eventCount] = event
        eventCount += 1
    }

    /// Reads the group and adds what happened since the last reading.
    ///
    /// Each interval is scaled by itself: scaling the running totals would let a count fall between two readings.
    ///
    /// - Returns: 0, or the errno. ECHILD says that an inherited group is just being taken apart by its ending thread.
    mutating func update() -> Int32 {
        var words = InlineArray<8, UInt64>(repeating: 0)
        var wordSpan = words.mutableSpan
        let size = unsafe wordSpan.withUnsafeMutableBytes { buffer in
            unsafe cl_perf_read(leader, buffer.baseAddress, buffer.count)
        }
        guard size >= 0 else { return Int32(-size) }
        // 0 bytes is what the kernel answers for a group that never could be scheduled (pinned events in error).
        guard size == (3 + eventCount) * 8, words[0] == UInt64(eventCount) else { return EIO }
        absorb(enabled: words[1], running: words[2]) { words[3 + $0] }
        return 0
    }

    /// Adds one reading; apart from ``update()`` so that scaling can be tested without a PMU.
    mutating func absorb(enabled: UInt64, running: UInt64, raw: (Int) -> UInt64) {
        let enabledDelta = enabled &- min(enabled, lastEnabled)
        let runningDelta = running &- min(running, lastRunning)
        starved = enabled > 0 && running == 0
        multiplexed = multiplexed || runningDelta < enabledDelta
        // Without any time on the PMU the interval is left open, and the next reading scales over both.
        guard runningDelta > 0 else { return }
        for index in 0..<eventCount {
            let value = raw(index)
            let delta = value &- min(value, lastRaw[index])
            totals[index] &+= Self.scaled(delta, enabled: enabledDelta, running: runningDelta)
            lastRaw[index] = value
        }
        lastEnabled = enabled
        lastRunning = running
    }

    private static func scaled(_ count: UInt64, enabled: UInt64, running: UInt64) -> UInt64 {
        guard running < enabled else { return count }
        let product = count.multipliedFullWidth(by: enabled)
        guard product.high < running else { return UInt64.max }
        return running.dividingFullWidth(product).quotient
    }
}
