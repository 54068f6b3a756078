internal import Model

extension DashboardState {
    /// Commands that change which rows are shown and in which order.
    mutating func arrange(_ command: Command, _ dashboard: Dashboard) -> [Action] {
        switch command {
        case .tree: tree.toggle()
        case .collapse: if let selection { collapsed.insert(selection) }
        case .expand: if let selection { collapsed.remove(selection) }
        case .toggleAll: toggleAll(dashboard.table)
        case .threads: showsThreads.toggle()
        case .pythonColumns:
            showsPython.toggle()
            leftColumn = 0
            return []
        case .kernelThreads: settings.hidesKernelThreads.toggle()
        case .ended:
            settings.hidesEnded.toggle()
            message =
                settings.hidesEnded
                ? "processes that ended are hidden"
                : "processes that ended are shown for a moment, \(DashboardState.endedLimit) of them at most"
        case .sort:
            dialog = .columns(selected: columns.firstIndex { $0.name == sortColumn.name } ?? 0)
            return []
        case .invert: settings.sortsDescending.toggle()
        case .sortMemory: sort(by: "res")
        case .sortPid: sort(by: "pid")
        case .sortTime: sort(by: "time")
        default: sort(by: "cpu")
        }
        movedNanoseconds = nil
        reorder(dashboard.table)
        return []
    }

    /// Sorts by a column, in its natural direction; by the same one again, the other way round.
    mutating func sort(by name: String) {
        guard let column = Column.named(name) else { return }
        settings.sortsDescending =
            settings.sortColumn == column.name ? !settings.sortsDescending : column.sortsDescending
        settings.sortColumn = column.name
        tree = false
        // Who sorts by memory wants to see what has most of it.
        offset = 0
    }

    private mutating func toggleAll(_ table: ProcessTable) {
        if collapsed.isEmpty {
            for entry in order.entries where entry.hasChildren { collapsed.insert(table.rows[Int(entry.row)].identity) }
        } else {
            collapsed = []
        }
    }

    /// Commands on the selected process or the tagged ones.
    mutating func act(_ command: Command, _ dashboard: Dashboard) -> [Action] {
        let targets = self.targets(in: dashboard.table)
        switch command {
        case .follow:
            follows.toggle()
            reveals = follows
            if follows, let selection { message = "following \(selection.pid): any movement key ends it" }
        case .tag:
            if let selection, tags.remove(selection) == nil { tags.insert(selection) }
            follows = false
            select(cursor + 1, in: dashboard.table)
        case .tagSubtree:
            guard let selection, let index = dashboard.table.index(of: selection) else { return [] }
            tags.formUnion(dashboard.table.subtrees(of: [index]).map { dashboard.table.rows[$0].identity })
        case .untag: tags = []
        case .heapCensus:
            guard let process = process(in: dashboard.table) else { return [] }
            panel = .collector
            return [.countObjects(process.identity)]
        case .shares: return selection.map { [.readShares($0)] } ?? []
        default:
            guard !targets.isEmpty else {
                message = "no process is selected, or it has ended"
                return []
            }
            return open(command, on: targets, dashboard)
        }
        return []
    }

    /// The tagged processes, or the selected one, with what they are called now.
    func targets(in table: ProcessTable) -> [SignalDialog.Target] {
        let wanted = tags.isEmpty ? selection.map { [$0] } ?? [] : Array(tags)
        return wanted.compactMap { identity in
            guard var index = table.index(of: identity), !table.rows[index].hasEnded else { return nil }
            // Signals and pidfds are of processes: a thread stands for the one it belongs to.
            if table.rows[index].isThread {
                let process = table.rows[index].threadGroup
                guard let leader = table.process(process) else { return nil }
                index = leader
            }
            return SignalDialog.Target(
                identity: table.rows[index].identity, command: table.commandLine(of: table.rows[index]))
        }.sorted { $0.identity.pid < $1.identity.pid }
    }
}
