internal import BpfPrograms
internal import Linux
internal import Model
internal import ProcFS

extension ProcessTableSampler {
    /// Reads all tasks, where the kernel lets viv and more than one process is wanted.
    mutating func readTasks(_ demand: TableDemand) {
        hasTasks = false
        guard demand.only == nil, tasks != nil else { return }
        do throws(BpfError) {
            try tasks?.read()
            hasTasks = true
        } catch {
            giveUpTasks("no BPF any more: \(error.brief)")
        }
    }

    /// Has the kernel walk its tasks in the first reading already, where the files of as many take longer.
    mutating func adoptTasksEarly() {
        guard usesTasks, round == 1, pids.count > ProcessTableSampler.manyProcesses else { return }
        loadTasks()
        hasTasks = tasks != nil
        if hasTasks { takePids(listed: pids) }
    }

    /// Has the kernel walk its tasks from the next reading on, where that was asked for and there is a screen already.
    mutating func adoptTasks(_ demand: TableDemand) {
        guard usesTasks, tasks == nil, table.providerRemark == nil, round > 1, demand.only == nil else { return }
        loadTasks()
        guard tasks != nil else { return }
        // taskstats counts otherwise, and the files have less: what follows is compared with what the tasks say now.
        let now = KernelClock.monotonicNanoseconds()
        hasTasks = true
        for index in table.rows.indices where !table.rows[index].hasEnded {
            table.rows[index].extras.switches = nil
            table.rows[index].extras.schedule = nil
            guard !table.rows[index].isThread, let number = tasks?.number(of: table.rows[index].pid),
                let stat = tasks?.stat(number), let totals = tasks?.totals(number),
                stat.startTicks == table.rows[index].identity.startTicks
            else { continue }
            var row = table.rows[index]
            if !stat.isKernelThread { fill(&row, from: stat, now) }
            take(Probe(totals), into: &row)
            table.rows[index] = row
        }
    }

    private mutating func loadTasks() {
        do throws(BpfError) {
            guard case .value(let stat) = reader.stat(Machine.ownPid()) else { return }
            var loaded = try TaskTable()
            try loaded.read()
            // Structures that are not what they are taken for, and a time namespace of viv's own, show in the own entry.
            guard let own = loaded.number(of: stat.pid), case let told = loaded.stat(own),
                told.startTicks == stat.startTicks, told.parent == stat.parent, told.command == stat.command,
                told.processGroup == stat.processGroup, told.session == stat.session
            else { return giveUpTasks("no BPF: it does not tell of viv what /proc tells") }
            tasks = consume loaded
            table.provider = "BPF"
            // libbpf had all of the kernel's types for a moment.
            Heap.giveBack()
        } catch {
            giveUpTasks("no BPF: \(error.brief)")
        }
    }

    private mutating func giveUpTasks(_ reason: String) {
        tasks = nil
        table.providerRemark = reason
        table.provider = accounting == nil ? "/proc" : "taskstats"
    }

    /// Takes the pids over, and those of processes that the walk does not come by: some hosts keep their own from BPF.
    mutating func listTasks() throws {
        if round % 8 == 0 || strangers == nil {
            try reader.processes(into: &pids)
            takePids(listed: pids)
        } else {
            takePids(listed: strangers ?? [])
        }
    }

    /// - Parameter listed: pids of which those are strangers that the walk does not come by.
    private mutating func takePids(listed: [Int32]) {
        let missed = listed.filter { tasks?.number(of: $0) == nil }
        strangers = missed
        pids = tasks?.pids ?? []
        guard !missed.isEmpty else { return }
        pids += missed
        pids.sort()
    }

    /// What tells of each of them that it did something.
    mutating func probeTasks() {
        for place in pids.indices {
            guard let number = tasks?.number(of: pids[place]), let totals = tasks?.totals(number) else { continue }
            accounts[place] = Probe(totals)
        }
    }

    /// A process as the walk found it, and its user; nil where it is read from its files.
    ///
    /// The kernel's own threads have names that their `task_struct` has not.
    func walked(_ pid: Int32) -> (stat: ProcessStat, userID: UInt32)? {
        guard hasTasks, let number = tasks?.number(of: pid), let stat = tasks?.stat(number), !stat.isKernelThread,
            let userID = tasks?.userID(number)
        else { return nil }
        return (stat, userID)
    }

    /// Threads of a process as the walk found them, the main one left out; nil where they are read from their files.
    func walkedThreads(of pid: Int32) -> [(stat: ProcessStat, totals: TaskTotals)]? {
        guard hasTasks, let number = tasks?.number(of: pid) else { return nil }
        return tasks?.threads(number)
    }
}
