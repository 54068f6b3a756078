import TestProcesses
import Testing

@testable import PythonInspection

/// What a program says of its own tasks.
struct TaskTruth {
    struct Task {
        var id: UInt64
        var name: String?
        var state: String
        var loop: UInt64
        var thread: UInt64
        var frames: [PythonFrame] = []
        /// Kind of the thing it waits for and a part of the words; nil where the program does not say.
        var thing: (kind: String, text: String)?
    }

    var tasks: [Task] = []
    /// Who waits for whom.
    var edges: Set<[UInt64]> = []

    /// Reads what the program writes up to the line `end`.
    init(of company: Company) throws {
        while true {
            let words = company.child.line().split(separator: " ", omittingEmptySubsequences: false)
            func number(_ index: Int) throws -> UInt64 { try #require(UInt64(words[index])) }
            switch words.first {
            case "task":
                tasks.append(
                    Task(
                        id: try number(1), name: words[2] == "-" ? nil : text(hexadecimal: words[2]),
                        state: String(words[3]), loop: try number(4), thread: try number(5)))
            case "frame":
                try #require(!tasks.isEmpty)
                tasks[tasks.count - 1].frames.append(
                    PythonFrame(
                        function: text(hexadecimal: words[1]),
                        qualifiedName: words[2] == "-" ? nil : text(hexadecimal: words[2]),
                        file: text(hexadecimal: words[3]), line: Int(words[4])))
            case "thing":
                let id = try number(1)
                // Without the GIL a task of another thread may begin between the two lists that the program makes.
                guard let place = tasks.firstIndex(where: { $0.id == id }) else { continue }
                tasks[place].thing = (String(words[2]), text(hexadecimal: words[3]))
            case "edge": edges.insert([try number(1), try number(2)])
            case "end":
                company.awaitRest()
                return
            default: try #require(Bool(false), "the program ended: \(words)")
            }
        }
    }

    /// Three loops in three threads; all rest but one task, which stands in a function of C. Without tasks that are said to wait
    /// for one another nothing waits.
    static let program = #"""
        import asyncio, asyncio.tasks, gc, os, queue, sys, threading, _thread, types
        V = sys.version_info
        gate = _thread.allocate_lock(); gate.acquire()
        arrived = queue.Queue()
        loops, named, edges, things = [], {}, [], []
        class Service:
            def __init__(self):
                self.ready = asyncio.Event(); self.lock = asyncio.Lock(); self.jobs = asyncio.Queue(1)
                self.changed = asyncio.Condition(); self.places = asyncio.Semaphore(1)
            async def wait(self): await self.ready.wait()
            async def hold(self):
                async with self.lock: await asyncio.sleep(1000)
            async def want(self):
                async with self.lock: pass
            async def get(self): return await self.jobs.get()
            async def notified(self):
                async with self.changed: await self.changed.wait()
            async def place(self):
                async with self.places: await asyncio.sleep(900)
            async def full(self):
                box = asyncio.Queue(1)
                await box.put(1); await box.put(2)
        class MyTask(asyncio.Task): pass
        class MyPlain(asyncio.tasks._PyTask): pass
        async def deep(n):
            if n: return await deep(n - 1)
            await asyncio.sleep(500.5)
        async def numbers():
            for x in range(3):
                await asyncio.sleep(x * 300)
                yield x
        async def more():
            async for x in numbers(): yield x
        async def consume():
            async for x in more():
                pass
        @types.coroutine
        def old(): yield from deep(1).__await__()
        async def older(): await old()
        class Thing:
            def __await__(self): return (yield from deep(0).__await__())
        async def awaits_thing(): await Thing()
        async def bounded(task): await asyncio.wait_for(task, 777)
        async def shields(task): await asyncio.shield(task)
        async def awaits(task): return await task
        async def gathers(tasks): await asyncio.gather(asyncio.gather(*tasks[:2]), *tasks[2:])
        async def waits(tasks): await asyncio.wait(tasks, return_when="FIRST_COMPLETED")
        async def answer():
            answer = asyncio.get_event_loop().create_future()
            keep.append(answer)
            await answer
        async def elsewhere(): await asyncio.get_event_loop().run_in_executor(None, gate.acquire)
        async def stubborn(started):
            try: await asyncio.sleep(1000)
            except asyncio.CancelledError: await asyncio.sleep(2000)
        async def never(): pass
        async def forever():
            while True:
                await asyncio.sleep(
                    3600)
        async def circle(box): await box[0]
        if V >= (3, 11):
            exec('''
        async def grouped(loop):
            async with asyncio.TaskGroup() as group:
                for name in ("in group a", "in group b"):
                    task = group.create_task(forever()); register(task, name)
                    edges.append((asyncio.current_task(), task))
        ''')
        keep = []
        def register(task, name):
            if hasattr(task, "set_name"): task.set_name(name)
            named[id(task)] = name
            keep.append(task)
            return task
        async def fill(loop, number):
            def spawn(coro, name, kind=None, words="", of=None):
                task = of(coro, loop=loop) if of else loop.create_task(coro)
                if kind: things.append((task, kind, words))
                return register(task, name)
            def link(awaiting, *awaited):
                for task in awaited: edges.append((awaiting, task))
            me = asyncio.current_task() if V >= (3, 7) else asyncio.Task.current_task()
            register(me, "main of %d" % number)
            s = Service(); keep.append(s)
            spawn(s.wait(), "wartet", "event", "Event self.ready")
            spawn(s.hold(), "hält", "sleep", "sleep(1000)")
            await asyncio.sleep(0)
            spawn(s.want(), "will", "lock", "Lock self.lock")
            spawn(s.get(), "待つ", "queue", "an item in Queue self.jobs")
            spawn(s.full(), "voll", "queue", "room in Queue box")
            spawn(s.notified(), "bedingt 🐍", "condition", "Condition self.changed")
            spawn(s.place(), "platz 1", "sleep", "sleep(900)")
            await asyncio.sleep(0)
            spawn(s.place(), "platz 2", "semaphore", "Semaphore self.places")
            spawn(deep(20), "tief", "sleep", "sleep(500.5)")
            spawn(consume(), "agen", "sleep", "sleep(300)")
            spawn(older(), "older")
            spawn(awaits_thing(), "thing")
            spawn(answer(), "answer", "future", "Future answer")
            if number == 0: spawn(elsewhere(), "elsewhere", "executor", "another thread")
            inner = spawn(forever(), "inner", "sleep", "sleep(3600)")
            link(spawn(bounded(inner), "bounded", None), inner)
            link(spawn(shields(inner), "shields", "task" if V >= (3, 7) else "wait", "task "), inner)
            link(spawn(awaits(inner), "awaits", "task", "task "), inner)
            three = [spawn(forever(), "child %d" % i) for i in range(3)]
            link(spawn(gathers(three), "gathers", "gather", "3 tasks"), *three)
            two = [spawn(forever(), "x" * 300), spawn(forever(), "")]
            link(spawn(waits(set(two)), "waits", "wait", "the first of 2 tasks"), *two)
            box = []
            a = spawn(circle(box), "circle a"); b = spawn(awaits(a), "circle b"); box.append(b)
            link(a, b); link(b, a)
            spawn(forever(), "own class", of=MyTask)
            plain = spawn(deep(2), "plain", of=asyncio.tasks._PyTask)
            other = spawn(awaits(plain), "plain too", "task", "task ", of=MyPlain)
            link(other, plain)
            if V >= (3, 14):
                asyncio.tasks._py_unregister_task(other)
                asyncio._register_task(other)
            link(spawn(awaits(plain), "not plain", "task", "task "), plain)
            if V >= (3, 11): spawn(grouped(loop), "group", "task-group", "2 tasks")
            cancelled = spawn(stubborn(None), "stubborn", "sleep", "sleep(2000)")
            if V >= (3, 12):
                async def eager(): await asyncio.sleep(4000)
                task = asyncio.Task(eager(), loop=loop, eager_start=True)
                things.append((task, "sleep", "sleep(4000)")); register(task, "eager")
            await asyncio.sleep(0.05)
            cancelled.cancel()
            await asyncio.sleep(0.05)
            if number == 2:
                stand()
            else:
                arrived.put(1)
                await asyncio.sleep(5000)
        def stand():
            loop = asyncio.get_event_loop()
            register(loop.create_task(never()), "never")
            arrived.put(1)
            gate.acquire()
        def work(number):
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
            loops.append((loop, _thread.get_ident()))
            loop.run_until_complete(fill(loop, number))
        for number in range(3):
            threading.Thread(target=work, args=(number,), name="loop %d" % number, daemon=True).start()
        for _ in range(3): arrived.get()
        def hexadecimal(text): return text.encode("utf-8", "replace").hex()
        def frames_of(task, ident):
            coro = task._coro
            outer = getattr(coro, "cr_frame", None) or coro.gi_frame
            found = []
            if getattr(coro, "cr_running", False) or getattr(coro, "gi_running", False):
                frame = sys._current_frames()[ident]
                while frame:
                    found.append(frame)
                    if frame is outer: return found
                    frame = frame.f_back
            while coro is not None:
                for prefix in ("cr", "gi", "ag"):
                    if hasattr(coro, prefix + "_frame"):
                        frame = getattr(coro, prefix + "_frame")
                        if frame: found.append(frame)
                        coro = getattr(coro, "gi_yieldfrom" if prefix == "gi" else prefix + "_await")
                        break
                else:
                    inside = [x for x in gc.get_referents(coro)
                              if hasattr(x, "ag_frame") or hasattr(x, "cr_frame")]
                    coro = inside[0] if inside and "Future" not in type(coro).__name__ else None
            return found[::-1]
        def say():
            for loop, ident in loops:
                # The function of the module in C does not see those of the class in Python.
                others = asyncio.tasks._py_all_tasks(loop) if V >= (3, 14) else set()
                tasks = others | asyncio.all_tasks(loop) if V >= (3, 7) else {
                    t for t in asyncio.Task.all_tasks(loop) | asyncio.tasks._PyTask.all_tasks(loop) if not t.done()}
                for task in tasks:
                    name = hexadecimal(task.get_name()) if hasattr(task, "get_name") else "-"
                    running = getattr(task._coro, "cr_running", False)
                    state = "running" if running else "cancelling" if (
                        V >= (3, 11) and task.cancelling()) else "pending"
                    print("task", id(task), name, state, id(loop), ident)
                    for frame in frames_of(task, ident):
                        code = frame.f_code
                        qualified = getattr(code, "co_qualname", None)
                        print("frame", hexadecimal(code.co_name), hexadecimal(qualified) if qualified else "-",
                              hexadecimal(code.co_filename), frame.f_lineno)
            for task, kind, words in things: print("thing", id(task), kind, hexadecimal(words))
            for awaiting, awaited in edges: print("edge", id(awaiting), id(awaited))
            print("end")
        while True:
            say()
            if not sys.stdin.readline(): break
        """#
}
