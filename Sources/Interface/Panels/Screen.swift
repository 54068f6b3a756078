public import Cells
internal import Model

extension DashboardState {
    /// Draws everything for a screen of that size and keeps the cursor in view.
    public mutating func draw(_ dashboard: Dashboard, rows: Int, columns: Int) -> Canvas {
        var canvas = Canvas(rows: max(1, rows), columns: max(1, columns))
        canvas.fill(Rect(row: 0, column: 0, rows: canvas.rows, columns: canvas.columns), glyph: 32, style: theme.text)
        let layout = self.layout(dashboard, rows: rows, columns: columns)
        settle(rows: layout.tableRows)
        shown.layout = layout
        addUp(dashboard.table, rows: layout.tableRows)
        HeaderPanel(dashboard: dashboard, theme: theme).draw(into: &canvas, layout.header)
        let status = StatusPanel(dashboard: dashboard, state: self)
        status.drawTabs(into: &canvas, layout.tabs)
        ProcessPanel(dashboard: dashboard, state: self).draw(into: &canvas, layout.table)
        let view = self
        framed(.details, layout.details, dashboard, &canvas) { canvas, inner in
            DetailsPanel(dashboard: dashboard, state: view).draw(into: &canvas, inner)
        }
        framed(
            .stacks, layout.stacks, dashboard, &canvas,
            rows: { StacksPanel(dashboard: dashboard, state: view).listRows($0) }
        ) {
            canvas, inner in
            StacksPanel(dashboard: dashboard, state: view).draw(into: &canvas, inner)
        }
        framed(.threads, layout.threads, dashboard, &canvas) { canvas, inner in
            ThreadsPanel(dashboard: dashboard, state: view).draw(into: &canvas, inner)
        }
        framed(.flame, layout.flame, dashboard, &canvas) { canvas, inner in
            FlamePanel(dashboard: dashboard, state: view).draw(into: &canvas, inner)
        }
        framed(.functions, layout.functions, dashboard, &canvas) { canvas, inner in
            FunctionsPanel(dashboard: dashboard, state: view).draw(into: &canvas, inner)
        }
        framed(.tasks, layout.tasks, dashboard, &canvas) { canvas, inner in
            TasksPanel(dashboard: dashboard, state: view).draw(into: &canvas, inner)
        }
        framed(.collector, layout.collector, dashboard, &canvas) { canvas, inner in
            CollectorPanel(dashboard: dashboard, state: view).draw(into: &canvas, inner)
        }
        status.drawStatus(into: &canvas, layout.status)
        status.drawKeys(into: &canvas, layout.keys)
        shown.dialog = DialogPanel(dashboard: dashboard, state: self).draw(into: &canvas)
        return canvas
    }

    /// Where everything stands now.
    public func layout(_ dashboard: Dashboard, rows: Int, columns: Int) -> ScreenLayout {
        ScreenLayout(
            rows: rows, columns: columns, panel: panel, isZoomed: isZoomed,
            processors: dashboard.host?.processors.count ?? 1,
            tableRows: drilled == nil ? nil : max(1, order.entries.count))
    }

    /// A panel under its title, with an edge to what stands on its left; the title says which lines are in view.
    private mutating func framed(
        _ panel: Panel, _ area: Rect, _ dashboard: Dashboard, _ canvas: inout Canvas,
        rows: (Rect) -> Int = { $0.rows }, _ draw: (inout Canvas, Rect) -> Int
    ) {
        guard area.rows > 1, area.columns > 4 else { return }
        let inner = area.inside
        let lines = draw(&canvas, inner)
        let room = rows(inner)
        let first = min(panelOffsets[panel.rawValue], max(0, lines - room))
        panelOffsets[panel.rawValue] = first
        let extent = lines > room ? " \(first + 1)-\(first + room) of \(lines) ─" : ""
        drawTitle(panel, area, dashboard, extent, &canvas)
        guard area.column > 0 else { return }
        for row in area.row + 1..<area.row + area.rows {
            canvas.put("│", row: row, column: area.column, limit: 1, style: theme.dim)
        }
    }

    private func drawTitle(
        _ panel: Panel, _ area: Rect, _ dashboard: Dashboard, _ extent: String, _ canvas: inout Canvas
    ) {
        let isActive = panel == self.panel
        let line: Character = isActive ? "━" : "─"
        let hasEdge = area.column > 0
        canvas.put(
            String(repeating: line, count: area.columns), row: area.row, column: area.column, limit: area.columns,
            style: theme.dim)
        if hasEdge {
            let corner = Screen.corner(at: area, canvas)
            canvas.put(String(corner), row: area.row, column: area.column, limit: 1, style: theme.dim)
        }
        // One cell of line stays behind the title, so that it never touches what stands on its right.
        let room = area.columns - (hasEdge ? 5 : 4) - displayWidth(extent)
        guard room > 2 else { return }
        var text = "\(panel.rawValue + 1) \(panel.title)"
        if let process = process(in: dashboard.table), !hasEdge || panel == .details {
            if let thread = thread(in: dashboard.table) { text += "  thread \(thread) of process" } else { text += " " }
            text += " \(process.pid) " + visible(String(ProcessPanel.command(of: process, dashboard.table).prefix(400)))
        }
        canvas.put(
            " " + clipped(text, to: room) + " ", row: area.row, column: area.column + (hasEdge ? 2 : 1),
            limit: room + 2, style: isActive ? theme.title : theme.dim)
        let width = displayWidth(extent)
        canvas.put(
            extent, row: area.row, column: area.column + area.columns - width, limit: width, style: theme.dim)
    }
}

/// Lines that meet on the screen.
private enum Screen {
    /// What joins a panel's upper left corner to the lines on its left and above it.
    static func corner(at area: Rect, _ canvas: Canvas) -> Character {
        let left = canvas[area.row, area.column - 1].glyph
        let above = area.row > 0 ? canvas[area.row - 1, area.column].glyph : 32
        let joinsLeft = ["─", "━"].contains { (glyph: Unicode.Scalar) in glyph.value == left }
        let joinsAbove = ["│", "┬", "┌", "├", "┼"].contains { (glyph: Unicode.Scalar) in glyph.value == above }
        return joinsLeft ? (joinsAbove ? "┼" : "┬") : joinsAbove ? "├" : "┌"
    }
}
