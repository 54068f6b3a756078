import Glibc
import TestProcesses
import Testing

@testable import TaskAccounting

/// Two threads live on, and three have worked and ended by the time the program prints what each of those three used
/// of CPU (nanoseconds) and switches, and then is still.
private let worker = """
    import sys, threading, time
    stay = threading.Event()
    def live():
        for _ in range(20): time.sleep(0.0005)
        stay.wait()
    ended, lock = [0, 0], threading.Lock()
    def die():
        for _ in range(30): time.sleep(0.0005)
        end = time.thread_time_ns() + 30_000_000
        while time.thread_time_ns() < end: pass
        with lock:
            ended[0] += time.thread_time_ns()
            ended[1] += 30
    lives = [threading.Thread(target=live) for _ in range(2)]
    deaths = [threading.Thread(target=die) for _ in range(3)]
    for t in lives + deaths: t.start()
    for t in deaths: t.join()
    time.sleep(0.05)
    print(*ended)
    sys.stdin.readline()
    stay.set()
    """

private func accountingAllowed() -> Bool {
    do throws(AccountingError) {
        _ = try TaskAccounting()
        return true
    } catch {
        // A kernel without taskstats; any other failure of the host's root is for the tests to show.
        if case .unsupported(ENOENT, _) = error { return false }
        return Host.isRootOfTheHost()
    }
}

@Suite(.enabled(if: accountingAllowed(), "taskstats needs CAP_NET_ADMIN and CONFIG_TASKSTATS"), .serialized)
struct TaskAccountingTests {
    /// A child whose threads have all come to rest, and what its ended threads used.
    private func stillChild() throws -> (child: Child, endedNanoseconds: UInt64, endedSwitches: UInt64) {
        let child = try Child(python: worker)
        let ended = child.numbers()
        try #require(ended.count == 2)
        for _ in 0..<200 {
            let threads = child.threads()
            if threads.count == 3, threads.allSatisfy({ child.state(of: $0) == "S" }) { break }
            usleep(5_000)
        }
        try #require(child.threads().count == 3)
        return (child, ended[0], ended[1])
    }

    @Test func aProcessIsTheSumOfItsThreads() throws {
        let (child, endedNanoseconds, endedSwitches) = try stillChild()
        var accounting = try TaskAccounting()
        let threads = child.threads()
        let voluntary = threads.reduce(0) { $0 + child.status(of: $1, "voluntary_ctxt_switches") }
        let involuntary = threads.reduce(0) { $0 + child.status(of: $1, "nonvoluntary_ctxt_switches") }
        let account = try #require(try accounting.account(ofProcess: child.pid))
        #expect(account.scope == .process)
        #expect(account.thread == nil)
        if account.missesEndedThreads {
            #expect(account.voluntarySwitches == voluntary)
            #expect(account.involuntarySwitches == involuntary)
        } else {
            #expect(account.voluntarySwitches >= voluntary + endedSwitches)
            #expect(account.involuntarySwitches >= involuntary)
            #expect(account.userMicroseconds + account.systemMicroseconds >= endedNanoseconds / 1000 / 2)
        }
        #expect(voluntary >= 40)

        // Run times hold the ended threads as well: each span for 30 ms.
        #expect(endedNanoseconds >= 90_000_000)
        var living: UInt64 = 0
        try accounting.threads(threads.span) { _, account in living += account?.cpuRunVirtualNanoseconds ?? 0 }
        #expect(account.cpuRunVirtualNanoseconds >= living + endedNanoseconds * 9 / 10)
        #expect(account.cpuDelay.count >= voluntary + endedSwitches)
    }

    @Test func aThreadIsWhatProcSaysOfIt() throws {
        let (child, _, _) = try stillChild()
        var accounting = try TaskAccounting()
        for tid in child.threads() {
            let account = try #require(try accounting.account(ofThread: tid))
            let thread = try #require(account.thread)
            #expect(account.scope == .thread)
            #expect(thread.tid == tid)
            if account.version >= 12 { #expect(thread.pid == child.pid) }
            #expect(thread.parentPid == getpid())
            #expect(thread.comm == child.comm(of: tid))
            #expect(account.voluntarySwitches == child.status(of: tid, "voluntary_ctxt_switches"))
            #expect(account.involuntarySwitches == child.status(of: tid, "nonvoluntary_ctxt_switches"))
            let stat = child.stat(of: tid)
            try #require(stat.count > 20)
            #expect(String(thread.minorFaults) == stat[7])
            #expect(String(thread.majorFaults) == stat[9])
            #expect(String(thread.nice) == stat[16])
            #expect(thread.waitStatus == 0)
            #expect(thread.uid == getuid())
            // schedstat's first two numbers are the same counters: time on a CPU and time waiting for one.
            let schedule = Files.text("/proc/\(child.pid)/task/\(tid)/schedstat").split(separator: " ")
            if schedule.count == 3 {
                #expect(String(account.cpuRunVirtualNanoseconds) == schedule[0])
                #expect(String(account.cpuDelay.nanoseconds) == schedule[1])
            }
        }
    }

    @Test func manyRequestsAreAnsweredInPlaceAndTheGoneAreAbsent() throws {
        var accounting = try TaskAccounting()
        let child = try Child(python: worker)
        _ = child.line()
        var pids: [Int32] = []
        for index in 0..<500 as Range<Int32> {
            pids.append(index % 3 == 0 ? 0x3fff_0000 + index : index % 3 == 1 ? getpid() : child.pid)
        }
        var seen = [Int](repeating: 0, count: pids.count)
        var wrong = 0
        try accounting.processes(pids.span) { index, account in
            seen[index] += 1
            if (account == nil) != (index % 3 == 0) { wrong += 1 }
        }
        #expect(seen == [Int](repeating: 1, count: pids.count))
        #expect(wrong == 0)
        var own = 0
        try accounting.threads(pids.span) { index, account in
            guard let account else { return }
            #expect(account.thread?.tid == pids[index])
            own += 1
        }
        #expect(own == pids.enumerated().count { $0.offset % 3 != 0 })
    }

    @Test func noProcessesAreNoRequests() throws {
        var accounting = try TaskAccounting()
        let none: [Int32] = []
        try accounting.processes(none.span) { _, _ in Issue.record("nothing was asked") }
        #expect(try accounting.account(ofProcess: -1) == nil)
        #expect(try accounting.account(ofThread: 0) == nil)
    }

    @Test func delaysAreKnownOnlyWhereTheKernelMeasuresThem() throws {
        var accounting = try TaskAccounting()
        let account = try #require(try accounting.account(ofProcess: getpid()))
        let enabled = TaskAccounting.delayAccountingEnabled
        #expect((account.blockIODelay == nil) == (enabled == false))
        #expect((account.swapInDelay == nil) == (enabled == false))
        if enabled != false { #expect((account.irqDelay != nil) == (account.version >= 14)) }
    }
}
