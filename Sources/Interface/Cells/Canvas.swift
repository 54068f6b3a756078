/// A screen in memory: what panels draw on and tests read.
public struct Canvas: Sendable, Equatable {
    /// Lines, at least 1.
    public let rows: Int
    /// Cells of a line, at least 1.
    public let columns: Int
    private var cells: ContiguousArray<Cell>

    /// A blank canvas; sizes below 1 become 1.
    public init(rows: Int, columns: Int) {
        self.rows = max(1, rows)
        self.columns = max(1, columns)
        cells = ContiguousArray(repeating: Cell(), count: self.rows * self.columns)
    }

    /// The cell at a place, which must be on the canvas.
    public subscript(row: Int, column: Int) -> Cell {
        get { cells[row * columns + column] }
        set { cells[row * columns + column] = newValue }
    }

    /// Writes text from `column` on, at most `limit` cells, never half a wide glyph; zero-width scalars are dropped.
    ///
    /// - Returns: cells used.
    @discardableResult
    public mutating func put(_ text: String, row: Int, column: Int, limit: Int, style: Style) -> Int {
        guard row >= 0, row < rows, column >= 0, column < columns else { return 0 }
        let end = min(columns, column + max(0, limit))
        var place = column
        for scalar in text.unicodeScalars {
            let width = displayWidth(scalar)
            if width == 0 { continue }
            guard place + width <= end else { break }
            erase(row, place)
            self[row, place] = Cell(glyph: scalar.value, style: style)
            if width == 2 {
                erase(row, place + 1)
                self[row, place + 1] = Cell(glyph: 0, style: style)
            }
            place += width
        }
        return place - column
    }

    /// Fills a rectangle, clipped to the canvas, with one glyph of width one.
    public mutating func fill(_ area: Rect, glyph: UInt32, style: Style) {
        let right = min(columns, area.column + area.columns)
        for row in max(0, area.row)..<max(0, area.row, min(rows, area.row + area.rows)) {
            let left = max(0, area.column)
            guard left < right else { return }
            erase(row, left)
            erase(row, right - 1)
            for column in left..<right { self[row, column] = Cell(glyph: glyph, style: style) }
        }
    }

    /// Takes the cells of a rectangle over from another canvas of the same size; does nothing where the sizes differ.
    public mutating func copy(_ area: Rect, from other: Canvas) {
        guard other.rows == rows, other.columns == columns, area.columns > 0 else { return }
        for row in max(0, area.row)..<max(0, area.row, min(rows, area.row + area.rows)) {
            let (left, right) = (max(0, area.column), min(columns, area.column + area.columns))
            guard left < right else { return }
            erase(row, left)
            erase(row, right - 1)
            for column in left..<right { self[row, column] = other[row, column] }
        }
    }

    /// Blanks the other half of a wide glyph before one of its cells is overwritten.
    private mutating func erase(_ row: Int, _ column: Int) {
        if self[row, column].glyph == 0, column > 0 { self[row, column - 1].glyph = 32 }
        if column + 1 < columns, self[row, column + 1].glyph == 0 { self[row, column + 1].glyph = 32 }
    }

    /// One row as text without trailing blanks.
    public func text(row: Int) -> String {
        var text = ""
        for column in 0..<columns {
            guard self[row, column].glyph != 0, let scalar = Unicode.Scalar(self[row, column].glyph) else { continue }
            text.unicodeScalars.append(scalar)
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// Calls `body` for each stretch of cells in one row and one style that differs from `old`.
    public func differences(from old: Canvas?, _ body: (_ row: Int, _ columns: Range<Int>, _ style: Style) -> Void) {
        let comparable = old.flatMap { $0.rows == rows && $0.columns == columns ? $0 : nil }
        for row in 0..<rows {
            var column = 0
            while column < columns {
                guard comparable.map({ $0[row, column] != self[row, column] }) ?? true else {
                    column += 1
                    continue
                }
                var start = column
                if self[row, start].glyph == 0, start > 0 { start -= 1 }
                let style = self[row, start].style
                column += 1
                while column < columns, self[row, column].style == style,
                    self[row, column].glyph == 0 || (comparable.map { $0[row, column] != self[row, column] } ?? true)
                {
                    column += 1
                }
                body(row, start..<column, style)
            }
        }
    }
}
