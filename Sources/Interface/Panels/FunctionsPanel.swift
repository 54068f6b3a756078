import Cells
import Model
import Profiles

/// What each Python function of the selected process costs, now and since the panel was opened.
struct FunctionsPanel {
    let dashboard: Dashboard
    let state: DashboardState

    /// Lines for functions in a panel of so many lines: one is for how sampling goes, one for the titles.
    static func functionRows(of rows: Int) -> Int { max(1, rows - 2) }

    private static let columns: [(title: String, order: ProfileView.Order)] = [
        ("OWN%", .ownNow), ("TOTAL%", .totalNow), ("OWNΣ%", .own), ("TOTALΣ%", .total),
    ]

    /// The column whose title stands in a cell of the panel.
    static func order(at column: Int) -> ProfileView.Order {
        let place = (column - 1) / 9
        return column >= 1 && columns.indices.contains(place) ? columns[place].order : column < 1 ? .ownNow : .name
    }

    /// Draws what fits from the first function in view on.
    ///
    /// - Returns: how many lines there are.
    func draw(into canvas: inout Canvas, _ area: Rect) -> Int {
        let theme = state.theme
        guard area.rows > 0 else { return 0 }
        guard let snapshot = state.profileSnapshot(dashboard) else {
            return write(ProfileHead.missing(dashboard, state), wrappedInto: area, theme.dim, &canvas)
        }
        var pen = Pen(area)
        ProfileHead(snapshot: snapshot, state: state).draw(&pen, &canvas)
        if !state.profile.functionFilter.isEmpty {
            pen.writeOutside(" · \\" + state.profile.functionFilter, theme.warm, &canvas)
        }
        guard area.rows > 1 else { return 1 }
        drawTitles(into: &canvas, area)
        let rows = state.profile.rows(of: snapshot)
        guard !rows.isEmpty else {
            let text =
                snapshot.functions.isEmpty ? ProfileHead.empty(snapshot, state) : "no function matches the filter"
            return 2 + write(text, wrappedInto: area, from: 2, theme.dim, &canvas)
        }
        let room = FunctionsPanel.functionRows(of: area.rows)
        let offset = min(
            state.panelOffsets[DashboardState.Panel.functions.rawValue], max(0, rows.count - room))
        let selected = state.profile.function.flatMap { frame in rows.firstIndex { $0.frame == frame } } ?? 0
        for place in offset..<min(rows.count, offset + room) {
            draw(rows[place], of: snapshot, isSelected: place == selected, into: &canvas, area, place - offset + 2)
        }
        return rows.count + 2
    }

    private func drawTitles(into canvas: inout Canvas, _ area: Rect) {
        let theme = state.theme
        canvas.fill(
            Rect(row: area.row + 1, column: area.column, rows: 1, columns: area.columns), glyph: 32,
            style: theme.header)
        var pen = Pen(area, line: 1, indent: 1)
        let arrow = state.profile.isTurnedRound ? "↑" : "↓"
        for (title, order) in FunctionsPanel.columns {
            let isSorted = order == state.profile.order
            pen.field(
                title + (isSorted ? arrow : ""), width: 8, right: true, isSorted ? theme.sorted : theme.header, &canvas)
            pen.skip(1)
        }
        let isByName = state.profile.order == .name
        pen.write(
            (state.profile.scope.grain == .line ? "FUNCTION AND LINE" : "FUNCTION") + (isByName ? arrow : ""),
            isByName ? theme.sorted : theme.header, &canvas)
    }

    private func draw(
        _ row: FunctionShare, of snapshot: ProfileSnapshot, isSelected: Bool, into canvas: inout Canvas, _ area: Rect,
        _ line: Int
    ) {
        let theme = state.theme
        if isSelected {
            canvas.fill(
                Rect(row: area.row + line, column: area.column, rows: 1, columns: area.columns), glyph: 32,
                style: theme.selected)
        }
        var pen = Pen(area, line: line)
        pen.write(isSelected ? "▸" : " ", isSelected ? theme.selected : theme.accent, &canvas)
        let shares = [
            (row.ownNow, snapshot.totalNow), (row.totalNow, snapshot.totalNow), (row.own, snapshot.total),
            (row.total, snapshot.total),
        ]
        for (part, whole) in shares {
            let percent = whole == 0 ? nil : Double(part) / Double(whole) * 100
            pen.field(
                percent.map(NumberText.percent) ?? "·", width: 8, right: true,
                isSelected ? theme.selected : theme.level(percent ?? 0), &canvas)
            pen.skip(1)
        }
        pen.writeOutside(row.frame.name, isSelected ? theme.selected : theme.text, &canvas)
        var place = row.frame.place
        if row.frame.line == nil, !place.isEmpty, let line = snapshot.hotLines[row.frame] { place += ":\(line)" }
        pen.skip(2)
        pen.write(
            ending(visible(String(place.suffix(400))), to: pen.room), isSelected ? theme.selected : theme.dim, &canvas)
    }
}
