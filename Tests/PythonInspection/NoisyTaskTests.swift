import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

@Suite(
    .enabled(if: !Interpreter.all.isEmpty, "no interpreter of a version that is read on this host"), .serialized)
struct NoisyTaskTests {
    /// Rounds of each version; VIV_TEST_ROUNDS asks for another number for all together.
    private static let rounds =
        (unsafe getenv("VIV_TEST_ROUNDS").flatMap { unsafe Int(String(cString: $0)) } ?? 120)
        / max(1, Interpreter.ofEachVersion.count)

    @Test(
        "Whatever the memory says, reading tasks ends, in bounds",
        arguments: Interpreter.ofEachVersion.filter { !$0.keepsTasksThatEnded })
    func anything(interpreter: Interpreter) throws {
        let company = try Company(interpreter, program: TaskTruth.program)
        let truth = try TaskTruth(of: company)
        var target = try LiveTarget(pid: company.child.pid)
        var known = try PythonInspector(&target)
        #expect(try known.tasks(of: &target).tasks.count == truth.tasks.count)
        var (answers, refusals) = (0, 0)
        for round in 0..<Self.rounds {
            let seed = UInt64(round)
            let noise: NoisyTarget.Noise =
                switch round % 5 {
                case 0: .init(flippedBytes: 1)
                case 1: .init(flippedBytes: 12)
                case 2: .init(replacedWords: 1)
                case 3: .init(replacedWords: 12)
                default: .init(flippedBytes: 6, replacedWords: 6, failures: 10, cutMappings: true)
                }
            var noisy = NoisyTarget(target, noise, seed: seed)
            var inspector = known
            do {
                // One that knows the target already, and one that has to find asyncio.
                if round % 2 == 0 { inspector.taskReader = nil }
                for task in try inspector.tasks(of: &noisy).tasks {
                    #expect(task.frames.count < 10_000 && task.awaitedBy.count < 10_000, "seed \(seed)")
                }
                answers += 1
            } catch {
                refusals += 1
            }
            #expect(noisy.largest <= 70 << 20, "seed \(seed)")
            #expect(noisy.readings < 200_000 && noisy.bytesRead < 1 << 30, "seed \(seed): \(noisy.readings) readings")
            target = noisy.quiet()
        }
        #expect(answers > Self.rounds / 3, "\(answers) answers, \(refusals) refusals")
        // What was believed meanwhile is not believed any longer.
        let after = try known.tasks(of: &target)
        #expect(Set(after.tasks.map(\.id)) == Set(truth.tasks.map(\.id)) && !after.tasks.contains { $0.isTorn })
    }
}
