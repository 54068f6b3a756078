extension ProcessHistory {
    /// What turns a table into one before it.
    struct Step: Sendable {
        var host: HostSnapshot?
        /// The earlier table but for its rows and texts.
        var scan: ProcessTable
        /// Rows of both tables as they were in the earlier one, where they differ.
        var changed: ContiguousArray<ProcessRow> = []
        /// Rows of the earlier table only.
        var vanished: ContiguousArray<ProcessRow> = []
        /// Rows of the later table only.
        var removed: [ProcessIdentity] = []
        /// Texts as they were in the earlier table, where they differ.
        var restoredTexts: [ProcessIdentity: ProcessTexts] = [:]
        /// Rows that had no text in the earlier table.
        var removedTexts: [ProcessIdentity] = []
        /// Memory it takes, roughly.
        private(set) var bytes = 0

        /// The step from a table to the one before it.
        init(from later: ProcessTable, to earlier: ProcessTable, _ host: HostSnapshot?) {
            self.host = host
            scan = earlier
            scan.rows = []
            scan.texts = [:]
            compare(earlier.rows, later.rows)
            for (identity, texts) in earlier.texts where later.texts[identity] != texts {
                restoredTexts[identity] = texts
            }
            for identity in later.texts.keys where earlier.texts[identity] == nil { removedTexts.append(identity) }
            settle()
        }

        /// A row as it was, if this step has to do with it.
        func row(of identity: ProcessIdentity) -> ProcessRow? {
            changed.first { $0.identity == identity } ?? vanished.first { $0.identity == identity }
        }

        /// Forgets everything but when it was.
        mutating func empty() {
            (changed, vanished, removed) = ([], [], [])
            (restoredTexts, removedTexts) = ([:], [])
            host = nil
            bytes = 0
        }

        private mutating func compare(_ before: ContiguousArray<ProcessRow>, _ after: ContiguousArray<ProcessRow>) {
            var old = 0
            var new = 0
            while old < before.count || new < after.count {
                if new == after.count || (old < before.count && Step.precedes(before[old], after[new])) {
                    vanished.append(before[old])
                    old += 1
                } else if old == before.count || Step.precedes(after[new], before[old]) {
                    removed.append(after[new].identity)
                    new += 1
                } else {
                    if before[old].differs(from: after[new]) { changed.append(before[old]) }
                    old += 1
                    new += 1
                }
            }
        }

        /// Whether `left` stands before `right` in a table. A pid that was used again has two rows, the one that ended first.
        static func precedes(_ left: ProcessRow, _ right: ProcessRow) -> Bool {
            if left.threadGroup != right.threadGroup { return left.threadGroup < right.threadGroup }
            if left.isThread != right.isThread { return !left.isThread }
            if left.pid != right.pid { return left.pid < right.pid }
            return left.identity.startTicks < right.identity.startTicks
        }

        /// Gives back the room that growing arrays took in advance, up to as much again, and weighs the rest.
        private mutating func settle() {
            if changed.capacity > changed.count { changed = Step.tight(changed) }
            if vanished.capacity > vanished.count { vanished = Step.tight(vanished) }
            bytes =
                (changed.count + vanished.count) * MemoryLayout<ProcessRow>.stride
                + (removed.count + removedTexts.count) * MemoryLayout<ProcessIdentity>.stride
                + restoredTexts.values.reduce(0) { $0 + $1.bytes } + 512
        }

        private static func tight(_ rows: ContiguousArray<ProcessRow>) -> ContiguousArray<ProcessRow> {
            var tight = ContiguousArray<ProcessRow>()
            tight.reserveCapacity(rows.count)
            tight.append(contentsOf: rows)
            return tight
        }
    }
}

extension ProcessHistory.Step {
    /// This step and the later one as one: from the table after `later` to the one before this. What began and ended in
    /// between is forgotten.
    func followed(by later: ProcessHistory.Step) -> ProcessHistory.Step {
        var joined = self
        joined.join(later)
        return joined
    }

    private mutating func join(_ later: ProcessHistory.Step) {
        // Rows in the middle table that the last one has not, and the other way round.
        let lost = Set(later.vanished.lazy.map(\.identity))
        let gained = Set(later.removed)
        var settled = Set(removed)
        settled.formUnion(changed.lazy.map(\.identity))
        let stay = changed.filter { !lost.contains($0.identity) } + vanished.filter { gained.contains($0.identity) }
        let leave = changed.filter { lost.contains($0.identity) } + vanished.filter { !gained.contains($0.identity) }
        let returned = Set(vanished.lazy.map(\.identity))
        removed = removed.filter { !lost.contains($0) } + later.removed.filter { !returned.contains($0) }
        changed = stay + later.changed.filter { !settled.contains($0.identity) }
        vanished = leave + later.vanished.filter { !settled.contains($0.identity) }
        let textless = Set(removedTexts)
        restoredTexts.merge(later.restoredTexts.filter { !textless.contains($0.key) }) { mine, _ in mine }
        removedTexts += later.removedTexts.filter { !textless.contains($0) }
        settle()
    }
}

extension ProcessRow {
    /// Whether anything but the time of the reading differs.
    fileprivate func differs(from other: ProcessRow) -> Bool {
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
