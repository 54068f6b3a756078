internal import BpfPrograms
internal import Linux
public import Model
internal import ProcFS
public import Sampling
internal import TaskAccounting

/// Reads the process table: as little as the screen needs.
///
/// With CAP_BPF one reading of a BPF task iterator has all processes and threads (``TaskTable``). Else, with CAP_NET_ADMIN, one batch of taskstats tells which processes ran at all since the last time; only those are read.
/// Without it every `/proc/<pid>/stat` is read. Everything else is read for rows that somebody looks at.
public struct ProcessTableSampler: Sampler, ~Copyable, SendableMetatype {
    var reader: ProcReader
    var accounting: TaskAccounting?
    /// Absent: before it was asked for, and where the kernel does not let viv load it.
    var tasks: TaskTable?
    /// Whether it was read this time.
    var hasTasks = false
    var users: UserNames
    var table: ProcessTable
    var pids: [Int32] = []
    var threadIds: [Int32] = []
    /// What taskstats says of each of `pids`; nil where it says nothing.
    var accounts: ContiguousArray<Probe?> = []
    /// Whom taskstats is asked about, and their places in `pids`.
    private var asked: [Int32] = []
    private var places: [Int] = []
    /// Files of rows that are read every time.
    var statFiles = StatDescriptors(limit: 256)
    var round: UInt64 = 0
    /// Short-lived processes that found no room in a table.
    var unshown: UInt64 = 0
    let events: ProcessEventLog?
    /// How those ended that still have a row.
    var exits: [Int32: ProcessEventLog.Exit] = [:]
    let usesTasks: Bool
    /// Processes that are in /proc and not among the tasks; nil before they were looked for.
    var strangers: [Int32]?
    /// Whether taskstats accounts delays.
    let accountsDelays: Bool

    /// What tells that a process did something.
    struct Probe {
        var switches: SwitchCounters
        var schedule: ScheduleCounters
        var delays: DelayCounters?
        /// Whether it does something that is not counted yet. False where that is not known.
        var isRunning = false

        init(_ totals: TaskTotals) {
            switches = SwitchCounters(voluntary: totals.voluntary, involuntary: totals.involuntary)
            schedule = ScheduleCounters(
                runNanoseconds: totals.runNanoseconds, waitNanoseconds: totals.delayNanoseconds,
                coversEndedThreads: true)
            isRunning = totals.isRunning
        }

        init(_ account: TaskAccount) {
            switches = SwitchCounters(voluntary: account.voluntarySwitches, involuntary: account.involuntarySwitches)
            schedule = ScheduleCounters(
                runNanoseconds: account.cpuRunVirtualNanoseconds, waitNanoseconds: account.cpuDelay.nanoseconds,
                coversEndedThreads: true)
            delays = DelayCounters(
                blockIONanoseconds: account.blockIODelay?.nanoseconds ?? 0,
                swapInNanoseconds: account.swapInDelay?.nanoseconds ?? 0)
        }

        /// Whether the process did nothing since its row was read: no thread left a processor or used one.
        ///
        /// - Parameter extras: of that reading.
        func isQuiet(since extras: ProcessExtras) -> Bool {
            !isRunning && extras.switches == switches && extras.schedule?.runNanoseconds == schedule.runNanoseconds
        }
    }

    /// How long an ended row stays. Unit: nanoseconds.
    static let mourningNanoseconds: UInt64 = 3_000_000_000
    /// A row is read at least once in so many rounds though its process did nothing: others can take its memory, change
    /// its nice value or its parent.
    static let quietRounds: (visible: UInt64, hidden: UInt64) = (4, 32)
    /// A process that did nothing in so many questions is a long sleeper: it is asked about every other time.
    static let sleeperReadings: UInt8 = 8
    /// Without taskstats a row that is not on the screen and did nothing when it was read last is read once in so many rounds.
    static let restRounds: UInt64 = 3
    /// So many processes take longer to read, one by one, than the program takes to load that reads them all.
    static let manyProcesses = 4_000

    /// A sampler of the running host.
    ///
    /// - Parameters:
    ///   - events: births and deaths, where the process connector could be opened.
    ///   - usesTasks: whether to have the kernel walk its tasks from the second reading on, where it lets viv: loading the program takes longer
    ///     than a reading of the files, unless there are thousands.
    /// - Throws: what open(2) says of `root`.
    public init(root: String = "/proc", events: ProcessEventLog?, usesTasks: Bool = false) throws {
        self.usesTasks = usesTasks
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
        readTasks(demand)
        let batch = events?.take { table.process($0) != nil } ?? ProcessEventLog.Batch()
        try list(batch, only: demand.only)
        let oldThreads = align(batch)
        probe(demand)
        let quiet = refresh(demand, batch)
        rememberExits(batch)
        if demand.showsThreads { addThreads(old: oldThreads, quiet, demand) }
        addShortLived(batch)
        forgetTexts()
        findPorts(demand)
        adoptTasks(demand)
        table.nanoseconds = KernelClock.monotonicNanoseconds()
        table.realtimeSeconds = KernelClock.realtimeSeconds()
        var cost = SamplingCost()
        cost.cpuNanoseconds = KernelClock.threadCPUNanoseconds() - cpuBefore
        cost.filesRead = Int(reader.filesRead - filesBefore)
        cost.lost = batch.lost + unshown
        unshown = 0
        table.cost = cost
        return table
    }

    /// Lists the processes, unless nobody was born and nobody ended since they were listed.
    ///
    /// A zombie goes without an event, but taskstats misses it. What the connector had to drop is listed, and now and then
    /// everything.
    private mutating func list(_ batch: ProcessEventLog.Batch, only: Int32?) throws {
        if let only {
            pids = [only]
            return
        }
        guard !hasTasks else { return try listTasks() }
        let hasEnded = table.rows.indices.contains { table.rows[$0].hasEnded }
        let hasNews = batch.isEventful || batch.lost > 0 || hasEnded
        let isKnown = events != nil && accounting != nil && !hasNews && round % 8 != 0
        guard !isKnown || pids.isEmpty else { return }
        try reader.processes(into: &pids)
        pids.sort()
        adoptTasksEarly()
    }

    /// Asks taskstats about the processes, 64 to a message; about a long sleeper that nobody looks at every other time.
    ///
    /// - Parameter demand: what is looked at; nil asks about all.
    mutating func probe(_ demand: TableDemand?) {
        accounts.removeAll(keepingCapacity: true)
        asked.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        for _ in pids { accounts.append(nil) }
        if hasTasks { probeTasks() }
        guard !hasTasks || accountsDelays else { return }
        guard var channel = accounting.take() else { return }
        choose(demand)
        var answers = accounts
        accounts = []
        let places = self.places
        do {
            try channel.processes(asked.span) { index, account in
                let told = account.map { Probe($0) }
                if hasTasks { answers[places[index]]?.delays = told?.delays } else { answers[places[index]] = told }
            }
            accounting = consume channel
        } catch {
            // The socket broke: from now on every file is read, and the status line says so.
            if !hasTasks { table.provider = "/proc" }
        }
        accounts = answers
    }

    /// Chooses whom to ask about; where there is a demand, rows must be in line with the pids.
    private mutating func choose(_ demand: TableDemand?) {
        guard let demand else {
            asked += pids
            places += pids.indices
            return
        }
        var place = 0
        for index in table.rows.indices where !table.rows[index].hasEnded {
            if hasTasks ? demand.isVisible(table.rows[index].identity) : !isLeftAsleep(index, demand) {
                asked.append(pids[place])
                places.append(place)
            }
            place += 1
        }
    }

    /// Whether a row is left as it is without a question: it did nothing for long and is not on the screen.
    ///
    /// - Parameter index: of the row: it would be copied, for each of thousands, were it passed itself.
    func isLeftAsleep(_ index: Int, _ demand: TableDemand) -> Bool {
        guard table.rows[index].quietReadings >= ProcessTableSampler.sleeperReadings else { return false }
        let identity = table.rows[index].identity
        return (round &+ UInt64(UInt32(bitPattern: identity.pid))) % 2 == 0 && !demand.isVisible(identity)
            && !demand.acted.contains(identity) && demand.tableSources.isSubset(of: table.rows[index].extras.read)
    }
}
