import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

@Suite(.enabled(if: !Interpreter.all.isEmpty, "no interpreter of a version that is read on this host"))
struct HeapTests {
    /// Makes objects, tells what its own collector says of them, and waits.
    private static let program = """
        import collections, gc, os, sys
        class Orchard:
            class Apple: pass
            class Pear(list): __slots__ = ("weight",)
        class Worm: pass
        gc.collect(); gc.collect(0); gc.collect(1)
        kept = [Orchard.Apple() for _ in range(4321)] + [Orchard.Pear("ab") for _ in range(1234)]
        pairs = [(x, i) for i, x in enumerate(kept)]
        gc.disable()
        gc.set_threshold(901, 12, 7)
        def say():
            stats = gc.get_stats()
            lines = ["stats %d %d %d" % (s["collections"], s["collected"], s["uncollectable"]) for s in stats]
            lines.append("threshold %d %d %d" % gc.get_threshold())
            lines.append("enabled %d" % gc.isenabled())
            lines.append("frozen %d" % getattr(gc, "get_freeze_count", lambda: 0)())
            names = collections.Counter(type(o).__name__ for o in gc.get_objects())
            lines += ["type %s %d" % (name, count) for name, count in names.most_common()]
            sizes = sum(sys.getsizeof(p) for p in pairs)
            lines.append("pairs %d" % sizes)
            lines.append("count %d %d %d" % gc.get_count())
            print("\\n".join(lines + ["end"]))
        say()
        while True:
            word = sys.stdin.readline().split()
            if not word: break
            if word[0] == "freeze": gc.freeze()
            if word[0] == "enable": gc.enable(); worms = [Worm() for _ in range(2000)]; gc.disable()
            say()
        """

    /// What the program says of its collector.
    private struct Truth {
        var statistics: [[Int]] = []
        var thresholds: [Int] = []
        var counts: [Int] = []
        var isEnabled = false
        var frozen = 0
        var pairBytes = 0
        var types: [String: Int] = [:]
    }

    private func truth(_ child: Child) throws -> Truth {
        var truth = Truth()
        while true {
            let words = child.line().split(separator: " ")
            let numbers = words.compactMap { Int($0) }
            switch words.first {
            case "stats": truth.statistics.append(numbers)
            case "threshold": truth.thresholds = numbers
            case "count": truth.counts = numbers
            case "enabled": truth.isEnabled = numbers == [1]
            case "frozen": truth.frozen = numbers.first ?? -1
            case "pairs": truth.pairBytes = numbers.first ?? -1
            case "type" where words.count == 3: truth.types[String(words[1])] = numbers.last
            case "end": return truth
            default: try #require(Bool(false), "the program ended: \(words)")
            }
        }
    }

    private func expect(_ state: CollectorState, is truth: Truth, minor: Int) {
        #expect(state.generations.map(\.threshold) == truth.thresholds)
        for (own, said) in zip(state.generations.map(\.count), truth.counts) { #expect(abs(own - said) < 60) }
        if minor > 6 {
            #expect(state.isEnabled == truth.isEnabled && state.isRunning == false && state.runningThread == nil)
            #expect(state.hasFrozen == (truth.frozen > 0))
            for (own, said) in zip(state.generations, truth.statistics) {
                #expect([own.collections, own.collected, own.uncollectable] == said.map { Optional($0) })
            }
            #expect((state.generations[2].seconds ?? 0) > 0 || minor < 15)
        } else {
            #expect(state.isEnabled == nil && state.generations[0].collections == nil && state.hasFrozen == nil)
        }
    }

    @Test(
        "The collector's figures and the objects on its lists are those that it tells",
        arguments: Interpreter.all.filter { !$0.isFreeThreaded })
    func truth(interpreter: Interpreter) throws {
        let child = try interpreter.run(["-u", "-c", Self.program])
        var target = try LiveTarget(pid: child.pid)
        for word in ["", "freeze", "enable"] where word != "freeze" || interpreter.minor > 6 {
            if !word.isEmpty { child.write(word) }
            let truth = try truth(child)
            let inspector = try PythonInspector(&target)
            let states = try CollectorReader(inspector, &target).states(of: &target)
            try #require(states.count == 1)
            expect(states[0], is: truth, minor: interpreter.minor)

            let census = try inspector.heapCensus(of: &target, top: 100_000)
            #expect(census.walk.isExact, "\(census.walk)")
            #expect(census.walk.objects == census.rows.reduce(0) { $0 + $1.count })
            #expect(census.walk.byGeneration[3] == truth.frozen)
            var counted: [String: Int] = [:]
            for row in census.rows {
                counted[row.type.split(separator: ".").last.map { String($0) } ?? "?", default: 0] += row.count
            }
            let apples = census.rows.first { $0.type == "__main__.Orchard.Apple" }
            #expect(apples?.count == 4321 && apples?.types == 1)
            #expect(census.rows.first { $0.type == "__main__.Orchard.Pear" }?.count == 1234)
            // What the program makes to say it is not what it has when it waits; it does not see what it froze.
            for (name, count) in truth.types where truth.frozen == 0 {
                #expect(
                    abs(counted[name, default: 0] - count) <= 60,
                    "\(name): \(counted[name, default: 0]), it says \(count)")
            }
            let tuples = try #require(census.rows.first { $0.type == "tuple" })
            #expect(try #require(tuples.shallowBytes) >= truth.pairBytes)
            #expect(try #require(tuples.shallowBytes) < truth.pairBytes * 2 + 1_000_000)
            #expect(census.shallowBytes > truth.pairBytes && census.shallowBytes < 1 << 28)
        }
    }

    @Test(
        "Collectors are named by the ids of their interpreters",
        arguments: Interpreter.ofEachVersion.filter { !$0.isFreeThreaded && $0.minor > 8 })
    func interpreters(interpreter: Interpreter) throws {
        let program = """
            import sys
            try:
                try: import _interpreters as interpreters
                except ImportError:
                    try: import _xxsubinterpreters as interpreters
                    except ImportError: import _xxinterpreters as interpreters
            except ImportError:
                print("none")
                sys.exit()
            made = [interpreters.create() for _ in range(3)]
            interpreters.destroy(made[0])
            print("ready")
            sys.stdin.read()
            """
        let child = try interpreter.run(["-W", "ignore", "-u", "-c", program])
        // Debian's stable releases come without the module that is none of the standard ones.
        guard child.line() == "ready" else { return }
        var target = try LiveTarget(pid: child.pid)
        let inspector = try PythonInspector(&target)
        let states = try CollectorReader(inspector, &target).states(of: &target)
        #expect(states.map(\.interpreter) == [0, 2, 3])
    }

    @Test(
        "A collection that runs is seen, and who runs it",
        arguments: Interpreter.ofEachVersion.filter { !$0.isFreeThreaded })
    func running(interpreter: Interpreter) throws {
        let program = """
            import gc, os, sys, threading
            def hold(phase, info):
                if phase != "start": return
                print("collecting", getattr(threading, "get_native_id", lambda: 0)())
                os.read(0, 1)
            kept = [[] for _ in range(5000)]
            gc.disable()
            gc.callbacks.append(hold)
            thread = threading.Thread(target=gc.collect)
            thread.start()
            thread.join()
            print("done")
            sys.stdin.read()
            """
        let child = try interpreter.run(["-u", "-c", program])
        let words = child.line().split(separator: " ")
        try #require(words.first == "collecting")
        var target = try LiveTarget(pid: child.pid)
        let inspector = try PythonInspector(&target)
        let reader = try CollectorReader(inspector, &target)
        let state = try #require(reader.states(of: &target).first)
        #expect(state.isRunning == (interpreter.minor > 6 ? true : nil))
        #expect(state.runningThread == (interpreter.minor > 14 ? UInt64(words[1]) : nil))
        let census = try inspector.heapCensus(of: &target)
        // Since 3.8 the links are in use for counting while it runs.
        #expect(census.walk.isExact == (interpreter.minor < 8))
        #expect(census.rows.first { $0.type == "list" }.map { $0.count >= 5_000 } == true)
        child.write("")
        #expect(child.line() == "done")
        let after = try #require(reader.states(of: &target).first)
        #expect(after.isRunning == (interpreter.minor > 6 ? false : nil) && after.runningThread == nil)
    }

    @Test(
        "A heap that changes all the time is counted about right, and it says so",
        arguments: Interpreter.ofEachVersion.filter { !$0.isFreeThreaded && $0.minor > 6 })
    func busy(interpreter: Interpreter) throws {
        let program = """
            import os
            os.nice(10)
            class Steady: pass
            class Fleeting:
                def __init__(self): self.me = [self]
            steady = [Steady() for _ in range(20000)]
            print("ready")
            while True:
                few = [Fleeting() for _ in range(300)]
            """
        let child = try interpreter.run(["-u", "-c", program])
        #expect(child.line() == "ready")
        var target = try LiveTarget(pid: child.pid)
        let inspector = try PythonInspector(&target)
        for _ in 0..<4 {
            let census = try inspector.heapCensus(of: &target)
            let steady = census.rows.first { $0.type == "__main__.Steady" }?.count ?? 0
            if census.walk.isExact { #expect(steady == 20_000) } else { #expect(steady < 200_000) }
            #expect(census.walk.objects == census.walk.byGeneration.reduce(0, +))
        }
    }

    @Test(
        "What cuts a census off is said", arguments: Interpreter.ofEachVersion.filter { !$0.isFreeThreaded }.suffix(1))
    func limits(interpreter: Interpreter) throws {
        let child = try interpreter.run(["-u", "-c", "k = [[] for _ in range(50000)]; print('ready'); input()"])
        #expect(child.line() == "ready")
        var target = try LiveTarget(pid: child.pid)
        let inspector = try PythonInspector(&target)
        let few = try inspector.heapCensus(of: &target, limits: HeapLimits(objects: 1_000))
        #expect(few.walk.cut == .objects && few.walk.objects == 1_000 && !few.walk.isExact)
        let small = try inspector.heapCensus(of: &target, limits: HeapLimits(bytes: 100_000))
        #expect(small.walk.cut == .bytes && small.walk.bytesRead < 200_000 && small.walk.objects < 50_000)
        let brief = try inspector.heapCensus(of: &target, isOver: { true })
        #expect(brief.walk.cut == .asked && brief.walk.objects > 0 && brief.walk.objects < 50_000)
        let tiny = try inspector.heapCensus(of: &target, limits: HeapLimits(cacheBytes: 1))
        #expect(tiny.walk.isExact && tiny.walk.objects > 50_000)
    }

    @Test(
        "Whatever the memory says, a census ends, in bounds",
        arguments: Interpreter.ofEachVersion.filter { !$0.isFreeThreaded })
    func noise(interpreter: Interpreter) throws {
        let child = try interpreter.run(["-u", "-c", "k = [[] for _ in range(3000)]; print('ready'); input()"])
        #expect(child.line() == "ready")
        var target = try LiveTarget(pid: child.pid)
        let inspector = try PythonInspector(&target)
        let limits = HeapLimits(objects: 10_000, bytes: 16 << 20, cacheBytes: 1 << 20)
        var found = 0
        for round in 0..<21 {
            var noisy = NoisyTarget(
                try LiveTarget(pid: child.pid),
                .init(flippedBytes: round % 5 * 4, replacedWords: round % 3 * 5, failures: round % 7 * 3),
                seed: UInt64(round))
            if let reader = try? CollectorReader(inspector, &noisy) { _ = try? reader.states(of: &noisy) }
            guard let census = try? inspector.heapCensus(of: &noisy, limits: limits) else { continue }
            #expect(census.walk.objects <= 10_000 && census.walk.bytesRead < 17 << 20 && census.rows.count <= 20)
            found += census.walk.objects
        }
        #expect(found > 0)
    }
}
