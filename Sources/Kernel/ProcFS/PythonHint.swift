/// What the file names of a process say about the Python in it, before its memory is looked at.
public struct PythonHint: Sendable, Hashable {
    /// The 3 of 3.12.
    public var major: Int
    /// The 12 of 3.12; nil when the name does not tell.
    public var minor: Int?
    /// Whether it is a build without the global lock: `python3.13t`.
    public var isFreeThreaded: Bool
    /// Whether the interpreter is in `libpython`, linked or loaded by the executable.
    public var isShared: Bool

    /// Describes an interpreter.
    public init(major: Int, minor: Int?, isFreeThreaded: Bool = false, isShared: Bool = false) {
        self.major = major
        self.minor = minor
        self.isFreeThreaded = isFreeThreaded
        self.isShared = isShared
    }

    /// By the path of an executable, `/usr/bin/python3.12`; nil for another program.
    public init?(executable path: Span<UInt8>) {
        var start = path.count
        while start > 0, path[start - 1] != UInt8(ascii: "/") { start -= 1 }
        guard path.skip("python", &start) else { return nil }
        var end = start
        while end < path.count, path[end] != UInt8(ascii: " ") { end += 1 }
        self.init(major: 3, minor: nil)
        guard parseVersion(path, &start), start == end else { return nil }
    }

    /// By the memory map of a process, for a program that has `libpython3.12.so` in it.
    public init?(maps: Span<UInt8>) {
        var index = 0
        self.init(major: 3, minor: nil, isShared: true)
        while let slash = maps.firstIndex(of: UInt8(ascii: "/"), from: index) {
            index = slash + 1
            if maps.skip("libpython", &index), parseVersion(maps, &index), minor != nil, maps.holds(".so", at: index) {
                return
            }
        }
        return nil
    }

    /// Parses `3.12`, `3.13t`, `3.12d`, `3` or nothing at all; answers whether what stands there is one of them.
    private mutating func parseVersion(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        minor = nil
        isFreeThreaded = false
        guard let number = bytes.decimal(&index) else { return true }
        guard number == 2 || number == 3 else { return false }
        major = Int(number)
        var next = index
        guard bytes.skip(".", &next), let part = bytes.decimal(&next), part < 100 else { return true }
        minor = Int(part)
        index = next
        isFreeThreaded = bytes.skip("t", &index)
        _ = bytes.skip("d", &index) || bytes.skip("m", &index)
        return true
    }
}

extension ProcReader {
    /// Whether a process runs Python, and which, by the names of its files; nil in the value when it does not seem to.
    ///
    /// The executable's name is asked first. `maps` costs more and takes the process's memory lock: `scanningMaps` says whether to look there
    /// when the executable is another program, or one that does not tell its version.
    public mutating func interpreterHint(_ pid: Int32, scanningMaps: Bool = true) -> Reading<PythonHint?> {
        let byName = link(pid, .executable).map { .some(PythonHint(executable: $0.span)) }
        guard case .value(let hint) = byName, hint?.minor == nil, scanningMaps else { return byName }
        switch read(Self.path(pid, "maps"), .pages(limit: 8 << 20), { PythonHint(maps: $0) }) {
        case .value(let found): return .value(found)
        // A map without libpython is no malformed file: the executable has the last word.
        case .malformed, .refused, .gone, .unavailable: return .value(hint)
        }
    }
}
