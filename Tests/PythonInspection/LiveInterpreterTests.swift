import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

@Suite(
    .enabled(if: !Interpreter.all.isEmpty, "no interpreter of a version that is read on this host"), .serialized)
struct LiveInterpreterTests {
    /// Every thread of the truth is in the snapshot as it says, and no other.
    private func expect(
        _ snapshot: PythonSnapshot, is truth: [Company.Truth], of child: Child, isFreeThreaded: Bool,
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
            #expect(found.name == thread.name && found.isDaemon == thread.isDaemon, sourceLocation: place)
            #expect((found.attachment != nil) == isFreeThreaded && found.interpreter == 0, sourceLocation: place)
            // Of a thread that `threading` does not know only the kernel's side tells the id.
            if thread.name != nil && thread.tid != 0 {
                #expect(found.tid == thread.tid, "\(name)", sourceLocation: place)
            }
            #expect(found.frames.count == thread.frames.count, "\(name)", sourceLocation: place)
            for (frame, own) in zip(found.frames, thread.frames) {
                var frame = frame
                if frame.function == "serve" { frame.column = nil }
                guard frame != own else { continue }
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
        #expect(inspector.version.isFreeThreaded == interpreter.isFreeThreaded && inspector.version.patch != nil)
        for _ in 0..<3 {
            expect(
                try inspector.snapshot(of: &target), is: truth, of: company.child,
                isFreeThreaded: interpreter.isFreeThreaded)
        }
        // The program shows what it was written for.
        let frames = truth.flatMap(\.frames)
        for name in ["zählen", "待つ", "𐐀𐐁", "<lambda>", "generate", "further", "waited", "closure", "far", "serve"] {
            #expect(frames.contains { $0.function == name }, "\(name)")
        }
        #expect(truth.contains { $0.frames.count > 1_000 } && frames.contains { $0.line == 100_000 })
        let value = interpreter.minor < 11 ? nil : "Service.Inner.value"
        #expect(
            frames.contains { $0.function == "value" && $0.qualifiedName == value && $0.file == company.file })
    }

    @Test("Threads that end, begin and are renamed between two readings", arguments: Interpreter.ofEachVersion)
    func changes(interpreter: Interpreter) throws {
        let company = try Company(interpreter)
        let first = try company.truth()
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        expect(
            try inspector.snapshot(of: &target), is: first, of: company.child,
            isFreeThreaded: interpreter.isFreeThreaded)
        for round in 0..<2 {
            company.child.write("open door\(round)")
            let more = try company.truth()
            #expect(more.count == first.count + 1)
            expect(
                try inspector.snapshot(of: &target), is: more, of: company.child,
                isFreeThreaded: interpreter.isFreeThreaded)
            company.child.write("rename door\(round) ворота")
            let renamed = try company.truth()
            // Names are read again every tenth time.
            for _ in 0..<10 { _ = try inspector.snapshot(of: &target) }
            expect(
                try inspector.snapshot(of: &target), is: renamed, of: company.child,
                isFreeThreaded: interpreter.isFreeThreaded)
            company.child.write("close door\(round)")
            let fewer = try company.truth()
            #expect(fewer.count == first.count)
            expect(
                try inspector.snapshot(of: &target), is: fewer, of: company.child,
                isFreeThreaded: interpreter.isFreeThreaded)
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
        guard !interpreter.isFreeThreaded else { return }
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

    @Test(
        "States of threads that are not there hide no other, and cost no look with every sample",
        arguments: Interpreter.ofEachVersion.filter { $0.root.isEmpty && $0.minor < 11 })
    func staleStates(interpreter: Interpreter) throws {
        // The child of a fork(2) that Python does not know of has the states of all threads.
        let program = """
            import ctypes, sys, threading, time
            for _ in range(3): threading.Thread(target=threading.Event().wait, daemon=True).start()
            time.sleep(0.2)
            library = ctypes.PyDLL(None)
            pid = library.fork()
            if pid:
                print(pid, flush=True)
                sys.stdin.readline()
                sys.exit()
            library.prctl(1, 9, 0, 0, 0)
            def lives(): time.sleep(1000)
            lives()
            """
        let parent = try interpreter.run(["-u", "-c", program])
        let pid = try #require(Int32(parent.line()))
        pause(milliseconds: 300)
        var target = NoisyTarget(try LiveTarget(pid: pid), .init(), seed: 0)
        var inspector = try PythonInspector(&target)
        let snapshot = try inspector.snapshot(of: &target)
        #expect(snapshot.threads.map(\.tid) == [UInt64(pid)])
        #expect(snapshot.threads.first?.frames.first?.function == "lives")
        #expect(inspector.interpreters.first?.threads.count == 4)
        let before = target.readings
        var samples = 0
        for round in 0..<400 as Range<UInt64> {
            _ = try inspector.sample(
                .wall, includesIdle: true, mayStop: false, of: &target, atNanoseconds: 1_000_000_000 + round * 1_000_000
            ) { _ in samples += 1 }
        }
        #expect(samples == 400)
        #expect(target.readings - before < 1_600, "\(target.readings - before)")
    }

    @Test("Code whose file has a name of a class of its own, or a very long one", arguments: Interpreter.ofEachVersion)
    func oddNames(interpreter: Interpreter) throws {
        let program = """
            import threading
            class Text(str): pass
            def run(name, file):
                made = {"wait": threading.Event().wait}
                exec(compile("def " + name + "(): wait()", Text(file), "exec"), made)
                threading.Thread(target=made[name], daemon=True).start()
            run("plain", "проба")
            run("x" * 5000, "y" * 10000)
            print("end")
            threading.Event().wait()
            """
        let company = try Company(interpreter, program: program)
        try company.truth()
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        let snapshot = try inspector.snapshot(of: &target)
        #expect(snapshot.threads.count == 3 && !snapshot.threads.contains { $0.isTorn })
        let frames = snapshot.threads.flatMap(\.frames)
        #expect(frames.contains { $0.function == "plain" && $0.file == "проба" })
        let (name, file) = (String(repeating: "x", count: 4095) + "…", String(repeating: "y", count: 4095) + "…")
        #expect(frames.contains { $0.function == name && $0.file == file })
    }

    @Test(
        "Names of threads are read within bounds, whatever the module holds",
        arguments: Interpreter.ofEachVersion.filter { [6, 11, 13].contains($0.minor) })
    func manyAttributes(interpreter: Interpreter) throws {
        let program = """
            import threading
            class Fat: pass
            fat = Fat()
            for i in range(90000): setattr(fat, "a%d" % i, i)
            for i in range(1, 201): threading._active[i] = fat
            print("end")
            threading.Event().wait()
            """
        let company = try Company(interpreter, program: program)
        try company.truth()
        var target = NoisyTarget(try LiveTarget(pid: company.child.pid), .init(), seed: 0)
        var inspector = try PythonInspector(&target)
        let before = target.bytesRead
        #expect(try inspector.snapshot(of: &target).threads.map(\.name) == ["MainThread"])
        #expect(target.readings < 100_000 && target.bytesRead - before < 128 << 20, "\(target.readings)")
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
