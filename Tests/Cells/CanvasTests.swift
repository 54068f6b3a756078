import Cells
import TestProcesses
import Testing

private let bold = Style(attributes: .bold)

/// A canvas after some random writing and filling, wide glyphs and places off the canvas among it.
private func scribble(_ rows: Int, _ columns: Int, on start: Canvas? = nil, _ random: inout Randomness) -> Canvas {
    var canvas = start ?? Canvas(rows: rows, columns: columns)
    let texts = ["a", "viv", "日本語", "x日y", "e\u{301}", "──", "", "\u{1b}[2J", "한글 ok", "🐍"]
    let styles = [Style.plain, bold, Style(foreground: 3)]
    for _ in 0..<Int.random(in: 0...12, using: &random) {
        let row = Int.random(in: -2...rows + 1, using: &random)
        let column = Int.random(in: -2...columns + 1, using: &random)
        let style = styles.randomElement(using: &random) ?? .plain
        if Bool.random(using: &random) {
            canvas.put(
                texts.randomElement(using: &random) ?? "", row: row, column: column,
                limit: Int.random(in: -1...columns + 2, using: &random), style: style)
        } else {
            let size = (Int.random(in: -1...3, using: &random), Int.random(in: -1...5, using: &random))
            canvas.fill(Rect(row: row, column: column, rows: size.0, columns: size.1), glyph: 46, style: style)
        }
    }
    return canvas
}

/// Whether each second half has a wide glyph before it, and each wide glyph its second half.
private func isWhole(_ canvas: Canvas) -> Bool {
    for row in 0..<canvas.rows {
        for column in 0..<canvas.columns {
            let isWide = Unicode.Scalar(canvas[row, column].glyph).map { displayWidth($0) == 2 } ?? false
            let next = column + 1 < canvas.columns ? canvas[row, column + 1].glyph : 32
            if isWide != (next == 0) { return false }
        }
        if canvas[row, 0].glyph == 0 { return false }
    }
    return true
}

struct CanvasTests {
    @Test func aSizeBelowOneBecomesOne() {
        let canvas = Canvas(rows: 0, columns: -5)
        #expect(canvas.rows == 1 && canvas.columns == 1 && canvas[0, 0] == Cell())
    }

    @Test func textIsClippedAtTheLimitAndAtTheEdge() {
        var canvas = Canvas(rows: 2, columns: 6)
        #expect(canvas.put("abcdef", row: 0, column: 1, limit: 3, style: bold) == 3)
        #expect(canvas.text(row: 0) == " abc")
        #expect(canvas[0, 1].style == bold && canvas[0, 4].style == .plain)
        #expect(canvas.put("abcdef", row: 1, column: 4, limit: 100, style: bold) == 2)
        #expect(canvas.text(row: 1) == "    ab")
    }

    @Test(arguments: [(-1, 0), (2, 0), (0, -1), (0, 6)])
    func textOffTheCanvasIsNotWritten(_ row: Int, _ column: Int) {
        var canvas = Canvas(rows: 2, columns: 6)
        #expect(canvas.put("x", row: row, column: column, limit: 6, style: bold) == 0)
        #expect(canvas == Canvas(rows: 2, columns: 6))
    }

    @Test func aWideGlyphIsWrittenWholeOrNotAtAll() {
        var canvas = Canvas(rows: 1, columns: 4)
        #expect(canvas.put("a日本", row: 0, column: 0, limit: 4, style: .plain) == 3)
        #expect(canvas.text(row: 0) == "a日")
        #expect(canvas[0, 2].glyph == 0 && canvas[0, 3].glyph == 32)
    }

    @Test func whatOverwritesHalfAWideGlyphBlanksTheOther() {
        var first = Canvas(rows: 1, columns: 4)
        first.put("日本", row: 0, column: 0, limit: 4, style: .plain)
        var second = first
        first.put("x", row: 0, column: 1, limit: 1, style: .plain)
        #expect(first.text(row: 0) == " x本")
        second.put("語", row: 0, column: 1, limit: 2, style: .plain)
        #expect(second.text(row: 0) == " 語")
        var filled = Canvas(rows: 1, columns: 6)
        filled.put("日本語", row: 0, column: 0, limit: 6, style: .plain)
        filled.fill(Rect(row: 0, column: 1, rows: 1, columns: 4), glyph: 45, style: .plain)
        #expect(filled.text(row: 0) == " ----")
    }

    @Test func controlAndCombiningScalarsNeverReachACell() {
        var canvas = Canvas(rows: 1, columns: 8)
        #expect(canvas.put("\u{1b}[\u{9b}e\u{301}\u{202e}\r\n!", row: 0, column: 0, limit: 8, style: .plain) == 3)
        #expect(canvas.text(row: 0) == "[e!")
    }

    @Test func aRectangleIsClippedToTheCanvas() {
        var canvas = Canvas(rows: 3, columns: 3)
        canvas.fill(Rect(row: -5, column: -5, rows: 7, columns: 7), glyph: 35, style: bold)
        #expect((0..<3).map { canvas.text(row: $0) } == ["##", "##", ""])
        let before = canvas
        canvas.fill(Rect(row: 5, column: 0, rows: 2, columns: 2), glyph: 46, style: bold)
        canvas.fill(Rect(row: 0, column: 7, rows: 2, columns: 2), glyph: 46, style: bold)
        canvas.fill(Rect(row: 1, column: 1, rows: 0, columns: 5), glyph: 46, style: bold)
        #expect(canvas == before)
    }

    @Test func aRectangleIsTakenOverFromACanvasOfTheSameSizeOnly() {
        var old = Canvas(rows: 3, columns: 6)
        for row in 0..<3 { old.put("abcdef", row: row, column: 0, limit: 6, style: Style()) }
        var new = Canvas(rows: 3, columns: 6)
        new.copy(Rect(row: 1, column: 2, rows: 9, columns: 3), from: old)
        #expect((0..<3).map { new.text(row: $0) } == ["", "  cde", "  cde"])
        let before = new
        new.copy(Rect(row: 0, column: 0, rows: 3, columns: 6), from: Canvas(rows: 3, columns: 5))
        new.copy(Rect(row: 0, column: 0, rows: 0, columns: 0), from: old)
        #expect(new == before)
    }

    @Test func wideGlyphsStayWholeWhateverIsWrittenOverThem() {
        var random = Randomness(seed: 3)
        for _ in 0..<3000 {
            let canvas = scribble(4, 11, &random)
            #expect(isWhole(canvas))
        }
    }
}

struct CanvasDifferenceTests {
    private struct Run: Equatable {
        var row: Int
        var columns: Range<Int>
        var style: Style
    }

    private func runs(_ new: Canvas, from old: Canvas?) -> [Run] {
        var runs: [Run] = []
        new.differences(from: old) { runs.append(Run(row: $0, columns: $1, style: $2)) }
        return runs
    }

    @Test func equalCanvasesDoNotDiffer() {
        var canvas = Canvas(rows: 5, columns: 9)
        canvas.put("日本語 ok", row: 2, column: 1, limit: 8, style: bold)
        #expect(runs(canvas, from: canvas) == [])
    }

    @Test func oneChangedCellIsOneRunOfOne() {
        let old = Canvas(rows: 3, columns: 5)
        var new = old
        new.put("x", row: 1, column: 3, limit: 1, style: bold)
        #expect(runs(new, from: old) == [Run(row: 1, columns: 3..<4, style: bold)])
    }

    @Test func neighboursOfOneStyleAreOneRunAndTwoStylesAreTwo() {
        let old = Canvas(rows: 1, columns: 8)
        var new = old
        new.put("abc", row: 0, column: 1, limit: 3, style: bold)
        new.put("de", row: 0, column: 4, limit: 2, style: .plain)
        #expect(
            runs(new, from: old) == [
                Run(row: 0, columns: 1..<4, style: bold), Run(row: 0, columns: 4..<6, style: .plain),
            ])
    }

    @Test func withoutAnOldCanvasOrWithOneOfAnotherSizeEverythingDiffers() {
        let new = Canvas(rows: 2, columns: 4)
        let whole = [Run(row: 0, columns: 0..<4, style: .plain), Run(row: 1, columns: 0..<4, style: .plain)]
        #expect(runs(new, from: nil) == whole)
        #expect(runs(new, from: Canvas(rows: 4, columns: 2)) == whole)
    }

    @Test func aChangeOfStyleAloneIsADifference() {
        var old = Canvas(rows: 1, columns: 3)
        old.put("abc", row: 0, column: 0, limit: 3, style: .plain)
        var new = old
        new.put("b", row: 0, column: 1, limit: 1, style: bold)
        #expect(runs(new, from: old) == [Run(row: 0, columns: 1..<2, style: bold)])
    }

    /// What a terminal does with the runs: it writes each one's glyphs from its first column on, wide ones as two cells.
    private func shown(_ new: Canvas, on screen: Canvas) -> Canvas {
        var screen = screen
        new.differences(from: screen) { row, columns, style in
            var text = ""
            for column in columns {
                guard let scalar = Unicode.Scalar(new[row, column].glyph), scalar.value != 0 else { continue }
                text.unicodeScalars.append(scalar)
            }
            let used = screen.put(text, row: row, column: columns.lowerBound, limit: columns.count, style: style)
            #expect(used == columns.count)
        }
        return screen
    }

    @Test func aTerminalThatTakesTheRunsShowsTheNewCanvas() {
        var random = Randomness(seed: 7)
        for round in 0..<3000 {
            let old = scribble(4, 11, &random)
            let new = scribble(4, 11, on: round % 2 == 0 ? old : nil, &random)
            #expect(shown(new, on: old) == new)
        }
    }

    @Test func runsAreNotEmptyAndHaveOneStyle() {
        var random = Randomness(seed: 11)
        for _ in 0..<150 {
            let old = scribble(3, 9, &random)
            let new = scribble(3, 9, on: old, &random)
            for run in runs(new, from: old) {
                #expect(!run.columns.isEmpty && run.columns.lowerBound >= 0 && run.columns.upperBound <= 9)
                for column in run.columns { #expect(new[run.row, column].style == run.style) }
                #expect(new[run.row, run.columns.lowerBound].glyph != 0)
                #expect(run.columns.contains { new[run.row, $0] != old[run.row, $0] })
            }
        }
    }
}
