public import Cells
internal import CNcurses
internal import Glibc

/// Why the screen cannot be opened, with the remedy.
public enum TerminalError: Error, Sendable, CustomStringConvertible {
    case notATerminal
    case unusable(String)

    /// What is wrong, and which command works without a screen.
    public var description: String {
        switch self {
        case .notATerminal: "standard output is not a terminal; `viv ps` prints the process table once"
        case .unusable(let name):
            "the terminal type '\(visible(name))' cannot show a full screen; set TERM (such as TERM=xterm), or use `viv ps`"
        }
    }
}

/// The terminal through ncurses: shows canvases, reads keys, and is put back on every exit.
@MainActor @safe
public final class CursesTerminal {
    private let screen: OpaquePointer
    private var shown: Canvas?
    private var pairs: [Style: Int32] = [:]
    private var nextPair: Int32 = 1
    private let colors: Int32
    private let isASCII: Bool
    private var isOpen = true
    /// A click or a function key that came right behind an Esc.
    private var afterEscape: Int32?
    private var typed = TypedBytes()

    /// Opens the screen on standard input and output.
    ///
    /// - Throws: ``TerminalError`` with the remedy.
    public init(escapeDelayMilliseconds: Int, mouse: Bool, usesColor: Bool) throws(TerminalError) {
        guard isatty(0) == 1, isatty(1) == 1 else { throw .notATerminal }
        unsafe setlocale(LC_ALL, "")
        let codeset = unsafe String(cString: nl_langinfo(Int32(CODESET)))
        isASCII = codeset != "UTF-8"
        let name = unsafe getenv("TERM").map { unsafe String(cString: $0) } ?? ""
        guard name != "dumb" else { throw .unusable(name) }
        var opened: OpaquePointer?
        for candidate in name.isEmpty ? ["xterm", "vt100"] : [name, "xterm", "vt100"] {
            unsafe opened = nc_open(candidate)
            if unsafe opened != nil { break }
        }
        guard let opened = unsafe opened else { throw .unusable(name) }
        unsafe screen = opened
        colors = usesColor ? nc_colors() : 0
        set_escdelay(Int32(clamping: escapeDelayMilliseconds))
        if mouse, name != "linux" { nc_enable_mouse() }
    }

    /// Rows and columns now.
    public var size: (rows: Int, columns: Int) { (Int(nc_lines()), Int(nc_columns())) }

    /// Takes the terminal's new size over.
    public func resize() {
        var window = winsize()
        guard unsafe ioctl(1, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0, window.ws_col > 0 else { return }
        resizeterm(Int32(window.ws_row), Int32(window.ws_col))
        repaint()
    }

    /// Forgets what is on the screen, so that the next canvas is sent whole.
    public func repaint() {
        shown = nil
        unsafe clearok(nc_stdscr(), true)
    }

    /// Shows a canvas: only what differs from the last one goes to ncurses, and what differs there to the terminal.
    public func show(_ canvas: Canvas) {
        guard isOpen else { return }
        canvas.differences(from: shown) { row, columns, style in
            put(canvas, row, columns, style)
        }
        shown = canvas
        unsafe wnoutrefresh(nc_stdscr())
        doupdate()
    }

    private func put(_ canvas: Canvas, _ row: Int, _ columns: Range<Int>, _ style: Style) {
        var text: [UInt32] = []
        text.reserveCapacity(columns.count)
        for column in columns {
            let glyph = canvas[row, column].glyph
            if isASCII {
                text.append(asciiGlyph(glyph))
            } else if glyph != 0 {
                let width = column + 1 < canvas.columns && canvas[row, column + 1].glyph == 0 ? 2 : 1
                // ncurses asks the C library how wide a glyph is: one that it does not know, or takes for another width,
                // would move everything behind it.
                let isAgreed = glyph < 0x7f || nc_width(glyph) == Int32(width)
                if isAgreed { text.append(glyph) } else { for _ in 0..<width { text.append(0xfffd) } }
            }
        }
        unsafe text.withUnsafeBufferPointer { buffer in
            _ = unsafe nc_put(
                Int32(row), Int32(columns.lowerBound), buffer.baseAddress, Int32(buffer.count),
                UInt32(style.attributes.rawValue),
                pair(of: style))
        }
    }

    private func pair(of style: Style) -> Int32 {
        guard colors >= 8 else { return 0 }
        let key = Style(foreground: style.foreground, background: style.background)
        if let known = pairs[key] { return known }
        let made = nextPair
        nextPair += 1
        init_extended_pair(made, reduced(style.foreground), reduced(style.background))
        pairs[key] = made
        return made
    }

    private func reduced(_ color: Int16) -> Int32 {
        color < 0 || colors >= 256 ? Int32(color) : Int32(nearestColor(Int(color), of: Int(colors)))
    }

    /// The next key that was typed; nil when there is none.
    public func nextKey() -> Key? {
        // What means nothing here, such as the release of a button, must not hide what was typed behind it.
        while true {
            if let code = afterEscape.take() {
                if let key = functionKey(code) { return key }
                continue
            }
            switch nextInput() {
            case .function(let code): if let key = functionKey(code) { return key }
            case .character(let code): if let key = characterKey(code) { return key }
            case nil: return nil
            }
        }
    }

    private enum Input {
        case function(Int32)
        case character(UInt32)
    }

    /// What was typed next; nil when there is nothing, or not all of a character yet.
    private func nextInput() -> Input? {
        while true {
            if let character = typed.next() { return .character(character) }
            var code: UInt32 = 0
            switch unsafe nc_key(&code) {
            case 1:
                // What it broke off is none any more.
                typed.clear()
                return .function(Int32(bitPattern: code))
            case 0: typed.append(UInt8(truncatingIfNeeded: code))
            default: return nil
            }
        }
    }

    private func characterKey(_ code: UInt32) -> Key? {
        switch code {
        case 9: return .tab
        case 10, 13: return .enter
        case 8, 127: return .backspace
        case 27:
            switch nextInput() {
            case .character(let following): return Unicode.Scalar(following).map { .alt($0) } ?? .escape
            case .function(let following):
                afterEscape = following
                return .escape
            case nil: return .escape
            }
        case 0..<32: return .control(Unicode.Scalar(UInt8(code + 64)))
        default: return Unicode.Scalar(code).map { .character($0) }
        }
    }

    private func functionKey(_ code: Int32) -> Key? {
        switch code {
        case KEY_UP: return .up
        case KEY_DOWN: return .down
        case KEY_LEFT: return .left
        case KEY_RIGHT: return .right
        case KEY_HOME: return .home
        case KEY_END: return .end
        case KEY_PPAGE: return .pageUp
        case KEY_NPAGE: return .pageDown
        case KEY_IC: return .insert
        case KEY_DC: return .delete
        case KEY_BACKSPACE: return .backspace
        case KEY_BTAB: return .backTab
        case KEY_ENTER: return .enter
        case KEY_MOUSE: return mouseKey()
        case KEY_F0 + 1...KEY_F0 + 24: return .function(Int(code - KEY_F0))
        default: return nil
        }
    }

    private func mouseKey() -> Key? {
        var row: Int32 = 0
        var column: Int32 = 0
        let kinds: [MouseEvent.Kind] = [.press, .doublePress, .wheelUp, .wheelDown]
        let kind = unsafe Int(nc_mouse(&row, &column))
        guard kinds.indices.contains(kind) else { return nil }
        return .mouse(MouseEvent(row: Int(row), column: Int(column), kind: kinds[kind]))
    }

    /// Puts the terminal back for the shell; ``resume()`` takes it again.
    public func suspend() { endwin() }

    /// Takes the terminal again after ``suspend()``.
    public func resume() {
        nc_resume()
        resize()
        repaint()
    }

    /// Puts the terminal back for good.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        unsafe nc_close(screen)
        // Only now: a signal in between puts the terminal back as well.
        nc_disarm_restore()
    }
}

/// The colour of a smaller palette that is nearest to one of 256.
func nearestColor(_ color: Int, of count: Int) -> Int {
    if color < min(16, count) { return color }
    let (red, green, blue): (Int, Int, Int)
    if color < 16 {
        return color & 7
    } else if color < 232 {
        let levels = [0, 95, 135, 175, 215, 255]
        (red, green, blue) = (levels[(color - 16) / 36], levels[(color - 16) / 6 % 6], levels[(color - 16) % 6])
    } else {
        (red, green, blue) = (8 + (color - 232) * 10, 8 + (color - 232) * 10, 8 + (color - 232) * 10)
    }
    let threshold = max(96, (max(red, green, blue) * 2) / 3)
    return (red >= threshold ? 1 : 0) | (green >= threshold ? 2 : 0) | (blue >= threshold ? 4 : 0)
}
