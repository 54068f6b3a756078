import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

@Suite(
    .enabled(if: !Interpreter.all.isEmpty, "no interpreter of Python 3.11 to 3.13 on this host"), .serialized)
struct LiveInterpreterTests {
    /// Every thread of the truth is in the snapshot as it says, and no other.
    private func expect(
        _ snapshot: PythonSnapshot, is truth: [Company.Truth], of child: Child,
        at place: SourceLocation = #_sourceLocation
    ) {
        #expect(snapshot.threads.count == truth.count, sourceLocation: place)
        #expect(snapshot.threads.filter(\.isMain).map(\.tid) == [UInt64(child.pid)], sourceLocation: place)
        for thread in truth {
            guard let found = snapshot.threads.first(where: { $0.pythonThreadId == thread.pythonThreadId }) else {
                Issue.record("\(thread.name ?? "?") is missing", sourceLocation: place)
                continue
            }
            let name = thread.name ?? "(no name)"
            #expect(found.name == thread.name, sourceLocation: place)
            // Of a thread that `threading` does not know only the kernel's side tells the id.
            if thread.name != nil { #expect(found.tid == thread.tid, "\(name)", sourceLocation: place) }
            #expect(found.frames.count == thread.frames.count, "\(name)", sourceLocation: place)
            for (frame, own) in zip(found.frames, thread.frames) where frame != own {
                Issue.record("\(name): \(frame) is \(own)", sourceLocation: place)
                break
            }
            #expect(!found.isTorn && found.state == .idle && !found.holdsGIL, "\(name)", sourceLocation: place)
        }
    }

    @Test("Stacks are those that the interpreter itself sees", arguments: Interpreter.all)
    func stacks(interpreter: Interpreter) throws {
        let company = try Company(interpreter)
        let truth = try company.truth()
        try #require(truth.count == 21)
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        #expect(inspector.version.minor == interpreter.minor)
        for _ in 0..<3 { expect(try inspector.snapshot(of: &target), is: truth, of: company.child) }
        // The program shows what it was written for.
        let frames = truth.flatMap(\.frames)
        for name in ["zählen", "待つ", "𐐀𐐁", "<lambda>", "generate", "further", "waited", "closure", "far", "serve"] {
            #expect(frames.contains { $0.function == name }, "\(name)")
        }
        #expect(truth.contains { $0.frames.count > 1_000 } && frames.contains { $0.line == 100_000 })
        #expect(frames.contains { $0.qualifiedName == "Service.Inner.value" && $0.file == company.file })
    }

    @Test("Threads that end, begin and are renamed between two readings", arguments: Interpreter.ofEachVersion)
    func changes(interpreter: Interpreter) throws {
        let company = try Company(interpreter)
        let first = try company.truth()
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        expect(try inspector.snapshot(of: &target), is: first, of: company.child)
        for round in 0..<2 {
            company.child.write("open door\(round)")
            let more = try company.truth()
            #expect(more.count == first.count + 1)
            expect(try inspector.snapshot(of: &target), is: more, of: company.child)
            company.child.write("rename door\(round) ворота")
            let renamed = try company.truth()
            // Names are read again every tenth time.
            for _ in 0..<10 { _ = try inspector.snapshot(of: &target) }
            expect(try inspector.snapshot(of: &target), is: renamed, of: company.child)
            company.child.write("close door\(round)")
            let fewer = try company.truth()
            #expect(fewer.count == first.count)
            expect(try inspector.snapshot(of: &target), is: fewer, of: company.child)
        }
    }

    @Test("The end of the process is told", arguments: Interpreter.ofEachVersion)
    func end(interpreter: Interpreter) throws {
        let company = try Company(interpreter)
        _ = try company.truth()
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        _ = try inspector.snapshot(of: &target)
        kill(company.child.pid, SIGKILL)
        company.child.waitForEnd()
        for _ in 0..<2 {
            #expect(throws: PythonInspectionError.self) { try inspector.snapshot(of: &target) }
            company.child.reap()
        }
    }

    @Test("A busy thread runs and holds the lock, the others wait", arguments: Interpreter.ofEachVersion)
    func busy(interpreter: Interpreter) throws {
        let program = """
            import os, threading
            os.nice(10)
            def idle(): threading.Event().wait()
            def spin():
                while True: pass
            for f in (idle, spin, spin): threading.Thread(target=f, name=f.__name__, daemon=True).start()
            print("end")
            idle()
            """
        let company = try Company(interpreter, program: program)
        try company.truth(rests: false)
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        var seen: Set<PythonThread.State> = []
        var holders: Set<String> = []
        var isSettled = false
        for _ in 0..<2_000 where !(seen.contains(.running) && seen.contains(.gilWait) && holders.count == 1) {
            let snapshot = try inspector.snapshot(of: &target)
            // The program has said that it runs before the last thread is where it stays.
            isSettled =
                isSettled
                || snapshot.threads.allSatisfy { thread in
                    thread.frames.contains { $0.function == "idle" || $0.function == "spin" }
                }
            guard isSettled else { continue }
            try #require(snapshot.threads.filter(\.holdsGIL).count <= 1)
            for thread in snapshot.threads where !thread.isTorn {
                if thread.name == "spin" { seen.insert(thread.state) }
                if thread.holdsGIL { holders.insert(thread.name ?? "?") }
                if thread.name == "spin" {
                    try #require(thread.frames.first?.function == "spin" && thread.frames.first?.line == 5)
                } else {
                    try #require(thread.frames.contains { $0.function == "idle" } && !thread.holdsGIL)
                }
            }
            pause(milliseconds: 1)
        }
        #expect(seen.contains(.running) && seen.contains(.gilWait) && holders == ["spin"])
    }

    @Test("Frames that come and go are read whole or not at all", arguments: Interpreter.ofEachVersion)
    func moving(interpreter: Interpreter) throws {
        let program = """
            import os, threading
            os.nice(10)
            def a(n): return b(n - 1) if n else 0
            def b(n): return a(n - 1) + sum(c(n)) if n else 0
            def c(n):
                for i in range(3): yield len([d(x) for x in (1, 2)])
            def d(x): return sorted([x, 1], key=lambda y: -y)
            def work():
                while True: a(40)
            threading.Thread(target=work, name="work", daemon=True).start()
            print("end")
            threading.Event().wait()
            """
        let company = try Company(interpreter, program: program)
        try company.truth(rests: false)
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        /// Who may call whom.
        let callers = [
            "a": ["work", "b"], "b": ["a"], "c": ["b"], "d": ["<listcomp>", "c"], "<listcomp>": ["c"],
            "<lambda>": ["d"], "work": ["run"],
        ]
        var whole = 0
        for _ in 0..<60 {
            let snapshot = try inspector.snapshot(of: &target)
            guard let thread = snapshot.threads.first(where: { $0.name == "work" }), !thread.isTorn else { continue }
            let names = thread.frames.map(\.function)
            whole += 1
            for (callee, caller) in zip(names, names.dropFirst()) {
                if let known = callers[callee], !known.contains(caller) {
                    Issue.record("\(caller) calls \(callee) in \(names)")
                }
            }
            try #require(names.isEmpty || names.last == "_bootstrap", "\(names)")
        }
        #expect(whole > 20)
    }

    @Test func aProcessThatIsNoPythonIsRefusedWithAReason() throws {
        let child = try Child(program: "/bin/cat", arguments: ["cat"], onPipes: true)
        child.write("ready")
        _ = child.line()
        var target = try LiveTarget(pid: child.pid)
        #expect(throws: PythonInspectionError.notPython) { try PythonInspector(&target) }
        child.end()
        #expect(throws: PythonInspectionError.memory(.gone)) { try PythonInspector(&target) }
    }
}
