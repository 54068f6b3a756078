import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

@Suite(.enabled(if: !Interpreter.all.isEmpty, "no interpreter of Python 3.11 to 3.13 on this host"))
struct NoisyMemoryTests {
    private static let program = """
        import threading, queue
        arrived = queue.SimpleQueue()
        class Service:
            def work(self, n):
                if n: return self.work(n - 1)
                for x in self.items(): pass
            def items(self):
                yield (lambda: [(arrived.put(1), threading.Event().wait()) for _ in "x"])()
        for name in ("einer", "待つ", "naïve"):
            threading.Thread(target=Service().work, args=(5,), name=name, daemon=True).start()
        for _ in range(3): arrived.get()
        print("end")
        input()
        """

    /// Rounds of all versions together; VIV_TEST_ROUNDS asks for another number.
    private static let rounds = unsafe getenv("VIV_TEST_ROUNDS").flatMap { unsafe Int(String(cString: $0)) } ?? 2_000

    private static func noise(_ round: Int) -> NoisyTarget.Noise {
        switch round % 6 {
        case 0: .init(flippedBytes: 1)
        case 1: .init(flippedBytes: 12)
        case 2: .init(replacedWords: 1)
        case 3: .init(replacedWords: 12)
        case 4: .init(flippedBytes: 6, replacedWords: 6, failures: 10, cutMappings: true)
        default: .init(failures: 3)
        }
    }

    @Test("Whatever the memory says, a reading ends, in bounds", arguments: Interpreter.ofEachVersion)
    func anything(interpreter: Interpreter) throws {
        let company = try Company(interpreter, program: Self.program)
        _ = try company.truth()
        var target = try LiveTarget(pid: company.child.pid)
        var known = try PythonInspector(&target)
        let truth = try known.snapshot(of: &target)
        #expect(truth.threads.count == 4)
        let rounds = Self.rounds / Interpreter.ofEachVersion.count + 1
        var (answers, refusals) = (0, 0)
        for round in 0..<rounds {
            let seed = UInt64(round)
            var noisy = NoisyTarget(target, Self.noise(round), seed: seed)
            // One that knows the target already, and one that has to find everything.
            var inspector = known
            do {
                if round % 4 == 0 { inspector = try PythonInspector(&noisy) }
                for _ in 0..<2 {
                    check(try inspector.snapshot(of: &noisy), seed)
                    answers += 1
                }
            } catch {
                refusals += 1
            }
            #expect(noisy.largest <= 70 << 20, "seed \(seed)")
            #expect(noisy.readings < 100_000 && noisy.bytesRead < 1 << 30, "seed \(seed): \(noisy.readings) readings")
            target = noisy.quiet()
        }
        // The noise was neither so much nor so little that nothing was tried.
        #expect(answers > rounds / 5 && refusals > rounds / 20, "\(answers) answers, \(refusals) refusals")
        // What was believed meanwhile is not believed any longer.
        let after = try known.snapshot(of: &target)
        #expect(after.threads == truth.threads)
    }

    private func check(_ snapshot: PythonSnapshot, _ seed: UInt64) {
        for thread in snapshot.threads {
            #expect(thread.frames.count <= 100_000, "seed \(seed)")
            for frame in thread.frames {
                #expect((frame.line ?? 0) >= 0 && frame.function.unicodeScalars.count <= 4_096, "seed \(seed)")
            }
        }
    }
}
