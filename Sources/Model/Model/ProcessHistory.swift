/// The last minutes of the process table and the host, in memory.
///
/// Holds the newest table whole and, for each step back, only the rows that differed: an idle host costs next to nothing.
/// Bounded by age and by bytes; when the bytes run out the oldest steps go first.
public struct ProcessHistory: Sendable {
    /// What turns a table into the one before it.
    struct Step: Sendable {
        var host: HostSnapshot?
        var scan: ProcessTable
        /// Rows as they were before; `scan.rows` is empty in a step.
        var restored: ContiguousArray<ProcessRow>
        /// Rows that did not exist before.
        var removed: [ProcessIdentity]
        /// Texts as they were before; `scan.texts` is empty in a step.
        var restoredTexts: [ProcessIdentity: ProcessTexts] = [:]
        /// Rows that had no text before.
        var removedTexts: [ProcessIdentity] = []

        var bytes: Int {
            restored.count * MemoryLayout<ProcessRow>.stride
                + (removed.count + removedTexts.count) * MemoryLayout<ProcessIdentity>.stride
                + restoredTexts.values.reduce(0) { $0 + $1.bytes } + 512
        }
    }

    /// Most bytes the steps may take.
    public let byteLimit: Int
    /// Oldest step kept. Unit: seconds.
    public let secondsLimit: Double
    /// Newest table.
    public private(set) var newest: ProcessTable?
    /// Newest host reading.
    public private(set) var newestHost: HostSnapshot?
    /// Steps from the oldest to the newest: the last leads from the newest table to the one before it.
    private(set) var steps: [Step] = []
    private var first = 0
    /// Bytes the steps take.
    public private(set) var bytes = 0

    /// A history of nothing.
    public init(byteLimit: Int = 12 << 20, secondsLimit: Double = 900) {
        self.byteLimit = byteLimit
        self.secondsLimit = secondsLimit
    }

    /// Tables that can be stepped back to, the newest not counted.
    public var depth: Int { steps.count - first }

    /// How far back it reaches. Unit: seconds.
    public var spanSeconds: Double {
        guard let newest, first < steps.count else { return 0 }
        return newest.realtimeSeconds - steps[first].scan.realtimeSeconds
    }

    /// Adds the newest table.
    public mutating func append(_ table: ProcessTable, host: HostSnapshot?) {
        defer {
            newest = table
            newestHost = host
        }
        guard let before = newest else { return }
        var scan = before
        scan.rows = []
        scan.texts = [:]
        var step = Step(host: newestHost, scan: scan, restored: [], removed: [])
        ProcessHistory.compare(before: before.rows, after: table.rows, into: &step)
        ProcessHistory.compare(before: before.texts, after: table.texts, into: &step)
        steps.append(step)
        bytes += step.bytes
        trim(now: table.realtimeSeconds)
    }

    /// The table and host `count` steps back; nil when that is too far.
    public func table(back count: Int) -> (ProcessTable, HostSnapshot?)? {
        guard var table = newest, count >= 0, count <= depth else { return nil }
        var host = newestHost
        guard count > 0 else { return (table, host) }
        var rows: [ProcessIdentity: ProcessRow] = [:]
        rows.reserveCapacity(table.rows.count)
        for row in table.rows { rows[row.identity] = row }
        var texts = table.texts
        for step in steps.suffix(count).reversed() {
            for identity in step.removed { rows[identity] = nil }
            for row in step.restored { rows[row.identity] = row }
            for identity in step.removedTexts { texts[identity] = nil }
            texts.merge(step.restoredTexts) { $1 }
            table = step.scan
            host = step.host
        }
        table.texts = texts
        table.rows = ContiguousArray(rows.values)
        // A pid that was used again has two rows, the one that ended first.
        table.rows.sort { left, right in
            ProcessHistory.precedes(left, right)
                || !ProcessHistory.precedes(right, left) && left.identity.startTicks < right.identity.startTicks
        }
        return (table, host)
    }

    /// A process at every moment of the history that it was in, oldest first. Moments are in seconds since 1970.
    public func trail(of identity: ProcessIdentity) -> [(seconds: Double, row: ProcessRow)] {
        guard let newest else { return [] }
        var row = newest.index(of: identity).map { newest.rows[$0] }
        var trail: [(seconds: Double, row: ProcessRow)] = []
        if let row { trail.append((newest.realtimeSeconds, row)) }
        for step in steps[first...].reversed() {
            if step.removed.contains(identity) { row = nil }
            if let place = step.restored.firstIndex(where: { $0.identity == identity }) { row = step.restored[place] }
            if let row { trail.append((step.scan.realtimeSeconds, row)) }
        }
        return trail.reversed()
    }

    /// Steps back to the last table that is not younger than a moment. Unit: seconds since 1970.
    public func stepsBack(to seconds: Double) -> Int {
        guard let newest, seconds < newest.realtimeSeconds else { return 0 }
        var back = 0
        for step in steps[first...].reversed() {
            back += 1
            if step.scan.realtimeSeconds <= seconds { break }
        }
        return back
    }

    private static func compare(
        before: ContiguousArray<ProcessRow>, after: ContiguousArray<ProcessRow>, into step: inout Step
    ) {
        var old = 0
        var new = 0
        while old < before.count || new < after.count {
            if new == after.count || (old < before.count && precedes(before[old], after[new])) {
                step.restored.append(before[old])
                old += 1
            } else if old == before.count || precedes(after[new], before[old]) {
                step.removed.append(after[new].identity)
                new += 1
            } else {
                if before[old].differs(from: after[new]) { step.restored.append(before[old]) }
                if before[old].identity != after[new].identity { step.removed.append(after[new].identity) }
                old += 1
                new += 1
            }
        }
    }

    private static func compare(
        before: [ProcessIdentity: ProcessTexts], after: [ProcessIdentity: ProcessTexts], into step: inout Step
    ) {
        for (identity, texts) in before where after[identity] != texts { step.restoredTexts[identity] = texts }
        for identity in after.keys where before[identity] == nil { step.removedTexts.append(identity) }
    }

    /// Whether `left` stands before `right` in a table.
    private static func precedes(_ left: ProcessRow, _ right: ProcessRow) -> Bool {
        if left.threadGroup != right.threadGroup { return left.threadGroup < right.threadGroup }
        if left.isThread != right.isThread { return !left.isThread }
        return left.pid < right.pid
    }

    private mutating func trim(now: Double) {
        while first < steps.count,
            bytes > byteLimit || now - steps[first].scan.realtimeSeconds > secondsLimit
        {
            bytes -= steps[first].bytes
            steps[first].restored = []
            steps[first].removed = []
            steps[first].restoredTexts = [:]
            steps[first].removedTexts = []
            first += 1
        }
        if first > 256, first * 2 > steps.count {
            steps.removeFirst(first)
            first = 0
        }
    }
}

extension ProcessRow {
    /// Whether anything but the time of the reading differs.
    func differs(from other: ProcessRow) -> Bool {
        identity != other.identity || threadGroup != other.threadGroup || state != other.state
            || counters != other.counters || residentBytes != other.residentBytes || processor != other.processor
            || virtualBytes != other.virtualBytes || threads != other.threads || nice != other.nice
            || name != other.name || parent != other.parent || userID != other.userID || traits != other.traits
            || extras != other.extras || ending != other.ending || policy != other.policy || priority != other.priority
            || realtimePriority != other.realtimePriority || processGroup != other.processGroup
            || session != other.session || terminal != other.terminal || foregroundGroup != other.foregroundGroup
            || rates?.perSecond != other.rates?.perSecond
    }
}

extension ProcessRates {
    /// The rates alone: the time between two readings is never the same.
    fileprivate var perSecond: ProcessRates {
        var rates = self
        rates.elapsedSeconds = 0
        return rates
    }
}

extension ProcessTexts {
    /// Memory they take, roughly.
    fileprivate var bytes: Int {
        let texts = [arguments, executable, workingDirectory, cgroup, container, waitChannel, systemCall]
        return texts.reduce(MemoryLayout<ProcessTexts>.stride) { $0 + ($1?.utf8.count ?? 0) }
    }
}
