import Cells
import Testing

struct KeyTests {
    @Test(arguments: [
        ("F9", Key.function(9)), ("f12", .function(12)), ("^K", .control("K")), ("^k", .control("K")),
        ("Space", .character(" ")), ("space", .character(" ")), ("Esc", .escape), ("q", .character("q")),
        ("F", .character("F")), ("^", .character("^")), ("Alt-x", .alt("x")), ("PageUp", .pageUp),
        ("é", .character("é")),
        ("+", .character("+")),
    ])
    func aNameIsAKey(_ name: String, _ key: Key) {
        #expect(Key(name) == key)
    }

    @Test(arguments: ["", "F0", "F25", "Fx", "xyz", "Ctrl-K", "Alt-", "PageSideways", "ab"])
    func whatIsNoNameIsNoKey(_ name: String) {
        #expect(Key(name) == nil)
    }

    @Test func everyKeyIsFoundByItsDescription() {
        let keys: [Key] =
            [.up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .insert, .delete, .backspace, .tab, .backTab]
            + [.enter, .escape, .control("A"), .control("Z"), .control("["), .alt("x"), .character("ß")]
            + (1...24).map { .function($0) } + (32..<127).map { .character(Unicode.Scalar($0)) }
        for key in keys { #expect(Key(key.description) == key, "\(key)") }
    }
}
