import BpfPrograms
import Testing

@testable import Profiles
@testable import PythonInspection
@testable import Samplers

/// What follows from the records of a thread that takes its own stacks.
@Suite struct ClockedThreadTests {
    private let thread: ClockedThread

    init() {
        var profile = Profile(askedHz: 1000)
        thread = ClockedThread(tid: nil, thread: profile.thread(pid: 7, tid: 7, name: nil))
    }

    private func record(ran: UInt64, delayed: UInt64 = 0, leaves: Bool, tid: Int32 = 7) -> ClockRecord {
        ClockRecord(
            nanoseconds: 0, runNanoseconds: ran, delayNanoseconds: delayed, thread: 2, state: 1, tid: tid,
            kind: leaves ? .leaves : .clock,
            flags: [])
    }

    private func absence(from start: UInt64, ran: UInt64?) -> ClockedThread.Absence {
        ClockedThread.Absence(startNanoseconds: start, runNanoseconds: ran, place: .torn)
    }

    @Test func whenItCameBackFollowsFromHowLongItRanSince() {
        var thread = thread
        thread.note(record(ran: 500, leaves: true), atNanoseconds: 10_000)
        thread.leave(absence(from: 10_000, ran: 500))
        #expect(thread.returnNanoseconds == nil)
        // The kernel has counted 100 ns of the time since: it came back at 19,900 or before.
        thread.note(record(ran: 600, leaves: false), atNanoseconds: 20_000)
        #expect(thread.returnNanoseconds == 19_900)
        // It counts later what it has not yet, and what is exact is said when it leaves.
        thread.note(record(ran: 600, leaves: false), atNanoseconds: 21_000)
        #expect(thread.returnNanoseconds == 19_900)
        thread.note(record(ran: 4_500, leaves: true), atNanoseconds: 22_000)
        #expect(thread.returnNanoseconds == 18_000)
        // Nobody comes back before he went.
        thread.note(record(ran: 400_000, leaves: true), atNanoseconds: 22_000)
        #expect(thread.returnNanoseconds == 10_000)
        thread.leave(nil)
        #expect(thread.returnNanoseconds == nil && thread.absence == nil)
    }

    /// Moments of the rounds that are paid for until a moment, each 1,000 ns long.
    private func pay(_ thread: inout ClockedThread, until nanoseconds: UInt64) -> [UInt64] {
        let rounds = thread.pay(until: nanoseconds, everyNanoseconds: 1_000)
        return (0..<rounds.count).map { rounds.firstNanoseconds + $0 * 1_000 }
    }

    @Test func anAbsenceIsPaidForOnce() {
        var thread = thread
        #expect(pay(&thread, until: 5_000) == [])
        thread.leave(absence(from: 1_200, ran: 0))
        #expect(pay(&thread, until: 1_100) == [])
        #expect(pay(&thread, until: 4_900) == [2_000, 3_000, 4_000])
        #expect(pay(&thread, until: 4_000) == [] && pay(&thread, until: 6_000) == [5_000, 6_000])
        // The next one began while the one before was still believed to go on.
        thread.leave(absence(from: 5_500, ran: 0))
        #expect(pay(&thread, until: 7_000) == [7_000])
    }

    @Test func whatIsLeftOfARoundIsCarriedOn() {
        var thread = thread
        var paid = 0
        // 90 ns away, from just after a round began, and 910 ns at work.
        for start in stride(from: UInt64(10), to: 1_000_000, by: 1_000) {
            thread.leave(absence(from: start, ran: 0))
            paid += pay(&thread, until: start + 90).count
        }
        #expect(paid == 90)
    }

    @Test func aSleeperCountsFromWhenItWasWoken() {
        var thread = thread
        thread.leave(
            ClockedThread.Absence(startNanoseconds: 1_000, runNanoseconds: 0, sleeperDelayNanoseconds: 70, place: .torn)
        )
        #expect(pay(&thread, until: 5_000) == [])
        // It ran for 100 ns after it had waited for 2,930.
        thread.note(record(ran: 100, delayed: 3_000, leaves: true), atNanoseconds: 9_000)
        #expect(thread.returnNanoseconds == 8_900)
        #expect(pay(&thread, until: 8_900) == [6_000, 7_000, 8_000] && pay(&thread, until: 8_900) == [])
        // It did not wait for longer than it was away.
        thread.leave(
            ClockedThread.Absence(
                startNanoseconds: 9_000, runNanoseconds: 100, sleeperDelayNanoseconds: 0, place: .torn))
        thread.note(record(ran: 100, delayed: 90_000, leaves: true), atNanoseconds: 9_500)
        #expect(pay(&thread, until: 9_500) == [9_100])
    }

    @Test func periodsAreDueForTheTimeThatItRan() {
        var thread = thread
        for number in 0...10 { thread.note(record(ran: UInt64(number) * 1_000 + 50, leaves: false), atNanoseconds: 0) }
        #expect(thread.periods(ofNanoseconds: 1_000) == (11, 11))
        thread.note(record(ran: 20_050, leaves: true), atNanoseconds: 0)
        #expect(thread.periods(ofNanoseconds: 1_000) == (19, 11))
        #expect(thread.isThread(7) && !thread.isThread(8))
    }

    // MARK: Pace

    @Test func stacksAreReadSoonerWhereTheyAreManyOrTheirCodeDies() {
        var pace = ClockPace()
        var now: UInt64 = 0
        func step(_ bytes: Int, _ hasSeenReplacements: Bool = false) {
            now += pace.drainNanoseconds
            pace.adapt(readBytes: bytes, hasSeenReplacements: hasSeenReplacements, atNanoseconds: now)
        }
        let (first, doubt) = (pace.drainNanoseconds, pace.beliefNanoseconds)
        for _ in 0..<40 { step(1000) }
        let rest = pace.drainNanoseconds
        #expect(rest > 10 * first && pace.beliefNanoseconds > doubt)
        for _ in 0..<10 { step(3 << 20) }
        #expect(pace.drainNanoseconds < rest / 10)
        for _ in 0..<10 { step(1000) }
        #expect(pace.drainNanoseconds == rest)
        step(1000, true)
        #expect(pace.drainNanoseconds < rest / 10 && pace.beliefNanoseconds < doubt)
        for _ in 0..<3000 { step(1000) }
        #expect(pace.drainNanoseconds == rest && pace.beliefNanoseconds > doubt)
    }
}
