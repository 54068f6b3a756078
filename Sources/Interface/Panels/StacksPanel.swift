import Cells
import Model
import PythonInspection

/// Python stacks of all threads of the selected process.
struct StacksPanel {
    let dashboard: Dashboard
    let state: DashboardState

    /// Where the stacks stand, and where the selected frame does: beside them where there is room, else below them.
    static func split(_ area: Rect) -> (list: Rect, frame: Rect) {
        var list = area, frame = area
        if area.columns >= 110, area.rows >= 6 {
            list.columns = area.columns * 44 / 100
            frame.column += list.columns + 1
            frame.columns -= list.columns + 1
        } else if area.rows >= 10 {
            list.rows = area.rows * 45 / 100
            frame.row += list.rows
            frame.rows -= list.rows
        } else {
            frame.rows = 0
        }
        return (list, frame)
    }

    /// Lines for stacks in a panel of that size.
    func listRows(_ area: Rect) -> Int { isSplit(area) ? StacksPanel.split(area).list.rows : area.rows }

    private func isSplit(_ area: Rect) -> Bool {
        guard state.panel == .stacks, !state.stack.hidesFrame, StacksPanel.split(area).frame.rows > 0 else {
            return false
        }
        return state.stackSnapshot(dashboard) != nil
    }

    /// Draws what fits from the first line in view on.
    ///
    /// - Returns: how many lines there are.
    func draw(into canvas: inout Canvas, _ area: Rect) -> Int {
        guard area.rows > 0 else { return 0 }
        let theme = state.theme
        let lines = self.lines(width: area.columns)
        let list = isSplit(area) ? StacksPanel.split(area).list : area
        let offset = min(state.panelOffsets[DashboardState.Panel.stacks.rawValue], max(0, lines.count - list.rows))
        let selected = state.panel == .stacks ? selectedLine(of: lines) : nil
        for (place, line) in lines.dropFirst(offset).prefix(list.rows).enumerated() {
            let isSelected = offset + place == selected
            if isSelected {
                canvas.fill(
                    Rect(row: list.row + place, column: list.column, rows: 1, columns: list.columns), glyph: 32,
                    style: theme.selected)
            }
            var pen = Pen(list, line: place, indent: isSelected ? 0 : line.indent)
            if isSelected { pen.write(padded("▸", line.indent), theme.selected, &canvas) }
            let style = isSelected ? theme.selected : line.style
            guard let frame = line.frame else {
                pen.writeOutside(line.text, style, &canvas)
                continue
            }
            pen.writeOutside(frame.qualifiedName ?? frame.function, style, &canvas)
            pen.skip(2)
            guard pen.room > 3 else { continue }
            // The line is at the end: what has to go is the folder.
            pen.write(
                ending(visible(String(StacksPanel.place(of: frame).suffix(400))), to: pen.room),
                isSelected ? theme.selected : theme.dim, &canvas)
        }
        if isSplit(area) {
            FramePane(dashboard: dashboard, state: state).draw(into: &canvas, StacksPanel.split(area).frame)
        }
        return lines.count
    }

    private func selectedLine(of lines: [Line]) -> Int? {
        guard let stop = state.stackSnapshot(dashboard).flatMap({ state.stackStop($0, dashboard) }) else { return nil }
        return lines.lastIndex { $0.stop?.isAtOrAbove(stop) == true }
    }

    struct Line {
        var text = ""
        /// The frame that the line is of: its words are made when it is drawn, for there may be tens of thousands.
        var frame: PythonFrame?
        var style: Style
        var indent = 1
        /// Whether it is a thread's own line.
        var isHead = false
        /// What the cursor stands on here.
        var stop: StackStop?
    }

    /// - Parameter width: cells that the reason has why there are none.
    func lines(width: Int = 80) -> [Line] {
        let theme = state.theme
        if dashboard.behindSeconds != nil {
            return [Line(text: "stacks are not kept in the history; L returns to now", style: theme.dim)]
        }
        switch dashboard.stacks {
        case .none: return [Line(text: RuntimeNote.awaited(state), style: theme.dim)]
        case .ended: return [Line(text: "the process ended", style: theme.dim)]
        case .unavailable(_, let error):
            return wrapped(visible(String("\(error)".prefix(1024))), to: width - 1).map {
                Line(text: $0, style: theme.dim)
            }
        case .snapshot(_, _, let snapshot): return lines(of: snapshot)
        }
    }

    private func lines(of snapshot: PythonSnapshot) -> [Line] {
        let theme = state.theme
        var lines: [Line] = []
        let shown = state.shownThreads(of: snapshot, dashboard)
        let isSplit = snapshot.threads.contains { $0.interpreter != snapshot.threads[0].interpreter }
        var interpreter: Int64?
        for place in shown {
            let thread = snapshot.threads[place]
            if isSplit, thread.interpreter != interpreter {
                interpreter = thread.interpreter
                let name = thread.interpreter == 0 ? "main interpreter" : "interpreter \(thread.interpreter)"
                lines.append(Line(text: "── " + name, style: theme.header, indent: 0))
            }
            lines.append(head(of: thread))
            if thread.frames.isEmpty {
                lines.append(
                    Line(
                        text: thread.isTorn ? "(moved too fast to be read whole)" : "(no Python frame)",
                        style: theme.dim, indent: 2, stop: StackStop(thread: place)))
            }
            for run in state.frameRuns(of: thread) {
                let stop = StackStop(thread: place, frame: run.index)
                lines.append(
                    run.isFolded
                        ? Line(text: "… \(run.count) more times", style: theme.dim, indent: 2, stop: stop)
                        : Line(frame: thread.frames[run.index], style: theme.text, indent: 2, stop: stop))
            }
        }
        if lines.isEmpty {
            let only = state.thread(in: dashboard.table)
            lines.append(Line(text: only.map { "\($0) runs no Python" } ?? "no thread runs Python", style: theme.dim))
        }
        return lines
    }

    /// A thread's own line: who holds the GIL and who waits for it is what one looks for.
    private func head(of thread: PythonThread) -> Line {
        let theme = state.theme
        var text = "\(thread.tid) \(thread.name ?? "·")  \(thread.state.rawValue)"
        if let attachment = thread.attachment { text += "  " + attachment.rawValue }
        if thread.isDaemon == true { text += "  daemon" }
        if thread.holdsGIL { text += "  GIL" }
        let style = thread.holdsGIL ? theme.good : thread.state == .gilWait ? theme.warm : theme.title
        return Line(text: text, style: style, indent: 0, isHead: true)
    }

    /// `function file:line` with the file's last two parts.
    static func text(of frame: PythonFrame) -> String {
        (frame.qualifiedName ?? frame.function) + " " + place(of: frame)
    }

    static func place(of frame: PythonFrame) -> String {
        let parts = frame.file.split(separator: "/")
        return parts.suffix(2).joined(separator: "/") + ":" + (frame.line.map { String($0) } ?? "·")
    }
}

extension Rect {
    /// What a panel draws into: without its title, its edge, and the cell of air behind that.
    var inside: Rect {
        let inset = column > 0 ? 2 : 1
        return Rect(row: row + 1, column: column + inset, rows: max(0, rows - 1), columns: max(0, columns - inset))
    }
}
