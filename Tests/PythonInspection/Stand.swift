import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

/// A small Python program of two threads that stand still: it needs no module that is a file of its own.
struct Stand {
    static let program = """
        import os, sys, threading
        gate, arrived = threading.Lock(), threading.Semaphore(0)
        gate.acquire()
        def inner(): arrived.release(); gate.acquire()
        def outer(): inner()
        threading.Thread(target=outer, name="рабо́тник 工 🧵", daemon=True).start()
        def main():
            arrived.acquire()
            print("ready", flush=True); sys.stdin.readline()
        main()
        """

    /// Reads a process that runs the program, and compares.
    @discardableResult
    static func expect(
        _ pid: Int32, _ interpreter: Interpreter, at place: SourceLocation = #_sourceLocation
    ) throws -> PythonSnapshot {
        var target = try LiveTarget(pid: pid)
        return try expect(&target, pid, interpreter, at: place)
    }

    /// Reads a target that runs the program, and compares.
    @discardableResult
    static func expect<Target: RemoteProcess & ~Copyable>(
        _ target: inout Target, _ pid: Int32, _ interpreter: Interpreter, at place: SourceLocation = #_sourceLocation
    ) throws -> PythonSnapshot {
        var inspector = try PythonInspector(&target)
        #expect(inspector.version.minor == interpreter.minor, sourceLocation: place)
        #expect(inspector.version.isFreeThreaded == interpreter.isFreeThreaded, sourceLocation: place)
        #expect(inspector.version.patch != nil, sourceLocation: place)
        let snapshot = try inspector.snapshot(of: &target)
        #expect(snapshot.threads.map(\.name) == ["MainThread", "рабо́тник 工 🧵"], sourceLocation: place)
        #expect(snapshot.threads.map(\.isDaemon) == [false, true], sourceLocation: place)
        #expect(snapshot.threads.first?.tid == UInt64(pid), sourceLocation: place)
        guard snapshot.threads.count == 2 else { return snapshot }
        let main = snapshot.threads[0].frames
        #expect(main.suffix(2).map(\.function) == ["main", "<module>"], sourceLocation: place)
        #expect(main.suffix(2).map(\.line) == [9, 10], sourceLocation: place)
        let other = snapshot.threads[1].frames.prefix(3)
        #expect(other.map(\.function) == ["inner", "outer", "run"], sourceLocation: place)
        #expect(other.prefix(2).map(\.line) == [4, 5], sourceLocation: place)
        return snapshot
    }
}

/// The files of an interpreter, copied and changed.
struct AlteredInterpreter: ~Copyable {
    /// What is done to the copies.
    struct Alteration: Sendable, CustomTestStringConvertible {
        /// No symbols but those that the loader needs, by strip(1).
        var isStripped = false
        /// No section headers.
        var hasSections = true
        /// `_PyRuntime` has another name.
        var hasSymbol = true
        var name = "python"

        var testDescription: String {
            (isStripped ? "stripped " : "") + (hasSections ? "" : "without sections ")
                + (hasSymbol ? "" : "without symbol ") + name
        }
    }

    let interpreter: Interpreter
    let directory: TemporaryDirectory
    private let name: String
    private let prefix: String

    /// Copies an interpreter, and its library where that is apart.
    init(_ interpreter: Interpreter, _ alteration: Alteration = Alteration()) throws {
        let directory = try TemporaryDirectory(in: interpreter.root + "/tmp")
        try Self.copy(interpreter.root + interpreter.path, to: directory, alteration.name, alteration)
        if let library = interpreter.library { try Self.copy(library.path, to: directory, library.name, alteration) }
        self.interpreter = interpreter
        self.directory = directory
        name = alteration.name
        prefix = interpreter.path.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
    }

    private static func copy(
        _ file: String, to directory: borrowing TemporaryDirectory, _ name: String, _ alteration: Alteration
    ) throws {
        let copy = directory.path + "/" + name
        try run("/bin/cp", ["cp", "-L", file, copy])
        if alteration.isStripped { try run("/usr/bin/strip", ["strip", "-s", copy]) }
        let zeros = "dd if=/dev/zero of='\(copy)' bs=1 conv=notrunc status=none"
        if !alteration.hasSections {
            try run("/bin/sh", ["sh", "-c", "\(zeros) seek=40 count=8 && \(zeros) seek=60 count=4"])
        }
        if !alteration.hasSymbol {
            let change = #"s/\x00_PyRuntime\x00/\x00_XyRuntime\x00/g"#
            try run("/usr/bin/env", ["env", "LC_ALL=C", "sed", "-i", change, copy])
        }
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        try #require(try Child(program: program, arguments: arguments).reap() == 0)
    }

    /// Words that run it from another directory of the same root.
    func command(in directory: String? = nil) -> [String] {
        let inside = (directory ?? self.directory.path).dropFirst(interpreter.root.count)
        let home = ["PYTHONHOME=" + prefix, "LD_LIBRARY_PATH=" + inside]
        let elsewhere = interpreter.root.isEmpty ? [] : ["/usr/sbin/chroot", interpreter.root]
        return ["env", "LC_ALL=C.UTF-8"] + home + elsewhere + [inside + "/" + name]
    }

    /// Runs a program with it.
    func run(_ program: String) throws -> Child {
        try Child(program: "/usr/bin/env", arguments: command() + ["-u", "-c", program], onPipes: true)
    }

    /// Removes its files while it runs.
    func removeFiles() {
        for file in Files.names(in: directory.path) { unsafe unlink(directory.path + "/" + file) }
    }
}

extension Interpreter {
    /// The library that the interpreter is in; nil when it is in the program.
    var library: (path: String, name: String)? {
        let folder = path.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/lib"
        guard root.isEmpty, !folder.hasPrefix("/usr") else { return nil }
        for name in ["libpython3.\(minor).so.1.0", "libpython3.\(minor)m.so.1.0"]
        where Files.names(in: folder).contains(name) {
            return (folder + "/" + name, name)
        }
        return nil
    }
}

extension Child {
    /// The children of a process.
    static func children(of pid: Int32) -> [Int32] {
        Files.text("/proc/\(pid)/task/\(pid)/children").split(separator: " ").compactMap { Int32($0) }
    }
}
