import Cells
import Model

/// The box over the screen, whichever is open.
struct DialogPanel {
    let dashboard: Dashboard
    let state: DashboardState

    private var theme: Theme { state.theme }

    /// Draws the open box, if there is one.
    ///
    /// - Returns: where it stands, and the first of its lines in view.
    func draw(into canvas: inout Canvas) -> (area: Rect, first: Int)? {
        switch state.dialog {
        case .help(let read):
            let lines = HelpDialog.lines(state.keyMap, state.columns, matching: read.query)
            let title = read.isSearching || !read.query.isEmpty ? "Help  /\(visible(read.query))" : "Help"
            return box(
                title + (read.isSearching ? "▏" : ""), lines, offset: read.offset, selected: nil, into: &canvas)
        case .environment(let offset):
            return box(
                "Environment of \(state.process(in: dashboard.table).map { String($0.pid) } ?? "·")", environment,
                offset: offset, selected: nil, into: &canvas)
        case .signals(let menu): return drawSignals(menu, into: &canvas)
        case .renice(let edited):
            let lines =
                DialogPanel.targetLines(edited.targets, dashboard)
                + ["  nice  ‹ \(padded(String(edited.value), 3)) ›   -20 runs first, 19 last; a lower one needs root"]
            return box("Set the nice value", lines, offset: 0, selected: lines.count - 1, into: &canvas)
        case .confirm(let asked):
            let head = DialogPanel.targetLines(asked.targets, dashboard)
            let lines = head + ["  Cancel", "  \(asked.question): \(asked.targets.count) processes"]
            return box(
                asked.question + "?", lines, offset: 0, selected: head.count + (asked.agrees ? 1 : 0), into: &canvas)
        case .users(let selected):
            return box(
                "Show the processes of", DashboardState.users(in: dashboard.table).map { "  " + $0.name }, offset: 0,
                selected: selected, into: &canvas)
        case .columns(let selected):
            return box(
                "Sort by", state.columns.map { "  " + pad($0.title, 9) + $0.summary }, offset: 0, selected: selected,
                into: &canvas)
        case .setup(let setup): return drawSetup(setup, into: &canvas)
        case nil: return nil
        }
    }

    /// What a dialog acts on, frozen when it opened, and a blank line.
    static func targetLines(_ targets: [SignalDialog.Target], _ dashboard: Dashboard) -> [String] {
        let table = dashboard.table
        var lines = targets.prefix(4).map { target in
            let started =
                table.scale.bootSeconds + Double(target.identity.startTicks) / table.scale.ticksPerSecond
                + table.scale.offsetSeconds
            let moment = NumberText.moment(started, seenFrom: table.realtimeSeconds + table.scale.offsetSeconds)
            let hasEnded = table.index(of: target.identity).map { table.rows[$0].hasEnded } ?? true
            return "\(hasEnded ? "✝ has ended: " : "→ ")\(target.identity.pid)  since \(moment)  \(target.command)"
        }
        if targets.count > 4 { lines.append("→ and \(targets.count - 4) more") }
        if let behind = dashboard.behindSeconds {
            lines.append(
                "The view is \(NumberText.span(seconds: behind)) old. This goes to the same process now, if it still runs."
            )
        }
        return lines + [""]
    }

    private var environment: [String] {
        guard let details = dashboard.details, details.identity == state.process(in: dashboard.table)?.identity else {
            return ["reading …"]
        }
        guard let environment = details.environment else {
            return ["not readable: same user or CAP_SYS_PTRACE is needed"]
        }
        return environment.isEmpty ? ["(empty)"] : environment.sorted()
    }

    private func drawSignals(_ menu: SignalDialog, into canvas: inout Canvas) -> (area: Rect, first: Int) {
        let head = DialogPanel.targetLines(menu.targets, dashboard)
        let title = "Send a signal" + (menu.typed.isEmpty ? "" : "  \(menu.typed)▏")
        return box(
            title, head + SignalDialog.lines.map { "  " + $0.text }, offset: 0, selected: head.count + menu.selected,
            into: &canvas)
    }

    private func drawSetup(_ setup: SetupDialog, into canvas: inout Canvas) -> (area: Rect, first: Int) {
        let lines = setup.lines.map { line -> String in
            let settings = setup.settings
            switch line {
            case .theme: return "  Theme          ‹ \(settings.theme.rawValue) ›"
            case .keys: return "  Keys           ‹ \(settings.keys.rawValue) ›"
            case .refresh: return "  Refresh        ‹ \(settings.refreshMilliseconds) ms ›"
            case .sort: return "  Sort by        ‹ \(Column.named(settings.sortColumn)?.title ?? settings.sortColumn) ›"
            case .direction: return "  Order          ‹ \(settings.sortsDescending ? "largest" : "smallest") first ›"
            case .tree: return "  Start as tree  ‹ \(settings.tree ? "yes" : "no") ›"
            case .kernelThreads: return "  Kernel threads ‹ \(settings.hidesKernelThreads ? "hidden" : "shown") ›"
            case .ended: return "  Ended          ‹ \(settings.hidesEnded ? "hidden" : "shown") ›"
            case .mouse: return "  Mouse          ‹ \(settings.mouse ? "on" : "off") › (at the next start)"
            case .escapeDelay: return "  Esc delay      ‹ \(settings.escapeDelayMilliseconds) ms › (at the next start)"
            case .column(let index):
                let column = Column.all[index]
                let place = settings.columns.firstIndex(of: column.name).map { padded(String($0 + 1), 2) } ?? "  "
                return "  [\(place)] " + pad(column.title, 9) + column.summary
            }
        }
        // A theme is judged by the table, of which some stays in view.
        return box(
            "Settings", lines, offset: 0, selected: setup.selected, keeping: canvas.rows < 20 ? 0 : 7, into: &canvas)
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - displayWidth(text)))
    }

    /// A box in the middle of the screen, but for its last line, which tells the keys of the box, and for the lines at
    /// the top that are to be kept.
    private func box(
        _ title: String, _ lines: [String], offset: Int, selected: Int?, keeping top: Int = 0,
        into canvas: inout Canvas
    ) -> (area: Rect, first: Int) {
        let bottom = canvas.rows > 5 ? canvas.rows - 1 : canvas.rows
        let height = min(bottom - top, lines.count + 2)
        let width = min(
            canvas.columns, max(30, (lines.map { displayWidth($0) }.max() ?? 0) + 4, displayWidth(title) + 4))
        let area = Rect(
            row: top + (bottom - top - height) / 2, column: (canvas.columns - width) / 2,
            rows: height, columns: width)
        canvas.fill(area, glyph: 32, style: theme.dialog)
        let edge = String(repeating: "─", count: max(0, width - 2))
        canvas.put("┌" + edge + "┐", row: area.row, column: area.column, limit: width, style: theme.dialog)
        canvas.put("└" + edge + "┘", row: area.row + height - 1, column: area.column, limit: width, style: theme.dialog)
        canvas.put(
            " " + title + " ", row: area.row, column: area.column + 1, limit: max(0, width - 2), style: theme.title)
        let room = max(0, height - 2)
        var start = min(max(0, offset), max(0, lines.count - room))
        if let selected, room > 0 { start = min(max(start, selected - room + 1), max(0, selected)) }
        for line in 0..<room where start + line < lines.count {
            let row = area.row + 1 + line
            let style = selected == start + line ? theme.selected : theme.dialog
            canvas.put("│", row: row, column: area.column, limit: 1, style: theme.dialog)
            canvas.put("│", row: row, column: area.column + width - 1, limit: 1, style: theme.dialog)
            var text = clipped(visible(lines[start + line]), to: max(0, width - 2))
            if selected == start + line, text.first == " " { text = "▸" + text.dropFirst() }
            let shown =
                selected == start + line
                ? text + String(repeating: " ", count: max(0, width - 2 - displayWidth(text))) : text
            canvas.put(shown, row: row, column: area.column + 1, limit: max(0, width - 2), style: style)
        }
        if room < lines.count {
            let extent = " \(start + 1)-\(start + room) of \(lines.count) "
            let place = area.column + width - 1 - displayWidth(extent)
            canvas.put(
                extent, row: area.row + height - 1, column: place, limit: displayWidth(extent), style: theme.dialog)
        }
        return (area, start)
    }
}
