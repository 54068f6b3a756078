import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

/// A target whose symbols and files are not to be had: what is left is what its memory looks like.
private struct BlindTarget: RemoteProcess, ~Copyable {
    var target: LiveTarget

    init(pid: Int32) throws { target = try LiveTarget(pid: pid) }

    mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        try target.read(pieces, into: &bytes)
        let symbol = Array("_PyRuntime".utf8)
        guard bytes.count == symbol.count + 1, bytes.starts(with: symbol) else { return }
        bytes[1] = UInt8(ascii: "X")
    }

    mutating func mappings() throws(RemoteMemoryError) -> [RemoteMapping] {
        // Without an inode nothing is remembered of a file.
        try target.mappings().map {
            RemoteMapping(start: $0.start, end: $0.end, fileOffset: $0.fileOffset, path: $0.path)
        }
    }

    mutating func file(of mapping: RemoteMapping, at offset: UInt64, count: Int) -> [UInt8]? { nil }

    mutating func activity(ofNative nativeThreadId: UInt64) -> ThreadActivity? {
        target.activity(ofNative: nativeThreadId)
    }
}

@Suite(.enabled(if: !Interpreter.all.isEmpty, "no interpreter of a version that is read on this host"))
struct AlteredInterpreterTests {
    @Test("A runtime is found by what its memory looks like", arguments: Interpreter.all)
    func blind(interpreter: Interpreter) throws {
        let child = try interpreter.run(["-u", "-c", Stand.program])
        try #require(child.line() == "ready")
        var target = try BlindTarget(pid: child.pid)
        try Stand.expect(&target, child.pid, interpreter)
    }

    @Test(
        "Stripped files, and files without section headers or symbol, of another name",
        arguments: Interpreter.ofEachVersion,
        [
            AlteredInterpreter.Alteration(isStripped: true), .init(hasSections: false),
            .init(isStripped: true, hasSections: false, hasSymbol: false, name: "служба"),
        ])
    func altered(interpreter: Interpreter, alteration: AlteredInterpreter.Alteration) throws {
        var alteration = alteration
        // The loader itself looks the symbol up in a library.
        if interpreter.library != nil { alteration.hasSymbol = true }
        let altered = try AlteredInterpreter(interpreter, alteration)
        let child = try altered.run(Stand.program)
        try #require(child.line() == "ready")
        try Stand.expect(child.pid, interpreter)
    }

    @Test("Programs at fixed and at any addresses, with the interpreter inside and in a library")
    func forms() throws {
        var forms: Set<String> = []
        for interpreter in Interpreter.all {
            let child = try interpreter.run(["-u", "-c", "import sys\nprint('ready')\nsys.stdin.readline()"])
            try #require(child.line() == "ready")
            var target = try LiveTarget(pid: child.pid)
            let runtime = try PythonRuntime.find(in: &target, cache: RuntimeCache())
            let module = try #require(
                try target.mappings().last { $0.start <= runtime.address && $0.path.hasPrefix("/") })
            let image = try #require(
                try target.mappings().first { $0.path == module.path && $0.fileOffset == 0 }
                    .flatMap { ElfImage(at: $0.start, in: &target) })
            forms.insert(
                (module.fileName.hasPrefix("libpython") ? "library" : "program") + (image.bias == 0 ? " fixed" : ""))
        }
        // Whichever there are here; the tests above and in other files read them all.
        #expect(forms.isSubset(of: ["library", "program", "program fixed"]) && !forms.isEmpty, "\(forms)")
    }

    @Test("Deleted files", arguments: Interpreter.ofEachVersion)
    func deleted(interpreter: Interpreter) throws {
        let altered = try AlteredInterpreter(interpreter, .init(isStripped: true))
        let child = try altered.run(Stand.program)
        try #require(child.line() == "ready")
        altered.removeFiles()
        try Stand.expect(child.pid, interpreter)
    }

    @Test("Files that another version replaced while the program runs, at the same paths")
    func replaced() throws {
        let interpreters = Interpreter.ofEachVersion.filter(\.root.isEmpty)
        for (interpreter, other) in zip(interpreters, interpreters.dropFirst() + interpreters.prefix(1)) {
            let altered = try AlteredInterpreter(interpreter)
            let child = try altered.run(Stand.program)
            try #require(child.line() == "ready")
            altered.removeFiles()
            for name in ["python", interpreter.library?.name ?? "python"] {
                let source = name == "python" ? other.path : other.library?.path ?? other.path
                let copy = try Child(
                    program: "/bin/cp", arguments: ["cp", "-L", source, altered.directory.path + "/" + name])
                try #require(copy.reap() == 0)
            }
            try Stand.expect(child.pid, interpreter)
        }
    }

    @Test("A file that is known is not searched again, and one that was replaced is another")
    func cached() throws {
        for interpreter in Interpreter.ofEachVersion {
            let cache = RuntimeCache()
            var readings: [Int] = []
            var versions: Set<PythonVersion> = []
            for _ in 0..<2 {
                let child = try interpreter.run(["-u", "-c", "import sys\nprint('ready')\nsys.stdin.readline()"])
                try #require(child.line() == "ready")
                var target = NoisyTarget(try LiveTarget(pid: child.pid), .init(), seed: 1)
                versions.insert(try PythonRuntime.find(in: &target, cache: cache).version)
                readings.append(target.readings)
            }
            #expect(cache.count >= 1 && versions.count == 1)
            // Up to 3.12 the version is confirmed by the running program, which takes some readings.
            let limit = interpreter.minor < 13 ? readings[0] : 12
            #expect(readings[1] < readings[0] && readings[1] < limit, "\(interpreter.path): \(readings)")
        }
    }

    @Test func theCacheIsBoundedAndKeepsNothingOfFilesThatItCannotTell() {
        let cache = RuntimeCache()
        for inode in 0..<5_000 as Range<UInt64> {
            cache[RuntimeCache.Key(device: 1, inode: inode, identity: [1])] = .nothing
            #expect(cache.count <= 1_024)
        }
        #expect(cache[RuntimeCache.Key(device: 1, inode: 0, identity: [1])] == nil)
        #expect(cache[RuntimeCache.Key(device: 1, inode: 4_999, identity: [1])] != nil)
        #expect(cache[RuntimeCache.Key(device: 1, inode: 4_999, identity: [2])] == nil)
    }

    @Test("In a virtual environment, by a link and by a copy")
    func virtualEnvironment() throws {
        for interpreter in Interpreter.ofEachVersion where interpreter.root.isEmpty && interpreter.minor != 6 {
            for option in ["--symlinks", "--copies"] {
                let directory = try TemporaryDirectory()
                let made = try interpreter.run(["-m", "venv", "--without-pip", option, directory.path])
                guard made.reap() == 0 else { continue }
                let child = try Child(
                    program: "/usr/bin/env",
                    arguments: ["env", "LC_ALL=C.UTF-8", directory.path + "/bin/python", "-u", "-c", Stand.program],
                    onPipes: true)
                try #require(child.line() == "ready")
                try Stand.expect(child.pid, interpreter)
            }
        }
    }

    @Test(
        "In other mount and pid namespaces, at a path where others see another file",
        .enabled(if: geteuid() == 0, "namespaces are made by root"),
        arguments: Interpreter.ofEachVersion.filter(\.root.isEmpty))
    func namespaces(interpreter: Interpreter) throws {
        let altered = try AlteredInterpreter(interpreter)
        let hidden = try TemporaryDirectory()
        try hidden.write("python", Array("#!/bin/sh\nexit 1\n".utf8))
        if let library = interpreter.library { try hidden.write(library.name, []) }
        let script = "mount --bind '\(altered.directory.path)' '\(hidden.path)' && exec \"$@\""
        let words =
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", script, "sh"]
            + altered.command(in: hidden.path) + ["-u", "-c", Stand.program]
        let child = try Child(program: "/usr/bin/unshare", arguments: words, onPipes: true)
        try #require(child.line() == "ready")
        let inner = try #require(Child.children(of: child.pid).first)
        try Stand.expect(inner, interpreter)
    }
}
