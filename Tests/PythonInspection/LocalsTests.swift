import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

/// Runs a program that says what its variables are, and reads them.
private struct Holder {
    let child: Child
    /// What the program says of its variables, in its order.
    let truth: [(name: String, text: String)]
    private let company: Company

    init(_ interpreter: Interpreter, program: String) throws {
        company = try Company(interpreter, program: program)
        child = company.child
        var truth: [(String, String)] = []
        while true {
            let words = child.line().split(separator: " ", omittingEmptySubsequences: false)
            if words.first == "end" { break }
            try #require(words.first == "value" && words.count == 3, "the program ended: \(words)")
            truth.append((String(words[1]), text(hexadecimal: words[2])))
        }
        self.truth = truth
        company.awaitRest()
    }

    /// The frames of the main thread with their variables.
    func frames(_ demand: LocalsDemand) throws -> [PythonFrame] {
        var target = try LiveTarget(pid: child.pid)
        var inspector = try PythonInspector(&target)
        var snapshot = try inspector.snapshot(of: &target)
        let before = snapshot
        inspector.addLocals(demand, to: &snapshot, of: &target)
        // A process that stands still is read as it was.
        for (thread, old) in zip(snapshot.threads, before.threads) {
            #expect(thread.frames.map(\.withoutLocals) == old.frames)
        }
        return try #require(snapshot.threads.first { $0.isMain }).frames
    }
}

extension PythonFrame {
    /// The frame as it is without its variables.
    var withoutLocals: PythonFrame {
        var frame = self
        frame.locals = nil
        return frame
    }

    /// The frame as a program that prints its own frames knows it: by file and line alone.
    var withoutRoutine: PythonFrame {
        PythonFrame(function: function, qualifiedName: qualifiedName, file: file, line: line)
    }
}

/// So much that nothing is left out that a test has.
private let generous = ValueLimits(
    characters: 200_000, innerCharacters: 200_000, items: 20_000, depth: 100, valueBytes: 16 << 20,
    frameBytes: 256 << 20, totalBytes: 512 << 20)

@Suite(
    .enabled(if: !Interpreter.all.isEmpty, "no interpreter of a version that is read on this host"), .serialized)
struct LocalsTests {
    @Test("Variables are printed as the interpreter itself prints them", arguments: Interpreter.all)
    func values(interpreter: Interpreter) throws {
        let holder = try Holder(interpreter, program: LocalsProgram.text)
        try #require(holder.truth.count > 200)
        let frames = try holder.frames(LocalsDemand(limits: generous))
        let hold = try #require(frames.first { $0.function == "hold" })
        let locals = try #require(hold.locals)
        #expect(locals.map(\.name) == holder.truth.map(\.name))
        for (local, truth) in zip(locals, holder.truth) {
            if local.value != truth.text {
                Issue.record("\(local.name): \(local.value.prefix(300)) is \(truth.text.prefix(300))")
            }
            #expect(!local.isTorn && local.kind == .local && !local.type.isEmpty, "\(local.name)")
        }
    }

    /// A variable as a frame has it.
    private struct Variable: Hashable, CustomStringConvertible {
        var kind: PythonLocal.Kind
        var name: String
        var value: String

        init(_ kind: PythonLocal.Kind, _ name: String, _ value: String) {
            (self.kind, self.name, self.value) = (kind, name, value)
        }

        var description: String { "\(kind.rawValue) \(name) = \(value)" }
    }

    @Test("Arguments, variables of outer functions, of comprehensions and of bodies", arguments: Interpreter.all)
    func frames(interpreter: Interpreter) throws {
        let program = """
            import sys
            def stand():
                print("end", flush=True); sys.stdin.readline()
            def maker(arg):
                shared = [1]
                def closure(n, _private=None):
                    x = shared
                    stand()
                    return arg, n
                closure(3)
            def gen(g):
                held = g
                maker("A")
                yield held
            def args(a, b=2, *rest, key, other=5, **more):
                total = a + b
                gone = 1
                del gone
                shown = lambda: (a, total)
                for i in range(3): break
                [list(gen(x)) for x in (7,)]
                later = 1
            def run():
                class Body:
                    y = "why"
                    z = args(1, 3, 4, 5, key="k", extra=[6])
            async def waiting(w):
                run()
            def driven(): waiting(2).send(None)
            exec("q = 5; driven()", globals(), {"p": 1})
            """
        let frames = try Holder(interpreter, program: program).frames(LocalsDemand())
        func variables(_ function: String, at place: Int = 0) throws -> [Variable] {
            let found = frames.filter { $0.function == function }
            return try #require(found.indices.contains(place) ? found[place].locals : nil)
                .filter { !$0.value.hasPrefix("<function") && !$0.value.hasPrefix("<tuple_iterator") }
                .map { Variable($0.kind, $0.name, $0.value) }
        }
        #expect(try variables("stand") == [])
        #expect(
            try variables("closure") == [
                Variable(.argument, "n", "3"), Variable(.argument, "_private", "None"), Variable(.local, "x", "[1]"),
                Variable(.free, "arg", "'A'"), Variable(.free, "shared", "[1]"),
            ])
        #expect(try variables("maker") == [Variable(.argument, "arg", "'A'"), Variable(.local, "shared", "[1]")])
        #expect(try variables("gen") == [Variable(.argument, "g", "7"), Variable(.local, "held", "7")])
        let args = try variables("args")
        #expect(
            args.prefix(6) == [
                Variable(.argument, "a", "1"), Variable(.argument, "b", "3"), Variable(.argument, "key", "'k'"),
                Variable(.argument, "other", "5"), Variable(.argument, "rest", "(4, 5)"),
                Variable(.argument, "more", "{'extra': [6]}"),
            ])
        let inner: Set = [Variable(.local, "x", "7")]
        let own: Set = [Variable(.local, "total", "4"), Variable(.local, "i", "0")]
        #expect(Set(args.dropFirst(6)) == (interpreter.minor < 12 ? own : own.union(inner)))
        if interpreter.minor < 12 { #expect(Set(try variables("<listcomp>")) == inner) }
        let body = try variables("Body")
        #expect(
            body.contains(Variable(.local, "y", "'why'")) && body.contains(Variable(.local, "__module__", "'__main__'"))
        )
        #expect(!body.contains { $0.name == "z" })
        #expect(try variables("waiting") == [Variable(.argument, "w", "2")])
        #expect(try variables("<module>") == [Variable(.local, "p", "1"), Variable(.local, "q", "5")])
        #expect(try variables("<module>", at: 1) == [])
    }

    @Test("What is left out is marked, and how much it is", arguments: Interpreter.ofEachVersion)
    func limits(interpreter: Interpreter) throws {
        let program = """
            import sys
            class Thing: pass
            def hold():
                text = "x" * 5000
                data = b"y" * 5000
                numbers = list(range(5000))
                table = {i: i for i in range(5000)}
                members = set(range(5000))
                texts = ["z" * 400] * 50
                deep = []
                for _ in range(10000): deep = [deep]
                thing = Thing()
                for i in range(2000): setattr(thing, "a%d" % i, i)
                print("end", flush=True)
                sys.stdin.readline()
            hold()
            """
        let holder = try Holder(interpreter, program: program)
        let frames = try holder.frames(LocalsDemand(limits: ValueLimits(characters: 1000, items: 100, depth: 8)))
        let locals = try #require(frames.first { $0.function == "hold" }?.locals)
        func value(_ name: String) throws -> String { try #require(locals.first { $0.name == name }).value }
        let x = String(repeating: "x", count: 1000)
        #expect(try value("text") == "'\(x)'…4000 more")
        #expect(try value("data") == "b'" + String(repeating: "y", count: 1000) + "'…4000 more")
        let numbers = (0..<100).map { "\($0)" }
        #expect(try value("numbers") == "[" + numbers.joined(separator: ", ") + ", …4900 more]")
        #expect(try value("table") == "{" + numbers.map { "\($0): \($0)" }.joined(separator: ", ") + ", …4900 more}")
        #expect(try value("members") == "{" + numbers.joined(separator: ", ") + ", …4900 more}")
        // Texts inside of something else are cut earlier.
        let z = "'" + String(repeating: "z", count: 120) + "'…280 more"
        let last = "'" + String(repeating: "z", count: 54) + "'…346 more"
        #expect(
            try value("texts") == "[" + (Array(repeating: z, count: 7) + [last]).joined(separator: ", ") + ", …42 more]"
        )
        #expect(try value("deep") == "[[[[[[[[[…]]]]]]]]]")
        #expect(try value("thing").hasPrefix("<Thing a0=0, a1=1, a2=2, "))
        #expect(try value("thing").hasSuffix(" more>"))
        #expect(locals.filter(\.isTruncated).count == 8)
        // Nothing at all may be read: nothing is believed.
        let poor = try holder.frames(LocalsDemand(limits: ValueLimits(valueBytes: 60)))
        let few = try #require(poor.first { $0.function == "hold" }?.locals)
        #expect(
            few.count == locals.count && few.allSatisfy { $0.isTruncated && $0.value.hasPrefix("<unreadable at 0x") })
    }

    @Test(
        "However many frames and variables there are, what is kept of them has an end",
        arguments: Interpreter.ofEachVersion)
    func many(interpreter: Interpreter) throws {
        let program = """
            import sys
            sys.setrecursionlimit(5000)
            variables = "".join("    v%d = n\\n" % i for i in range(400))
            exec("def deep(n):\\n" + variables + "    if n: return deep(n - 1)\\n    print('end', flush=True); sys.stdin.read()\\n")
            deep(900)
            """
        let holder = try Holder(interpreter, program: program)
        let frames = try holder.frames(LocalsDemand()).filter { $0.function == "deep" }
        try #require(frames.count == 901)
        #expect(frames.first?.locals?.count == 401 && frames.last?.locals == nil)
        #expect(frames.reduce(0) { $0 + ($1.locals?.count ?? 0) } <= 1 << 18)
        // What is printed of them ends where what it may cost does.
        let cheap = try holder.frames(LocalsDemand(limits: ValueLimits(totalBytes: 1 << 20)))
        #expect(cheap.filter { $0.locals != nil }.count < 400)
    }

    @Test("Variables of a thread that runs belong together, or are marked", arguments: Interpreter.ofEachVersion)
    func moving(interpreter: Interpreter) throws {
        let program = """
            import os, threading
            os.nice(10)
            def leaf(low, text):
                double = low * 2
                return double
            def middle(high):
                for i in range(3): leaf(high + 1, str(high))
            def work():
                n = 1000
                while True:
                    n += 1
                    middle(n)
            threading.Thread(target=work, name="work", daemon=True).start()
            print("end")
            threading.Event().wait()
            """
        let company = try Company(interpreter, program: program)
        try company.truth(rests: false)
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        var pairs = 0
        for round in 0..<2_000 where round < 100 || pairs < 5 {
            var snapshot = try inspector.snapshot(of: &target)
            inspector.addLocals(LocalsDemand(), to: &snapshot, of: &target)
            guard let thread = snapshot.threads.first(where: { $0.name == "work" }) else { continue }
            func proven(_ function: String, _ name: String) -> String? {
                let local = thread.frames.first { $0.function == function }?.locals?.first { $0.name == name }
                return local.flatMap { $0.isTorn ? nil : $0.value }
            }
            let high = proven("middle", "high")
            for (low, text) in [(proven("leaf", "low"), proven("leaf", "text"))] {
                guard let high, let low, let text, let number = Int(high) else { continue }
                pairs += 1
                #expect(low == "\(number + 1)" && text == "'\(number)'", "\(high) \(low) \(text)")
            }
            if let high, let n = proven("work", "n") {
                pairs += 1
                #expect(high == n)
            }
        }
        // It is not that everything is marked.
        #expect(pairs >= 5)
    }

    /// Folders with numpy 1 and 2, as `scripts/test` makes them, for the system's interpreter.
    private static let numpys: [String] = {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return ["1", "2"].map { "/\(root)/.venv/numpy-\($0)" }.filter { Files.names(in: $0).contains("numpy") }
    }()

    @Test(
        "Arrays and numbers of numpy",
        .enabled(if: !numpys.isEmpty, "no numpy in .venv: scripts/test fetches it"), arguments: numpys)
    func numpy(folder: String) throws {
        let program = """
            import sys
            sys.path.insert(0, "\(folder)")
            import numpy as np
            def hold():
                ints = np.array([1, -2, 3])
                floats = np.array([[0.1, 1e20], [float("nan"), -0.0]])
                singles = np.array([0.1, 3e38], dtype=np.float32)
                small = np.array([255, 0], dtype=np.uint8)
                shorts = np.array([-32768], dtype=np.int16)
                big = np.array([2**64 - 1], dtype=np.uint64)
                flags = np.array([True, False])
                complexes = np.array([1+2j])
                texts = np.array(["ä", "bcd"])
                raw = np.array([b"x", b"yz"])
                objects = np.array([None, "s", [1]], dtype=object)
                swapped = np.array([1, 2], dtype=">i4")
                large = np.zeros((1000, 3))
                step = np.arange(20)[::-5]
                turned = np.arange(6).reshape(2, 3).T
                nothing = np.array([])
                nowhere = np.zeros((0, 3))
                single = np.array(5)
                times = np.array(["2024-01-01"], dtype="M8[s]")
                a_float = np.float64(1.5)
                a_single = np.float32(0.1)
                an_int = np.int64(-7)
                a_byte = np.uint8(200)
                a_bool = np.bool_(True)
                a_text = np.str_("x")
                kind = np.dtype("int32")
                print("end", flush=True)
                sys.stdin.readline()
            hold()
            """
        let interpreter = Interpreter(minor: 11, path: "/usr/bin/python3")
        let limits = ValueLimits(characters: 300, items: 12)
        let frames = try Holder(interpreter, program: program).frames(LocalsDemand(limits: limits))
        let locals = try #require(frames.first { $0.function == "hold" }?.locals)
        let truth = [
            "ints": "array([1, -2, 3], shape=(3,), dtype=int64)",
            "floats": "array([[0.1, 1e+20], [nan, -0.0]], shape=(2, 2), dtype=float64)",
            "singles": "array([0.1, 3e+38], shape=(2,), dtype=float32)",
            "small": "array([255, 0], shape=(2,), dtype=uint8)",
            "shorts": "array([-32768], shape=(1,), dtype=int16)",
            "big": "array([18446744073709551615], shape=(1,), dtype=uint64)",
            "flags": "array([True, False], shape=(2,), dtype=bool)",
            "complexes": "array([(1+2j)], shape=(1,), dtype=complex128)",
            "texts": "array(['ä', 'bcd'], shape=(2,), dtype=<U3)",
            "raw": "array([b'x', b'yz'], shape=(2,), dtype=S2)",
            "objects": "array([None, 's', [1]], shape=(3,), dtype=object)",
            "swapped": "array([1, 2], shape=(2,), dtype=>i4)",
            "large":
                "array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], …996 more], shape=(1000, 3), dtype=float64)",
            "step": "array([19, 14, 9, 4], shape=(4,), dtype=int64)",
            "turned": "array([[0, 3], [1, 4], [2, 5]], shape=(3, 2), dtype=int64)",
            "nothing": "array([], shape=(0,), dtype=float64)",
            "nowhere": "array([], shape=(0, 3), dtype=float64)",
            "single": "array(5, shape=(), dtype=int64)",
            "times": "array([…], shape=(1,), dtype=datetime64)",
            "a_float": "np.float64(1.5)", "a_single": "np.float32(0.1)", "an_int": "np.int64(-7)",
            "a_byte": "np.uint8(200)", "a_bool": folder.hasSuffix("1") ? "np.bool_(True)" : "np.bool(True)",
            "a_text": "np.str_('x')", "kind": "dtype('int32')",
        ]
        #expect(locals.count == truth.count)
        for local in locals { #expect(local.value == truth[local.name], "\(local.name)") }
    }
}
