/// Version of a CPython.
public struct PythonVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// First number, the 3 of 3.12.
    ///
    /// - Source: `PY_VERSION_HEX`, highest byte, or a file name such as `libpython3.12.so`.
    public var major: Int
    /// Second number, the 12 of 3.12: layouts of structures differ by it.
    ///
    /// - Source: `PY_VERSION_HEX`, second byte, or a file name such as `libpython3.12.so`.
    public var minor: Int
    /// Patch level; nil when only a file name told the version.
    public var patch: Int?
    /// Whether it is built without the GIL.
    public var isFreeThreaded: Bool

    /// A version from its parts.
    public init(major: Int, minor: Int, patch: Int? = nil, isFreeThreaded: Bool = false) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.isFreeThreaded = isFreeThreaded
    }

    /// From `PY_VERSION_HEX`: major, minor and patch a byte each, then level and serial.
    init?(hex: UInt32) {
        let major = Int(hex >> 24), minor = Int(hex >> 16 & 0xff)
        guard major == 3, minor < 40 else { return nil }
        self.init(major: major, minor: minor, patch: Int(hex >> 8 & 0xff))
    }

    /// From the name of a file: `libpython3.12.so.1.0`, `python3.13t`, `python2.7`; nil when it does not tell.
    init?(fileName: Substring) {
        guard let start = fileName.end(ofPrefix: "libpython") ?? fileName.end(ofPrefix: "python") else { return nil }
        let parts = fileName[start...].split(separator: ".", maxSplits: 2)
        guard parts.count >= 2, let major = Int(parts[0]) else { return nil }
        let digits = parts[1].prefix { $0.isASCII && $0.isNumber }
        guard let minor = Int(digits), minor < 100 else { return nil }
        self.init(major: major, minor: minor, isFreeThreaded: parts[1].dropFirst(digits.count).hasPrefix("t"))
    }

    /// Older versions come first.
    public static func < (left: PythonVersion, right: PythonVersion) -> Bool {
        (left.major, left.minor, left.patch ?? 0) < (right.major, right.minor, right.patch ?? 0)
    }

    /// `3.12.1`; `3.14.4 free-threaded` for builds without the GIL.
    public var description: String { numbers + (isFreeThreaded ? " free-threaded" : "") }

    /// `3.12.1`, for every build; `3.12` where the patch level is not known.
    public var numbers: String { "\(major).\(minor)" + (patch.map { ".\($0)" } ?? "") }
}

extension Substring {
    /// Index behind a prefix; nil when it is not there.
    fileprivate func end(ofPrefix prefix: String) -> Index? {
        hasPrefix(prefix) ? index(startIndex, offsetBy: prefix.count) : nil
    }
}
