import Cells
import Model
import PythonInspection

/// Threads of the selected process.
struct ThreadsPanel {
    let dashboard: Dashboard
    let state: DashboardState

    private static let columns: [(title: String, width: Int)] = [
        ("TID", 7), ("NAME", 15), ("S", 1), ("CPU%", 5), ("RUNQ%", 5), ("VCS/s", 5), ("ICS/s", 5), ("MNF/s", 5),
        ("MJF/s", 5),
    ]

    /// Cells that the frame is to have: where a thread is tells more than its rates.
    private static let frameRoom = 32

    /// The columns that leave room for the frame; what gives way stands at the end.
    private static func shown(width: Int) -> Int {
        var count = columns.count
        while count > 4, columns.prefix(count).reduce(0, { $0 + $1.width + 1 }) + frameRoom > width { count -= 1 }
        return count
    }

    /// Draws what fits from the first thread in view on.
    ///
    /// - Returns: how many lines there are, the titles among them.
    func draw(into canvas: inout Canvas, _ area: Rect) -> Int {
        guard area.rows > 0 else { return 0 }
        let theme = state.theme
        let process = state.process(in: dashboard.table)
        guard dashboard.behindSeconds == nil, let process, let details = dashboard.details,
            details.identity == process.identity
        else {
            var pen = Pen(area)
            let isPast = dashboard.behindSeconds != nil
            pen.write(
                isPast
                    ? "threads are not kept in the history; L returns to now"
                    : process == nil ? "the process ended" : "reading …", theme.dim, &canvas)
            return 1
        }
        let threads = state.drilledThread.map { tid in details.threads.filter { $0.tid == tid } } ?? details.threads
        canvas.fill(
            Rect(row: area.row, column: area.column, rows: 1, columns: area.columns), glyph: 32, style: theme.header)
        var pen = Pen(area, indent: 1)
        for (title, width) in ThreadsPanel.columns.prefix(ThreadsPanel.shown(width: area.columns)) {
            pen.field(title, width: width, right: title != "NAME" && title != "S", theme.header, &canvas)
            pen.skip(1)
        }
        pen.write("WAITS IN / PYTHON FRAME", theme.header, &canvas)
        let python = pythonThreads
        let offset = min(
            state.panelOffsets[DashboardState.Panel.threads.rawValue], max(0, threads.count - area.rows + 1))
        for (place, thread) in threads.dropFirst(offset).prefix(max(0, area.rows - 1)).enumerated() {
            draw(thread, python[thread.tid], into: &canvas, area, line: place + 1)
        }
        return threads.count + 1
    }

    private func draw(
        _ thread: ThreadDetail, _ python: PythonThread?, into canvas: inout Canvas, _ area: Rect, line: Int
    ) {
        let theme = state.theme
        var pen = Pen(area, line: line)
        let mark = thread.tid == (state.threadCursor ?? state.thread(in: dashboard.table))
        pen.write(mark ? "▸" : " ", theme.accent, &canvas)
        func percent(_ value: Double?) -> String { value.map(NumberText.percent) ?? "·" }
        func count(_ value: Double?) -> String { value.map(NumberText.count) ?? "·" }
        let cells = [
            String(thread.tid), shortened(visible(python?.name ?? thread.name), to: ThreadsPanel.columns[1].width),
            String(UnicodeScalar(thread.state)),
            percent(thread.cpuPercent),
            percent(thread.runQueuePercent), count(thread.voluntarySwitches), count(thread.involuntarySwitches),
            count(thread.minorFaults), count(thread.majorFaults),
        ]
        let columns = ThreadsPanel.columns.prefix(ThreadsPanel.shown(width: area.columns))
        for (index, (text, column)) in zip(cells, columns).enumerated() {
            let style =
                index == 3 ? theme.level(thread.cpuPercent ?? 0) : text == "0" || text == "·" ? theme.dim : theme.text
            pen.field(text, width: column.width, right: index != 1 && index != 2, style, &canvas)
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
