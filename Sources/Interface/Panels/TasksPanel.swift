import Cells
import Model
import PythonInspection

/// Asyncio tasks and greenlets of the selected process.
struct TasksPanel {
    let dashboard: Dashboard
    let state: DashboardState

    /// Draws what fits from the first line in view on.
    ///
    /// - Returns: how many lines there are.
    func draw(into canvas: inout Canvas, _ area: Rect) -> Int {
        guard area.rows > 0 else { return 0 }
        let theme = state.theme
        guard let snapshot = value else {
            return write(
                RuntimeNote.missing(dashboard.tasks, dashboard, state), wrappedInto: area, theme.dim, &canvas)
        }
        let lines = TaskLines.lines(
            of: snapshot, thread: state.thread(in: dashboard.table).map { UInt64(clamping: $0) })
        guard !lines.isEmpty else {
            var pen = Pen(area)
            pen.write("no asyncio tasks and no greenlets", theme.dim, &canvas)
            return 1
        }
        let offset = min(
            state.panelOffsets[DashboardState.Panel.tasks.rawValue], max(0, lines.count - area.rows))
        for (place, line) in lines.dropFirst(offset).prefix(area.rows).enumerated() {
            var pen = Pen(area, line: place)
            pen.write(line.branch, theme.dim, &canvas)
            let style = line.isTitle ? theme.title : line.isWrong ? theme.hot : line.runs ? theme.good : theme.text
            pen.writeOutside(line.name, style, &canvas)
            if !line.words.isEmpty {
                pen.writeOutside("  " + line.words, line.isWrong ? theme.hot : theme.accent, &canvas)
            }
            if !line.place.isEmpty { pen.writeOutside("  " + line.place, theme.dim, &canvas) }
        }
        return lines.count
    }

    private var value: TaskSnapshot? {
        guard dashboard.behindSeconds == nil, case .value(let identity, let snapshot) = dashboard.tasks,
            identity == state.process(in: dashboard.table)?.identity
        else { return nil }
        return snapshot
    }
}

/// Why there is nothing to show of an interpreter.
enum RuntimeNote {
    static func missing<Value>(_ reading: RuntimeReading<Value>, _ dashboard: Dashboard, _ state: DashboardState)
        -> String
    {
        if dashboard.behindSeconds != nil { return "not kept in the history; L returns to now" }
        guard reading.identity != nil, reading.identity == state.process(in: dashboard.table)?.identity else {
            return awaited(state)
        }
        switch reading {
        case .unavailable(_, let error): return "\(error)"
        case .ended: return "the process ended"
        case .none, .value: return awaited(state)
        }
    }

    /// Nothing was read yet, and while the picture stands still nothing will be.
    static func awaited(_ state: DashboardState) -> String {
        state.isFrozen ? "nothing was read before the picture froze; L goes on" : "looking for a Python interpreter …"
    }
}
