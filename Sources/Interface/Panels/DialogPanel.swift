import Cells
import Model

/// The box over the screen, whichever is open.
struct DialogPanel {
    let dashboard: Dashboard
    let state: DashboardState

    private var theme: Theme { state.theme }

    func draw(into canvas: inout Canvas) {
        switch state.dialog {
        case .help(let offset): box("Keys — any other key closes", help, offset: offset, selected: nil, into: &canvas)
        case .environment(let offset):
            box(
                "Environment of \(state.selection.map { String($0.pid) } ?? "·")", environment, offset: offset,
                selected: nil, into: &canvas)
        case .signals(let menu): drawSignals(menu, into: &canvas)
        case .users(let selected):
            box(
                "User", DashboardState.users(in: dashboard.table).map(\.name), offset: 0, selected: selected,
                into: &canvas)
        case .columns(let selected):
            box(
                "Sort by", state.columns.map { "\($0.title)  \($0.summary)" }, offset: 0, selected: selected,
                into: &canvas)
        case .setup(let setup): drawSetup(setup, into: &canvas)
        case nil: break
        }
    }

    /// Generated from the live key map and the column table.
    private var help: [String] {
        var lines: [String] = []
        var group = ""
        for command in Command.allCases.sorted(by: { $0.group < $1.group }) {
            if command.group != group {
                group = command.group
                lines.append(contentsOf: lines.isEmpty ? [group] : ["", group])
            }
            let keys = state.keyMap.keys(of: command).joined(separator: " ")
            lines.append("  " + pad(keys.isEmpty ? ":" + command.rawValue : keys, 16) + command.summary)
        }
        lines += ["", "Columns on the screen"]
        for column in state.columns {
            lines.append(
                "  " + pad(column.title, 8) + column.summary + (column.unit.isEmpty ? "" : " (\(column.unit))")
                    + " — \(column.source)")
        }
        lines += [
            "",
            "Filter: cpu>20 and user=api and comm~gunicorn, state=D, majflt>0/s, python, port=8000; plain words match text",
        ]
        return lines
    }

    private var environment: [String] {
        guard let details = dashboard.details, details.identity == state.selection else { return ["reading …"] }
        guard let environment = details.environment else {
            return ["not readable: same user or CAP_SYS_PTRACE is needed"]
        }
        return environment.isEmpty ? ["(empty)"] : environment.sorted()
    }

    private func drawSignals(_ menu: SignalDialog, into canvas: inout Canvas) {
        var lines: [String] = []
        for target in menu.targets.prefix(4) { lines.append("→ \(target.identity.pid)  \(target.command)") }
        if menu.targets.count > 4 { lines.append("→ and \(menu.targets.count - 4) more") }
        lines.append("")
        let first = lines.count
        lines += SignalDialog.lines.map { "  " + $0.text }
        box(
            "Send a signal — Enter sends, Esc cancels", lines, offset: max(0, first + menu.selected - canvas.rows + 8),
            selected: first + menu.selected, into: &canvas)
    }

    private func drawSetup(_ setup: SetupDialog, into canvas: inout Canvas) {
        let lines = SetupDialog.lines.map { line -> String in
            let settings = setup.settings
            switch line {
            case .theme: return "  Theme          ‹ \(settings.theme.rawValue) ›"
            case .keys: return "  Keys           ‹ \(settings.keys.rawValue) ›"
            case .refresh: return "  Refresh        ‹ \(settings.refreshMilliseconds) ms ›"
            case .tree: return "  Start as tree  ‹ \(settings.tree ? "yes" : "no") ›"
            case .kernelThreads: return "  Kernel threads ‹ \(settings.hidesKernelThreads ? "hidden" : "shown") ›"
            case .mouse: return "  Mouse          ‹ \(settings.mouse ? "on" : "off") › (at the next start)"
            case .escapeDelay: return "  Esc delay      ‹ \(settings.escapeDelayMilliseconds) ms › (at the next start)"
            case .column(let index):
                let column = Column.all[index]
                let place = settings.columns.firstIndex(of: column.name).map { pad(String($0 + 1), 3) } ?? "   "
                return "  [\(place)] " + pad(column.title, 9) + column.summary
            }
        }
        box(
            "Settings — ←→ Space change, < > move a column, s saves, Esc leaves", lines,
            offset: max(0, setup.selected - canvas.rows + 9), selected: setup.selected, into: &canvas)
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - displayWidth(text)))
    }

    private func box(_ title: String, _ lines: [String], offset: Int, selected: Int?, into canvas: inout Canvas) {
        let height = min(canvas.rows, lines.count + 2)
        let width = min(
            canvas.columns, max(30, (lines.map { displayWidth($0) }.max() ?? 0) + 4, displayWidth(title) + 4))
        let area = Rect(
            row: (canvas.rows - height) / 2, column: (canvas.columns - width) / 2, rows: height, columns: width)
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
            canvas.put(
                visible(lines[start + line]), row: row, column: area.column + 1, limit: max(0, width - 2), style: style)
        }
    }
}
