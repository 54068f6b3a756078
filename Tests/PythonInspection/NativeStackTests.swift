import Linux
import NativeStacks
import PythonInspection
import Samplers
import TestProcesses
import Testing

@Suite struct NativeStackTests {
    /// A thread that goes from Python through qsort(3) back to Python, three times, and a main thread that sleeps.
    private static let program = """
        import ctypes, threading, time
        libc = ctypes.CDLL(None)
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
        gate = threading.Event()
        def compare(a, b):
            down()
            return 0
        def down():
            level.n -= 1
            if level.n: enter()
            else: [wait() for _ in (1,)]
        def wait():
            gate.wait()
        def enter():
            sort()
        def sort():
            libc.qsort((ctypes.c_int * 2)(2, 1), 2, 4, kind(compare))
        level = threading.local()
        def work():
            level.n = 3
            enter()
        threading.Thread(target=work, name="work", daemon=True).start()
        print("ready")
        time.sleep(10000)
        """

    private static func stacks(of pid: Int32) throws -> [(thread: PythonThread, stack: MixedStack)] {
        var target = try LiveTarget(pid: pid)
        var inspector = try PythonInspector(&target)
        let snapshot = try inspector.snapshot(of: &target)
        let states = try inspector.states(in: &target)
        let sampler = try NativeStackSampler(pid: pid)
        return try snapshot.threads.map { thread in
            let state = try #require(states.first { $0.pythonThreadId == thread.pythonThreadId })
            let copy = try sampler.copy(Int32(thread.tid), state, inspector, from: &target)
            return (thread, sampler.stack(of: copy, &inspector, from: &target))
        }
    }

    /// The names of a stack, those of machine code that no table names left out.
    private static func names(_ stack: MixedStack) -> [String] {
        stack.frames.compactMap { frame in
            switch frame {
            case .python(let python): python.function
            case .native(let function, _): function.name
            }
        }
    }

    @Test("Python frames stand where the evaluation loop runs them", arguments: Interpreter.all)
    func placed(interpreter: Interpreter) throws {
        let child = try interpreter.run(["-u", "-c", Self.program])
        try #require(child.line() == "ready")
        var work: (thread: PythonThread, stack: MixedStack)?
        while work == nil {
            work = try Self.stacks(of: child.pid).first { found in
                found.thread.name == "work" && Self.names(found.stack).count { $0 == "wait" } > 0
                    && found.thread.state == .idle && found.thread.frames.contains { $0.function == "wait" }
            }
        }
        let stack = try #require(work?.stack)
        #expect(stack.isComplete)
        let python = stack.frames.compactMap { frame -> PythonFrame? in
            if case .python(let python) = frame { return python }
            return nil
        }
        #expect(python == work?.thread.frames)
        for case .native(let function, _) in stack.frames { #expect(!function.isEvaluator) }
        let own: Set = ["compare", "down", "enter", "sort", "work", "qsort", "qsort_r", "run"]
        var order = Self.names(stack).filter { own.contains($0) }.map { $0 == "qsort_r" ? "qsort" : $0 }
        // Some libraries have one function in two pieces.
        order = order.indices.filter { $0 == 0 || order[$0] != order[$0 - 1] }.map { order[$0] }
        let round = ["down", "compare", "qsort", "sort", "enter"]
        #expect(order == round + round + round + ["work", "run"])
    }

    @Test("A thread that sleeps shows the call it sleeps in", arguments: Interpreter.all)
    func sleeping(interpreter: Interpreter) throws {
        let child = try interpreter.run(["-u", "-c", Self.program])
        try #require(child.line() == "ready")
        var names: [String] = []
        while names.isEmpty {
            let main = try Self.stacks(of: child.pid).first { $0.thread.isMain && $0.thread.state == .idle }
            names = main.map { Self.names($0.stack) } ?? []
        }
        let sleep = names.firstIndex { $0.contains("nanosleep") || $0.contains("select") }
        let module = names.firstIndex(of: "<module>")
        #expect((sleep ?? .max) < (module ?? 0), "\(names)")
        #expect(names.contains { $0.contains("libc_start") }, "\(names)")
    }

    @Test func aThreadThatRunsIsStoppedOnlyForAMoment() throws {
        let interpreter = try #require(Interpreter.ofEachVersion.last)
        let child = try interpreter.run([
            "-u", "-c", "import zlib\nprint('ready')\nwhile True: zlib.compress(bytes(1000000))",
        ])
        try #require(child.line() == "ready")
        var compressing = 0
        for _ in 0..<50 {
            let stack = try #require(try Self.stacks(of: child.pid).first?.stack)
            #expect(stack.stoppedNanoseconds > 0)
            #expect(child.status(of: child.pid, "TracerPid") == 0)
            let names = Self.names(stack)
            if let deflate = names.firstIndex(where: { $0.contains("deflate") }) {
                compressing += 1
                #expect(deflate < names.firstIndex(of: "<module>") ?? 0)
            }
        }
        #expect(compressing > 0)
    }
}
