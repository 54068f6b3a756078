import CoreFiles
import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

@Suite(
    .enabled(if: !Interpreter.all.isEmpty, "no interpreter of a version that is read on this host"),
    .enabled(if: !CoreDump.makers.isEmpty, "core_pattern is a pipe or a path elsewhere, and there is no gcore"),
    .serialized)
struct CoreDumpTests {
    /// Every thread of the truth is in the core file as it said.
    private func expect(_ path: String, _ interpreter: Interpreter, is truth: [Company.Truth], _ maker: CoreDump.Maker)
        throws
    {
        var target = try CoreTarget(path, root: interpreter.root)
        #expect(target.core.threads.count == truth.count && target.core.missingBytes == 0)
        #expect(target.core.signal?.number == (maker == .kernel ? SIGABRT : nil))
        #expect(target.files.mismatches.isEmpty)
        var inspector = try PythonInspector(&target)
        #expect(inspector.version.minor == interpreter.minor)
        let snapshot = try inspector.snapshot(of: &target)
        #expect(snapshot.threads.count == truth.count && snapshot.tornReads == 0)
        let pid = target.core.process?.pid
        #expect(snapshot.threads.filter(\.isMain).map { Int32(truncatingIfNeeded: $0.tid) } == [pid])
        for thread in truth {
            let found = try #require(snapshot.threads.first { $0.pythonThreadId == thread.pythonThreadId })
            #expect(found.name == thread.name && !found.isTorn && found.state == .idle && !found.holdsGIL)
            if thread.tid != 0 { #expect(found.tid == thread.tid) }
            // The program tells neither columns nor what kind of function it is.
            let places = found.frames.map { "\($0.qualifiedName ?? $0.function) \($0.file):\($0.line ?? 0)" }
            #expect(
                places == thread.frames.map { "\($0.qualifiedName ?? $0.function) \($0.file):\($0.line ?? 0)" },
                "\(thread.name ?? "?")")
        }
        guard !interpreter.isFreeThreaded else { return }
        let census = try inspector.heapCensus(of: &target, top: 10_000)
        #expect(census.walk.isExact && census.walk.objects > 3_000)
        #expect(census.rows.contains { $0.type == "threading.Thread" && $0.count >= 19 })
    }

    @Test("A core file shows what the process said of itself before it ended", arguments: Interpreter.all)
    func truth(interpreter: Interpreter) throws {
        let maker = try #require(CoreDump.makers.first)
        let company = try Company(interpreter, program: CoreDump.prelude + Company.program)
        let truth = try company.truth()
        let path = try CoreDump.make(maker, of: company, interpreter)
        try expect(path, interpreter, is: truth, maker)
    }

    // gcore writes out the arenas of the C library as well, 64 MiB for each thread.
    @Test(
        "A copy that a debugger makes of a process that goes on",
        .enabled(if: CoreDump.makers.contains(.gcore), "no gcore"), arguments: Interpreter.ofEachVersion)
    func debugger(interpreter: Interpreter) throws {
        let company = try Company(interpreter, program: Self.small)
        try company.truth()
        let path = try CoreDump.make(.gcore, of: company, interpreter)
        var target = try CoreTarget(path, root: interpreter.root)
        #expect(target.core.signal == nil)
        var inspector = try PythonInspector(&target)
        let snapshot = try inspector.snapshot(of: &target)
        #expect(snapshot.threads.map(\.name) == ["MainThread", "a", "b"])
        #expect(target.files.missing.isEmpty && target.files.mismatches.isEmpty)
        // Of stacks that a newer C library guards within one mapping, gcore leaves out what lies behind the first guard.
        for thread in snapshot.threads.dropFirst() where interpreter.root.isEmpty {
            let own = thread.frames.filter { $0.function == "wait" && $0.file == company.file }
            #expect(own.map(\.line) == [8, 7, 7, 7])
        }
        if !interpreter.isFreeThreaded { #expect(try inspector.heapCensus(of: &target).walk.isExact) }
    }

    private static let small =
        CoreDump.prelude + """
            import threading, queue
            arrived = queue.Queue()
            def wait(n):
                if n: return wait(n - 1)
                arrived.put(1); threading.Event().wait()
            for name in "ab": threading.Thread(target=wait, args=(3,), name=name, daemon=True).start()
            for _ in "ab": arrived.get()
            print("end")
            input()
            """

    /// Reads everything of a core file; whether anything came of it.
    private func readAll(_ path: String, _ interpreter: Interpreter) -> Bool {
        guard var target = try? CoreTarget(path, root: interpreter.root),
            var inspector = try? PythonInspector(&target, cache: RuntimeCache())
        else { return false }
        let limits = HeapLimits(objects: 100_000, bytes: 64 << 20, cacheBytes: 4 << 20)
        _ = try? inspector.heapCensus(of: &target, limits: limits)
        guard let snapshot = try? inspector.snapshot(of: &target) else { return false }
        return snapshot.threads.contains { $0.frames.contains { $0.function == "wait" } }
    }

    @Test("A core file that was cut off is read as far as it goes", arguments: Interpreter.ofEachVersion.suffix(2))
    func truncated(interpreter: Interpreter) throws {
        let company = try Company(interpreter, program: Self.small)
        try company.truth(rests: true)
        let path = try CoreDump.make(try #require(CoreDump.makers.first), of: company, interpreter)
        let whole = try CoreFile(path).fileBytes
        var random = Randomness(seed: whole)
        var lengths = (0..<25).map { _ in UInt64.random(in: 0..<whole, using: &random) }
        lengths +=
            (0..<25).map { _ in UInt64.random(in: 0..<(64 << 10), using: &random) } + [
                0, 1, 63, 64, 65, 119, 120, whole - 1,
            ]
        for length in lengths.sorted(by: >) {
            #expect(unsafe truncate(path, Int(length)) == 0)
            _ = readAll(path, interpreter)
            if length < 64 {
                #expect(throws: CoreFileError.self) { _ = try CoreFile(path) }
            } else {
                let core = try CoreFile(path)
                #expect(core.missingBytes > 0 || core.isDescriptionCut, "\(length) of \(whole)")
            }
        }
    }

    @Test(
        "A core file with wrong bytes is read to its end, whatever they say",
        arguments: Interpreter.ofEachVersion.suffix(2))
    func corrupted(interpreter: Interpreter) throws {
        let company = try Company(interpreter, program: Self.small)
        try company.truth(rests: true)
        let path = try CoreDump.make(try #require(CoreDump.makers.first), of: company, interpreter)
        let file = unsafe open(path, O_RDWR)
        defer { close(file) }
        var random = Randomness(seed: 3)
        var read = 0
        for round in 0..<60 {
            // The headers and notes, or only the notes' start.
            let end = round % 2 == 0 ? 24 << 10 : 1 << 10
            var saved: [(place: Int, byte: UInt8)] = []
            for _ in 0..<(round % 5 * 8 + 1) {
                let place = Int.random(in: 6..<end, using: &random)
                var byte: UInt8 = 0
                #expect(unsafe pread(file, &byte, 1, place) == 1)
                saved.append((place, byte))
                byte = UInt8.random(in: 0...255, using: &random)
                #expect(unsafe pwrite(file, &byte, 1, place) == 1)
            }
            if readAll(path, interpreter) { read += 1 }
            for (place, byte) in saved.reversed() {
                var byte = byte
                #expect(unsafe pwrite(file, &byte, 1, place) == 1)
            }
        }
        #expect(read > 0 && readAll(path, interpreter))
    }
}
