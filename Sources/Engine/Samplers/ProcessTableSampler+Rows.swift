internal import Linux
internal import Model
internal import ProcFS

extension ProcessTableSampler {
    /// Reads what has to be read, row by row in place. Answers, where threads are
    /// shown, the processes that are known to have done nothing.
    mutating func refresh(_ demand: TableDemand, _ batch: ProcessEventLog.Batch) -> Set<Int32> {
        var quiet = Set<Int32>()
        var replaced: [ProcessRow] = []
        var unborn: [Int] = []
        var place = 0
        for index in table.rows.indices where !table.rows[index].hasEnded {
            let pid = table.rows[index].pid
            let (probe, isNews) = (accounts[place], batch.exits[pid] != nil)
            place += 1
            let wasNotAsked = !isNews && probe == nil && accounting != nil && isLeftAsleep(index, demand)
            if wasNotAsked || !isNews && rests(index, probe, demand) {
                if demand.showsThreads, wasNotAsked || probe != nil { quiet.insert(pid) }
                if probe != nil { table.rows[index].stayQuiet(until: KernelClock.monotonicNanoseconds()) }
                continue
            }
            let before = table.rows[index]
            guard let row = read(before.pid, old: before.readNanoseconds == 0 ? nil : before, probe, demand) else {
                if before.readNanoseconds == 0 { unborn.append(index) }
                table.rows[index] = ended(before, batch)
                continue
            }
            if before.readNanoseconds != 0, before.identity != row.identity { replaced.append(ended(before, batch)) }
            table.rows[index] = row
        }
        for index in unborn.reversed() { table.rows.remove(at: index) }
        insert(replaced)
        if statFiles.count > 0 {
            let table = table
            statFiles.keepOnly { pid in
                table.process(pid).map { demand.isVisible(table.rows[$0].identity) || table.rows[$0].isActive } ?? false
            }
        }
        return quiet
    }

    /// Whether a row may stay as it is this time.
    private func rests(_ index: Int, _ probe: Probe?, _ demand: TableDemand) -> Bool {
        let identity = table.rows[index].identity
        let (wanted, isVisible) = (demand.sources(for: identity), demand.isVisible(identity))
        guard table.rows[index].readNanoseconds != 0, wanted.isSubset(of: table.rows[index].extras.read),
            !wanted.contains(.shares), !demand.acted.contains(identity), exits[identity.pid] == nil
        else { return false }
        let turn = round &+ UInt64(UInt32(bitPattern: identity.pid))
        if let probe {
            let rounds = ProcessTableSampler.quietRounds
            return probe.isQuiet(since: table.rows[index].extras)
                && turn % (isVisible ? rounds.visible : rounds.hidden) != 0
        }
        // Whom taskstats does not know has gone.
        guard accounting == nil else { return false }
        return !isVisible && !demand.showsThreads && table.rows[index].rates != nil && !table.rows[index].isActive
            && turn % ProcessTableSampler.restRounds != 0
    }

    /// The row of a process now; nil when it is gone.
    mutating func read(_ pid: Int32, old: ProcessRow?, _ probe: Probe?, _ demand: TableDemand) -> ProcessRow? {
        let now = KernelClock.monotonicNanoseconds()
        let walked = walked(pid)
        let isKept = walked == nil && old.map { demand.visible.contains($0.identity) || $0.isActive } ?? false
        var reading =
            walked.map { .value($0.stat) }
            ?? (isKept ? statFiles.keep(pid, with: &reader) : statFiles.read(pid, with: &reader))
        // A kept file is of a process that ended: another one may have its pid already.
        if isKept, case .gone = reading { reading = reader.stat(pid) }
        guard case .value(let stat) = reading else { return nil }
        var row = ProcessRow(identity: ProcessIdentity(pid: pid, startTicks: stat.startTicks), threadGroup: pid)
        fill(&row, from: stat, now)
        let same = old?.identity == row.identity ? old : nil
        let isSameProgram = same.map { $0.name == row.name } ?? false
        if isSameProgram {
            row.extras.pythonVersion = same?.extras.pythonVersion
        } else if same != nil {
            table.texts[row.identity] = nil
        }
        // What seldom changes while the program stays the same is read now and then.
        let isVisible = demand.isVisible(row.identity)
        let wanted = demand.sources(for: row.identity)
        let rounds = ProcessTableSampler.quietRounds
        let isDue = (round &+ UInt64(UInt32(bitPattern: pid))) % (isVisible ? rounds.visible : rounds.hidden) == 0
        let isKnown = isSameProgram && !isDue && same?.userID != nil
        row.userID = walked?.userID ?? (isKnown ? same?.userID : reader.uid(of: pid).value ?? same?.userID)
        name(row.userID)
        if let probe { take(probe, into: &row) }
        let knows = isKnown ? same?.extras.read ?? [] : []
        readExtras(&row, wanted, knowing: knows, hasProbe: probe != nil)
        readTexts(row, wanted, isDue: !isKnown || !wanted.isSubset(of: knows))
        row.extras.read = wanted
        if let same {
            row.rates = ProcessRates(from: same, to: row, ticksPerSecond: table.scale.ticksPerSecond) ?? same.rates
        }
        return row
    }

    func take(_ probe: Probe, into row: inout ProcessRow) {
        row.extras.switches = probe.switches
        row.extras.schedule = probe.schedule
        if accountsDelays { row.extras.delays = probe.delays ?? row.extras.delays } else { row.extras.delays = nil }
    }

    private mutating func name(_ user: UInt32?) {
        guard let user, table.userNames[user] == nil else { return }
        table.userNames[user] = users.userText(user)
    }

    func fill(_ row: inout ProcessRow, from stat: ProcessStat, _ now: UInt64) {
        row.name = InlineText(count: stat.command.count) { stat.command[$0] }
        row.state = stat.state
        row.parent = stat.parent
        if stat.isKernelThread { row.traits.insert(.kernel) }
        row.processGroup = stat.processGroup
        row.session = stat.session
        row.terminal = stat.terminal
        row.foregroundGroup = stat.foregroundGroup
        row.priority = stat.priority
        row.nice = stat.nice
        row.threads = stat.threads
        row.processor = stat.processor
        row.realtimePriority = stat.realtimePriority
        row.policy = stat.policy
        row.counters.minorFaults = stat.minorFaults
        row.counters.childMinorFaults = stat.childMinorFaults
        row.counters.majorFaults = stat.majorFaults
        row.counters.childMajorFaults = stat.childMajorFaults
        row.counters.userTicks = stat.userTicks
        row.counters.systemTicks = stat.systemTicks
        row.counters.childUserTicks = stat.childUserTicks
        row.counters.childSystemTicks = stat.childSystemTicks
        row.virtualBytes = stat.virtualBytes
        row.residentBytes = stat.residentPages &* table.scale.pageBytes
        row.readNanoseconds = now
    }

    /// Puts the threads of each process behind its row; its main thread is the row itself.
    mutating func addThreads(old: ContiguousArray<ProcessRow>, _ quiet: Set<Int32>, _ demand: TableDemand) {
        let processes = table.rows
        var rows = ContiguousArray<ProcessRow>()
        rows.reserveCapacity(processes.count + old.count + 64)
        var begin = 0
        for process in processes {
            rows.append(process)
            guard !process.hasEnded else { continue }
            while begin < old.count, old[begin].threadGroup < process.pid { begin += 1 }
            var end = begin
            while end < old.count, old[end].threadGroup == process.pid { end += 1 }
            let known = old[begin..<end]
            begin = end
            guard process.threads > 1 else { continue }
            // A process that did nothing has no thread that did.
            if quiet.contains(process.pid), known.count == process.threads - 1,
                known.allSatisfy({ demand.sources(for: $0.identity).isSubset(of: $0.extras.read) })
            {
                for var thread in known {
                    thread.stayQuiet(until: process.readNanoseconds)
                    rows.append(thread)
                }
            } else {
                appendThreads(of: process, old: known, demand, &rows)
            }
        }
        table.rows = rows
    }

    private mutating func appendThreads(
        of process: ProcessRow, old: ContiguousArray<ProcessRow>.SubSequence, _ demand: TableDemand,
        _ rows: inout ContiguousArray<ProcessRow>
    ) {
        if let threads = walkedThreads(of: process.pid) {
            for (stat, totals) in threads {
                rows.append(thread(of: process, stat, Probe(totals), old: old, demand))
            }
            return
        }
        guard reader.threads(of: process.pid, into: &threadIds) else { return }
        let ids = threadIds
        for tid in ids where tid != process.pid {
            guard case .value(let stat) = reader.stat(process.pid, thread: tid) else { continue }
            rows.append(thread(of: process, stat, nil, old: old, demand))
        }
    }

    private mutating func thread(
        of process: ProcessRow, _ stat: ProcessStat, _ probe: Probe?,
        old: ContiguousArray<ProcessRow>.SubSequence, _ demand: TableDemand
    ) -> ProcessRow {
        var row = ProcessRow(
            identity: ProcessIdentity(pid: stat.pid, startTicks: stat.startTicks), threadGroup: process.pid)
        fill(&row, from: stat, KernelClock.monotonicNanoseconds())
        row.traits.insert(.thread)
        row.userID = process.userID
        row.threads = 1
        let wanted = demand.sources(for: row.identity)
        if let probe {
            take(probe, into: &row)
        } else if wanted.contains(.accounting) {
            readThreadAccounting(&row)
        }
        row.extras.read = wanted
        if let same = old.first(where: { $0.identity == row.identity }) {
            row.rates = ProcessRates(from: same, to: row, ticksPerSecond: table.scale.ticksPerSecond) ?? same.rates
        }
        return row
    }

    private mutating func readThreadAccounting(_ row: inout ProcessRow) {
        if case .value(let status) = reader.status(row.threadGroup, thread: row.pid) {
            if let voluntary = status.voluntarySwitches, let involuntary = status.involuntarySwitches {
                row.extras.switches = SwitchCounters(voluntary: voluntary, involuntary: involuntary)
            }
        }
        if case .value(let schedule) = reader.schedstat(row.threadGroup, thread: row.pid) {
            row.extras.schedule = ScheduleCounters(
                runNanoseconds: schedule.runNanoseconds, waitNanoseconds: schedule.waitNanoseconds)
        }
    }
}
