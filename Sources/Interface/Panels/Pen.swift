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

    /// Goes on at a column of the canvas.
    mutating func move(to place: Int) { column = min(end, place) }

    /// Leaves cells blank.
    mutating func skip(_ cells: Int) { column = min(end, column + max(0, cells)) }
}

/// Writes text from outside in as many lines as it takes: a remedy that is cut off is none.
///
/// - Returns: how many lines there are.
@discardableResult
func write(_ text: String, wrappedInto area: Rect, from first: Int = 0, _ style: Style, _ canvas: inout Canvas) -> Int {
    let lines = wrapped(visible(String(text.prefix(1024))), to: area.columns)
    for (line, text) in lines.enumerated() {
        var pen = Pen(area, line: first + line)
        pen.write(text, style, &canvas)
    }
    return lines.count
}

/// Text with blanks before it, so that it takes the same room whatever the number is.
func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - displayWidth(text))) + text
}

/// Text of at most that many cells; what had to be cut ends in `…`.
func clipped(_ text: String, to width: Int) -> String {
    guard displayWidth(text) > width else { return text }
    guard width > 0 else { return "" }
    var kept = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
        used += displayWidth(scalar)
        if used > width - 1 { break }
        kept.append(scalar)
    }
    return String(kept) + "…"
}

/// Text of at most that many cells; what had to be cut is its beginning: the end of a path tells more.
func ending(_ text: String, to width: Int) -> String {
    guard displayWidth(text) > width else { return text }
    guard width > 0 else { return "" }
    var kept: [Unicode.Scalar] = []
    var used = 1
    for scalar in text.unicodeScalars.reversed() {
        used += displayWidth(scalar)
        if used > width { break }
        kept.append(scalar)
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: kept.reversed())
    return "…" + String(view)
}

/// Text of at most that many cells; what had to be cut is in its middle: names of one pool differ at their ends.
func shortened(_ text: String, to width: Int) -> String {
    guard displayWidth(text) > width, width > 2 else { return clipped(text, to: width) }
    var end = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars.reversed() {
        used += displayWidth(scalar)
        if used > (width - 1) / 2 { break }
        end.insert(scalar, at: end.startIndex)
    }
    return clipped(text, to: width - displayWidth(String(end))) + String(end)
}

/// Text in lines of at most that many cells, broken between words where that is possible.
func wrapped(_ text: String, to width: Int) -> [String] {
    let width = max(8, width)
    var lines: [String] = []
    // Two blanks stand between a name with its value and the next: such a pair stays on one line.
    // A number that is padded belongs to the name before it.
    var pairs: [String] = []
    for piece in text.split(separator: "  ", omittingEmptySubsequences: false) {
        if piece.first?.isLetter == true || pairs.isEmpty {
            pairs.append(String(piece))
        } else {
            pairs[pairs.count - 1] += "  " + piece
        }
    }
    if pairs.count > 1, pairs.allSatisfy({ displayWidth($0) <= width }) {
        for pair in pairs {
            if let last = lines.last, displayWidth(last) + 2 + displayWidth(pair) <= width {
                lines[lines.count - 1] = last + "  " + pair
            } else {
                lines.append(pair)
            }
        }
        return lines
    }
    var line = "", used = 0
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
        let needed = displayWidth(String(word))
        if used > 0, used + 1 + needed > width {
            lines.append(line)
            (line, used) = ("", 0)
            if word.isEmpty { continue }
        } else if used > 0 || !line.isEmpty {
            line += " "
            used += 1
        }
        guard needed > width else {
            line += word
            used += needed
            continue
        }
        for scalar in word.unicodeScalars {
            if used + displayWidth(scalar) > width {
                lines.append(line)
                (line, used) = ("", 0)
            }
            line.unicodeScalars.append(scalar)
            used += displayWidth(scalar)
        }
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
}

/// A command line without the directories of the program, and of the script of a Python.
///
/// `/srv/venv/bin/python /srv/venv/bin/gunicorn -w 3` is `python gunicorn -w 3`: what tells processes apart comes first.
/// The details have all of it.
func shortCommand(_ line: String) -> String {
    var words = line.prefix(4096).split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard let program = words.first, program.hasPrefix("/") || program.contains("/python") else { return line }
    words[0] = lastPart(program)
    if words.count > 1, words[0].hasPrefix("python"), words[1].hasPrefix("/") { words[1] = lastPart(words[1]) }
    return words.joined(separator: " ")
}

private func lastPart(_ path: Substring) -> Substring {
    guard let slash = path.lastIndex(of: "/") else { return path }
    let name = path[path.index(after: slash)...]
    return name.isEmpty ? path : name
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
