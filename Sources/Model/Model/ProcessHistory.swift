/// The last minutes of the process table and the host, in memory.
///
/// Holds the newest table whole and, for each step back, only the rows that differed: an idle host costs next to nothing.
/// Bounded by age and by bytes. When the bytes run out it keeps its span and gets coarser, the more so the longer ago:
/// neighbouring steps become one. Only where that is not enough the oldest steps go.
public struct ProcessHistory: Sendable {
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
    public init(byteLimit: Int = 6 << 20, secondsLimit: Double = 900) {
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
        guard let before = newest, !isSupplement(table, of: before) else { return }
        let step = Step(from: table, to: before, newestHost)
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
            for row in step.changed { rows[row.identity] = row }
            for row in step.vanished { rows[row.identity] = row }
            for identity in step.removedTexts { texts[identity] = nil }
            texts.merge(step.restoredTexts) { $1 }
            table = step.scan
            host = step.host
        }
        table.texts = texts
        table.rows = ContiguousArray(rows.values)
        // A pid that was used again has two rows, the one that ended first.
        table.rows.sort(by: Step.precedes)
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
            if let earlier = step.row(of: identity) { row = earlier }
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

    /// Whether a table only completes the first one, as the second reading does that follows at once when it is known
    /// what the screen shows. Every row of it differs, so as a step of its own it would cost what a whole table costs.
    private func isSupplement(_ table: ProcessTable, of before: ProcessTable) -> Bool {
        depth == 0 && table.realtimeSeconds - before.realtimeSeconds < ProcessHistory.supplementSeconds
    }

    private static let supplementSeconds = 0.5

    /// Steps back to a time of day that was last, in minutes after local midnight, and what is to be said where the
    /// history does not reach back to it: then they lead to its first table.
    public func stepsBack(toTimeOfDay minutes: Int) -> (count: Int, note: String?) {
        guard let newest else { return (0, "there is no history yet") }
        let offset = newest.scale.offsetSeconds
        let now = newest.realtimeSeconds + offset
        var wanted = (now / 86400).rounded(.down) * 86400 + Double(minutes * 60)
        let isYesterday = wanted > now
        if isYesterday { wanted -= 86400 }
        let begin = now - spanSeconds
        guard wanted < begin else { return (stepsBack(to: wanted - offset), nil) }
        let name = "\(NumberText.two(minutes / 60)):\(NumberText.two(minutes % 60))\(isYesterday ? " yesterday" : "")"
        return (depth, "\(name) is before the history, which begins at \(NumberText.moment(begin, seenFrom: now))")
    }

    private mutating func trim(now: Double) {
        while first < steps.count, now - steps[first].scan.realtimeSeconds > secondsLimit { dropOldest() }
        while bytes > byteLimit, first < steps.count {
            if let place = leastMissed(now: now) { join(place) } else { dropOldest() }
        }
        if first > 256, first * 2 > steps.count {
            steps.removeFirst(first)
            first = 0
        }
    }

    private mutating func dropOldest() {
        bytes -= steps[first].bytes
        steps[first].empty()
        first += 1
    }

    /// The step that is missed least when it and the next one become one: where the time they lead over is the
    /// smallest share of how long ago it was. Nil where even that would be a gap as long as half of the time since.
    private func leastMissed(now: Double) -> Int? {
        var best: (place: Int, share: Double)?
        guard first + 1 < steps.count else { return nil }
        for place in first..<(steps.count - 1) {
            let begin = steps[place].scan.realtimeSeconds
            let end = place + 2 < steps.count ? steps[place + 2].scan.realtimeSeconds : now
            let share = (end - begin) / max(now - begin, 0.001)
            if share < best?.share ?? ProcessHistory.coarsestShare { best = (place, share) }
        }
        return best?.place
    }

    /// Largest share of the time since then that one step may lead over.
    private static let coarsestShare = 0.5

    /// Makes one step of the one at `place` and the next.
    private mutating func join(_ place: Int) {
        let joined = steps[place].followed(by: steps[place + 1])
        bytes += joined.bytes - steps[place].bytes - steps[place + 1].bytes
        steps[place] = joined
        steps.remove(at: place + 1)
    }
}
