internal import Cells
internal import Model

/// What stood where on the screen when it was last drawn.
struct Shown: Sendable {
    /// Panels; nil before the first drawing.
    var layout: ScreenLayout?
    /// The open box, and the first of its lines that was in view.
    var dialog: (area: Rect, first: Int)?
    /// The last click, and when it was, on the caller's clock: a second one soon after it is a double click.
    var click: (event: MouseEvent, nanoseconds: UInt64)?
}

extension Rect {
    func contains(_ event: MouseEvent) -> Bool {
        (row..<row + max(0, rows)).contains(event.row) && (column..<column + max(0, columns)).contains(event.column)
    }
}

extension DashboardState {
    /// Answers a click or the wheel: both go to what is under the pointer.
    mutating func handleMouse(_ event: MouseEvent, _ dashboard: Dashboard, rows: Int, now nanoseconds: UInt64)
        -> [Action]
    {
        var event = event
        if event.kind == .press {
            if let last = shown.click, last.event == event, nanoseconds < last.nanoseconds + 400_000_000 {
                shown.click = nil
                event.kind = .doublePress
            } else {
                shown.click = (event, nanoseconds)
            }
        }
        if dialog != nil { return handleDialogMouse(event, dashboard) }
        guard let layout = shown.layout else { return [] }
        switch event.kind {
        case .wheelUp, .wheelDown:
            turn(by: event.kind == .wheelUp ? -3 : 3, at: event, layout)
        case .press, .doublePress:
            if layout.keys.contains(event), prompt == nil {
                let items = KeyBar.items(self, columns: layout.keys.columns)
                let hit = items.first { ($0.column..<$0.column + $0.width).contains(event.column) }
                return hit?.command.map { perform($0, dashboard, rows: rows, now: nanoseconds) } ?? []
            }
            if layout.tabs.contains(event),
                let named = StatusPanel(dashboard: dashboard, state: self)
                    .panel(at: event.column, columns: layout.tabs.columns)
            {
                panel = named
            } else if layout.table.contains(event) {
                return clickTable(event, dashboard, layout.table, now: nanoseconds)
            } else if let hit = panel(at: event, layout) {
                panel = hit
                if hit == .threads { clickThread(event, dashboard, layout.threads) }
                if hit == .stacks { clickStacks(event, dashboard) }
                if hit == .flame { clickFlame(event, dashboard) }
                if hit == .functions { clickFunction(event, dashboard) }
            }
        }
        return []
    }

    private func panel(at event: MouseEvent, _ layout: ScreenLayout) -> Panel? {
        [
            (layout.details, Panel.details), (layout.threads, .threads), (layout.stacks, .stacks),
            (layout.flame, .flame), (layout.functions, .functions), (layout.tasks, .tasks),
            (layout.collector, .collector),
        ]
        .first { $0.0.contains(event) }?.1
    }

    /// The wheel moves what is seen, not what is selected.
    private mutating func turn(by lines: Int, at event: MouseEvent, _ layout: ScreenLayout) {
        if layout.table.contains(event) {
            follows = false
            offset = max(0, min(offset + lines, order.entries.count - layout.tableRows))
        } else if let hit = panel(at: event, layout) {
            panelOffsets[hit.rawValue] = max(0, panelOffsets[hit.rawValue] + lines)
        }
    }

    private mutating func clickTable(_ event: MouseEvent, _ dashboard: Dashboard, _ area: Rect, now nanoseconds: UInt64)
        -> [Action]
    {
        panel = .processes
        if event.row == area.row {
            guard let column = ProcessPanel(dashboard: dashboard, state: self).column(at: event.column, area) else {
                return []
            }
            sort(by: column.name)
            movedNanoseconds = nil
            reorder(dashboard.table)
            return []
        }
        let place = offset + event.row - area.row - 1
        guard event.row < area.row + area.rows - 1, order.entries.indices.contains(place) else { return [] }
        if place != cursor { follows = false }
        select(place, in: dashboard.table)
        movedNanoseconds = nanoseconds
        if event.kind == .doublePress { drill(dashboard) }
        return []
    }

    private mutating func clickThread(_ event: MouseEvent, _ dashboard: Dashboard, _ area: Rect) {
        let place = panelOffset + event.row - area.row - 2
        guard let threads = dashboard.details?.threads, event.row > area.row + 1, threads.indices.contains(place),
            drilledThread == nil
        else { return }
        threadCursor = threads[place].tid
        if event.kind == .doublePress { drill(dashboard) }
    }

    private mutating func handleDialogMouse(_ event: MouseEvent, _ dashboard: Dashboard) -> [Action] {
        switch event.kind {
        case .wheelUp: return handleDialog(.up, dashboard)
        case .wheelDown: return handleDialog(.down, dashboard)
        case .press, .doublePress:
            guard let box = shown.dialog, box.area.contains(event) else { return [] }
            let inside = event.row > box.area.row && event.row < box.area.row + box.area.rows - 1
            guard inside, selectLine(box.first + event.row - box.area.row - 1, dashboard) else { return [] }
            // A click chooses; what it chooses is done by Enter or by a second click.
            return event.kind == .doublePress ? handleDialog(.enter, dashboard) : []
        }
    }
}
