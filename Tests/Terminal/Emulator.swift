import Cells

/// A terminal in memory: what xterm does with the sequences that its terminfo entry names.
struct Emulator {
    private(set) var rows: Int
    private(set) var columns: Int
    private var cells: [Cell]
    private var row = 0
    private var column = 0
    /// Whether the last column was written and the next glyph wraps.
    private var wraps = false
    private var style = Style.plain
    private var top = 0
    private var bottom: Int
    private var last: Unicode.Scalar = " "
    private var pending: [UInt8] = []
    /// Sequences that no terminal was told to know.
    private(set) var unknown: [String] = []

    init(rows: Int, columns: Int) {
        (self.rows, self.columns, bottom) = (rows, columns, rows - 1)
        cells = Array(repeating: Cell(), count: rows * columns)
    }

    subscript(row: Int, column: Int) -> Cell {
        get { cells[row * columns + column] }
        set { cells[row * columns + column] = newValue }
    }

    /// Takes bytes as they come; a sequence may be continued by the next ones.
    mutating func take(_ bytes: [UInt8]) {
        var rest = (pending + bytes)[...]
        while let next = rest.first {
            guard let used = next == 27 ? escape(rest) : next < 32 || next == 127 ? control(next) : glyph(rest) else {
                break
            }
            rest = rest.dropFirst(used)
        }
        pending = Array(rest)
    }

    private mutating func control(_ byte: UInt8) -> Int {
        switch byte {
        case 8: column = max(0, column - 1)
        case 9: column = min(columns - 1, (column / 8 + 1) * 8)
        case 10: lineFeed()
        case 13: column = 0
        default: break
        }
        wraps = false
        return 1
    }

    private mutating func lineFeed() {
        if row == bottom { scroll(up: 1, from: top) } else { row = min(rows - 1, row + 1) }
    }

    // MARK: Glyphs

    private mutating func glyph(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
        guard bytes.count >= length else { return nil }
        if let scalar = String(decoding: bytes.prefix(length), as: UTF8.self).unicodeScalars.first { put(scalar) }
        return length
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        let width = displayWidth(scalar)
        // A mark would join the cell before it; none may ever come here.
        guard width > 0 else { return unknown.append("U+" + String(scalar.value, radix: 16)) }
        if wraps || column + width > columns {
            (column, wraps) = (0, false)
            lineFeed()
        }
        for place in column..<column + width { separate(row, place) }
        self[row, column] = Cell(glyph: scalar.value, style: style)
        if width == 2 { self[row, column + 1] = Cell(glyph: 0, style: style) }
        last = scalar
        column += width
        if column >= columns { (column, wraps) = (columns - 1, true) }
    }

    /// Blanks the other half of a wide glyph before one of its cells is changed.
    private mutating func separate(_ row: Int, _ column: Int) {
        if self[row, column].glyph == 0, column > 0 { self[row, column - 1].glyph = 32 }
        if column + 1 < columns, self[row, column + 1].glyph == 0 { self[row, column + 1].glyph = 32 }
    }

    // MARK: Sequences

    private mutating func escape(_ bytes: ArraySlice<UInt8>) -> Int? {
        let start = bytes.startIndex
        guard bytes.count > 1 else { return nil }
        switch bytes[start + 1] {
        case UInt8(ascii: "["):
            guard let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7e).contains($0) }) else { return nil }
            sequence(String(decoding: bytes[(start + 2)..<end], as: UTF8.self), Character(Unicode.Scalar(bytes[end])))
            return end - start + 1
        case UInt8(ascii: "]"):
            guard let end = bytes.firstIndex(of: 7) else { return nil }
            return end - start + 1
        case UInt8(ascii: "("), UInt8(ascii: ")"): return bytes.count > 2 ? 3 : nil
        case UInt8(ascii: "M"):
            if row == top { scroll(up: -1, from: top) } else { row = max(0, row - 1) }
            return 2
        case UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "7"), UInt8(ascii: "8"): return 2
        default:
            unknown.append("ESC " + String(Unicode.Scalar(bytes[start + 1])))
            return 2
        }
    }

    private mutating func sequence(_ text: String, _ final: Character) {
        // Modes, questions and settings of the window change no cell.
        if text.hasPrefix("?") || text.hasPrefix(">") || "hltnc".contains(final) { return }
        let numbers = text.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        let count = max(1, numbers.first ?? 1)
        if final == "m" { return render(numbers) }
        if final == "b" {
            for _ in 0..<count { put(last) }
            return
        }
        wraps = false
        switch final {
        case "H", "f": place(count - 1, (numbers.count > 1 ? max(1, numbers[1]) : 1) - 1)
        case "A": place(row - count, column)
        case "B": place(row + count, column)
        case "C": place(row, column + count)
        case "D": place(row, column - count)
        case "G": place(row, count - 1)
        case "d": place(count - 1, column)
        case "Z": column = max(0, (column - 1) / 8 * 8)
        case "J": eraseScreen(numbers.first ?? 0)
        case "K": eraseLine(numbers.first ?? 0)
        case "X": blank(row, column, min(columns, column + count))
        case "P": shift(left: count)
        case "@": shift(left: -count)
        case "L" where (top...bottom).contains(row): scroll(up: -count, from: row)
        case "M" where (top...bottom).contains(row): scroll(up: count, from: row)
        case "S": scroll(up: count, from: top)
        case "T": scroll(up: -count, from: top)
        case "r":
            top = count - 1
            bottom = min(rows, numbers.count > 1 && numbers[1] > 0 ? numbers[1] : rows) - 1
            place(0, 0)
        default: unknown.append("CSI " + text + String(final))
        }
    }

    private mutating func place(_ newRow: Int, _ newColumn: Int) {
        row = min(max(0, newRow), rows - 1)
        column = min(max(0, newColumn), columns - 1)
    }

    private mutating func render(_ numbers: [Int]) {
        var rest = numbers[...]
        while let number = rest.popFirst() {
            switch number {
            case 0: style = .plain
            case 1: style.attributes.insert(.bold)
            case 2: style.attributes.insert(.dim)
            case 3: style.attributes.insert(.italic)
            case 4: style.attributes.insert(.underline)
            case 7: style.attributes.insert(.reverse)
            case 22: style.attributes.subtract([.bold, .dim])
            case 23: style.attributes.remove(.italic)
            case 24: style.attributes.remove(.underline)
            case 27: style.attributes.remove(.reverse)
            case 30...37: style.foreground = Int16(number - 30)
            case 40...47: style.background = Int16(number - 40)
            case 90...97: style.foreground = Int16(number - 82)
            case 100...107: style.background = Int16(number - 92)
            case 39: style.foreground = -1
            case 49: style.background = -1
            case 38 where rest.count >= 2 && rest.first == 5:
                style.foreground = Int16(rest[rest.startIndex + 1])
                rest = rest.dropFirst(2)
            case 48 where rest.count >= 2 && rest.first == 5:
                style.background = Int16(rest[rest.startIndex + 1])
                rest = rest.dropFirst(2)
            default: unknown.append("SGR \(number)")
            }
        }
    }

    // MARK: Erasing and moving

    /// Blanks take the background that is set (`bce`).
    private var blankCell: Cell { Cell(glyph: 32, style: Style(background: style.background)) }

    private mutating func blank(_ row: Int, _ from: Int, _ to: Int) {
        guard from < to else { return }
        separate(row, from)
        separate(row, to - 1)
        for place in from..<to { self[row, place] = blankCell }
    }

    private mutating func eraseLine(_ mode: Int) {
        blank(row, mode == 0 ? column : 0, mode == 1 ? column + 1 : columns)
    }

    private mutating func eraseScreen(_ mode: Int) {
        for line in 0..<rows where mode == 2 || mode == 0 && line > row || mode == 1 && line < row {
            blank(line, 0, columns)
        }
        if mode < 2 { eraseLine(mode) }
    }

    /// Moves the rest of the line; what comes in is blank.
    private mutating func shift(left count: Int) {
        separate(row, column)
        let line = (column..<columns).map { self[row, $0] }
        for place in column..<columns {
            let source = place - column + count
            self[row, place] = line.indices.contains(source) ? line[source] : blankCell
        }
        // A wide glyph that was cut at an edge is none.
        if self[row, column].glyph == 0 { self[row, column].glyph = 32 }
        let end = self[row, columns - 1]
        if let scalar = Unicode.Scalar(end.glyph), end.glyph != 0, displayWidth(scalar) == 2 {
            self[row, columns - 1].glyph = 32
        }
    }

    private mutating func scroll(up count: Int, from first: Int) {
        let old = self
        for line in first...bottom {
            let source = line + count
            for place in 0..<columns {
                self[line, place] = (first...bottom).contains(source) ? old[source, place] : blankCell
            }
        }
    }
}

extension Emulator {
    /// The first cell that does not look as on a canvas; nil when there is none.
    func firstDifference(from canvas: Canvas) -> String? {
        for row in 0..<rows {
            for column in 0..<columns {
                let (shown, wanted) = (self[row, column], canvas[row, column])
                if seen(shown) != seen(wanted) { return "\(row), \(column): \(shown) is to be \(wanted)" }
            }
        }
        return nil
    }

    /// What an eye can tell: of a blank only its ground, and a line under it.
    private func seen(_ cell: Cell) -> Cell {
        if cell.glyph == 0 { return Cell(glyph: 0, style: .plain) }
        guard cell.glyph == 32 else { return cell }
        let isReverse = cell.style.attributes.contains(.reverse)
        let isLined = cell.style.attributes.contains(.underline)
        var style = Style(background: cell.style.background, attributes: cell.style.attributes)
        style.attributes.formIntersection([.reverse, .underline])
        if isReverse || isLined { style.foreground = cell.style.foreground }
        return Cell(glyph: 32, style: style)
    }
}
