import Cells
import Model
import PythonInspection

/// Python stacks of all threads of the selected process.
struct StacksPanel {
    let dashboard: Dashboard
    let state: DashboardState

    /// Draws what fits from the first line in view on.
    ///
    /// - Returns: how many lines there are.
    func draw(into canvas: inout Canvas, _ area: Rect) -> Int {
        guard area.rows > 0 else { return 0 }
        let theme = state.theme
        let lines = self.lines()
        let offset = min(state.panelOffsets[DashboardState.Panel.stacks.rawValue], max(0, lines.count - area.rows))
        for (place, line) in lines.dropFirst(offset).prefix(area.rows).enumerated() {
            var pen = Pen(area, line: place, indent: line.indent)
            pen.writeOutside(line.text, line.style, &canvas)
            if !line.place.isEmpty {
                pen.write("  ", theme.dim, &canvas)
                pen.writeOutside(line.place, theme.dim, &canvas)
            }
        }
        return lines.count
    }

    private struct Line {
        var text: String
        var place = ""
        var style: Style
        var indent = 1
    }

    private func lines() -> [Line] {
        let theme = state.theme
        if dashboard.behindSeconds != nil {
            return [Line(text: "stacks are not kept in the history; L returns to now", style: theme.dim)]
        }
        switch dashboard.stacks {
        case .none: return [Line(text: "looking for a Python interpreter …", style: theme.dim)]
        case .ended: return [Line(text: "the process ended", style: theme.dim)]
        case .unavailable(_, let error): return [Line(text: "\(error)", style: theme.dim)]
        case .snapshot(_, _, let snapshot):
            var lines: [Line] = []
            let only = state.thread(in: dashboard.table)
            for thread in snapshot.threads where only.map({ UInt64(clamping: $0) == thread.tid }) ?? true {
                var head = "\(thread.tid) \(thread.name ?? "·")  \(thread.state.rawValue)"
                if thread.holdsGIL { head += "  GIL" }
                lines.append(Line(text: head, style: thread.holdsGIL ? theme.good : theme.title, indent: 0))
                if thread.isTorn {
                    lines.append(Line(text: "(moved too fast to be read whole)", style: theme.dim, indent: 2))
                } else if thread.frames.isEmpty {
                    lines.append(Line(text: "(no Python frame)", style: theme.dim, indent: 2))
                }
                for frame in thread.frames {
                    lines.append(
                        Line(
                            text: frame.qualifiedName ?? frame.function, place: StacksPanel.place(of: frame),
                            style: theme.text, indent: 2))
                }
            }
            if lines.isEmpty {
                lines.append(
                    Line(text: only.map { "\($0) runs no Python" } ?? "no thread runs Python", style: theme.dim))
            }
            return lines
        }
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
