public import Cells

/// What each part of the screen looks like; colour is never the only carrier of meaning.
public struct Theme: Sendable {
    /// Themes there are.
    public enum Name: String, Sendable, CaseIterable {
        case standard = "default"
        case mono
        case highContrast = "high-contrast"
    }

    /// What stands on the screen without a meaning of its own.
    public var text = Style.plain
    /// Labels, frames, and values that are nothing.
    public var dim = Style.plain
    /// The host's name, titles of dialogs and of the panel in use, names of threads in stacks.
    public var title = Style.plain
    /// Titles of the columns.
    public var header = Style.plain
    /// Title of the column sorted by, and the name of the panel in use.
    public var sorted = Style.plain
    /// The row or line that keys act on, beside its `▸`.
    public var selected = Style.plain
    /// Rows that a signal would go to, beside their `*`.
    public var tagged = Style.plain
    /// Rows of processes that are gone.
    public var ended = Style.plain
    /// A load from 1 % on, a running task, the holder of the GIL, `LIVE`.
    public var good = Style.plain
    /// A load from 40 % on, and what asks for attention: messages, narrowed views, zombies.
    public var warm = Style.plain
    /// A load from 80 % on, a wait for a disk, a limit nearly reached, an error.
    public var hot = Style.plain
    /// Sparklines, modes that are on, and what a thread waits in.
    public var accent = Style.plain
    /// Keys in the last line, and the name of a prompt.
    public var keyName = Style.plain
    /// What those keys do.
    public var keyText = Style.plain
    /// What is typed but not in force yet.
    public var pending = Style.plain
    /// `FROZEN` and `HISTORY`: what is seen is not now.
    public var notLive = Style.plain
    /// Calls of a flame graph, one for each package in turn.
    public var calls = [Style.plain]
    /// Calls of a flame graph that hold what was searched for.
    public var match = Style.plain
    /// Calls of a flame graph that became more, and less, than in what they are compared with.
    public var more = Style.plain, less = Style.plain
    /// Inside and edge of the boxes over the screen.
    public var dialog = Style.plain

    /// The theme of that name.
    public init(_ name: Name) {
        switch name {
        case .standard: setStandard()
        case .mono: setMono()
        case .highContrast: setHighContrast()
        }
    }

    private mutating func setStandard() {
        dim = Style(foreground: 244)
        title = Style(foreground: 75, attributes: .bold)
        header = Style(foreground: 252, background: 237)
        sorted = Style(foreground: 16, background: 110, attributes: .bold)
        selected = Style(foreground: 231, background: 24)
        tagged = Style(foreground: 220, attributes: .bold)
        ended = Style(foreground: 244, attributes: .italic)
        good = Style(foreground: 78)
        warm = Style(foreground: 214)
        hot = Style(foreground: 203, attributes: .bold)
        accent = Style(foreground: 117)
        keyName = Style(foreground: 16, background: 110)
        keyText = Style(foreground: 252)
        pending = Style(foreground: 214, attributes: .underline)
        notLive = Style(foreground: 16, background: 220, attributes: .bold)
        dialog = Style(foreground: 252, background: 236)
        calls = [180, 216, 151, 152, 187, 182, 222, 146].map { Style(foreground: 16, background: $0) }
        match = Style(foreground: 16, background: 213, attributes: .bold)
        more = Style(foreground: 16, background: 210)
        less = Style(foreground: 16, background: 117)
    }

    private mutating func setMono() {
        dim = Style(attributes: .dim)
        title = Style(attributes: .bold)
        header = Style(attributes: .reverse)
        sorted = Style(attributes: [.reverse, .bold, .underline])
        selected = Style(attributes: .reverse)
        tagged = Style(attributes: .bold)
        ended = Style(attributes: .dim)
        hot = Style(attributes: .bold)
        keyName = Style(attributes: .reverse)
        pending = Style(attributes: .underline)
        notLive = Style(attributes: [.reverse, .bold])
        match = Style(attributes: [.bold, .underline])
        more = Style(attributes: .bold)
        less = Style(attributes: .dim)
    }

    private mutating func setHighContrast() {
        text = Style(foreground: 15, background: 0)
        dim = Style(foreground: 7, background: 0)
        title = Style(foreground: 11, background: 0, attributes: .bold)
        header = Style(foreground: 0, background: 15, attributes: .bold)
        sorted = Style(foreground: 0, background: 11, attributes: .bold)
        selected = Style(foreground: 0, background: 14, attributes: .bold)
        tagged = Style(foreground: 11, background: 0, attributes: .bold)
        ended = Style(foreground: 7, background: 0)
        good = Style(foreground: 10, background: 0)
        warm = Style(foreground: 11, background: 0)
        hot = Style(foreground: 9, background: 0, attributes: .bold)
        accent = Style(foreground: 14, background: 0)
        keyName = Style(foreground: 0, background: 15, attributes: .bold)
        keyText = Style(foreground: 15, background: 0)
        pending = Style(foreground: 11, background: 0, attributes: .underline)
        notLive = Style(foreground: 0, background: 11, attributes: .bold)
        dialog = Style(foreground: 15, background: 0)
        calls = [Style(foreground: 15, background: 0), Style(foreground: 14, background: 0)]
        match = Style(foreground: 0, background: 13, attributes: .bold)
        more = Style(foreground: 0, background: 9)
        less = Style(foreground: 0, background: 12)
    }

    /// Style of a load in percent: colour is for what stands out, and what shows as 0.0 stands back.
    func level(_ percent: Double) -> Style {
        percent >= 80 ? hot : percent >= 40 ? warm : percent >= 10 ? good : percent >= 0.05 ? text : dim
    }
}
