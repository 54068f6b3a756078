import Cells
import Model

/// The tab line above the table and the two lines at the bottom.
struct StatusPanel {
    let dashboard: Dashboard
    let state: DashboardState

    private var theme: Theme { state.theme }

    private static func tab(_ panel: DashboardState.Panel, named: Bool) -> String {
        named ? " \(panel.rawValue + 1) \(panel.title) " : " \(panel.rawValue + 1) "
    }

    /// The panels' names from left to right; only the digits of those not in use where room is short.
    private func tabs(columns: Int) -> [String] {
        let panels = DashboardState.Panel.allCases
        let whole = panels.map { StatusPanel.tab($0, named: true) }
        let needed = (whole + modes.map(\.0)).reduce(displayWidth(liveText(room: 0))) { $0 + displayWidth($1) }
        return needed <= columns ? whole : panels.map { StatusPanel.tab($0, named: $0 == state.panel) }
    }

    /// The panel whose name stands in a cell of the line.
    func panel(at column: Int, columns: Int) -> DashboardState.Panel? {
        var end = 0
        return zip(DashboardState.Panel.allCases, tabs(columns: columns)).first { _, text in
            end += displayWidth(text)
            return column < end
        }?.0
    }

    /// What narrows the view or changes what keys act on.
    private var modes: [(String, Style)] {
        var modes: [(String, Style)] = []
        if let place = state.breadcrumb(dashboard) { modes.append((place, theme.accent)) }
        if !state.filterText.isEmpty, state.prompt != .filter { modes.append(("\\" + state.filterText, theme.warm)) }
        if let user = state.userID {
            modes.append(("user \(dashboard.table.userNames[user] ?? String(user))", theme.warm))
        }
        if state.tree, state.drilled == nil { modes.append(("tree", theme.accent)) }
        if state.showsThreads { modes.append(("threads", theme.accent)) }
        if state.follows, state.drilled == nil, let selection = state.selection {
            modes.append(("following \(selection.pid)", theme.accent))
        }
        if !state.tags.isEmpty { modes.append(("\(state.tags.count) tagged", theme.tagged)) }
        return modes.map { ("  " + visible($0.0), $0.1) }
    }

    func drawTabs(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0 else { return }
        let isLive = dashboard.behindSeconds == nil && !state.isFrozen
        if !isLive { canvas.fill(area, glyph: 32, style: theme.notLive) }
        var pen = Pen(area)
        for (panel, text) in zip(DashboardState.Panel.allCases, tabs(columns: area.columns)) {
            pen.write(text, panel == state.panel ? theme.sorted : isLive ? theme.dim : theme.notLive, &canvas)
        }
        let least = displayWidth(liveText(room: 0))
        for (text, style) in modes where pen.room > least + 3 {
            pen.write(clipped(text, to: pen.room - least), isLive ? style : theme.notLive, &canvas)
        }
        let live = liveText(room: pen.room)
        let width = displayWidth(live)
        guard width <= pen.room else { return }
        canvas.put(
            live, row: area.row, column: area.column + area.columns - width, limit: width,
            style: isLive ? theme.good : theme.notLive)
    }

    /// How far the view is from now, with what leads back where there is room for it.
    private func liveText(room: Int) -> String {
        let live = state.keyMap.keys(of: .live).first ?? ":live"
        if let behind = dashboard.behindSeconds {
            let short = " HISTORY −\(NumberText.ago(seconds: behind)) "
            let table = dashboard.table
            let moment = NumberText.moment(
                table.realtimeSeconds + table.scale.offsetSeconds,
                seenFrom: table.realtimeSeconds + table.scale.offsetSeconds)
            let long = short + " \(moment)  { back  } forward  \(live) live "
            let middle = short + " \(live) live "
            return displayWidth(long) <= room ? long : displayWidth(middle) <= room ? middle : short
        }
        if state.isFrozen { return " FROZEN  \(live) live " }
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
            " self \(padded(own.cpuPercent.map(NumberText.percent) ?? "·", 4))% CPU"
                + " \(padded(NumberText.bytes(Double(own.residentBytes)), 5))",
            theme.dim, &canvas)
        pen.write(
            " \(padded(own.terminalBytesPerSecond.map(NumberText.bytes) ?? "·", 5))/s tty · \(own.lost) lost",
            own.lost > 0 ? theme.warm : theme.dim, &canvas)
        let remark = dashboard.table.providerRemark.map { " (\($0))" } ?? ""
        pen.write(" · \(dashboard.table.provider)\(remark)", theme.dim, &canvas)
        let scan = NumberText.fixed(Double(dashboard.table.cost.cpuNanoseconds) / 1e6, 1)
        pen.write(" · scan \(padded(scan, 5)) ms", theme.dim, &canvas)
        if !dashboard.table.seesShortLived {
            pen.write(" · short-lived processes are missed (viv doctor)", theme.warm, &canvas)
        }
        let minutes = (dashboard.historySeconds / 60).rounded(.down)
        let history = " · history " + NumberText.span(seconds: minutes * 60)
        if pen.room >= displayWidth(history) { pen.write(history, theme.dim, &canvas) }
        for trouble in dashboard.troubles { pen.writeOutside(" · " + trouble, theme.warm, &canvas) }
        if state.isReadOnly { pen.write(" · readonly", theme.warm, &canvas) }
    }

    func drawKeys(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0 else { return }
        var pen = Pen(area)
        if let prompt = state.prompt {
            let name: String
            switch prompt {
            case .search: name = " find "
            case .filter: name = " filter "
            case .palette: name = " : "
            case .jump: name = " time HH:MM "
            case .flameSearch: name = " find a function "
            case .stackSearch: name = " find a frame or thread "
            case .functionFilter: name = " filter functions "
            }
            pen.write(name, theme.keyName, &canvas)
            pen.skip(1)
            let used = prompt == .filter ? state.filterPending?.used ?? state.promptText.count : state.promptText.count
            pen.write(visible(String(state.promptText.prefix(used))), theme.text, &canvas)
            pen.write(visible(String(state.promptText.dropFirst(used))), theme.pending, &canvas)
            pen.write("▏", theme.accent, &canvas)
            if prompt == .filter, let pending = state.filterPending, !pending.note.isEmpty {
                pen.writeOutside("  " + pending.note, theme.warm, &canvas)
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
