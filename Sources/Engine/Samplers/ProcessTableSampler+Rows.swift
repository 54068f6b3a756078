internal import Linux
internal import Model
internal import ProcFS

extension ProcessTableSampler {
    /// The row of a process now; nil when it is gone.
    mutating func read(
        _ pid: Int32, old: ProcessRow?, oldProbe: Probe?, _ probe: Probe?, _ demand: TableDemand,
        _ exits: ProcessEventLog.Batch
    ) -> ProcessRow? {
        let now = KernelClock.monotonicNanoseconds()
        if let old, let probe, let oldProbe, probe.sameActivity(as: oldProbe), !demand.allVisible,
            !demand.visible.contains(old.identity), !demand.showsThreads,
            demand.tableSources.isSubset(of: [.accounting, .arguments]),
            (round &+ UInt64(UInt32(bitPattern: pid))) % ProcessTableSampler.fullRounds != 0
        {
            return unchanged(old, probe, now)
        }
        guard case .value(let stat) = reader.stat(pid) else { return nil }
        var row = ProcessRow(identity: ProcessIdentity(pid: pid, startTicks: stat.startTicks), threadGroup: pid)
        fill(&row, from: stat, now)
        let same = old?.identity == row.identity ? old : nil
        if let same, same.name == row.name { row.extras = same.extras }
        row.userID = same?.userID ?? reader.uid(of: pid).value
        // A process may change its owner: looked at again now and then, and whenever it is on the screen.
        if same != nil, demand.visible.contains(row.identity) || round % 16 == 0 {
            row.userID = reader.uid(of: pid).value ?? row.userID
        }
        name(row.userID)
        if let probe { take(probe, into: &row) }
        readExtras(&row, demand.sources(for: row.identity), hasProbe: probe != nil)
        if let same {
            row.rates = ProcessRates(from: same, to: row, ticksPerSecond: table.scale.ticksPerSecond) ?? same.rates
        }
        return row
    }

    /// A row that did nothing since the last time: its counters stand, its rates are nothing.
    private func unchanged(_ old: ProcessRow, _ probe: Probe, _ now: UInt64) -> ProcessRow {
        var row = old
        row.readNanoseconds = now
        take(probe, into: &row)
        row.rates = ProcessRates(from: old, to: row, ticksPerSecond: table.scale.ticksPerSecond) ?? old.rates
        return row
    }

    private func take(_ probe: Probe, into row: inout ProcessRow) {
        row.extras.switches = probe.switches
        row.extras.schedule = probe.schedule
        row.extras.delays = accountsDelays ? probe.delays : nil
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

    /// Threads of a process as rows, its own main thread included.
    mutating func appendThreads(
        of process: ProcessRow, old: ArraySlice<ProcessRow>, _ demand: TableDemand,
        _ rows: inout ContiguousArray<ProcessRow>,
        _ probes: inout ContiguousArray<Probe?>
    ) {
        guard reader.threads(of: process.pid, into: &threadIds) else { return }
        let ids = threadIds
        for tid in ids {
            guard case .value(let stat) = reader.stat(process.pid, thread: tid) else { continue }
            var row = ProcessRow(
                identity: ProcessIdentity(pid: tid, startTicks: stat.startTicks), threadGroup: process.pid)
            if tid == process.pid { continue }
            fill(&row, from: stat, KernelClock.monotonicNanoseconds())
            row.traits.insert(.thread)
            row.userID = process.userID
            row.threads = 1
            if demand.sources(for: row.identity).contains(.accounting) { readThreadAccounting(&row) }
            if let same = old.first(where: { $0.identity == row.identity }) {
                row.rates = ProcessRates(from: same, to: row, ticksPerSecond: table.scale.ticksPerSecond) ?? same.rates
            }
            rows.append(row)
            probes.append(nil)
        }
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
