import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

@Suite(.enabled(if: !Interpreter.all.isEmpty, "no interpreter of a version that is read on this host"))
struct ReachTests {
    private func snapshot(_ pid: Int32) throws -> PythonSnapshot {
        var target = try LiveTarget(pid: pid)
        var inspector = try PythonInspector(&target)
        return try inspector.snapshot(of: &target)
    }

    private func waitUntil(_ condition: () -> Bool) throws {
        for _ in 0..<5_000 {
            if condition() { return }
            pause(milliseconds: 1)
        }
        try #require(Bool(false), "it did not come to that")
    }

    @Test("A process that is stopped", arguments: Interpreter.ofEachVersion)
    func stopped(interpreter: Interpreter) throws {
        let child = try interpreter.run(["-u", "-c", Stand.program])
        try #require(child.line() == "ready")
        kill(child.pid, SIGSTOP)
        try waitUntil { child.threads().allSatisfy { child.state(of: $0) == "T" } }
        try Stand.expect(child.pid, interpreter)
        #expect(child.state(of: child.pid) == "T")
    }

    @Test("A process that somebody else traces", arguments: Interpreter.ofEachVersion)
    func traced(interpreter: Interpreter) throws {
        let child = try interpreter.run(["-u", "-c", Stand.program])
        try #require(child.line() == "ready")
        let tracer = try Child(
            program: "/usr/bin/strace", arguments: ["strace", "-f", "-qq", "-o", "/dev/null", "-p", "\(child.pid)"])
        try waitUntil { child.threads().allSatisfy { child.status(of: $0, "TracerPid") == UInt64(tracer.pid) } }
        try Stand.expect(child.pid, interpreter)
        #expect(child.status(of: child.pid, "TracerPid") == UInt64(tracer.pid))
    }

    @Test("Children that were forked by the first thread and by another", arguments: Interpreter.ofEachVersion)
    func forked(interpreter: Interpreter) throws {
        let program = """
            import os, sys, threading, time
            def stay():
                sys.stdout.write("%d\\n" % os.getpid()); sys.stdout.flush(); time.sleep(100000)
            def branch():
                if os.fork() == 0: stay()
            branch()
            thread = threading.Thread(target=branch, name="ветвь")
            thread.start(); thread.join()
            sys.stdin.readline()
            """
        let child = try interpreter.run(["-W", "ignore", "-u", "-c", program])
        let pids = [child.line(), child.line()].compactMap { Int32($0) }
        try #require(pids.count == 2)
        defer { for pid in pids { kill(pid, SIGKILL) } }
        var stacks: [[String]] = []
        for pid in pids {
            let threads = try snapshot(pid).threads
            #expect(threads.count == 1 && threads.first?.tid == UInt64(pid) && threads.first?.isMain == true)
            stacks.append(Array(threads.first?.frames.prefix(3).map(\.function) ?? []))
        }
        #expect(
            stacks.contains(["stay", "branch", "<module>"]) && stacks.contains(["stay", "branch", "run"]), "\(stacks)")
    }

    @Test("Workers of multiprocessing, spawned and from its fork server", arguments: Interpreter.ofEachVersion)
    func workers(interpreter: Interpreter) throws {
        let program = """
            import multiprocessing, os, sys, time
            def работа(way):
                sys.stdout.write("%s %d\\n" % (way, os.getpid())); sys.stdout.flush(); time.sleep(100000)
            if __name__ == "__main__":
                for way in "spawn", "forkserver":
                    context = multiprocessing.get_context(way)
                    context.Process(target=работа, args=(way,), daemon=True).start()
                sys.stdin.readline()
            """
        let company = try Company(interpreter, program: program)
        var ways: Set<String> = []
        for _ in 0..<2 {
            let words = company.child.line().split(separator: " ")
            try #require(words.count == 2)
            let pid = try #require(Int32(words[1]))
            let threads = try snapshot(pid).threads
            #expect(threads.first { $0.isMain }?.frames.first?.function == "работа", "\(words[0])")
            #expect(threads.first { $0.isMain }?.frames.first?.file == company.file)
            ways.insert(String(words[0]))
        }
        #expect(ways == ["spawn", "forkserver"])
        company.child.write("end")
        company.child.reap()
    }

    @Test("Every interpreter of a process", arguments: Interpreter.ofEachVersion.filter { $0.minor > 6 })
    func subinterpreters(interpreter: Interpreter) throws {
        let program = """
            import os, sys, threading, time
            inner = "import time\\ndef within(): print('in'); time.sleep(100000)\\nwithin()\\n"
            try:
                if sys.version_info >= (3, 14):
                    from concurrent import interpreters
                    made = [interpreters.create() for _ in range(3)]
                    def enter(which): which.exec(inner)
                else:
                    try: import _interpreters as interpreters
                    except ImportError: import _xxsubinterpreters as interpreters
                    made = [interpreters.create() for _ in range(3)]
                    def enter(which): interpreters.run_string(which, inner)
            except ImportError:
                print("none")
                sys.exit()
            for which in made[:2]:
                threading.Thread(target=enter, args=(which,), name="вход", daemon=True).start()
            sys.stdin.readline()
            os._exit(0)
            """
        let child = try interpreter.run(["-W", "ignore", "-u", "-c", program])
        // Debian's stable releases come without the module that is none of the standard ones.
        guard child.line() == "in" else { return }
        try #require(child.line() == "in")
        var threads: [PythonThread] = []
        try waitUntil {
            threads = (try? snapshot(child.pid).threads) ?? []
            // The first thread has come back from starting the others.
            let isSettled = threads.contains { $0.isMain && $0.interpreter == 0 && $0.frames.count == 1 }
            return isSettled && threads.filter { $0.frames.first?.function == "within" }.count == 2
        }
        let main = threads.filter { $0.interpreter == 0 }
        #expect(main.first?.isMain == true && main.first?.frames.last?.function == "<module>")
        let entered = main.filter { $0.name == "вход" }
        #expect(entered.count == 2 && entered.allSatisfy { $0.frames.contains { $0.function == "enter" } })
        let inside = threads.filter { $0.frames.first?.function == "within" }
        #expect(Set(inside.map(\.interpreter)).count == 2 && !inside.contains { $0.interpreter == 0 })
        // Up to 3.12 the interpreter itself takes the thread that made it for the one that is in it.
        if interpreter.minor > 12 { #expect(Set(inside.map(\.tid)) == Set(entered.map(\.tid))) }
        #expect(inside.allSatisfy { $0.frames.map(\.function).prefix(2) == ["within", "<module>"] })
        // The main interpreter comes first, then the others in the order they were made.
        #expect(threads.map(\.interpreter) == threads.map(\.interpreter).sorted())
        // A thread that is in two interpreters has the variables of each there.
        var target = try LiveTarget(pid: child.pid)
        var inspector = try PythonInspector(&target)
        let before = try inspector.snapshot(of: &target)
        var whole = before
        inspector.addLocals(LocalsDemand(), to: &whole, of: &target)
        for (thread, old) in zip(whole.threads, before.threads) {
            // Within its line a thread may still have been on its way to where it waits.
            #expect(thread.frames.map(\.withoutRoutine) == old.frames.map(\.withoutRoutine))
            #expect(thread.frames.allSatisfy { $0.locals != nil })
        }
    }

    @Test("Five hundred threads", arguments: Interpreter.ofEachVersion)
    func manyThreads(interpreter: Interpreter) throws {
        let program = """
            import sys, threading
            threading.stack_size(1 << 18)
            gate, arrived = threading.Lock(), threading.Semaphore(0)
            gate.acquire()
            def stand(n):
                if n: stand(n - 1)
                else: arrived.release(); gate.acquire()
            for i in range(500):
                threading.Thread(target=stand, args=(20,), name="поток %d" % i, daemon=True).start()
            for i in range(500): arrived.acquire()
            print("ready"); sys.stdin.readline()
            """
        let child = try interpreter.run(["-u", "-c", program])
        try #require(child.line() == "ready")
        let threads = try snapshot(child.pid).threads
        #expect(threads.count == 501 && Set(threads.map(\.tid)).count == 501)
        let names = Set((0..<500).map { "поток \($0)" } + ["MainThread"])
        #expect(Set(threads.compactMap(\.name)) == names)
        for thread in threads where !thread.isMain {
            #expect(!thread.isTorn && thread.frames.prefix { $0.function == "stand" }.count == 21)
        }
    }

    @Test(
        "A thread id of a namespace that another thread gets", .enabled(if: geteuid() == 0),
        arguments: Interpreter.ofEachVersion.filter { $0.root.isEmpty && $0.minor > 10 })
    func usedAgain(interpreter: Interpreter) throws {
        let program = """
            import sys, threading, time
            def wait(gate): gate.wait()
            def start(tid):
                gate = threading.Event()
                with open("/proc/sys/kernel/ns_last_pid", "w") as last: last.write(str(tid - 1))
                thread = threading.Thread(target=wait, args=(gate,), daemon=True)
                thread.start()
                print(thread.native_id, flush=True)
                return thread, gate
            thread, gate = start(100)
            sys.stdin.readline()
            gate.set(); thread.join(); time.sleep(0.1)
            start(100)
            sys.stdin.readline()
            """
        let words = ["unshare", "--pid", "--fork", "--kill-child", interpreter.path, "-u", "-c", program]
        let parent = try Child(program: "/usr/bin/unshare", arguments: words, onPipes: true)
        try #require(parent.line() == "100")
        let pid = try #require(Child.children(of: parent.pid).first)
        var target = try LiveTarget(pid: pid)
        let first = try #require(target.motion(ofNative: 100).activity)
        parent.write("go on")
        try #require(parent.line() == "100")
        try waitUntil { target.motion(ofNative: 100).activity != nil }
        let second = try #require(target.motion(ofNative: 100).activity)
        #expect(second.tid != first.tid && second.tid != pid)
    }

    @Test("Ten thousand calls deep", arguments: Interpreter.ofEachVersion)
    func deep(interpreter: Interpreter) throws { try deep(interpreter, 10_000) }

    @Test("A hundred thousand calls deep", arguments: Interpreter.ofEachVersion.filter { $0.minor > 10 })
    func deepest(interpreter: Interpreter) throws { try deep(interpreter, 100_000) }

    private func deep(_ interpreter: Interpreter, _ depth: Int) throws {
        let program = """
            import sys, threading
            depth = \(depth)
            sys.setrecursionlimit(depth + 1000)
            threading.stack_size(1 << 29)
            def down(n):
                if n > 1: down(n - 1)
                else: print("ready"); sys.stdin.readline()
            thread = threading.Thread(target=down, args=(depth,), name="глубина")
            thread.start(); thread.join()
            """
        let child = try interpreter.run(["-u", "-c", program])
        try #require(child.line() == "ready")
        let thread = try #require(try snapshot(child.pid).threads.first { $0.name == "глубина" })
        let frames = thread.frames.drop { $0.function != "down" }
        #expect(!thread.isTorn && frames.prefix { $0.function == "down" }.count == depth)
        #expect(thread.frames.last?.function == "_bootstrap")
        #expect(frames.first?.line == 7 && frames.dropFirst().prefix(depth - 1).allSatisfy { $0.line == 6 })
    }
}
