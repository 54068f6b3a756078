import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

@Suite(.enabled(if: !Interpreter.freeThreaded.isEmpty, "no build without the GIL: see scripts/fetch-pythons"))
struct FreeThreadedTests {
    private static let program = """
        import os, threading
        os.nice(10)
        def idle(): threading.Event().wait()
        def spin(n):
            if n: return spin(n - 1)
            while True:
                one = 1
                two = len("x" * one)
        for i in range(4): threading.Thread(target=spin, args=(i,), name="spin %d" % i, daemon=True).start()
        threading.Thread(target=idle, name="idle", daemon=True).start()
        print("end")
        idle()
        """

    @Test("Objects that are on no lists are said to be so", arguments: Interpreter.freeThreaded)
    func heap(interpreter: Interpreter) throws {
        let company = try Company(interpreter, program: Self.program)
        try company.truth(rests: false)
        var target = try LiveTarget(pid: company.child.pid)
        let inspector = try PythonInspector(&target)
        #expect(throws: PythonInspectionError.noObjectLists("\(inspector.version)")) {
            try CollectorReader(inspector, &target)
        }
    }

    @Test("Threads run side by side, each in its own copy of the code", arguments: Interpreter.freeThreaded)
    func parallel(interpreter: Interpreter) throws {
        let company = try Company(interpreter, program: Self.program)
        try company.truth(rests: false)
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        var lines: [String: Set<Int>] = [:]
        var mostAtOnce = 0
        for _ in 0..<400 {
            let snapshot = try inspector.snapshot(of: &target)
            #expect(!snapshot.threads.contains { $0.holdsGIL || $0.state == .gilWait })
            for thread in snapshot.threads where !thread.isTorn {
                guard let frame = thread.frames.first, let name = thread.name, name.hasPrefix("spin") else { continue }
                guard frame.function == "spin" else { continue }
                lines[name, default: []].insert(frame.line ?? 0)
                let depth = thread.frames.prefix { $0.function == "spin" }.count
                if frame.line != 4, frame.line != 5 { #expect("spin \(depth - 1)" == name) }
            }
            let attached = snapshot.threads.filter { $0.attachment == .attached && $0.state == .running }
            mostAtOnce = max(mostAtOnce, attached.count)
            pause(milliseconds: 1)
        }
        #expect(lines.count == 4 && mostAtOnce > 1)
        for (name, seen) in lines { #expect(seen.isSubset(of: [4, 5, 6, 7, 8]) && seen.count > 1, "\(name) \(seen)") }
        let idle = try #require(try inspector.snapshot(of: &target).threads.first { $0.name == "idle" })
        #expect(idle.state == .idle && idle.attachment == .detached)
    }

    @Test("Started with the GIL, one thread holds it", arguments: Interpreter.freeThreaded)
    func withGIL(interpreter: Interpreter) throws {
        let company = try Company(interpreter, program: Self.program, options: ["-X", "gil=1"])
        try company.truth(rests: false)
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        #expect(inspector.version.isFreeThreaded)
        var holders: Set<String> = []
        var waited = false
        for _ in 0..<2_000 where holders.count < 2 || !waited {
            let snapshot = try inspector.snapshot(of: &target)
            #expect(snapshot.threads.filter(\.holdsGIL).count <= 1)
            for thread in snapshot.threads where thread.holdsGIL { holders.insert(thread.name ?? "?") }
            waited = waited || snapshot.threads.contains { $0.state == .gilWait }
            pause(milliseconds: 1)
        }
        #expect(holders.contains { $0.hasPrefix("spin") } && waited, "\(holders)")
    }
}
