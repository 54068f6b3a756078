import Model
import Testing

@Suite struct ProcessRatesTests {
    private func before() -> ProcessRow {
        makeRow(7) { row in
            row.readNanoseconds = 1_000_000_000
            row.counters.userTicks = 100
            row.counters.systemTicks = 50
            row.counters.minorFaults = 1_000
            row.counters.majorFaults = 10
            row.residentBytes = 8_192
            row.extras.switches = SwitchCounters(voluntary: 5, involuntary: 6)
            row.extras.delays = DelayCounters(blockIONanoseconds: 0, swapInNanoseconds: 1_000)
            row.extras.schedule = ScheduleCounters(runNanoseconds: 1_500_000_000, waitNanoseconds: 7)
            row.extras.io = IOCounters(
                readCharacters: 1, writtenCharacters: 1, readCalls: 1, writeCalls: 1, readBytes: 4_096, writtenBytes: 0,
                cancelledBytes: 0)
        }
    }

    private func ratesTo(_ now: ProcessRow) -> ProcessRates? {
        ProcessRates(from: before(), to: now, ticksPerSecond: 100)
    }

    @Test func everyRateIsThatOfItsCounterOverTheTimeBetweenTheReadings() throws {
        var now = before()
        now.readNanoseconds = 3_000_000_000
        now.threads = 2
        now.counters.userTicks = 160
        now.counters.systemTicks = 70
        now.counters.minorFaults = 1_500
        now.counters.majorFaults = 13
        now.residentBytes = 4_096
        now.extras.switches = SwitchCounters(voluntary: 25, involuntary: 7)
        now.extras.delays = DelayCounters(blockIONanoseconds: 500_000_000, swapInNanoseconds: 1_000)
        now.extras.schedule = ScheduleCounters(runNanoseconds: 9_000_000_000, waitNanoseconds: 1_000_000_007)
        now.extras.io?.readBytes = 8_192
        now.extras.io?.writtenBytes = 2
        let rates = try #require(ratesTo(now))
        #expect(
            rates.elapsedSeconds == 2 && rates.userPercent == 30 && rates.systemPercent == 10 && rates.cpuPercent == 40)
        #expect(rates.minorFaults == 250 && rates.majorFaults == 1.5 && rates.residentBytes == -2_048)
        #expect(rates.voluntarySwitches == 10 && rates.involuntarySwitches == 0.5)
        #expect(rates.blockIOPercent == 25 && rates.swapInPercent == 0 && rates.runQueuePercent == 50)
        #expect(rates.readBytes == 2_048 && rates.writtenBytes == 1)
    }

    @Test func oneThreadsTimeIsExactToTheNanosecond() throws {
        var now = before()
        now.readNanoseconds = 2_000_000_000
        now.counters.userTicks += 2
        now.counters.systemTicks += 1
        now.extras.schedule?.runNanoseconds += 36_000_000
        let rates = try #require(ratesTo(now))
        // Three ticks were 30 ms, the clock of the scheduler says 36: split as the ticks are.
        #expect(abs(rates.cpuPercent - 3.6) < 1e-9 && abs(rates.userPercent - 2.4) < 1e-9)
        #expect(abs(rates.systemPercent - 1.2) < 1e-9)
        now.counters = before().counters
        #expect(try #require(ratesTo(now)).cpuPercent == 3.6)
    }

    @Test func aCounterThatWentBackDidNotMove() throws {
        var now = before()
        now.readNanoseconds = 2_000_000_000
        now.threads = 2
        now.counters = ProcessCounters()
        now.extras.switches = SwitchCounters(voluntary: 4, involuntary: 0)
        now.extras.delays = DelayCounters(blockIONanoseconds: 0, swapInNanoseconds: 0)
        now.extras.schedule = ScheduleCounters(runNanoseconds: 0, waitNanoseconds: 0)
        now.extras.io?.readBytes = 0
        let rates = try #require(ratesTo(now))
        #expect(rates.cpuPercent == 0 && rates.userPercent == 0 && rates.systemPercent == 0)
        #expect(rates.minorFaults == 0 && rates.majorFaults == 0 && rates.readBytes == 0 && rates.writtenBytes == 0)
        #expect(rates.voluntarySwitches == 0 && rates.involuntarySwitches == 0 && rates.runQueuePercent == 0)
        #expect(rates.blockIOPercent == 0 && rates.swapInPercent == 0)
    }

    @Test func noCounterIsTooLarge() throws {
        var now = before()
        now.readNanoseconds = .max
        now.counters.minorFaults = .max
        now.residentBytes = .max
        let rates = try #require(ratesTo(now))
        #expect(rates.minorFaults.isFinite && rates.minorFaults > 0 && rates.residentBytes > 0)
    }

    @Test func anotherProcessOfTheSamePidHasNoRate() {
        var now = before()
        now.readNanoseconds = 2_000_000_000
        #expect(ratesTo(now) != nil)
        now.identity.startTicks += 1
        #expect(ratesTo(now) == nil)
        now = before()
        now.readNanoseconds = 2_000_000_000
        now.identity.pid += 1
        #expect(ratesTo(now) == nil)
    }

    @Test("Without time there is no rate", arguments: [0, 999_999_999, 1_000_000_000] as [UInt64])
    func noTime(nanoseconds: UInt64) {
        var now = before()
        now.readNanoseconds = nanoseconds
        #expect(ratesTo(now) == nil)
    }

    @Test func whatWasNotReadTwiceHasNoRate() throws {
        var now = before()
        now.readNanoseconds = 2_000_000_000
        now.extras = ProcessExtras()
        let rates = try #require(ratesTo(now))
        #expect(rates.voluntarySwitches == nil && rates.involuntarySwitches == nil && rates.runQueuePercent == nil)
        #expect(
            rates.blockIOPercent == nil && rates.swapInPercent == nil && rates.readBytes == nil
                && rates.writtenBytes == nil)
        let back = try #require(ProcessRates(from: makeRow(7), to: before(), ticksPerSecond: 100))
        #expect(back.voluntarySwitches == nil && back.readBytes == nil && back.cpuPercent == 150)
    }
}
