import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

/// A Python program whose threads all stand still, and what it says of them itself.
struct Company {
    let child: Child
    /// Path of its source.
    let file: String
    private let directory: Directory

    /// The directory lives as long as the program.
    private final class Directory {
        let value: TemporaryDirectory
        init(in folder: String) throws { value = try TemporaryDirectory(in: folder) }
    }

    /// What the interpreter says of a thread with `sys._current_frames()`.
    struct Truth: Hashable {
        var pythonThreadId: UInt64
        var tid: UInt64
        var name: String?
        var isDaemon: Bool?
        var frames: [PythonFrame]
    }

    init(_ interpreter: Interpreter, program: String = Company.program, options: [String] = []) throws {
        directory = try Directory(in: interpreter.root + "/tmp")
        // The name of the file is hostile as well.
        try directory.value.write("проба 日本.py", program)
        file = directory.value.path.dropFirst(interpreter.root.count) + "/проба 日本.py"
        child = try interpreter.run(["-u"] + options + [file])
    }

    /// What the program says of all its threads, once each of them stands still.
    ///
    /// - Parameter rests: whether they do; a busy one never would.
    @discardableResult
    func truth(rests: Bool = true) throws -> [Truth] {
        var found: [Truth] = []
        while true {
            let words = child.line().split(separator: " ", omittingEmptySubsequences: false)
            switch words.first {
            case "thread":
                try #require(words.count == 5)
                found.append(
                    Truth(
                        pythonThreadId: try #require(UInt64(words[1])), tid: try #require(UInt64(words[2])),
                        name: words[3] == "-" ? nil : text(hexadecimal: words[3]),
                        isDaemon: words[4] == "-" ? nil : words[4] == "True", frames: []))
            case "frame":
                try #require(words.count == 7 && !found.isEmpty)
                found[found.count - 1].frames.append(
                    PythonFrame(
                        function: text(hexadecimal: words[1]),
                        qualifiedName: words[2] == "-" ? nil : text(hexadecimal: words[2]),
                        file: text(hexadecimal: words[3]), line: Int(words[4]), column: Int(words[5]),
                        routine: try #require(PythonFrame.Routine(rawValue: String(words[6])))))
            case "end":
                if rests { awaitRest() }
                return found
            default:
                try #require(Bool(false), "the program ended: \(words)")
            }
        }
    }

    /// Waits until every thread sleeps in the kernel.
    func awaitRest() {
        for _ in 0..<2_000 {
            if child.threads().allSatisfy({ child.state(of: $0) == "S" }) { return }
            pause(milliseconds: 1)
        }
    }

    /// Functions, threads and names of every kind; each thread stands still in one line, in a function of C.
    static let program = """
        import _thread, os, queue, sys, threading, time
        sys.setrecursionlimit(5000)
        arrived, gate = queue.Queue(), _thread.allocate_lock()
        gate.acquire()
        doors = {}
        def stand(): arrived.put(1); gate.acquire()
        class Service:
            def run(self):
                stand()
            @classmethod
            def made(cls): return [Service().run() for _ in range(1)]
            @staticmethod
            def plain(): (lambda: stand())()
            class Inner:
                @property
                def value(self): stand()
                def __enter__(self): stand()
                def __exit__(self, *a): pass
            def entered(self):
                with Service.Inner(): pass
            def inner(self):
                return Service.Inner().value
        def deep(n):
            if n == 0:
                stand()
            else:
                deep(n - 1)
        def generate():
            yield 1
            yield from further()
        def further():
            yield 2
            stand()
            yield 3
        def consume():
            for x in generate():
                pass
        async def waited():
            async for x in stream(): pass
        async def stream():
            stand()
            yield 1
        async def awaits():
            await waited()
        def coroutine():
            try: awaits().send(None)
            except StopIteration: pass
        def sorting(): sorted([1], key=lambda x: stand())
        def zählen(): 待つ()
        def 待つ(): 𐐀𐐁()
        def 𐐀𐐁(): stand()
        def failing():
            try: 1 / 0
            except ZeroDivisionError:
                stand()
        def decorated():
            def closure(*args,
                        **more):
                return (
                    stand(
                    ))
            return closure
        def door():
            arrived.put(1); doors[threading.current_thread().name].acquire()
        far = compile("\\n" * 99999 + "def far(): stand()", "<far 🐍 'away' \\n>", "exec")
        exec(far)
        threads = [
            ("method", Service().run, ()), ("class", Service.made, ()), ("static", Service.plain, ()),
            ("deep", deep, (1000,)), ("generator", consume, ()), ("coroutine", coroutine, ()),
            ("sorting", sorting, ()), ("zähler", zählen, ()), ("待つ", 待つ, ()), ("🐍\\n\\x1b[31m", 𐐀𐐁, ()),
            ("failing", failing, ()), ("closure", decorated(), (1, 2)), ("far", far and globals()["far"], ()),
            ("property", Service().inner, ()), ("with", Service().entered, ()), ("", lambda: stand(), ()),
            ("x" * 300, stand, ()), ("same", stand, ()), ("same", stand, ()),
        ]
        def start(name, function, args=()):
            t = threading.Thread(target=function, args=args, name=name, daemon=True)
            t.start()
            return t
        for t in threads: start(*t)
        _thread.start_new_thread(stand, ())
        for _ in range(len(threads) + 1): arrived.get()
        def hexadecimal(text): return text.encode("utf-8", "replace").hex()
        def column(frame, code):
            # By the time it is looked at, this one waits in the same line for something else.
            if code is serve.__code__ or not hasattr(code, "co_positions"): return "-"
            where = next(p for i, p in enumerate(code.co_positions()) if i == frame.f_lasti // 2)
            return "-" if where[2] is None else where[2] + 1
        def others_rest():
            for task in os.listdir("/proc/self/task") if os.path.isdir("/proc/self") else []:
                try: state = open("/proc/self/task/%s/stat" % task).read().rpartition(")")[2].split()[0]
                except OSError: continue
                if state != "S" and int(task) != os.getpid(): return False
            return True
        def say():
            # One that says that it has arrived may still be on its way.
            for _ in range(40):
                if others_rest(): break
                time.sleep(0.005)
            names = {t.ident: t for t in threading.enumerate()}
            me = _thread.get_ident()
            for ident, frame in sys._current_frames().items():
                thread = names.get(ident)
                native = getattr(thread, "native_id", 0)
                name = hexadecimal(thread.name) if thread else "-"
                print("thread", ident, native, name, thread.daemon if thread else "-")
                if ident == me: frame = frame.f_back
                while frame:
                    code = frame.f_code
                    qualified = getattr(code, "co_qualname", None)
                    print("frame", hexadecimal(code.co_name), hexadecimal(qualified) if qualified else "-",
                          hexadecimal(code.co_filename), frame.f_lineno, column(frame, code),
                          "async-generator" if code.co_flags & 0x200 else "coroutine" if code.co_flags & 0x80 else
                          "generator" if code.co_flags & 0x20 else "function")
                    frame = frame.f_back
            print("end")
        def serve():
            while True:
                say(); words = sys.stdin.readline().split()
                if not words: return
                if words[0] == "open":
                    doors[words[1]] = _thread.allocate_lock()
                    doors[words[1]].acquire()
                    doors[words[1], "thread"] = start(words[1], door)
                    arrived.get()
                if words[0] == "close":
                    doors[words[1]].release()
                    doors[words[1], "thread"].join()
                if words[0] == "rename":
                    doors[words[1], "thread"].name = words[2]
        serve()
        """
}
