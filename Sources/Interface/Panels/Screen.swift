public import Cells
internal import Model

extension DashboardState {
    /// Draws everything for a screen of that size and keeps the cursor in view.
    public mutating func draw(_ dashboard: Dashboard, rows: Int, columns: Int) -> Canvas {
        var canvas = Canvas(rows: max(1, rows), columns: max(1, columns))
        canvas.fill(Rect(row: 0, column: 0, rows: canvas.rows, columns: canvas.columns), glyph: 32, style: theme.text)
        let layout = self.layout(dashboard, rows: rows, columns: columns)
        scroll(rows: layout.tableRows)
        addUp(dashboard.table, rows: layout.tableRows)
        HeaderPanel(dashboard: dashboard, theme: theme).draw(into: &canvas, layout.header)
        let status = StatusPanel(dashboard: dashboard, state: self)
        status.drawTabs(into: &canvas, layout.tabs)
        ProcessPanel(dashboard: dashboard, state: self).draw(into: &canvas, layout.table)
        framed("Details", layout.details, .details, dashboard, &canvas) { canvas, inner in
            DetailsPanel(dashboard: dashboard, state: self).draw(into: &canvas, inner)
        }
        framed("Threads", layout.threads, .threads, dashboard, &canvas) { canvas, inner in
            ThreadsPanel(dashboard: dashboard, state: self).draw(into: &canvas, inner)
        }
        framed("Stacks", layout.stacks, .stacks, dashboard, &canvas) { canvas, inner in
            StacksPanel(dashboard: dashboard, state: self).draw(into: &canvas, inner)
        }
        status.drawStatus(into: &canvas, layout.status)
        status.drawKeys(into: &canvas, layout.keys)
        DialogPanel(dashboard: dashboard, state: self).draw(into: &canvas)
        return canvas
    }

    /// Where everything stands now.
    public func layout(_ dashboard: Dashboard, rows: Int, columns: Int) -> ScreenLayout {
        ScreenLayout(
            rows: rows, columns: columns, panel: panel, isZoomed: isZoomed,
            processors: dashboard.host?.processors.count ?? 1)
    }

    private func framed(
        _ title: String, _ area: Rect, _ panel: Panel, _ dashboard: Dashboard, _ canvas: inout Canvas,
        _ draw: (inout Canvas, Rect) -> Void
    ) {
        guard area.rows > 1, area.columns > 2 else { return }
        let hasEdge = area.column > 0
        var text = "─ \(title) "
        if let selection, let index = dashboard.table.index(of: selection), !hasEdge || panel == .details {
            text +=
                "\(selection.pid) "
                + visible(String(dashboard.table.commandLine(of: dashboard.table.rows[index]).prefix(200))) + " "
        }
        let used = canvas.put(
            text, row: area.row, column: area.column, limit: area.columns,
            style: panel == self.panel ? theme.title : theme.dim)
        canvas.put(
            String(repeating: "─", count: max(0, area.columns - used)), row: area.row, column: area.column + used,
            limit: max(0, area.columns - used), style: theme.dim)
        let inset = hasEdge ? 2 : 1
        if hasEdge {
            for row in area.row + 1..<area.row + area.rows {
                canvas.put("│", row: row, column: area.column, limit: 1, style: theme.dim)
            }
        }
        draw(
            &canvas,
            Rect(
                row: area.row + 1, column: area.column + inset, rows: area.rows - 1,
                columns: max(0, area.columns - inset)))
    }
}
