import Glibc
import TestProcesses
import Testing

@testable import PythonInspection

/// A Python interpreter of this host.
struct Interpreter: Sendable, CustomTestStringConvertible {
    /// Its minor version, the 12 of 3.12.
    let minor: Int
    /// Where it is, in its root.
    let path: String
    /// Root directory that it runs in: one of another release of Debian has its own C library. Empty for the host's.
    var root = ""
    /// Whether it is a build without the GIL.
    var isFreeThreaded = false

    var testDescription: String { root + path }

    /// Versions that are read.
    static let minors = Array(PythonRuntime.readable)

    /// Starts it; under the name `python3`, with texts in UTF-8.
    func run(_ arguments: [String]) throws -> Child {
        let elsewhere = root.isEmpty ? [] : ["/usr/sbin/chroot", root]
        let words = ["env", "LC_ALL=C.UTF-8", "MALLOC_ARENA_MAX=1"] + elsewhere + [path] + arguments
        return try Child(program: "/usr/bin/env", arguments: words, onPipes: true)
    }

    /// Every interpreter of a version that is read: those of pyenv, those on PATH, and where the tests run as root those
    /// that `scripts/fetch-pythons` has unpacked.
    static let all = withGIL + freeThreaded

    /// Builds without the GIL, which `scripts/fetch-pythons` makes.
    static let freeThreaded = minors.compactMap { minor in
        let path = cache + "/built/python3.\(minor)t/bin/python3.\(minor)t"
        return Files.isExecutable(path) ? Interpreter(minor: minor, path: path, isFreeThreaded: true) : nil
    }

    /// Whether tasks that nobody refers to any more stay in asyncio's lists until their thread looks after them: `all_tasks()` leaves
    /// them out, and viv does not.
    var keepsTasksThatEnded: Bool { isFreeThreaded && minor >= 14 }

    /// Home of who runs the tests.
    static var home: String { environment("HOME") }

    /// Where `scripts/fetch-pythons` puts what it unpacks.
    static var cache: String {
        let configured = environment("VIV_PYTHONS")
        return configured.isEmpty ? home + "/.cache/viv-pythons" : configured
    }

    private static let withGIL: [Interpreter] = {
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
        for release in Files.names(in: cache).sorted() where geteuid() == 0 {
            let root = cache + "/" + release
            for minor in minors {
                for path in ["/usr/bin/python3.\(minor)", "/usr/bin/python3.\(minor)d"]
                where Files.isExecutable(root + path) {
                    found.append(Interpreter(minor: minor, path: path, root: root))
                }
            }
        }
        return found
    }()

    /// One interpreter of each version there is, with and without the GIL.
    static let ofEachVersion = minors.compactMap { minor in withGIL.first { $0.minor == minor } } + freeThreaded

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
