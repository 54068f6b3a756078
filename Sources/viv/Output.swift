internal import Cells
internal import Glibc
internal import Linux

/// Text to the standard streams.
enum Output {
    /// Writes a line of our own making, hostile text inside already made visible.
    static func line(_ text: String) { write(text + "\n", to: 1) }

    /// Writes a line to standard error.
    static func error(_ text: String) { write(text + "\n", to: 2) }

    /// Shows a text in the current line of the terminal that standard error is, instead of what is there.
    static func errorInPlace(_ text: String) {
        var window = winsize()
        let columns = unsafe ioctl(2, UInt(TIOCGWINSZ), &window) == 0 ? Int(window.ws_col) : 80
        write("\r\u{1b}[K" + String(text.prefix(max(0, columns - 1))), to: 2)
    }

    /// Writes bytes of a file.
    static func bytes(_ bytes: [UInt8]) { send(bytes, to: 1) }

    /// Whether colour is welcome on standard output.
    static var usesColor: Bool {
        guard unsafe getenv("NO_COLOR") == nil, isatty(1) == 1 else { return false }
        return unsafe getenv("TERM").map { unsafe String(cString: $0) != "dumb" } ?? false
    }

    /// Cells of a line; 0 when standard output is not a terminal.
    static var columns: Int {
        var window = winsize()
        guard unsafe ioctl(1, UInt(TIOCGWINSZ), &window) == 0 else { return 0 }
        return Int(window.ws_col)
    }

    /// Descriptors of terminals in a locale without characters beyond ASCII: they would show something else.
    private static let asciiTerminals: [Int32] = {
        let terminals = ([1, 2] as [Int32]).filter { isatty($0) == 1 }
        guard !terminals.isEmpty else { return [] }
        unsafe setlocale(LC_CTYPE, "")
        return unsafe String(cString: nl_langinfo(Int32(CODESET))) == "UTF-8" ? [] : terminals
    }()

    private static func inASCII(_ text: String) -> [UInt8] {
        text.unicodeScalars.map {
            $0.value < 32 ? UInt8(truncatingIfNeeded: $0.value) : UInt8(truncatingIfNeeded: asciiGlyph($0.value))
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        send(asciiTerminals.contains(descriptor) ? inASCII(text) : Array(text.utf8), to: descriptor)
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress.map { unsafe $0 + sent }, bytes.count - sent)
            }
            if count < 0 {
                if errno == EINTR { continue }
                // Half a document must not look whole. A reader that left knows, and the others are told.
                guard descriptor == 1 else { _exit(1) }
                let reason = Errno(rawValue: errno)
                if reason != .brokenPipe { error("viv: standard output cannot be written: \(reason)") }
                _exit(1)
            }
            sent += count
        }
    }
}
