import Cells
import Model

/// The tab line above the table and the two lines at the bottom.
struct StatusPanel {
    let dashboard: Dashboard
    let state: DashboardState

    private var theme: Theme { state.theme }

    func drawTabs(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0 else { return }
        var pen = Pen(area)
        for panel in DashboardState.Panel.allCases {
            let isActive = panel == state.panel
            pen.write(" \(panel.rawValue + 1) \(panel.title) ", isActive ? theme.sorted : theme.dim, &canvas)
        }
        if state.drilled != nil {
            pen.write("  host › \(state.selection.map { String($0.pid) } ?? "·")", theme.accent, &canvas)
        }
        if !state.filterText.isEmpty { pen.write("  \\\(visible(state.filterText))", theme.warm, &canvas) }
        if let user = state.userID {
            pen.write("  user \(visible(dashboard.table.userNames[user] ?? String(user)))", theme.warm, &canvas)
        }
        if state.tree { pen.write("  tree", theme.accent, &canvas) }
        if state.showsThreads { pen.write("  threads", theme.accent, &canvas) }
        if state.follows { pen.write("  follow", theme.accent, &canvas) }
        if !state.tags.isEmpty { pen.write("  \(state.tags.count) tagged", theme.tagged, &canvas) }
        let live = liveText
        let width = displayWidth(live)
        guard width < area.columns else { return }
        canvas.put(
            live, row: area.row, column: area.column + area.columns - width, limit: width,
            style: dashboard.behindSeconds == nil && !state.isFrozen ? theme.good : theme.notLive)
    }

    private var liveText: String {
        if let behind = dashboard.behindSeconds {
            let whole = Int(behind)
            return " HISTORY −\(NumberText.two(whole / 60)):\(NumberText.two(whole % 60))  } forward  L live "
        }
        if state.isFrozen { return " FROZEN  Z thaws " }
        return " LIVE ● \(NumberText.fixed(Double(state.settings.refreshMilliseconds) / 1000, 1))s "
    }

    func drawStatus(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0 else { return }
        var pen = Pen(area)
        if let message = state.message {
            pen.writeOutside(" " + message, theme.warm, &canvas)
            return
        }
        let own = dashboard.own
        pen.write(
            " self \(padded(NumberText.percent(own.cpuPercent), 4))% CPU"
                + " \(padded(NumberText.bytes(Double(own.residentBytes)), 5))",
            theme.dim, &canvas)
        pen.write(
            " \(padded(NumberText.bytes(own.terminalBytesPerSecond), 5))/s tty · \(own.lost) lost",
            own.lost > 0 ? theme.warm : theme.dim, &canvas)
        pen.write(" · \(dashboard.table.provider)", theme.dim, &canvas)
        let scan = NumberText.fixed(Double(dashboard.table.cost.cpuNanoseconds) / 1e6, 1)
        pen.write(" · scan \(padded(scan, 5)) ms", theme.dim, &canvas)
        if !dashboard.table.seesShortLived {
            pen.write(" · short-lived processes are missed (viv doctor)", theme.warm, &canvas)
        }
        pen.write(" · history \(Int(dashboard.historySeconds / 60)) min", theme.dim, &canvas)
        for trouble in dashboard.troubles { pen.writeOutside(" · " + trouble, theme.warm, &canvas) }
        if state.isReadOnly { pen.write(" · readonly", theme.warm, &canvas) }
    }

    func drawKeys(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0 else { return }
        var pen = Pen(area)
        if let prompt = state.prompt {
            let name: String
            switch prompt {
            case .search: name = "find: "
            case .filter: name = "filter: "
            case .palette: name = ":"
            case .jump: name = "time HH:MM: "
            }
            pen.write(name, theme.keyName, &canvas)
            pen.write(visible(state.promptText), theme.text, &canvas)
            pen.write("▏", theme.accent, &canvas)
            if prompt == .filter, let error = state.filterError {
                pen.writeOutside("  " + error.text, theme.hot, &canvas)
            }
            if prompt == .palette {
                let names = DashboardState.matches(state.promptText).prefix(6).map(\.rawValue).joined(separator: "  ")
                pen.write("   " + names, theme.dim, &canvas)
            }
            return
        }
        for item in KeyBar.items(state, columns: area.columns) {
            pen.move(to: area.column + item.column)
            pen.write(item.key, theme.keyName, &canvas)
            pen.skip(1)
            pen.write(item.label, theme.keyText, &canvas)
        }
    }
}
