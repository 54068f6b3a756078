import Cells
import Model
import PythonInspection

/// Threads of the selected process.
struct ThreadsPanel {
    let dashboard: Dashboard
    let state: DashboardState

    private static let widths = [7, 15, 1, 5, 5, 5, 5, 5, 5]
    private static let titles = ["TID", "NAME", "S", "CPU%", "RUNQ%", "VCS/s", "ICS/s", "MNF/s", "MJF/s"]

    func draw(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0 else { return }
        let theme = state.theme
        guard let details = dashboard.details, details.identity == state.selection else {
            var pen = Pen(area)
            pen.write("reading …", theme.dim, &canvas)
            return
        }
        canvas.fill(
            Rect(row: area.row, column: area.column, rows: 1, columns: area.columns), glyph: 32, style: theme.header)
        var pen = Pen(area)
        for (title, width) in zip(ThreadsPanel.titles, ThreadsPanel.widths) {
            pen.field(title, width: width, right: title != "NAME" && title != "S", theme.header, &canvas)
            pen.skip(1)
        }
        pen.write("WAITS IN / PYTHON FRAME", theme.header, &canvas)
        let python = pythonThreads
        let offset = state.panel == .threads ? min(state.panelOffset, max(0, details.threads.count - area.rows + 1)) : 0
        for (place, thread) in details.threads.dropFirst(offset).prefix(max(0, area.rows - 1)).enumerated() {
            draw(thread, python[thread.tid], into: &canvas, area, line: place + 1)
        }
    }

    private func draw(
        _ thread: ThreadDetail, _ python: PythonThread?, into canvas: inout Canvas, _ area: Rect, line: Int
    ) {
        let theme = state.theme
        var pen = Pen(area, line: line)
        func percent(_ value: Double?) -> String { value.map(NumberText.percent) ?? "·" }
        func count(_ value: Double?) -> String { value.map(NumberText.count) ?? "·" }
        let cells = [
            String(thread.tid), visible(python?.name ?? thread.name), String(UnicodeScalar(thread.state)),
            percent(thread.cpuPercent),
            percent(thread.runQueuePercent), count(thread.voluntarySwitches), count(thread.involuntarySwitches),
            count(thread.minorFaults), count(thread.majorFaults),
        ]
        for (index, (text, width)) in zip(cells, ThreadsPanel.widths).enumerated() {
            let style =
                index == 3 ? theme.level(thread.cpuPercent ?? 0) : text == "0" || text == "·" ? theme.dim : theme.text
            pen.field(text, width: width, right: index != 1 && index != 2, style, &canvas)
            pen.skip(1)
        }
        if let python, python.holdsGIL { pen.write("GIL ", theme.good, &canvas) }
        let wait = python?.state == .gilWait ? "waits for the GIL" : thread.systemCall ?? thread.waitChannel
        let top = python?.frames.first.map(StacksPanel.text(of:))
        pen.writeOutside([wait, top].compactMap { $0 }.joined(separator: "  "), theme.accent, &canvas)
    }

    /// Python threads by thread id.
    private var pythonThreads: [Int32: PythonThread] {
        guard case .snapshot(let identity, _, let snapshot) = dashboard.stacks, identity == dashboard.details?.identity
        else { return [:] }
        var threads: [Int32: PythonThread] = [:]
        for thread in snapshot.threads { threads[Int32(truncatingIfNeeded: thread.tid)] = thread }
        return threads
    }
}
