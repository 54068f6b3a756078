import Cells
import TestProcesses
import Testing

/// Whether a terminal, or whoever reads the screen, could be steered by a scalar.
private func steers(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: (0xe0000...0xe0fff).contains(scalar.value)
    }
}

struct VisibleTextTests {
    @Test func anyBytesBecomeTextWithoutControlCharacters() {
        var random = Randomness(seed: 1)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let shown = visible(String(decoding: bytes, as: UTF8.self))
            #expect(!shown.unicodeScalars.contains(where: steers), "\(bytes)")
            #expect(!shown.utf8.contains { $0 < 32 || $0 == 127 }, "\(bytes)")
        }
    }

    @Test func everyScalarByItselfBecomesHarmless() {
        var harmful: [UInt32] = []
        for value in 0...0x10ffff as ClosedRange<UInt32> {
            guard let scalar = Unicode.Scalar(value) else { continue }
            if visible(String(scalar)).unicodeScalars.contains(where: steers) { harmful.append(value) }
        }
        #expect(harmful == [])
    }

    @Test func everyControlByteKeepsAFormOfItsOwn() {
        var forms: Set<String> = []
        for value in 0..<32 as Range<UInt8> { forms.insert(visible(String(Unicode.Scalar(value)))) }
        forms.insert(visible("\u{7f}"))
        #expect(forms.count == 33)
    }

    @Test(arguments: [
        ("\u{1b}[31mred\u{1b}[0m", "^[[31mred^[[0m"), ("a\tb\nc\r", "a^Ib^Jc^M"), ("\0", "^@"), ("\u{7f}", "^?"),
        ("\u{9b}2J", "\\u009b2J"), ("a\u{202e}gpj.exe", "a\\u202egpj.exe"), ("\u{2028}", "\\u2028"),
        ("\u{feff}x", "\\ufeffx"), ("\u{e0041}", "\\ue0041"), ("\u{200d}", "\\u200d"), ("\u{ad}", "\\u00ad"),
    ])
    func whatSteersATerminalIsWrittenOut(_ text: String, _ shown: String) {
        #expect(visible(text) == shown)
    }

    @Test(arguments: ["", "python3 -m http.server", "~!@#$%^&*()", "naïve café", "日本語", "e\u{301}", "🐍", "\u{fffd}"])
    func harmlessTextStaysAsItIs(_ text: String) {
        #expect(Array(visible(text).unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test func aLineBreakOfTwoCharactersIsWrittenOutTwice() {
        #expect(visible("a\r\nb") == "a^M^Jb")
    }
}
