import Cells
import Glibc
import Terminal
import TestProcesses
import Testing

/// A canvas with some more on it: texts of every width, rectangles, lines that moved up or down.
private func changed(_ canvas: Canvas, _ random: inout Randomness) -> Canvas {
    let texts = [
        "a", "plain text", "日本語", "wide 漢字 and 한글", "e\u{301}tat\u{200d}", "─│┌┐└┘▁▂▃█", "naïve ÿ", "ж", "       ",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxx", "\u{1b}[2J", "●", "日",
    ]
    var canvas = canvas
    for _ in 0..<Int.random(in: 0...6, using: &random) {
        let style = Style(
            foreground: [-1, -1, 1, 7, 9, 15, 16, 196, 255].randomElement(using: &random) ?? -1,
            background: [-1, -1, -1, 0, 4, 12, 236].randomElement(using: &random) ?? -1,
            attributes: .init(rawValue: [0, 0, 0, 1, 2, 4, 8, 16, 9, 31].randomElement(using: &random) ?? 0))
        let row = Int.random(in: 0..<canvas.rows, using: &random)
        let column = Int.random(in: 0..<canvas.columns, using: &random)
        switch Int.random(in: 0...9, using: &random) {
        case 0:
            let size = (Int.random(in: 1...6, using: &random), Int.random(in: 1...canvas.columns, using: &random))
            let glyph: UInt32 = [32, 32, 46, 0x2500].randomElement(using: &random) ?? 32
            canvas.fill(Rect(row: row, column: column, rows: size.0, columns: size.1), glyph: glyph, style: style)
        case 1: canvas = moved(canvas, by: Int.random(in: -4...4, using: &random))
        case 2:
            canvas.fill(Rect(row: 0, column: 0, rows: canvas.rows, columns: canvas.columns), glyph: 32, style: style)
        default:
            canvas.put(
                texts.randomElement(using: &random) ?? "", row: row, column: column, limit: canvas.columns, style: style
            )
        }
    }
    return canvas
}

/// The lines further up or down, as when a table scrolls.
private func moved(_ canvas: Canvas, by count: Int) -> Canvas {
    var moved = canvas
    for row in 0..<canvas.rows {
        let source = row + count
        guard (0..<canvas.rows).contains(source) else { continue }
        for column in 0..<canvas.columns { moved[row, column] = canvas[source, column] }
    }
    return moved
}

/// Keys as xterm sends them to a program that asked for its keypad.
private let sequences: [(String, Key)] = [
    ("\u{1b}OA", .up), ("\u{1b}OB", .down), ("\u{1b}OC", .right), ("\u{1b}OD", .left), ("\u{1b}OH", .home),
    ("\u{1b}OF", .end), ("\u{1b}[5~", .pageUp), ("\u{1b}[6~", .pageDown), ("\u{1b}[2~", .insert),
    ("\u{1b}[3~", .delete), ("\u{1b}[Z", .backTab), ("\t", .tab), ("\r", .enter), ("\n", .enter),
    ("\u{7f}", .backspace),
    ("\u{8}", .backspace), ("\u{1b}OP", .function(1)), ("\u{1b}OS", .function(4)), ("\u{1b}[15~", .function(5)),
    ("\u{1b}[24~", .function(12)), ("q", .character("q")), (" ", .character(" ")), ("~", .character("~")),
    ("é", .character("é")), ("日", .character("日")), ("🐍", .character("🐍")), ("\u{3}", .control("C")),
    ("\u{c}", .control("L")), ("\u{1a}", .control("Z")), ("\u{1b}x", .alt("x")), ("\u{1b}é", .alt("é")),
    ("\u{1b}", .escape),
]

/// The next key, once it has arrived.
@MainActor private func key(of terminal: CursesTerminal) -> Key? {
    for _ in 0..<2_000 {
        if let key = terminal.nextKey() { return key }
        usleep(1_000)
    }
    return nil
}

/// A screen on a pseudo-terminal, as large and of the kind that a test asks for, and what the test does to both.
@MainActor private func withScreen(
    rows: Int = 24, columns: Int = 80, locale: String = "C.UTF-8", escapeDelayMilliseconds: Int = 25,
    mouse: Bool = false, usesColor: Bool = true,
    _ body: @MainActor (CursesTerminal, inout PseudoTerminal) throws -> Void
) throws {
    var pseudo = try PseudoTerminal(rows: rows, columns: columns, locale: locale)
    let terminal = try CursesTerminal(
        escapeDelayMilliseconds: escapeDelayMilliseconds, mouse: mouse, usesColor: usesColor)
    try body(terminal, &pseudo)
    terminal.close()
}

/// Each in a process of its own: the screen is standard input and output, and ncurses has one state.
@Suite struct CursesTerminalTests {
    @Test func whateverWasShownBeforeThePictureIsTheCanvas() async {
        await #expect(processExitsWith: .success) {
            try await withScreen(rows: 12, columns: 40) { terminal, pseudo in
                var emulator = Emulator(rows: 12, columns: 40)
                var canvas = Canvas(rows: 12, columns: 40)
                var random = Randomness(seed: 17)
                for round in 0..<2_000 {
                    canvas = changed(canvas, &random)
                    // Everything anew must give the picture that the differences gave.
                    if round % 40 == 39 { terminal.repaint() }
                    if round % 100 == 99 {
                        let size = (rows: 3 + Int(random.next() % 20), columns: 5 + Int(random.next() % 60))
                        pseudo.resize(rows: size.rows, columns: size.columns)
                        terminal.resize()
                        try #require(terminal.size.rows == size.rows && terminal.size.columns == size.columns)
                        emulator = Emulator(rows: size.rows, columns: size.columns)
                        canvas = changed(Canvas(rows: size.rows, columns: size.columns), &random)
                    }
                    terminal.show(canvas)
                    emulator.take(pseudo.output())
                    let difference = emulator.firstDifference(from: canvas)
                    try #require(difference == nil, "round \(round) of seed 17")
                    try #require(emulator.unknown == [])
                }
                terminal.show(canvas)
                #expect(pseudo.output() == [], "the same canvas says nothing")
            }
        }
    }

    @Test func bytesBecomeTheKeysThatTheyStandFor() async {
        await #expect(processExitsWith: .success) {
            try await withScreen { terminal, pseudo in
                terminal.show(Canvas(rows: 24, columns: 80))
                _ = pseudo.output()
                #expect(terminal.nextKey() == nil)
                for (bytes, wanted) in sequences {
                    pseudo.type(Array(bytes.utf8))
                    #expect(key(of: terminal) == wanted, "\(Array(bytes.utf8))")
                    #expect(terminal.nextKey() == nil, "\(Array(bytes.utf8))")
                }
                // Typed ahead, all at once; ESC by itself would join what follows it.
                let typed = sequences.filter { $0.1 != .escape }
                pseudo.type(typed.flatMap { Array($0.0.utf8) })
                for (bytes, wanted) in typed { #expect(key(of: terminal) == wanted, "\(Array(bytes.utf8))") }
            }
        }
    }

    @Test func bytesThatAreNoCharacterAreDroppedAndNothingElseIs() async {
        await #expect(processExitsWith: .success) {
            try await withScreen { terminal, pseudo in
                terminal.show(Canvas(rows: 24, columns: 80))
                _ = pseudo.output()
                let bursts: [([UInt8], [Key])] = [
                    ([0xff] + Array("jk".utf8), [.character("j"), .character("k")]),
                    (Array("j".utf8) + [0xc3] + Array("k".utf8), [.character("j"), .character("k")]),
                    ([0x97, 0xe6, 0x97] + Array("é\r".utf8), [.character("é"), .enter]),
                    ([0xed, 0xa0, 0x80, 0xc0, 0x80, 0xf5] + Array("日".utf8), [.character("日")]),
                    ([0xf0, 0x9f] + Array("\u{1b}OA".utf8) + [0x8d] + Array("q".utf8), [.up, .character("q")]),
                    ([0x1b, 0xff] + Array("z".utf8), [.alt("z")]),
                    ([0] + Array("a".utf8), [.control("@"), .character("a")]),
                    (Array(repeating: 0xfe, count: 2_000) + Array("x".utf8), [.character("x")]),
                ]
                for (bytes, keys) in bursts {
                    pseudo.type(bytes)
                    for wanted in keys { #expect(key(of: terminal) == wanted, "\(bytes.prefix(20))") }
                    #expect(terminal.nextKey() == nil, "\(bytes.prefix(20))")
                }
                // A slow line: the rest of a character comes later.
                pseudo.type([0xe6, 0x97])
                usleep(20_000)
                #expect(terminal.nextKey() == nil)
                pseudo.type([0xa5])
                #expect(key(of: terminal) == .character("日"))
            }
        }
    }

    @Test func anyBytesAreKeysOrNothingAndTheNextOneIsUnderstood() async {
        await #expect(processExitsWith: .success) {
            try await withScreen(escapeDelayMilliseconds: 1, mouse: true) { terminal, pseudo in
                terminal.show(Canvas(rows: 24, columns: 80))
                var random = Randomness(seed: 3)
                for _ in 0..<300 {
                    let noise = (0..<random.next() % 40).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                    pseudo.type(noise)
                    // The noise may end within a character or a sequence, which what is typed in one go would belong to.
                    var quiet = 0
                    while quiet < 4 {
                        quiet = terminal.nextKey() == nil ? quiet + 1 : 0
                        usleep(500)
                    }
                    pseudo.type([UInt8(ascii: "z")])
                    try #require(key(of: terminal) == .character("z"), "\(noise)")
                }
            }
        }
    }

    @Test func theMouseIsReported() async {
        await #expect(processExitsWith: .success) {
            try await withScreen(mouse: true) { terminal, pseudo in
                terminal.show(Canvas(rows: 24, columns: 80))
                let said = String(decoding: pseudo.output(), as: UTF8.self)
                try #require(said.contains("\u{1b}[?1006") && said.contains("h"))
                for (button, kind) in [(0, MouseEvent.Kind.press), (64, .wheelUp), (65, .wheelDown)] {
                    pseudo.type(Array("\u{1b}[<\(button);5;3M".utf8))
                    #expect(key(of: terminal) == .mouse(MouseEvent(row: 2, column: 4, kind: kind)), "button \(button)")
                    if button == 0 { pseudo.type(Array("\u{1b}[<0;5;3m".utf8)) }
                    usleep(20_000)
                    while terminal.nextKey() != nil {}
                }
            }
        }
    }

    @Test func withoutATerminalTheRemedyIsNamed() async {
        await #expect(processExitsWith: .success) {
            await MainActor.run {
                close(0)
                _ = unsafe open("/dev/null", O_RDWR)
                let error = #expect(throws: TerminalError.self) {
                    try CursesTerminal(escapeDelayMilliseconds: 25, mouse: false, usesColor: true)
                }
                #expect(error?.description.contains("viv ps") == true)
            }
        }
    }

    @Test func aTerminalThatCannotShowAScreenIsRefused() async {
        await #expect(processExitsWith: .success) {
            try await MainActor.run {
                _ = try PseudoTerminal(rows: 24, columns: 80, type: "dumb")
                let error = #expect(throws: TerminalError.self) {
                    try CursesTerminal(escapeDelayMilliseconds: 25, mouse: false, usesColor: true)
                }
                #expect(error?.description.contains("dumb") == true)
            }
        }
    }

    @Test func aGlyphThatTheLibraryDoesNotKnowMovesNothing() async {
        await #expect(processExitsWith: .success) {
            try await withScreen(rows: 6, columns: 30, usesColor: false) { terminal, pseudo in
                // No character has this number, and it is as wide as its neighbours that are one.
                var (canvas, wanted) = (Canvas(rows: 6, columns: 30), Canvas(rows: 6, columns: 30))
                canvas.put("a\u{2fff0}b日c\u{378}d", row: 2, column: 3, limit: 27, style: .plain)
                wanted.put("a\u{fffd}\u{fffd}b日c\u{fffd}d", row: 2, column: 3, limit: 27, style: .plain)
                terminal.show(canvas)
                var emulator = Emulator(rows: 6, columns: 30)
                emulator.take(pseudo.output())
                #expect(emulator.firstDifference(from: wanted) == nil && emulator.unknown == [])
            }
        }
    }

    @Test func inAnAsciiLocaleOnlyAsciiIsWritten() async {
        await #expect(processExitsWith: .success) {
            try await withScreen(rows: 6, columns: 30, locale: "C", usesColor: false) { terminal, pseudo in
                var canvas = Canvas(rows: 6, columns: 30)
                canvas.put("日本 é ─│▁█ ok", row: 2, column: 3, limit: 27, style: Style(foreground: 1))
                terminal.show(canvas)
                let bytes = pseudo.output()
                #expect(bytes.allSatisfy { $0 < 0x80 })
                var emulator = Emulator(rows: 6, columns: 30)
                emulator.take(bytes)
                var ascii = Canvas(rows: 6, columns: 30)
                for column in 0..<30 {
                    ascii[2, column] = Cell(glyph: asciiGlyph(canvas[2, column].glyph), style: .plain)
                }
                #expect(emulator.firstDifference(from: ascii) == nil && emulator.unknown == [])
            }
        }
    }
}
