import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

@Suite(.enabled(if: !Interpreter.all.isEmpty, "no interpreter of a version that is read on this host"))
struct NoisyMemoryTests {
    private static let program = """
        import threading, queue
        arrived = queue.Queue()
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
                if round % 4 == 0 { inspector = try PythonInspector(&noisy, cache: RuntimeCache()) }
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

    @Test("Whatever the memory says, variables end, in bounds", arguments: Interpreter.ofEachVersion)
    func variables(interpreter: Interpreter) throws {
        // The program with a variable of every kind.
        let company = try Company(interpreter, program: LocalsProgram.text)
        while company.child.line() != "end" {}
        company.awaitRest()
        var target = try LiveTarget(pid: company.child.pid)
        var known = try PythonInspector(&target)
        let truth = try known.snapshot(of: &target)
        let demand = LocalsDemand(
            limits: ValueLimits(
                characters: 300, items: 20, valueBytes: 16 << 10, frameBytes: 1 << 20, totalBytes: 4 << 20))
        var believed = 0
        for round in 0..<Self.rounds / 40 {
            var noisy = NoisyTarget(target, Self.noise(round), seed: UInt64(round))
            var snapshot = truth
            known.addLocals(demand, to: &snapshot, of: &noisy)
            for local in snapshot.threads.flatMap({ $0.frames.flatMap { $0.locals ?? [] } }) {
                believed += 1
                #expect(local.value.utf8.count < 40_000 && local.name.utf8.count < 2_000, "round \(round)")
                #expect(!local.value.unicodeScalars.contains { $0.value < 32 }, "round \(round)")
            }
            #expect(noisy.largest <= 70 << 20, "round \(round)")
            #expect(noisy.readings < 200_000 && noisy.bytesRead < 1 << 30, "round \(round): \(noisy.readings) readings")
            target = noisy.quiet()
        }
        #expect(believed > 0)
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
