import Cells
import Glibc
import Testing

struct DisplayWidthTests {
    @Test(arguments: ["a", "~", " ", "é", "ß", "Ж", "λ", "─", "│", "█", "▁", "·", "…", "✝", "▸", "→", "≤", "\u{fffd}"])
    func lettersAndWhatPanelsDrawTakeOneCell(_ text: String) {
        #expect(displayWidth(text) == 1)
    }

    @Test(arguments: ["日", "ア", "한", "，", "Ａ", "🐍", "😀", "🇩", "⏰", "✅", "\u{20000}", "\u{4dc0}", "\u{1b000}"])
    func eastAsianAndEmojiTakeTwo(_ text: String) {
        // A flag is two letters of one cell each until a terminal joins them.
        #expect(displayWidth(text) == (text == "🇩" ? 1 : 2))
    }

    @Test func controlCharactersTakeNone() {
        for value in Array(0..<32) + Array(127..<160) as [UInt8] {
            #expect(displayWidth(Unicode.Scalar(value)) == 0)
        }
    }

    @Test func everyCombiningMarkOfUnicodeTakesNone() {
        var wrong: [UInt32] = []
        for value in 0...0x10ffff as ClosedRange<UInt32> {
            guard let scalar = Unicode.Scalar(value) else { continue }
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark: if displayWidth(scalar) != 0 { wrong.append(value) }
            default: break
            }
        }
        #expect(wrong == [])
    }

    @Test(arguments: [
        "\u{200b}", "\u{200d}", "\u{202e}", "\u{2066}", "\u{feff}", "\u{fe0f}", "\u{1160}", "\u{d7b0}", "\u{e0041}",
    ])
    func joinersAndOverridesTakeNone(_ text: String) {
        #expect(displayWidth(text) == 0)
    }

    /// Where the C library says something else, with our width and the reason.
    private static let deviations: [(scalars: ClosedRange<UInt32>, width: Int, reason: String)] = [
        (0xad...0xad, 0, "a soft hyphen is seen at the end of a line only, and no line is broken there"),
        (0x1f3fb...0x1f3ff, 0, "a skin tone joins the emoji before it, and by itself means nothing in a command line"),
    ]

    @Test func theCLibrarySaysTheSameOfEveryScalarThatItKnows() {
        typealias WidthOf = @convention(c) (Int32) -> Int32
        guard let address = unsafe dlsym(nil, "wcwidth"),
            let locale = unsafe newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
        else {
            Issue.record("no wcwidth or no C.UTF-8")
            return
        }
        let wcwidth = unsafe unsafeBitCast(address, to: WidthOf.self)
        let before = unsafe uselocale(locale)
        defer {
            unsafe uselocale(before)
            unsafe freelocale(locale)
        }
        var wrong: [String] = []
        var known = 0
        for value in 0x20...0x10ffff as ClosedRange<UInt32> {
            guard let scalar = Unicode.Scalar(value) else { continue }
            // Control characters and what its Unicode does not have yet: it says nothing of those.
            let expected = wcwidth(Int32(value))
            guard expected >= 0 else { continue }
            known += 1
            let deviation = DisplayWidthTests.deviations.first { $0.scalars.contains(value) }
            if displayWidth(scalar) != deviation?.width ?? Int(expected) { wrong.append(String(value, radix: 16)) }
        }
        #expect(wrong == [])
        #expect(known > 280_000, "a library of another locale would say nothing")
    }

    @Test func aTextTakesTheSumOfItsScalars() {
        #expect(displayWidth("e\u{301}tat 日本\u{7}!") == 10)
        #expect(displayWidth("") == 0)
        // Both as one character to Swift; the terminal counts scalars.
        #expect(displayWidth("\r\n") == 0)
        #expect(displayWidth("👩\u{200d}💻") == 4)
    }
}

struct AsciiGlyphTests {
    @Test func everyGlyphBecomesOnePrintableCharacter() {
        for glyph in 0...0x11_0000 as ClosedRange<UInt32> {
            let shown = asciiGlyph(glyph)
            guard (32..<127).contains(shown) else {
                Issue.record("\(glyph) becomes \(shown)")
                return
            }
        }
        #expect((32..<127).contains(asciiGlyph(.max)))
    }

    @Test func asciiStaysAsItIs() {
        for glyph in 32..<127 as Range<UInt32> { #expect(asciiGlyph(glyph) == glyph) }
    }

    @Test func theHeightsOfASparklineStayDistinctFromNothing() {
        let heights = "▁▂▃▄▅▆▇█".unicodeScalars.map { asciiGlyph($0.value) }
        #expect(!heights.contains(32) && !heights.contains(UInt32(UInt8(ascii: "?"))))
        // Lower ones may share a stand-in with their neighbour, never with the tallest.
        #expect(heights.first != heights.last)
    }

    @Test func aWideGlyphKeepsWhatFollowsInItsColumn() {
        var canvas = Canvas(rows: 1, columns: 6)
        canvas.put("日x", row: 0, column: 0, limit: 6, style: .plain)
        let shown = (0..<6).map { asciiGlyph(canvas[0, $0].glyph) }
        #expect(shown == Array("??x   ".unicodeScalars.map(\.value)))
    }
}
