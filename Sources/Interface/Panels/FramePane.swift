import Cells
import Model
import PythonInspection

/// The selected frame of Stacks: the source around its line, and its variables.
struct FramePane {
    let dashboard: Dashboard
    let state: DashboardState

    private var theme: Theme { state.theme }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0, area.columns > 8 else { return }
        drawTitle(into: &canvas, area)
        guard let frame = state.selectedFrame(dashboard) else {
            var pen = Pen(area, line: 1)
            pen.write("this thread has no Python frame", theme.dim, &canvas)
            return
        }
        let room = area.rows - 1
        let locals = frame.locals
        let wanted = max(1, locals?.count ?? 1)
        let source = self.source(of: frame)
        // Half of the room each; what one does not need is the other's.
        let needed = source.lines.count
        let gap = room >= 12 ? 1 : 0
        let below = min(wanted, max((room - gap) / 2, room - needed - gap))
        let above = min(needed, max(0, room - gap - below))
        drawSource(
            source, into: &canvas, Rect(row: area.row + 1, column: area.column, rows: above, columns: area.columns))
        if gap > 0 {
            var pen = Pen(area, line: 1 + above)
            pen.write(String(repeating: "─", count: area.columns), theme.dim, &canvas)
        }
        drawLocals(
            locals, into: &canvas,
            Rect(
                row: area.row + 1 + above + gap, column: area.column, rows: room - above - gap, columns: area.columns))
    }

    private func drawTitle(into canvas: inout Canvas, _ area: Rect) {
        canvas.put(
            String(repeating: "─", count: area.columns), row: area.row, column: area.column, limit: area.columns,
            style: theme.dim)
        guard let frame = state.selectedFrame(dashboard) else { return }
        let isFollowed = state.framePlace(dashboard)?.depth == nil
        let mode = isFollowed ? " innermost ─" : ""
        let place = frame.file + ":" + (frame.line.map { String($0) } ?? "·")
        let room = area.columns - 3 - displayWidth(mode)
        let name = visible(frame.qualifiedName ?? frame.function)
        let text = clipped(name, to: room) + "  "
        // The end of a path tells more than its beginning.
        let left = room - displayWidth(text)
        let end = left > 4 ? ending(visible(place), to: left) : ""
        canvas.put(
            " " + clipped(text + end, to: room) + " ", row: area.row, column: area.column + 1, limit: room + 2,
            style: theme.accent)
        canvas.put(
            mode, row: area.row, column: area.column + area.columns - displayWidth(mode), limit: displayWidth(mode),
            style: theme.dim)
    }

    // MARK: The source

    /// Lines with their numbers, or one that says why there are none.
    private struct Source {
        var lines: [(number: Int?, text: String)]
        /// Place of the line that is looked at.
        var current: Int?
        /// Whether the file is not as it was when the process began.
        var isNewer = false
    }

    private func source(of frame: PythonFrame) -> Source {
        guard let reading = dashboard.source, reading.place.identity == dashboard.stacks.identity,
            reading.place.file == frame.file
        else { return Source(lines: [(nil, "reading the source …")]) }
        switch reading.excerpt {
        case .absent(let reason): return Source(lines: [(nil, "no source: " + reason)])
        case .lines(let first, let lines):
            guard let line = frame.line else { return Source(lines: [(nil, "no source: the instruction has no line")]) }
            let current = line - first
            guard lines.indices.contains(current) else { return Source(lines: [(nil, "reading the source …")]) }
            var source = Source(
                lines: lines.enumerated().map { (first + $0, FramePane.spread($1)) }, current: current)
            if let modified = reading.modifiedSeconds, let row = state.process(in: dashboard.table) {
                let scale = dashboard.table.scale
                let started = scale.bootSeconds + Double(row.identity.startTicks) / max(1, scale.ticksPerSecond)
                source.isNewer = modified > started + 1
            }
            return source
        }
    }

    /// A line with blanks for its tabs.
    private static func spread(_ line: String) -> String {
        guard line.utf8.contains(9) else { return line }
        var text = ""
        for scalar in line.unicodeScalars {
            if scalar == "\t" {
                text += String(repeating: " ", count: 4 - text.unicodeScalars.count % 4)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private func drawSource(_ source: Source, into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0 else { return }
        var rows = area.rows
        var line = 0
        if source.isNewer, rows > 3 {
            var pen = Pen(area)
            pen.write(" changed since the process began: it may run something else", theme.warm, &canvas)
            rows -= 1
            line = 1
        }
        let first = max(0, min((source.current ?? 0) - rows / 2, source.lines.count - rows))
        let width = source.lines.dropFirst(first).prefix(rows).compactMap { $0.number.map { "\($0)".count } }.max() ?? 0
        for (place, entry) in source.lines.enumerated().dropFirst(first).prefix(rows) {
            var pen = Pen(area, line: line)
            line += 1
            guard let number = entry.number else {
                pen.write(" ", theme.dim, &canvas)
                pen.writeOutside(entry.text, theme.dim, &canvas)
                continue
            }
            let isCurrent = place == source.current
            pen.write(
                padded("\(number)", width + 1) + (isCurrent ? "▸ " : "  "), isCurrent ? theme.title : theme.dim, &canvas
            )
            pen.writeOutside(entry.text, isCurrent ? theme.title : theme.text, &canvas)
        }
    }

    // MARK: Variables

    private func drawLocals(_ locals: [PythonLocal]?, into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0 else { return }
        guard let locals, !locals.isEmpty else {
            var pen = Pen(area)
            pen.write(locals == nil ? " variables not read yet" : " no variables", theme.dim, &canvas)
            return
        }
        let shown = locals.count > area.rows ? area.rows - 1 : locals.count
        let width = min(24, locals.prefix(shown).map { displayWidth(visible($0.name)) }.max() ?? 0)
        for (line, local) in locals.prefix(shown).enumerated() {
            var pen = Pen(area, line: line)
            let name = clipped(visible(local.name), to: width)
            pen.write(
                " " + name + String(repeating: " ", count: max(0, width - displayWidth(name))), theme.accent, &canvas)
            pen.write(local.isTorn ? " ~ " : " = ", theme.dim, &canvas)
            let value = clipped(visible(String(local.value.prefix(600))), to: max(1, pen.room))
            pen.write(value, local.isTorn ? theme.dim : theme.text, &canvas)
        }
        guard shown < locals.count else { return }
        var pen = Pen(area, line: shown)
        let zoom = state.keyMap.keys(of: .zoom).first ?? ":zoom"
        let rest = locals.count - shown
        pen.write(
            " … \(rest) more \(rest == 1 ? "variable" : "variables")"
                + (state.isZoomed ? "" : "; \(zoom) makes room"), theme.dim, &canvas)
    }
}
