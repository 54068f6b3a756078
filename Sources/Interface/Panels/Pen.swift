import Cells

/// Writes pieces of a line one after another into a rectangle of the canvas.
struct Pen {
    var row: Int
    private(set) var column: Int
    private let end: Int
    private let bottom: Int

    init(_ rect: Rect, line: Int = 0, indent: Int = 0) {
        row = rect.row + line
        column = rect.column + indent
        end = rect.column + rect.columns
        bottom = rect.row + rect.rows
    }

    /// Cells left on the line.
    var room: Int { max(0, end - column) }

    /// Writes text that is known to be harmless, clipped at the rectangle's edge.
    mutating func write(_ text: String, _ style: Style, _ canvas: inout Canvas) {
        guard row < bottom, room > 0 else { return }
        column += canvas.put(text, row: row, column: column, limit: room, style: style)
    }

    /// Writes text from outside: control characters and alike are made visible first.
    mutating func writeOutside(_ text: String, _ style: Style, _ canvas: inout Canvas) {
        // A command line can be 128 KiB; no screen shows more than this.
        write(visible(String(text.prefix(1024))), style, &canvas)
    }

    /// Writes text into a field of fixed width.
    mutating func field(_ text: String, width: Int, right: Bool, _ style: Style, _ canvas: inout Canvas) {
        guard row < bottom, room > 0 else { return }
        let shown = displayWidth(text)
        let limit = min(width, room)
        let start = column
        if right, shown < width { column += min(limit, width - shown) }
        if column < start + limit {
            canvas.put(text, row: row, column: column, limit: start + limit - column, style: style)
        }
        column = start + limit
    }

    /// Leaves cells blank.
    mutating func skip(_ cells: Int) { column = min(end, column + cells) }
}

/// The eight heights of a sparkline.
private let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

/// A series as bars, newest right; the tallest is the largest of what is shown, or `ceiling`.
func sparkline(_ series: Trends.Series, width: Int, ceiling: Double? = nil) -> String {
    let shown = series.values.suffix(max(0, width))
    let peak = max(ceiling ?? 0, shown.compactMap { $0 }.max() ?? 0)
    var text = String(repeating: " ", count: max(0, width - shown.count))
    for value in shown {
        guard let value else {
            text.append("·")
            continue
        }
        let level = peak > 0 ? Int((value / peak * 7).rounded()) : 0
        text.append(bars[min(7, max(0, level))])
    }
    return text
}

/// A bar of that many cells filled in proportion.
func gauge(_ percent: Double, width: Int) -> String {
    let filled = min(width, max(0, Int((percent / 100 * Double(width)).rounded())))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: max(0, width - filled))
}
