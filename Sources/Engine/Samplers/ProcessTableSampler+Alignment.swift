internal import Linux
internal import Model

extension ProcessTableSampler {
    /// Brings the rows in line with the pids that are there now: one row for each, new ones with nothing but their pid,
    /// and those of ended processes for as long as they are to be seen. Answers the thread rows of before.
    mutating func align(_ batch: ProcessEventLog.Batch) -> ContiguousArray<ProcessRow> {
        guard !isAligned else { return [] }
        let old = table.rows
        var threads = ContiguousArray<ProcessRow>()
        var rows = ContiguousArray<ProcessRow>()
        rows.reserveCapacity(pids.count + 64)
        var place = 0
        for pid in pids {
            while place < old.count, old[place].threadGroup < pid {
                keepEnded(old[place], batch, &rows)
                place += 1
            }
            var isKnown = false
            while place < old.count, old[place].threadGroup == pid {
                if old[place].isThread {
                    threads.append(old[place])
                } else if old[place].hasEnded {
                    keepEnded(old[place], batch, &rows)
                } else {
                    rows.append(old[place])
                    isKnown = true
                }
                place += 1
            }
            if !isKnown { rows.append(ProcessRow(identity: .init(pid: pid, startTicks: 0), threadGroup: pid)) }
        }
        while place < old.count {
            keepEnded(old[place], batch, &rows)
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
        _ row: ProcessRow, _ batch: ProcessEventLog.Batch, _ rows: inout ContiguousArray<ProcessRow>
    ) {
        guard !row.isThread else { return }
        let ended = self.ended(row, batch)
        guard let ending = ended.ending,
            KernelClock.monotonicNanoseconds() < ending.nanoseconds + ProcessTableSampler.mourningNanoseconds
        else { return }
        rows.append(ended)
    }

    /// The row of a process that is gone.
    func ended(_ row: ProcessRow, _ batch: ProcessEventLog.Batch) -> ProcessRow {
        guard !row.hasEnded else { return row }
        var ended = row
        // A zombie is reaped long after its end, and its pid may be another's by then: what was remembered comes first.
        let exit = exits[row.pid] ?? batch.exits[row.pid].flatMap { isExit($0, of: row) ? $0 : nil }
        let started = Double(row.identity.startTicks) / table.scale.ticksPerSecond * 1e9
        let now = Double(KernelClock.bootNanoseconds())
        ended.ending = ProcessEnding(
            code: exit?.code, signal: exit?.signal, nanoseconds: KernelClock.monotonicNanoseconds(),
            lifetimeNanoseconds: UInt64(max(0, (exit.map { bootNanoseconds(of: $0) } ?? now) - started)))
        ended.rates = nil
        return ended
    }

    /// Remembers how those ended that still have a row: zombies, until they are reaped.
    mutating func rememberExits(_ batch: ProcessEventLog.Batch) {
        guard !exits.isEmpty || !batch.exits.isEmpty else { return }
        let old = exits
        exits = [:]
        for (pid, exit) in old.merging(batch.exits, uniquingKeysWith: { $1 }) {
            guard let index = table.process(pid), isExit(exit, of: table.rows[index]) else { continue }
            guard table.rows[index].threads > 1 else {
                exits[pid] = exit
                continue
            }
            // The main thread is through; the process ends with its last thread. Once more, and it goes on without it.
            guard !exit.livesOn else { continue }
            exits[pid] = exit
            exits[pid]?.livesOn = true
            exits[pid]?.monotonicNanoseconds = KernelClock.monotonicNanoseconds()
        }
    }

    /// Whether an exit is of that process, not of one that had its pid before.
    private func isExit(_ exit: ProcessEventLog.Exit, of row: ProcessRow) -> Bool {
        // Starts are told to the clock tick.
        let earliest = Double(row.identity.startTicks) - 1
        return bootNanoseconds(of: exit) >= earliest / table.scale.ticksPerSecond * 1e9
    }

    /// When it was, on the clock that starts are told by.
    private func bootNanoseconds(of exit: ProcessEventLog.Exit) -> Double {
        let (boot, now) = (KernelClock.bootNanoseconds(), KernelClock.monotonicNanoseconds())
        return Double(boot) - Double(now - min(now, exit.monotonicNanoseconds))
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
