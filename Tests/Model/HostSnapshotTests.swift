import Model
import Testing

@Suite struct HostSnapshotTests {
    @Test func sharesOfAProcessorAddUpToTheWhole() throws {
        var before = CPUTicks()
        before.user = 100
        before.ioWait = 50
        var now = before
        now.user += 30
        now.system += 10
        now.nice += 5
        now.interrupts += 3
        now.steal += 2
        now.idle += 50
        // It may go backwards: that is no time.
        now.ioWait -= 20
        let shares = try #require(CPUShares(from: before, to: now))
        #expect(
            shares.user == 30 && shares.system == 10 && shares.nice == 5 && shares.interrupts == 3 && shares.steal == 2)
        #expect(shares.idle == 50 && shares.ioWait == 0 && shares.busy == 50)
        #expect(CPUShares(from: now, to: now) == nil && CPUShares(from: now, to: before)?.user == 0)
    }

    @Test func ratesOfTheHostAreThoseOfItsCounters() throws {
        var before = HostCounters()
        before.switches = 1_000
        before.faults = 500
        before.majorFaults = 20
        before.diskReadBytes = 4_096
        before.receivedBytes = 100
        var now = before
        now.switches = 3_000
        now.forks = 10
        now.faults = 700
        now.majorFaults = 40
        now.diskReadBytes = 0
        now.transmittedBytes = 5
        let rates = try #require(HostRates(from: before, to: now, seconds: 2))
        #expect(rates.switches == 1_000 && rates.forks == 5 && rates.majorFaults == 10 && rates.minorFaults == 90)
        // A disk that was taken out makes the sum smaller; what was read once has no rate.
        #expect(rates.diskReadBytes == 0 && rates.diskWrittenBytes == nil)
        #expect(rates.receivedBytes == 0 && rates.transmittedBytes == nil)
        #expect(
            HostRates(from: before, to: now, seconds: 0) == nil && HostRates(from: before, to: now, seconds: -1) == nil)
    }

    @Test func usedMemoryIsWhatIsNotAvailable() {
        let memory = MemoryUse(
            totalBytes: 100, availableBytes: 60, freeBytes: 10, buffersBytes: 1, cachedBytes: 49, swapTotalBytes: 8,
            swapFreeBytes: 3)
        #expect(memory.usedBytes == 40 && memory.swapUsedBytes == 5)
        var strange = memory
        (strange.availableBytes, strange.swapFreeBytes) = (200, 9)
        #expect(strange.usedBytes == 0 && strange.swapUsedBytes == 0)
    }

    @Test func tasksAreCountedByState() {
        let rows = "RDTtZXISS".utf8.enumerated().map { place, state in
            makeRow(Int32(place + 1)) { row in
                row.state = state
                row.threads = 2
            }
        }
        var ended = makeRow(80)
        ended.ending = ProcessEnding(code: 0, signal: nil, nanoseconds: 0, lifetimeNanoseconds: nil)
        let kernel = makeRow(90) { $0.traits.insert(.kernel) }
        let counts = TaskCounts(makeTable(rows + [ended, makeThread(91, of: 90), kernel]))
        #expect(counts.processes == 10 && counts.threads == 19 && counts.kernelThreads == 1)
        #expect(counts.running == 1 && counts.disk == 1 && counts.stopped == 2 && counts.zombies == 2)
        #expect(counts.idle == 1 && counts.sleeping == 3)
    }

    @Test func costsAreAdded() {
        var cost = SamplingCost()
        (cost.cpuNanoseconds, cost.filesRead, cost.lost) = (1, 2, 3)
        let sum = cost + cost
        #expect(sum.cpuNanoseconds == 2 && sum.filesRead == 4 && sum.lost == 6)
    }
}
