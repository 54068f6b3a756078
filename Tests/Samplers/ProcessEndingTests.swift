import Glibc
import Linux
import Model
import TestProcesses
import Testing

@testable import Samplers

/// The process connector, where this user may listen to it.
private let events = try? ProcessEventLog()

@Suite(.enabled(if: events != nil, "process events are refused here"), .serialized)
struct ProcessEndingTests {
    /// Reads the table until the exit of a process arrived; each reading has one row of it at the most.
    private func waitForExit(of pid: Int32, _ sampler: inout ProcessTableSampler) throws {
        for _ in 0..<400 where sampler.exits[pid] == nil {
            let rows = try sampler.sample(everything).rows.filter { $0.pid == pid }
            #expect(rows.count <= 1, "\(rows.map { UnicodeScalar($0.state) })")
            pause(milliseconds: 5)
        }
        #expect(sampler.exits[pid] != nil)
    }

    @Test("A zombie is one row, and reaped it ended as it did and when it did", arguments: ["exit 7", "kill -9 $$"])
    func zombie(script: String) throws {
        var sampler = try ProcessTableSampler(events: events)
        _ = try sampler.sample(everything)
        let before = KernelClock.bootNanoseconds()
        let child = try Child(script)
        child.waitForEnd()
        let most = KernelClock.bootNanoseconds() - before
        let identity = ProcessIdentity(pid: child.pid, startTicks: child.startTicks)
        try waitForExit(of: child.pid, &sampler)
        pause(milliseconds: 200)
        for _ in 0..<3 {
            let rows = try sampler.sample(everything).rows.filter { $0.pid == child.pid }
            #expect(rows.map(\.identity) == [identity] && rows.first?.state == UInt8(ascii: "Z"))
        }
        child.reap()
        let ending = try #require(try sampler.sample(everything).row(identity)?.ending)
        #expect(script == "exit 7" ? ending.code == 7 && ending.signal == nil : ending.signal == 9)
        // Its start is told to the clock tick.
        #expect(try #require(ending.lifetimeNanoseconds) <= most + 1_000_000_000 / KernelClock.ticksPerSecond)
        _ = try sampler.sample(everything)
        #expect(sampler.exits[child.pid] == nil)
    }

    @Test func aProcessWhoseMainThreadWentFirstIsNotToldToHaveEndedWithIt() throws {
        var sampler = try ProcessTableSampler(events: events)
        let child = try Child(
            python: """
                import ctypes, sys, threading, os
                def stay():
                    print("ready"); sys.stdin.readline(); os._exit(5)
                threading.Thread(target=stay).start()
                ctypes.CDLL(None).pthread_exit(None)
                """)
        _ = child.line()
        let identity = ProcessIdentity(pid: child.pid, startTicks: child.startTicks)
        for _ in 0..<400 where child.state(of: child.pid) != "Z" { pause(milliseconds: 5) }
        for _ in 0..<10 {
            #expect(try sampler.sample(everything).row(identity)?.hasEnded == false)
            pause(milliseconds: 20)
        }
        child.write("end")
        child.reap()
        let ending = try #require(try sampler.sample(everything).row(identity)?.ending)
        #expect(ending.code != 0)
    }
}

@Suite struct ProcessEventBatchTests {
    private func birth(_ nanoseconds: UInt64) -> ProcessEventLog.Birth {
        ProcessEventLog.Birth(parent: 1, monotonicNanoseconds: nanoseconds)
    }

    @Test func exitsAreTakenHoweverManyBirthsWait() {
        var batch = ProcessEventLog.Batch()
        let limit = Int32(ProcessEventLog.Batch.limit)
        for pid in 1...(limit + 10) { batch.note(birth(UInt64(pid)), of: pid) }
        #expect(batch.births.count == ProcessEventLog.Batch.limit && batch.lost == 10)
        batch.note(ProcessEventLog.Exit(code: 3, signal: nil, monotonicNanoseconds: 5), of: 2)
        #expect(batch.exits[2]?.code == 3 && batch.lost == 10)
    }

    @Test func aBirthWaitsForItsExitUntilItsProcessIsSeenOrAMinuteIsOver() {
        var batch = ProcessEventLog.Batch()
        let second: UInt64 = 1_000_000_000
        batch.note(birth(100 * second), of: 1)
        batch.note(birth(100 * second), of: 2)
        batch.note(birth(100 * second), of: 3)
        batch.note(ProcessEventLog.Exit(code: 0, signal: nil, monotonicNanoseconds: 101 * second), of: 3)
        let next = batch.successor(now: 110 * second) { $0 == 2 }
        #expect(Set(next.births.keys) == [1] && next.exits.isEmpty && next.lost == 0 && !next.isEventful)
        #expect(next.successor(now: 159 * second) { _ in false }.births.count == 1)
        #expect(next.successor(now: 161 * second) { _ in false }.births.isEmpty)
    }
}
