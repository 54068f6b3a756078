internal import Linux
public import Model
internal import ProcFS
public import Sampling
internal import TaskAccounting

/// Reads the process table: as little as the screen needs.
///
/// With CAP_NET_ADMIN one batch of taskstats tells which processes ran at all since the last time; only those are read.
/// Without it every `/proc/<pid>/stat` is read. Everything else is read for rows that somebody looks at.
public struct ProcessTableSampler: Sampler, ~Copyable, SendableMetatype {
    var reader: ProcReader
    var accounting: TaskAccounting?
    var users: UserNames
    var table: ProcessTable
    var pids: [Int32] = []
    var threadIds: [Int32] = []
    /// What taskstats said of each row of `table`, by the same index; nil where it said nothing.
    var probes: ContiguousArray<Probe?> = []
    var accounts: ContiguousArray<Probe?> = []
    var round: UInt64 = 0
    let events: ProcessEventLog?
    /// Whether taskstats accounts delays.
    let accountsDelays: Bool

    /// What tells that a process did something.
    struct Probe {
        var switches: SwitchCounters
        var schedule: ScheduleCounters
        var delays: DelayCounters
        var cpuMicroseconds: UInt64

        init(_ account: TaskAccount) {
            switches = SwitchCounters(voluntary: account.voluntarySwitches, involuntary: account.involuntarySwitches)
            schedule = ScheduleCounters(
                runNanoseconds: account.cpuRunRealNanoseconds, waitNanoseconds: account.cpuDelay.nanoseconds)
            delays = DelayCounters(
                blockIONanoseconds: account.blockIODelay?.nanoseconds ?? 0,
                swapInNanoseconds: account.swapInDelay?.nanoseconds ?? 0)
            cpuMicroseconds = account.userMicroseconds &+ account.systemMicroseconds
        }

        func sameActivity(as other: Probe) -> Bool {
            switches == other.switches && cpuMicroseconds == other.cpuMicroseconds
        }
    }

    /// How long an ended row stays. Unit: nanoseconds.
    static let mourningNanoseconds: UInt64 = 3_000_000_000
    /// Every row is read at least once in this many rounds, whatever taskstats says: memory can be taken from a sleeper.
    static let fullRounds: UInt64 = 8

    /// A sampler of the running host.
    ///
    /// - Parameter events: births and deaths, where the process connector could be opened.
    /// - Throws: what open(2) says of `root`.
    public init(root: String = "/proc", events: ProcessEventLog?) throws {
        reader = try ProcReader(root: root)
        accounting = root == "/proc" ? try? TaskAccounting() : nil
        accountsDelays = TaskAccounting.delayAccountingEnabled ?? false
        users = UserNames()
        self.events = events
        let stat = reader.hostStat().value
        table = ProcessTable(
            scale: HostScale(
                ticksPerSecond: Double(KernelClock.ticksPerSecond), pageBytes: Machine.pageSize,
                memoryBytes: reader.meminfo().value?.totalBytes ?? 0, processors: Machine.onlineCPUs(),
                bootSeconds: Double(stat?.bootTime ?? 0), offsetSeconds: LocalTime.offsetSeconds()))
        table.provider = accounting == nil ? "/proc" : "taskstats"
        table.seesShortLived = events != nil
    }

    /// The host's facts behind every row.
    public var scale: HostScale { table.scale }

    /// Reads the table once.
    public mutating func sample(_ demand: TableDemand) throws -> ProcessTable {
        let cpuBefore = KernelClock.threadCPUNanoseconds()
        let filesBefore = reader.filesRead
        round += 1
        if users.refresh() { table.userNames = [:] }
        try reader.processes(into: &pids)
        pids.sort()
        probe()
        let exits = events?.take() ?? ProcessEventLog.Batch()
        merge(demand, exits)
        addShortLived(exits)
        readTexts(demand)
        findPorts(demand)
        table.nanoseconds = KernelClock.monotonicNanoseconds()
        table.realtimeSeconds = KernelClock.realtimeSeconds()
        var cost = SamplingCost()
        cost.cpuNanoseconds = KernelClock.threadCPUNanoseconds() - cpuBefore
        cost.filesRead = Int(reader.filesRead - filesBefore)
        cost.lost = exits.lost
        table.cost = cost
        return table
    }

    /// Asks taskstats about every process, 64 to a message.
    mutating func probe() {
        accounts.removeAll(keepingCapacity: true)
        accounts.reserveCapacity(pids.count)
        for _ in pids { accounts.append(nil) }
        guard var channel = accounting.take() else { return }
        var answers = accounts
        accounts = []
        do {
            try channel.processes(pids.span) { index, account in
                answers[index] = account.map { Probe($0) }
            }
            accounting = consume channel
        } catch {
            // The socket broke: from now on every file is read, and the status line says so.
            table.provider = "/proc"
        }
        accounts = answers
    }

    /// Walks the old rows and the new pids side by side.
    private mutating func merge(_ demand: TableDemand, _ exits: ProcessEventLog.Batch) {
        let old = table.rows
        let oldProbes = probes
        var rows = ContiguousArray<ProcessRow>()
        var newProbes = ContiguousArray<Probe?>()
        rows.reserveCapacity(old.count + 64)
        newProbes.reserveCapacity(old.count + 64)
        var before = 0
        for (place, pid) in pids.enumerated() {
            while before < old.count, old[before].threadGroup < pid {
                keepEnded(old[before], exits, &rows, &newProbes)
                before += 1
            }
            var previous: Int?
            var firstThread = before
            while before < old.count, old[before].threadGroup == pid {
                if !old[before].isThread, !old[before].hasEnded { previous = before }
                if old[before].hasEnded { keepEnded(old[before], exits, &rows, &newProbes) }
                before += 1
            }
            firstThread = min(firstThread, before)
            guard
                let row = read(
                    pid, old: previous.map { old[$0] }, oldProbe: previous.flatMap { oldProbes[$0] }, accounts[place],
                    demand, exits)
            else {
                if let previous { keepEnded(old[previous], exits, &rows, &newProbes) }
                continue
            }
            if let previous, old[previous].identity != row.identity {
                keepEnded(old[previous], exits, &rows, &newProbes)
            }
            rows.append(row)
            newProbes.append(accounts[place])
            if demand.showsThreads, row.threads > 1 {
                appendThreads(of: row, old: old[firstThread..<before], demand, &rows, &newProbes)
            }
        }
        while before < old.count {
            keepEnded(old[before], exits, &rows, &newProbes)
            before += 1
        }
        table.rows = rows
        probes = newProbes
    }

    /// Keeps a row that is gone for as long as it is to be seen.
    private func keepEnded(
        _ row: ProcessRow, _ exits: ProcessEventLog.Batch, _ rows: inout ContiguousArray<ProcessRow>,
        _ probes: inout ContiguousArray<Probe?>
    ) {
        guard !row.isThread else { return }
        let now = KernelClock.monotonicNanoseconds()
        var ended = row
        if ended.ending == nil {
            let exit = exits.exits[row.pid]
            let started = Double(row.identity.startTicks) / table.scale.ticksPerSecond * 1e9
            ended.ending = ProcessEnding(
                code: exit?.code, signal: exit?.signal, nanoseconds: now,
                lifetimeNanoseconds: UInt64(max(0, Double(KernelClock.bootNanoseconds()) - started)))
            ended.rates = nil
        }
        guard let ending = ended.ending, now < ending.nanoseconds + ProcessTableSampler.mourningNanoseconds else {
            return
        }
        rows.append(ended)
        probes.append(nil)
    }
}
