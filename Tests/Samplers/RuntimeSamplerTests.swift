import Model
import Profiles
import PythonInspection
import Samplers
import TestProcesses
import Testing

@Suite struct ProfileSamplerTests {
    private static let busy = """
        import threading
        def grind():
            n = 1
            for _ in range(20000): n = (n * 31 + 7) & 0xFFFFFF
        def brew():
            while True: grind()
        threading.Thread(target=brew, name="barista", daemon=True).start()
        print("ready", flush=True)
        brew()
        """

    /// The next thing that a sampler has to tell.
    private static func reading(of sampler: inout ProfileSampler, _ demand: ProfileDemand) throws -> ProfileReading {
        for _ in 0..<2_000 {
            if let reading = try sampler.sample(demand) { return reading }
            pause(milliseconds: 10)
        }
        return .none
    }

    /// What it tells once enough was sampled.
    private static func snapshot(_ sampler: inout ProfileSampler, _ demand: ProfileDemand, samples: UInt64 = 50) throws
        -> ProfileSnapshot?
    {
        for _ in 0..<200 {
            guard case .snapshot(_, let snapshot) = try reading(of: &sampler, demand) else { return nil }
            if snapshot.tree.total >= samples, snapshot.scope == demand.scope { return snapshot }
        }
        return nil
    }

    @Test func aBusyProgramIsSeenWhereItIsBusy() throws {
        let child = try Child(python: ProfileSamplerTests.busy)
        #expect(child.line() == "ready")
        var demand = ProfileDemand(identity: ProcessIdentity(pid: child.pid, startTicks: child.startTicks))
        demand.showsFunctions = true
        var sampler = ProfileSampler()
        let snapshot = try #require(try ProfileSamplerTests.snapshot(&sampler, demand))
        let grind = try #require(snapshot.functions.first { $0.frame.function == "grind" })
        #expect(Double(grind.totalNow) > Double(snapshot.totalNow) * 0.9)
        #expect(grind.own == grind.total && snapshot.total >= snapshot.totalNow)
        #expect((3...4).contains(try #require(snapshot.hotLines[grind.frame])))
        #expect(snapshot.statistics.stops == 0 && snapshot.statistics.rounds > 0)

        // By thread each has a branch; narrowed to one, only that one counts.
        demand.scope.isByThread = true
        let byThread = try #require(try ProfileSamplerTests.snapshot(&sampler, demand))
        let names = byThread.tree.children(of: 0).compactMap { byThread.tree.frame($0)?.function }
        #expect(names.count == 2 && names.contains { $0.hasPrefix("barista") })
        demand.scope.thread = child.pid
        let main = try #require(try ProfileSamplerTests.snapshot(&sampler, demand))
        #expect(main.tree.children(of: 0).count == 1)

        // Compared with itself, nothing changed but by what came meanwhile.
        demand.scope.pin = 1
        let pinned = try #require(try ProfileSamplerTests.snapshot(&sampler, demand))
        #expect(pinned.tree.change(of: 0)?.total == 0)

        // Of the one that holds the GIL there is at most one sample a round.
        demand.scope = ProfileScope()
        demand.scope.mode = .gil
        let holders = try #require(try ProfileSamplerTests.snapshot(&sampler, demand))
        #expect(holders.tree.total <= holders.statistics.rounds)

        child.end()
        guard case .ended(demand.identity) = try ProfileSamplerTests.reading(of: &sampler, demand) else {
            Issue.record("it lives")
            return
        }
    }

    @Test func whatIsNoPythonHasAReasonThatIsToldOnceASecond() throws {
        let child = try Child(program: "/bin/cat", arguments: ["cat"], onPipes: true)
        child.write("ready")
        _ = child.line()
        let demand = ProfileDemand(identity: ProcessIdentity(pid: child.pid, startTicks: child.startTicks))
        var sampler = ProfileSampler()
        #expect(try sampler.sample(ProfileDemand())?.identity == nil)
        guard case .unavailable(demand.identity, .notPython) = try sampler.sample(demand) else {
            Issue.record("a profile of cat")
            return
        }
        #expect(try sampler.sample(demand)?.identity == nil)
    }
}

@Suite struct RuntimeSamplerTests {
    private static let program = """
        import asyncio, sys
        class Cup: pass
        cups = [Cup() for _ in range(4321)]
        async def wait(): await asyncio.sleep(3600)
        async def main():
            tasks = [asyncio.create_task(wait()) for _ in range(3)]
            asyncio.get_running_loop().call_later(0.2, lambda: print("ready", flush=True))
            await asyncio.gather(*tasks)
        asyncio.run(main())
        """

    @Test func tasksCollectorAndObjectsOfAProgram() throws {
        let child = try Child(python: RuntimeSamplerTests.program)
        #expect(child.line() == "ready")
        let identity = ProcessIdentity(pid: child.pid, startTicks: child.startTicks)
        var tasks = try TaskSampler()
        guard case .value(identity, let found) = try tasks.sample(identity) else {
            Issue.record("no tasks")
            return
        }
        #expect(found.tasks.tasks.count == 4 && found.tasks.loops.count == 1)
        #expect(found.tasks.loops.first?.pythonThreadId.flatMap { found.threads[$0] }?.tid == UInt64(child.pid))
        var collector = try CollectorSampler()
        for _ in 0..<3 {
            guard case .value(identity, let states) = try collector.sample(identity) else {
                Issue.record("no collector")
                return
            }
            #expect(states.first?.generations.count == 3)
        }
        var census = try CensusSampler()
        #expect(try census.sample(CensusSampler.Demand())?.identity == nil)
        let demand = CensusSampler.Demand(identity: identity, number: 1)
        guard case .value(identity, let counted)? = try census.sample(demand) else {
            Issue.record("no census")
            return
        }
        #expect(counted.census.rows.contains { $0.type.hasSuffix("Cup") && $0.count == 4321 })
        #expect(try census.sample(demand)?.identity == nil)
        child.end()
        guard case .ended(identity) = try tasks.sample(identity), case .ended(identity) = try collector.sample(identity)
        else {
            Issue.record("it lives")
            return
        }
    }
}
