import Cells
import Model

/// The process table.
struct ProcessPanel {
    let dashboard: Dashboard
    let state: DashboardState

    private var theme: Theme { state.theme }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0, area.columns > 0 else { return }
        let columns = visibleColumns(width: area.columns)
        drawTitles(columns, into: &canvas, area)
        let rows = max(0, area.rows - 2)
        for line in 0..<rows {
            let place = state.offset + line
            guard place < state.order.entries.count else { break }
            draw(
                state.order.entries[place], columns, into: &canvas, area, line: line + 1,
                isSelected: place == state.cursor)
        }
        if area.rows > 1 { drawSums(columns, into: &canvas, area, line: area.rows - 1) }
    }

    /// Columns from left to right; the pid stays when the rest is scrolled to the left.
    ///
    /// On a narrow screen some give way until there is room for the command, which is what a process is known by.
    func visibleColumns(width: Int) -> [Column] {
        var shown = state.columns
        guard state.leftColumn == 0 else { return Array(shown.prefix(1) + shown.dropFirst(1 + state.leftColumn)) }
        guard shown.last?.width == 0 else { return shown }
        var room = width - shown.reduce(0) { $0 + $1.width + 1 }
        let wanted = width < 100 ? 16 : 27
        for name in ProcessPanel.yielding where room < wanted && name != state.sortColumn.name {
            guard let place = shown.firstIndex(where: { $0.name == name }) else { continue }
            room += shown.remove(at: place).width + 1
        }
        return shown
    }

    /// Columns that give way, the first one first; `→` brings them back.
    private static let yielding = [
        "nice", "time", "threads", "write/s", "read/s", "runq", "fd", "icsw/s", "minflt/s", "vcsw/s", "majflt/s",
        "user", "res", "python", "pyline",
    ]

    /// The column whose title stands in a cell of the screen.
    func column(at place: Int, _ area: Rect) -> Column? {
        var end = area.column + 1
        return visibleColumns(width: area.columns).first { column in
            end += column.width == 0 ? area.columns : column.width + 1
            return place < end
        }
    }

    private func drawTitles(_ columns: [Column], into canvas: inout Canvas, _ area: Rect) {
        canvas.fill(
            Rect(row: area.row, column: area.column, rows: 1, columns: area.columns), glyph: 32, style: theme.header)
        var pen = Pen(area, indent: 1)
        for column in columns {
            let isSorted = column.name == state.sortColumn.name
            let mark = isSorted ? (state.settings.sortsDescending ? "↓" : "↑") : ""
            var title = column.title
            if isSorted, column.width > 0, title.count + 1 > column.width {
                title = String(title.prefix(max(0, column.width - 1)))
            }
            pen.field(
                title + mark, width: column.width == 0 ? pen.room : column.width, right: column.alignment == .right,
                isSorted ? theme.sorted : theme.header, &canvas)
            pen.skip(1)
        }
    }

    private func draw(
        _ entry: ProcessOrder.Entry, _ columns: [Column], into canvas: inout Canvas, _ area: Rect, line: Int,
        isSelected: Bool
    ) {
        let index = Int(entry.row)
        let row = state.sums.folded[index] ?? dashboard.table.rows[index]
        let isTagged = state.tags.contains(row.identity)
        var base = theme.text
        if row.hasEnded {
            base = theme.ended
        } else if isTagged {
            base = theme.tagged
        } else if row.isThread {
            base = theme.dim
        }
        if isSelected { base = theme.selected }
        if isSelected {
            canvas.fill(
                Rect(row: area.row + line, column: area.column, rows: 1, columns: area.columns), glyph: 32, style: base)
        }
        var pen = Pen(area, line: line)
        pen.write(isSelected ? (isTagged ? "◆" : "▸") : isTagged ? "*" : " ", base, &canvas)
        // An ended process has no rates: there is room for what became of it.
        let outcome = row.ending.map { ProcessPanel.outcome($0) }
        let gap = outcome.flatMap { ProcessPanel.gap(for: $0, columns) }
        for (place, column) in columns.enumerated() {
            if let gap, let outcome, gap.contains(place) {
                guard place == gap.lowerBound else { continue }
                pen.field(outcome, width: ProcessPanel.width(of: columns[gap]), right: false, base, &canvas)
                pen.skip(1)
                continue
            }
            let value =
                row.hasEnded && !ProcessPanel.keptForEnded.contains(column.name)
                ? .absent : column.value(row, dashboard.table)
            let style = isSelected || row.hasEnded ? base : style(of: value, column, row, base)
            if column.width == 0 {
                if state.tree { pen.write(ProcessPanel.branch(entry), isSelected ? base : theme.dim, &canvas) }
                if entry.isFolded {
                    pen.write(ProcessPanel.foldedText(entry), isSelected ? base : theme.accent, &canvas)
                }
                if row.hasEnded {
                    drawEnded(row, gap == nil ? outcome : nil, style, &pen, &canvas)
                } else {
                    pen.writeOutside(row.isThread ? value.text : shortCommand(value.text), style, &canvas)
                }
            } else {
                let text = value.text
                pen.field(
                    visible(String(text.prefix(column.width * 2))), width: column.width,
                    right: column.alignment == .right, style,
                    &canvas)
                pen.skip(1)
            }
        }
    }

    /// What ended, then how, unless that was said already: the eye looks for the command where it stood before.
    private func drawEnded(
        _ row: ProcessRow, _ outcome: String?, _ style: Style, _ pen: inout Pen, _ canvas: inout Canvas
    ) {
        let command = visible(shortCommand(String(ProcessPanel.command(of: row, dashboard.table).prefix(1024))))
        guard let outcome else { return pen.write(command, style, &canvas) }
        let room = max(min(12, pen.room), pen.room - displayWidth(outcome) - 2)
        pen.write(clipped(command, to: room), style, &canvas)
        pen.skip(2)
        pen.write(outcome, style, &canvas)
    }

    /// Cells of columns side by side, from the first to the last.
    private static func width(of columns: ArraySlice<Column>) -> Int { columns.reduce(-1) { $0 + $1.width + 1 } }

    /// The first columns side by side that say nothing of an ended process and have room for a text.
    private static func gap(for text: String, _ columns: [Column]) -> Range<Int>? {
        var start = 0
        for (place, column) in columns.enumerated() {
            if keptForEnded.contains(column.name) {
                start = place + 1
            } else if width(of: columns[start...place]) >= displayWidth(text) {
                let end = columns[place...].firstIndex { keptForEnded.contains($0.name) } ?? columns.count
                return start..<end
            }
        }
        return nil
    }

    /// The command line of a row, of one that ended too, without how it did.
    static func command(of row: ProcessRow, _ table: ProcessTable) -> String {
        guard row.hasEnded else { return table.commandLine(of: row) }
        let line = table.texts[row.identity]?.arguments ?? ""
        return line.isEmpty ? row.name.text : line
    }

    /// `exited 1 after 0.41s`, `killed by SIGTERM after 9.79s`.
    static func outcome(_ ending: ProcessEnding) -> String {
        guard let signal = ending.signal, let name = SignalDialog.name(of: signal) else { return ending.summary }
        var unnamed = ending
        unnamed.signal = nil
        unnamed.code = nil
        return "killed by SIG\(name)" + unnamed.summary.dropFirst("ended".count)
    }

    /// `(+3) ` for processes, `(+3, 12 thr) ` where threads are folded with them.
    private static func foldedText(_ entry: ProcessOrder.Entry) -> String {
        if entry.foldedThreads == 0 { return "(+\(entry.folded)) " }
        return entry.folded == 0 ? "(\(entry.foldedThreads) thr) " : "(+\(entry.folded), \(entry.foldedThreads) thr) "
    }

    private static let keptForEnded: Set<String> = ["pid", "ppid", "user", "state", "command", "comm", "time", "start"]

    /// Numbers that are nothing stand back, loads stand out.
    private func style(of value: ColumnValue, _ column: Column, _ row: ProcessRow, _ base: Style) -> Style {
        switch value {
        case .absent: return theme.dim
        case .percent(let percent): return theme.level(percent)
        case .count(let count): return count == 0 ? theme.dim : base
        case .bytes(let bytes): return bytes == 0 ? theme.dim : base
        default: break
        }
        guard column.name == "state" else { return base }
        switch row.state {
        case UInt8(ascii: "R"): return theme.good
        case UInt8(ascii: "D"): return theme.hot
        case UInt8(ascii: "Z"), UInt8(ascii: "T"), UInt8(ascii: "t"): return theme.warm
        default: return theme.dim
        }
    }

    /// Names the selected row where it is out of view: keys act on it all the same.
    private func drawWhereSelected(into canvas: inout Canvas, _ area: Rect, line: Int) {
        let rows = max(1, area.rows - 2)
        guard let selection = state.selection, state.cursor < state.order.entries.count,
            !(state.offset..<state.offset + rows).contains(state.cursor)
        else { return }
        let text = " ▸ \(selection.pid) is \(state.cursor < state.offset ? "above ↑" : "below ↓") "
        let width = displayWidth(text)
        guard width < area.columns else { return }
        canvas.put(
            text, row: area.row + line, column: area.column + area.columns - width, limit: width, style: theme.warm)
    }

    private static func branch(_ entry: ProcessOrder.Entry) -> String {
        guard entry.depth > 0 else { return entry.isFolded ? "▸ " : "" }
        let indent = String(repeating: "  ", count: min(20, Int(entry.depth) - 1))
        return indent + (entry.isFolded ? "▸ " : entry.isLast ? "└ " : "├ ")
    }

    /// The sum of the tagged rows, or else of what the filter keeps.
    private func drawSums(_ columns: [Column], into canvas: inout Canvas, _ area: Rect, line: Int) {
        let table = dashboard.table
        let tagged = state.tags.compactMap { table.index(of: $0) }
        let isTagged = !state.tags.isEmpty
        let name = isTagged ? "tagged" : state.filter != nil || state.userID != nil ? "matching" : "shown"
        var pen = Pen(area, line: line)
        let count = isTagged ? tagged.count : state.sums.count
        pen.write("Σ \(count) \(name)", theme.dim, &canvas)
        let hidden = isTagged ? 0 : state.order.hiddenEnded
        if hidden > 0 { pen.write(", \(padded(String(hidden), 4)) ended hidden", theme.warm, &canvas) }
        defer { drawWhereSelected(into: &canvas, area, line: line) }
        guard let sum = isTagged ? table.sum(of: tagged) : state.sums.shown else { return }
        // Rows come and go: what follows keeps its place all the same.
        pen.skip(6 - "\(count)".count)
        var names = ["cpu", "res", "threads", "minflt/s", "majflt/s"]
        // A sum over rows of which only those on the screen were read would be a lie.
        let read = isTagged ? state.visibleSources : state.tableSources
        if read.contains(.accounting) || table.provider != "/proc" { names += ["vcsw/s", "icsw/s"] }
        if read.contains(.io) { names += ["read/s", "write/s"] }
        for name in names {
            guard let column = Column.named(name) else { continue }
            let value = column.value(sum, table)
            if case .absent = value { continue }
            guard pen.room >= column.title.count + 8 else { break }
            pen.write("  \(column.title) ", theme.dim, &canvas)
            pen.field(value.text, width: 5, right: true, theme.text, &canvas)
        }
    }
}
