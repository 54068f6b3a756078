import Glibc
import TestProcesses
import Testing

/// A Python interpreter of this host.
struct Interpreter: Sendable, CustomTestStringConvertible {
    /// Its minor version, the 12 of 3.12.
    let minor: Int
    let path: String

    var testDescription: String { path }

    /// Versions that are read.
    static let minors = [11, 12, 13]

    /// Every interpreter of a version that is read: those of pyenv, and those on PATH.
    static let all: [Interpreter] = {
        let home = environment("HOME")
        var directories: [String] = []
        for version in Files.names(in: home + "/.pyenv/versions").sorted() {
            directories.append(home + "/.pyenv/versions/" + version + "/bin")
        }
        // What lies among the shims of pyenv are scripts that start one of the above.
        for directory in environment("PATH").split(separator: ":") where !directory.contains("shims") {
            directories.append(String(directory))
        }
        var found: [Interpreter] = []
        for directory in directories {
            for minor in minors where Files.isExecutable(directory + "/python3.\(minor)") {
                let path = directory + "/python3.\(minor)"
                if !found.contains(where: { real($0.path) == real(path) }) {
                    found.append(Interpreter(minor: minor, path: path))
                }
            }
        }
        return found
    }()

    /// One interpreter of each version there is.
    static let ofEachVersion = minors.compactMap { minor in all.first { $0.minor == minor } }

    /// Versions of which there is no interpreter here, for the message of a test that is skipped.
    static let missing = minors.filter { minor in !all.contains { $0.minor == minor } }.map { "3.\($0)" }

    private static func environment(_ name: String) -> String {
        unsafe getenv(name).map { unsafe String(cString: $0) } ?? ""
    }

    /// A path without links: `/bin` is often `/usr/bin`.
    private static func real(_ path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }
}

/// Text that a Python program wrote as hexadecimal digits, so that nothing in it separates.
func text(hexadecimal digits: Substring) -> String {
    String(decoding: bytes(hexadecimal: digits), as: UTF8.self)
}

/// Bytes that a Python program wrote as hexadecimal digits.
func bytes(hexadecimal digits: Substring) -> [UInt8] {
    let values = digits.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
}
