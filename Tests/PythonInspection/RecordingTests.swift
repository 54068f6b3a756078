import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

/// The walk without any interpreter: over memory that was recorded, as it was and changed.
///
/// `VIV_RECORD=1` records anew, from the interpreters of this host.
@Suite(.serialized) struct RecordingTests {
    private static let isRecording = unsafe getenv("VIV_RECORD") != nil
    private static let names = PythonRuntime.readable.map { "3.\($0)" } + ["3.13t", "3.14t"]
    /// Rounds of each version; VIV_TEST_ROUNDS asks for another number.
    private static let rounds = unsafe getenv("VIV_TEST_ROUNDS").flatMap { unsafe Int(String(cString: $0)) } ?? 150

    private static let program = """
        import threading, queue
        arrived = queue.Queue()
        class Service:
            def work(self, n):
                if n: return self.work(n - 1)
                for x in self.items(): pass
            def items(self):
                yield (lambda: [(arrived.put(1), threading.Event().wait()) for _ in "x"])()
            async def serve(self):
                self.work(2)
        def run():
            try: Service().serve().send(None)
            except StopIteration: pass
        for name in ("один", "待つ", "naïve"):
            threading.Thread(target=run, name=name, daemon=name != "naïve").start()
        for _ in range(3): arrived.get()
        print("ready")
        input()
        """

    /// What a snapshot says, in lines that do not depend on when and where it was taken.
    private static func lines(_ snapshot: PythonSnapshot, _ version: PythonVersion) -> [String] {
        var lines = ["\(version)"]
        for thread in snapshot.threads {
            lines.append(
                "\(thread.name ?? "-") \(thread.isMain ? "main" : "other") \(thread.isDaemon == true ? "daemon " : "")"
                    + "\(thread.state) \(thread.interpreter)")
            for frame in thread.frames {
                let file = frame.file.split(separator: "/").last ?? ""
                lines.append(
                    "  \(frame.qualifiedName ?? frame.function) \(file) \(frame.line ?? 0) \(frame.column ?? 0) \(frame.routine)"
                )
            }
        }
        return lines
    }

    @Test("A recorded process is read as it was then", arguments: names)
    func replay(name: String) throws {
        if Self.isRecording { try record(name) }
        let recording = try Recording(file: Recording.folder + "/" + name + ".txt")
        #expect(recording.expected.count > 20)
        for word in ["один other daemon", "待つ", "Service", "items", "generator", "coroutine"] {
            #expect(
                recording.expected.contains {
                    $0.contains(word) || name < "3.11" || name.count < 4 && word == "Service"
                }, "\(word)")
        }
        var target = ReplayedTarget(recording)
        var inspector = try PythonInspector(&target)
        for _ in 0..<2 {
            #expect(Self.lines(try inspector.snapshot(of: &target), inspector.version) == recording.expected)
        }
    }

    private func record(_ name: String) throws {
        guard
            let interpreter = Interpreter.ofEachVersion.first(where: {
                "3.\($0.minor)" + ($0.isFreeThreaded ? "t" : "") == name
            })
        else { return }
        let child = try interpreter.run(["-u", "-c", Self.program])
        try #require(child.line() == "ready")
        pause(milliseconds: 300)
        var target = RecordingTarget(try LiveTarget(pid: child.pid))
        // A search looks at all that the interpreter has; kept is what leads to it.
        target.isPaused = name == "3.6"
        var inspector = try PythonInspector(&target)
        if target.isPaused {
            target.isPaused = false
            for mapping in target.recording.mappings {
                guard let image = ElfImage(at: mapping.start, in: &target) else { continue }
                for symbol in ["_PyRuntime", "_PyThreadState_Current", "Py_Version", "Py_IsInitialized"] {
                    _ = ElfModule(image, in: &target)?.symbol(symbol, in: &target)
                }
            }
            let confirmed = inspector.runtime.confirmed(in: &target)
            #expect(inspector.runtime.version == confirmed?.version)
        }
        _ = try inspector.snapshot(of: &target)
        let snapshot = try inspector.snapshot(of: &target)
        var recording = target.recording
        recording.expected = Self.lines(snapshot, inspector.version)
        let file = unsafe fopen(Recording.folder + "/" + name + ".txt", "w")
        try #require(unsafe file != nil)
        unsafe fputs(recording.text, file)
        unsafe fclose(file)
    }

    @Test("Whatever a recording's memory is changed to, a reading ends, in bounds", arguments: names)
    func changed(name: String) throws {
        let recording = try Recording(file: Recording.folder + "/" + name + ".txt")
        let places = Self.places(recording)
        try #require(places.count > 1_000)
        var (answers, refusals, differences) = (0, 0, 0)
        for round in 0..<Self.rounds {
            var random = Randomness(seed: UInt64(round))
            var target = ReplayedTarget(recording)
            for _ in 0...random.next() % (round % 2 == 0 ? 2 : 40) {
                Self.change(&target, places[Int(random.next() % UInt64(places.count))], places, &random)
            }
            do {
                var inspector = try PythonInspector(&target, cache: RuntimeCache())
                for _ in 0..<2 {
                    let snapshot = try inspector.snapshot(of: &target)
                    for thread in snapshot.threads { #expect(thread.frames.count <= 250_000, "seed \(round)") }
                    if Self.lines(snapshot, inspector.version) != recording.expected { differences += 1 }
                    answers += 1
                }
            } catch {
                refusals += 1
            }
            #expect(
                target.readings < 200_000 && target.bytesRead < 1 << 30,
                "seed \(round): \(target.readings) readings, \(target.bytesRead) bytes")
        }
        // The changes were neither so many nor so few that nothing was tried.
        #expect(answers > Self.rounds / 4 && differences > Self.rounds / 20, "\(answers) \(differences) \(refusals)")
    }

    @Test(
        "Whatever an interpreter says of itself, a reading ends", arguments: ["3.13", "3.14", "3.15", "3.13t", "3.14t"])
    func hostileTable(name: String) throws {
        let recording = try Recording(file: Recording.folder + "/" + name + ".txt")
        var whole = ReplayedTarget(recording)
        let known = try PythonInspector(&whole, cache: RuntimeCache()).runtime
        let count = DebugOffsets.fields(of: known.version).count
        let first = known.address.rawValue + UInt64(DebugOffsets.headSize)
        var answers = 0
        for index in 0..<count {
            for value in [UInt64(Int64.max), 1 << 62, .max, 1 << 24 - 1, 0x7fff] {
                var target = ReplayedTarget(recording)
                let place = first + UInt64(index) * 8
                for byte in 0..<8 {
                    target.pages[place / Recording.page * Recording.page]?[Int(place % Recording.page) + byte] =
                        UInt8(truncatingIfNeeded: value >> (UInt64(byte) * 8))
                }
                guard var inspector = try? PythonInspector(&target, cache: RuntimeCache()),
                    var snapshot = try? inspector.snapshot(of: &target)
                else { continue }
                answers += 1
                inspector.addLocals(LocalsDemand(), to: &snapshot, of: &target)
                _ = try? inspector.tasks(of: &target)
                _ = try? inspector.heapCensus(of: &target)
            }
        }
        #expect(answers > 20)
    }

    @Test func threadsTogetherHaveABound() throws {
        var target = ReplayedTarget(try Recording(file: Recording.folder + "/3.13.txt"))
        var inspector = try PythonInspector(&target, cache: RuntimeCache())
        let known = try inspector.snapshot(of: &target)
        #expect(known.threads.allSatisfy { !$0.isTorn })
        var spent = ReadingCosts()
        var (symbols, thread) = (inspector.symbols, inspector.interpreters[0].threads[0])
        let motion = target.motion(ofNative: try #require(thread.thread.nativeThreadId))
        thread.read(motion, &symbols, ReadingPatience(attempts: 9), &spent, from: &target)
        #expect(thread.isWhole && spent.work > 0 && spent.frames == thread.symbols.count && spent.frames > 0)
        for costs in [(work: 4 << 30, frames: 0), (work: 0, frames: 2_000_000)] {
            var over = ReadingCosts()
            (over.work, over.frames) = costs
            var thread = thread
            thread.read(motion, &symbols, ReadingPatience(attempts: 9), &over, from: &target)
            #expect(!thread.isWhole && thread.symbols.isEmpty && over.torn == 1)
        }
    }

    /// Words of a recording that are not zero: addresses, counts, texts.
    private static func places(_ recording: Recording) -> [(page: UInt64, offset: Int)] {
        recording.pages.sorted { $0.key < $1.key }.flatMap { page, bytes in
            stride(from: 0, to: bytes.count, by: 8).filter { bytes.word($0) != 0 }.map { (page, $0) }
        }
    }

    private static func change(
        _ target: inout ReplayedTarget, _ place: (page: UInt64, offset: Int), _ places: [(page: UInt64, offset: Int)],
        _ random: inout Randomness
    ) {
        guard let page = target.pages[place.page] else { return }
        let old = page.word(place.offset)
        let other = places[Int(random.next() % UInt64(places.count))]
        let word: UInt64
        switch random.next() % 8 {
        case 0: word = old ^ 1 << (random.next() % 64)
        case 1: word = 0
        case 2: word = random.next()
        case 3: word = [.max, 1 << 63, 1 << 62, 1 << 32, 1 << 24, 100_000, 4_096, 1][Int(random.next() % 8)]
        // An address where another is, one of the thing itself, and one that is a little off.
        case 4: word = target.pages[other.page]?.word(other.offset) ?? 0
        case 5: word = place.page + UInt64(place.offset)
        case 6: word = old &+ (random.next() % 65 &- 32)
        default:
            if random.next() % 4 == 0 { target.pages[place.page] = nil }
            return
        }
        for index in 0..<8 {
            target.pages[place.page]?[place.offset + index] = UInt8(truncatingIfNeeded: word >> (UInt64(index) * 8))
        }
    }
}
