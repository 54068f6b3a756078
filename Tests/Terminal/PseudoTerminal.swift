import Glibc

/// The other side of standard input and output: this process takes a new pseudo-terminal for its own.
///
/// For processes that end with their test: nothing is put back.
struct PseudoTerminal {
    private let master: Int32
    private var markers = 0

    struct Refused: Error {
        var call: String
        var error = errno
    }

    /// Makes a terminal of a size and a type standard input and output.
    init(rows: Int, columns: Int, type: String = "xterm-256color", locale: String = "C.UTF-8") throws {
        master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
        // TIOCSPTLCK and TIOCGPTN, which are macros with a size in them: what unlockpt(3) and ptsname(3) ask for.
        var (locked, number) = (Int32(0), Int32(0))
        guard master >= 0, unsafe ioctl(master, 0x4004_5431, &locked) == 0,
            unsafe ioctl(master, 0x8004_5430, &number) == 0
        else { throw Refused(call: "ptmx") }
        let slave = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        guard slave >= 0, dup2(slave, 0) == 0, dup2(slave, 1) == 1 else { throw Refused(call: "dup2") }
        unsafe setenv("TERM", type, 1)
        unsafe setenv("LC_ALL", locale, 1)
        for name in ["LINES", "COLUMNS", "NCURSES_NO_UTF8_ACS"] { unsafe unsetenv(name) }
        resize(rows: rows, columns: columns)
    }

    /// Gives the terminal another size, as a window manager does.
    func resize(rows: Int, columns: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = unsafe ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// Types bytes.
    func type(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(master, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Everything that was written to the terminal up to now.
    mutating func output() -> [UInt8] {
        markers += 1
        let marker = Array("\u{1b}]marker \(markers)\u{7}".utf8)
        _ = unsafe marker.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < marker.count || bytes[(bytes.count - marker.count)...] != marker[...] {
            let count = unsafe read(master, &part, part.count)
            guard count > 0 else { break }
            bytes += part.prefix(count)
        }
        return Array(bytes.dropLast(marker.count))
    }
}
