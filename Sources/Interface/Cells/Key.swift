/// A key press as the terminal reported it.
public enum Key: Hashable, Sendable {
    case character(Unicode.Scalar)
    /// ^A to ^Z and alike; the letter in upper case.
    case control(Unicode.Scalar)
    case alt(Unicode.Scalar)
    case up, down, left, right, home, end, pageUp, pageDown, insert, delete, backspace, tab, backTab, enter, escape
    case function(Int)
    case mouse(MouseEvent)

    private static let names: [(Key, String)] = [
        (.up, "Up"), (.down, "Down"), (.left, "Left"), (.right, "Right"), (.home, "Home"), (.end, "End"),
        (.pageUp, "PageUp"),
        (.pageDown, "PageDown"), (.insert, "Insert"), (.delete, "Delete"), (.backspace, "Backspace"), (.tab, "Tab"),
        (.backTab, "BackTab"), (.enter, "Enter"), (.escape, "Esc"), (.character(" "), "Space"),
    ]

    /// The key of a name such as `F9`, `^K`, `Alt-x`, `Space` or `q`; nil when there is none.
    public init?(_ text: String) {
        if let named = Key.names.first(where: { $0.1.lowercased() == text.lowercased() }) {
            self = named.0
            return
        }
        let scalars = Array(text.unicodeScalars)
        if scalars.count == 1 {
            self = .character(scalars[0])
        } else if scalars.count == 2, scalars[0] == "^" {
            self = .control(Unicode.Scalar(text.uppercased().unicodeScalars.last?.value ?? 0) ?? scalars[1])
        } else if scalars.count == 5, text.lowercased().hasPrefix("alt-") {
            self = .alt(scalars[4])
        } else if let first = scalars.first, first == "F" || first == "f", let number = Int(text.dropFirst()),
            (1...24).contains(number)
        {
            self = .function(number)
        } else {
            return nil
        }
    }
}

extension Key: CustomStringConvertible {
    /// The name that ``init(_:)`` understands.
    public var description: String {
        if let named = Key.names.first(where: { $0.0 == self }) { return named.1 }
        switch self {
        case .character(let scalar): return String(scalar)
        case .control(let scalar): return "^" + String(scalar)
        case .alt(let scalar): return "Alt-" + String(scalar)
        case .function(let number): return "F\(number)"
        default: return "Mouse"
        }
    }
}

/// A click or a turn of the wheel.
public struct MouseEvent: Hashable, Sendable {
    /// What was done.
    public enum Kind: Hashable, Sendable { case press, doublePress, wheelUp, wheelDown }
    /// Line of the screen, 0 at the top.
    public var row: Int
    /// Cell of the line, 0 at the left.
    public var column: Int
    /// What the button or the wheel did.
    public var kind: Kind

    /// An event at a place of the screen.
    public init(row: Int, column: Int, kind: Kind) {
        self.row = row
        self.column = column
        self.kind = kind
    }
}
