internal import Linux
internal import Model

extension ProcessTableSampler {
    /// Brings the rows in line with the pids that are there now: one row for each, new ones with nothing but their pid,
    /// and those of ended processes for as long as they are to be seen. Answers the thread rows of before.
    mutating func align(_ exits: ProcessEventLog.Batch) -> ContiguousArray<ProcessRow> {
        guard !isAligned else { return [] }
        let old = table.rows
        var threads = ContiguousArray<ProcessRow>()
        var rows = ContiguousArray<ProcessRow>()
        rows.reserveCapacity(pids.count + 64)
        var place = 0
        for pid in pids {
            while place < old.count, old[place].threadGroup < pid {
                keepEnded(old[place], exits, &rows)
                place += 1
            }
            var isKnown = false
            while place < old.count, old[place].threadGroup == pid {
                if old[place].isThread {
                    threads.append(old[place])
                } else if old[place].hasEnded {
                    keepEnded(old[place], exits, &rows)
                } else {
                    rows.append(old[place])
                    isKnown = true
                }
                place += 1
            }
            if !isKnown { rows.append(ProcessRow(identity: .init(pid: pid, startTicks: 0), threadGroup: pid)) }
        }
        while place < old.count {
            keepEnded(old[place], exits, &rows)
            place += 1
        }
        table.rows = rows
        return threads
    }

    /// Whether the rows are one for each pid already, as they are most of the time.
    private var isAligned: Bool {
        guard table.rows.count == pids.count else { return false }
        for index in pids.indices where table.rows[index].pid != pids[index] || table.rows[index].hasEnded {
            return false
        }
        return true
    }

    /// Keeps a row that is gone for as long as it is to be seen.
    private func keepEnded(
        _ row: ProcessRow, _ exits: ProcessEventLog.Batch, _ rows: inout ContiguousArray<ProcessRow>
    ) {
        guard !row.isThread else { return }
        let ended = self.ended(row, exits)
        guard let ending = ended.ending,
            KernelClock.monotonicNanoseconds() < ending.nanoseconds + ProcessTableSampler.mourningNanoseconds
        else { return }
        rows.append(ended)
    }

    /// The row of a process that is gone.
    func ended(_ row: ProcessRow, _ exits: ProcessEventLog.Batch) -> ProcessRow {
        guard !row.hasEnded else { return row }
        var ended = row
        let exit = exits.exits[row.pid]
        let started = Double(row.identity.startTicks) / table.scale.ticksPerSecond * 1e9
        ended.ending = ProcessEnding(
            code: exit?.code, signal: exit?.signal, nanoseconds: KernelClock.monotonicNanoseconds(),
            lifetimeNanoseconds: UInt64(max(0, Double(KernelClock.bootNanoseconds()) - started)))
        ended.rates = nil
        return ended
    }

    /// Puts rows, in order of their pids, in among the others.
    mutating func insert(_ new: [ProcessRow]) {
        guard !new.isEmpty else { return }
        let old = table.rows
        var rows = ContiguousArray<ProcessRow>()
        rows.reserveCapacity(old.count + new.count)
        var place = 0
        for row in new {
            while place < old.count, old[place].threadGroup < row.threadGroup {
                rows.append(old[place])
                place += 1
            }
            rows.append(row)
        }
        rows.append(contentsOf: old[place...])
        table.rows = rows
    }
}
