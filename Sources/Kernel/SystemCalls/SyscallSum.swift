/// Calls of one number by one thread, in sum.
public struct SyscallSum: Sendable {
    /// Whose they are, as viv's pid namespace counts.
    public var pid: Int32, tid: Int32
    /// Number of the call.
    public var number: Int32
    /// How many there were, and how many of them failed.
    public var count: UInt64, errors: UInt64
    /// How long they took together, and the longest. Unit: nanoseconds.
    public var totalNanoseconds: UInt64, longestNanoseconds: UInt64
    /// How many took how long.
    public var durations: DurationHistogram

    /// Sums as they were counted.
    public init(
        pid: Int32, tid: Int32, number: Int32, count: UInt64, errors: UInt64, totalNanoseconds: UInt64,
        longestNanoseconds: UInt64, durations: DurationHistogram
    ) {
        (self.pid, self.tid, self.number, self.count, self.errors) = (pid, tid, number, count, errors)
        (self.totalNanoseconds, self.longestNanoseconds, self.durations) =
            (totalNanoseconds, longestNanoseconds, durations)
    }

    /// What half of the calls did not exceed. Unit: nanoseconds.
    public var p50Nanoseconds: UInt64? { quantile(0.5) }
    /// What 99 of 100 calls did not exceed. Unit: nanoseconds.
    public var p99Nanoseconds: UInt64? { quantile(0.99) }

    private func quantile(_ part: Double) -> UInt64? {
        durations.quantileNanoseconds(part).map { min($0, longestNanoseconds) }
    }

    /// No call yet, of the thread and the number of one.
    public init(of event: SyscallEvent) {
        self.init(
            pid: event.pid, tid: event.tid, number: event.number, count: 0, errors: 0, totalNanoseconds: 0,
            longestNanoseconds: 0, durations: DurationHistogram())
    }

    /// Adds a call.
    public mutating func add(_ event: SyscallEvent, nanoseconds: UInt64) {
        count += 1
        errors += event.error == nil ? 0 : 1
        totalNanoseconds += nanoseconds
        longestNanoseconds = max(longestNanoseconds, nanoseconds)
        durations.add(nanoseconds: nanoseconds)
    }

    /// Adds calls of the same number.
    public mutating func add(_ other: SyscallSum) {
        count += other.count
        errors += other.errors
        totalNanoseconds += other.totalNanoseconds
        longestNanoseconds = max(longestNanoseconds, other.longestNanoseconds)
        durations.add(other.durations)
    }

    /// What came since an earlier reading of the same sums.
    public func since(_ earlier: SyscallSum) -> SyscallSum {
        var rest = self
        rest.count -= min(earlier.count, count)
        rest.errors -= min(earlier.errors, errors)
        rest.totalNanoseconds -= min(earlier.totalNanoseconds, totalNanoseconds)
        rest.durations.subtract(earlier.durations)
        rest.longestNanoseconds = min(longestNanoseconds, rest.durations.longestNanoseconds)
        return rest
    }
}

/// How many calls took how long: four classes for each power of two, so that what is read from it is at most a tenth off.
public struct DurationHistogram: Sendable, Equatable {
    /// Class 0 is what is shorter than the first power; the last one everything longer. Source: the program system-calls counts so.
    public private(set) var counts: [UInt32]
    private static let (firstPower, parts, classes) = (7, 4, 128)

    /// Nothing counted; or the counts of the classes.
    public init(counts: [UInt32] = []) {
        self.counts = counts + Array(repeating: 0, count: max(0, Self.classes - counts.count))
    }

    /// Counts one.
    public mutating func add(nanoseconds: UInt64) {
        counts[Self.place(nanoseconds)] += 1
    }

    static func place(_ nanoseconds: UInt64) -> Int {
        guard nanoseconds >= 1 << UInt64(firstPower) else { return 0 }
        let power = 63 - nanoseconds.leadingZeroBitCount
        let part = Int(nanoseconds >> UInt64(power - 2) & UInt64(parts - 1))
        return min(1 + (power - firstPower) * parts + part, classes - 1)
    }

    /// Where a class begins, and where it ends. Unit: nanoseconds.
    static func bounds(_ place: Int) -> (low: UInt64, high: UInt64) {
        guard place > 0 else { return (0, 1 << UInt64(firstPower)) }
        let (power, part) = ((place - 1) / parts + firstPower, UInt64((place - 1) % parts))
        let width = UInt64(1) << UInt64(power - 2)
        let low = (UInt64(1) << UInt64(power)) + part * width
        return (low, low + width)
    }

    mutating func add(_ other: DurationHistogram) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
    }

    mutating func subtract(_ other: DurationHistogram) {
        for index in counts.indices { counts[index] -= min(counts[index], other.counts[index]) }
    }

    /// End of the last class that has any. Unit: nanoseconds.
    var longestNanoseconds: UInt64 {
        counts.lastIndex { $0 > 0 }.map { Self.bounds($0).high } ?? 0
    }

    /// The duration that a part of all did not exceed; nil where there are none. Unit: nanoseconds.
    ///
    /// - Parameter part: 0.5 for the median.
    public func quantileNanoseconds(_ part: Double) -> UInt64? {
        let all = counts.reduce(0) { $0 + UInt64($1) }
        guard all > 0 else { return nil }
        var rest = max(1, (Double(all) * part).rounded(.up))
        for (place, count) in counts.enumerated() where count > 0 {
            if rest <= Double(count) {
                let (low, high) = Self.bounds(place)
                return low + UInt64(Double(high - low) * rest / Double(count))
            }
            rest -= Double(count)
        }
        return longestNanoseconds
    }
}
