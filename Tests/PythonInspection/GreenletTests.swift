import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

/// Packages that scripts/fetch-python-packages has unpacked for an interpreter.
struct PythonPackages: Sendable, CustomTestStringConvertible {
    var interpreter: Interpreter
    /// Directory that has them.
    var path: String

    var testDescription: String { path }

    /// Directories with a package, each with an interpreter of its version.
    static func with(_ package: String) -> [PythonPackages] {
        let home = unsafe getenv("HOME").map { unsafe String(cString: $0) } ?? ""
        let configured = unsafe getenv("VIV_PYTHON_PACKAGES").map { unsafe String(cString: $0) }
        let folder = configured ?? home + "/.cache/viv-python-packages"
        return Files.names(in: folder).sorted().compactMap { name in
            let path = folder + "/" + name
            // 3.11, or 3.11-greenlet2 for an older release beside it.
            let version = name.split(separator: "-").first ?? ""
            guard let minor = Int(version.dropFirst(2)), Files.names(in: path).contains(package),
                let interpreter = Interpreter.all.first(where: { $0.minor == minor && $0.root.isEmpty })
            else { return nil }
            return PythonPackages(interpreter: interpreter, path: path)
        }
    }

    /// A program that finds the packages.
    func company(_ program: String) throws -> Company {
        try Company(interpreter, program: "import sys; sys.path.insert(0, \"\(path)\")\n" + program)
    }
}

@Suite(.serialized)
struct GreenletTests {
    private static let hasGreenlet = !PythonPackages.with("greenlet").isEmpty

    @Test(
        "Greenlets and their frames are those that they show themselves",
        .enabled(if: hasGreenlet, "scripts/fetch-python-packages was not run"),
        arguments: PythonPackages.with("greenlet"))
    func greenlets(packages: PythonPackages) throws {
        let company = try packages.company(Self.program)
        var truth: [PythonGreenlet] = []
        reading: while true {
            let words = company.child.line().split(separator: " ", omittingEmptySubsequences: false)
            switch words.first {
            case "greenlet":
                let state = try #require(PythonGreenlet.State(rawValue: String(words[2])))
                truth.append(
                    PythonGreenlet(
                        id: try #require(UInt64(words[1])), type: String(words[3]), state: state,
                        isMain: words[4] == "0", isHub: false, parent: words[4] == "0" ? nil : UInt64(words[4]),
                        pythonThreadId: state == .unstarted ? nil : UInt64(words[5]), frames: [], isTorn: false))
            case "frame":
                truth[truth.count - 1].frames.append(
                    PythonFrame(
                        function: text(hexadecimal: words[1]),
                        qualifiedName: words[2] == "-" ? nil : text(hexadecimal: words[2]),
                        file: text(hexadecimal: words[3]), line: Int(words[4])))
            case "end": break reading
            default: try #require(Bool(false), "the program ended: \(words)")
            }
        }
        company.awaitRest()
        try #require(truth.count == 14)
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        let found = try inspector.greenlets(of: &target).greenlets
        #expect(Set(found.map(\.id)) == Set(truth.map(\.id)))
        for own in truth {
            guard var greenlet = found.first(where: { $0.id == own.id }) else { continue }
            // The one that wrote this went on since.
            if own.isMain, own.state == .running { greenlet.frames = own.frames }
            greenlet.frames = greenlet.frames.map(\.withoutRoutine)
            #expect(greenlet == own)
        }
        // And again, from memory that lies.
        for round in 0..<6 {
            var noisy = NoisyTarget(target, .init(flippedBytes: 3, replacedWords: 3), seed: UInt64(round))
            var other = inspector
            if let some = try? other.greenlets(of: &noisy).greenlets { #expect(some.count < 1_000) }
            #expect(noisy.largest <= 70 << 20 && noisy.readings < 400_000)
            target = noisy.quiet()
        }
        #expect(Set(try inspector.greenlets(of: &target).greenlets.map(\.id)) == Set(truth.map(\.id)))
    }

    @Test(
        "What is spawned with gevent is found with the line that it waits in",
        .enabled(if: !PythonPackages.with("gevent").isEmpty, "scripts/fetch-python-packages was not run"),
        arguments: PythonPackages.with("gevent"))
    func gevent(packages: PythonPackages) throws {
        let company = try packages.company(
            """
            import gevent, gevent.event
            event = gevent.event.Event()
            def waiter(): event.wait()
            def sleeper(): gevent.sleep(1000)
            spawned = [gevent.spawn(f) for f in [waiter] * 3 + [sleeper] * 2]
            gevent.sleep(0.01)
            print("end", flush=True)
            gevent.joinall(spawned)
            """)
        try company.truth()
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        let found = try inspector.greenlets(of: &target).greenlets
        #expect(found.filter { $0.frames.last?.function == "waiter" && $0.frames.last?.line == 4 }.count == 3)
        #expect(found.filter { $0.frames.last?.function == "sleeper" && $0.frames.last?.line == 5 }.count == 2)
        let hub = try #require(found.first { $0.isHub })
        #expect(hub.state == .running && found.filter { $0.parent == hub.id }.count == 5)
    }

    @Test(
        "Tasks of uvloop are asyncio's",
        .enabled(if: !PythonPackages.with("uvloop").isEmpty, "scripts/fetch-python-packages was not run"),
        arguments: PythonPackages.with("uvloop"))
    func uvloop(packages: PythonPackages) throws {
        let company = try packages.company(
            """
            import asyncio, uvloop
            async def nap(): await asyncio.sleep(1000)
            async def main():
                tasks = [asyncio.ensure_future(nap()) for _ in range(5)]
                await asyncio.sleep(0.01)
                print("end", flush=True)
                await asyncio.gather(*tasks)
            loop = uvloop.new_event_loop(); asyncio.set_event_loop(loop)
            loop.run_until_complete(main())
            """)
        try company.truth()
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        let found = try inspector.tasks(of: &target)
        #expect(found.loops.map(\.type) == ["uvloop.Loop"])
        // In 3.6 no thread says which loop it runs, and that of uvloop keeps its thread to itself.
        #expect((found.loops.first?.pythonThreadId != nil) == (packages.interpreter.minor > 6))
        #expect(found.tasks.filter { $0.awaiting?.text == "sleep(1000)" && $0.awaitedBy.count == 1 }.count == 5)
        #expect(found.tasks.contains { $0.awaiting?.kind == .gather && $0.awaiting?.tasks.count == 5 })
    }

    private static let program = """
        import greenlet, os, threading, time, _thread
        gate = _thread.allocate_lock(); gate.acquire()
        def inner(n):
            if n: return inner(n - 1)
            return [greenlet.getcurrent().parent.switch(1) for _ in "x"]
        def gen():
            yield 1
            inner(2)
        def generator():
            for x in gen(): pass
        def by_c(): sorted([1, 2], key=lambda x: inner(1))
        class Kind(greenlet.greenlet):
            def run(self): inner(3)
        keep, threads = [], []
        def make():
            found = [greenlet.greenlet(lambda: inner(50)), greenlet.greenlet(generator), greenlet.greenlet(by_c),
                     Kind(), greenlet.greenlet(inner)]
            for one in found[:4]: one.switch()
            done = greenlet.greenlet(lambda: None); done.switch()
            keep.append(done); keep.extend(found)
            threads.append((found, greenlet.getcurrent(), _thread.get_ident()))
        def second():
            make()
            def stand():
                arrived.set(); gate.acquire()
            one = greenlet.greenlet(stand); keep.append(one)
            threads[-1][0].append(one)
            one.switch()
        def hexadecimal(text): return text.encode().hex()
        def say(one, ident, is_main=False, running=False):
            state = "running" if running else "unstarted" if not one else "suspended"
            kind = type(one); module = kind.__module__
            name = module + "." + kind.__qualname__
            print("greenlet", id(one), state, name, 0 if is_main else id(one.parent), ident)
            frame = one.gr_frame
            while frame and state == "suspended":
                code = frame.f_code
                qualified = getattr(code, "co_qualname", None)
                print("frame", hexadecimal(code.co_name), hexadecimal(qualified) if qualified else "-",
                      hexadecimal(code.co_filename), frame.f_lineno)
                frame = frame.f_back
        make()
        threads[0][0].append(Kind(lambda: None))
        arrived = threading.Event()
        threading.Thread(target=second, daemon=True).start()
        arrived.wait(); time.sleep(0.05)
        for found, main, ident in threads:
            is_first = ident == _thread.get_ident()
            for number, one in enumerate(found): say(one, ident, running=not is_first and number == 5)
            say(main, ident, is_main=True, running=is_first)
        print("end", flush=True)
        gate.acquire()
        """
}
