import Model
import Samplers
import TestProcesses
import Testing

@Suite struct GlanceSamplerTests {
    private static let program = """
        import sys, threading
        def rest():
            sys.stdin.readline()
        def grind():
            print("ready", flush=True)
            while not is_over:
                for n in range(1000): n * n
        is_over = False
        worker = threading.Thread(target=grind)
        worker.start()
        rest()
        is_over = True
        worker.join()
        print("over", flush=True)
        rest()
        """

    /// What is told after enough rounds.
    private static func glances(_ sampler: inout GlanceSampler, _ wanted: Set<ProcessIdentity>) throws
        -> [ProcessIdentity: PythonGlance]
    {
        var told: [ProcessIdentity: PythonGlance] = [:]
        for _ in 0..<210 {
            if let news = try sampler.sample(wanted) { told = news }
            pause(milliseconds: 10)
        }
        return told
    }

    @Test func whoIsBusyHoldsTheGILAndIsSeenWhereItIs() throws {
        let child = try Child(python: GlanceSamplerTests.program)
        #expect(child.line() == "ready")
        let cat = try Child(program: "/bin/cat", arguments: ["cat"], onPipes: true)
        cat.write("ready")
        _ = cat.line()
        let identity = ProcessIdentity(pid: child.pid, startTicks: child.startTicks)
        let other = ProcessIdentity(pid: cat.pid, startTicks: cat.startTicks)
        var sampler = try GlanceSampler()
        #expect(try sampler.sample([])?.isEmpty != false)
        let busy = try GlanceSamplerTests.glances(&sampler, [identity, other])
        #expect(busy[other] == nil, "cat is no Python")
        let glance = try #require(busy[identity])
        #expect(try #require(glance.lockedPercent) > 50)
        #expect(["<string>:6", "<string>:7"].contains(glance.place), "\(glance)")

        child.write("")
        #expect(child.line() == "over")
        let idle = try #require(try GlanceSamplerTests.glances(&sampler, [identity])[identity])
        #expect(try #require(idle.lockedPercent) == 0 && idle.place == "<string>:3")
        // Who is not asked for is forgotten, and who ended is told no more.
        #expect(try GlanceSamplerTests.glances(&sampler, [other]).isEmpty)
        child.end()
        #expect(try GlanceSamplerTests.glances(&sampler, [identity]).isEmpty)
        cat.end()
    }
}
