internal import Cells
internal import Model
internal import PythonInspection

extension DashboardState {
    /// The selected process; for a thread, the one it belongs to.
    func process(in table: ProcessTable) -> ProcessRow? {
        guard let selection, let index = table.index(of: selection) else { return nil }
        let row = table.rows[index]
        guard row.isThread else { return row }
        return table.rows[..<index].last { $0.pid == row.threadGroup && !$0.isThread }
            ?? table.rows.first { $0.pid == row.threadGroup && !$0.isThread }
    }

    /// The thread that panels are about: drilled into, or a row of the table.
    func thread(in table: ProcessTable) -> Int32? {
        if let drilledThread { return drilledThread }
        guard let selection, let index = table.index(of: selection), table.rows[index].isThread else { return nil }
        return selection.pid
    }

    /// Narrows every panel to the selected process, or to a thread of it.
    mutating func drill(_ dashboard: Dashboard) {
        guard let process = process(in: dashboard.table), let selection else { return }
        if panel == .threads, let details = dashboard.details, details.identity == process.identity {
            drilledThread = threadCursor ?? details.threads.first?.tid
        } else if selection != process.identity {
            drilledThread = selection.pid
        }
        drilled = process.identity
        if panel == .processes { panel = .details }
        panelOffsets = panelOffsets.map { _ in 0 }
        reorder(dashboard.table)
    }

    /// The rows of what was drilled into, all rows otherwise.
    func narrowed(_ order: ProcessOrder, in table: ProcessTable) -> ProcessOrder {
        guard let drilled else { return order }
        func belongs(_ entry: ProcessOrder.Entry) -> Bool {
            let row = table.rows[Int(entry.row)]
            return row.isThread ? row.threadGroup == drilled.pid : row.identity == drilled
        }
        var kept = order
        kept.hiddenEnded = 0
        kept.entries = order.entries.filter(belongs)
        if kept.entries.isEmpty, table.index(of: drilled) != nil {
            // A filter, a fold or a user hides it from the list; who drilled into it wants to see it.
            let all = OrderRequest(column: sortColumn, descending: settings.sortsDescending)
            kept.entries = table.order(all).entries.filter(belongs)
        }
        let threads = kept.entries.filter { table.rows[Int($0.row)].pid == drilledThread }
        if !threads.isEmpty { kept.entries = threads }
        let depth = kept.entries.first?.depth ?? 0
        for place in kept.entries.indices { kept.entries[place].depth = max(0, kept.entries[place].depth - depth) }
        return kept
    }

    /// Moves the cursor of the Threads panel.
    ///
    /// - Returns: false where there is no list to move in.
    mutating func moveThread(by step: Int, _ dashboard: Dashboard) -> Bool {
        guard drilledThread == nil, dashboard.behindSeconds == nil, let details = dashboard.details,
            details.identity == process(in: dashboard.table)?.identity, !details.threads.isEmpty
        else { return false }
        let place = details.threads.firstIndex { $0.tid == threadCursor }
        let next = place.map { max(0, min(details.threads.count - 1, $0 + step)) }
        let wanted = next ?? (step > 1_000_000 ? details.threads.count - 1 : 0)
        threadCursor = details.threads[wanted].tid
        let room = max(1, (shown.layout?.threads.rows ?? 3) - 2)
        panelOffset = min(max(panelOffset, wanted - room + 1), wanted)
        return true
    }

    /// Where the view is: `host › 1201 gunicorn › thread 1205 pool-1`; nil when nothing was drilled into.
    func breadcrumb(_ dashboard: Dashboard) -> String? {
        guard let drilled else { return nil }
        var text = "host › \(drilled.pid)"
        if let index = dashboard.table.index(of: drilled) { text += " \(dashboard.table.rows[index].name.text)" }
        guard let drilledThread else { return text }
        var name = dashboard.details.flatMap { details in
            details.identity == drilled ? details.threads.first { $0.tid == drilledThread }?.name : nil
        }
        // Threads of Python have names that the kernel does not know.
        if case .snapshot(drilled, _, let snapshot) = dashboard.stacks {
            name = snapshot.threads.first { $0.tid == UInt64(clamping: drilledThread) }?.name ?? name
        }
        return text + " › thread \(drilledThread)" + (name.map { " " + $0 } ?? "")
    }
}
