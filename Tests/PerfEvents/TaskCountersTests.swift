import Glibc
import TestProcesses
import Testing

@testable import PerfEvents

/// Four threads exist when the counters are opened; on "go" one of them faults, one sleeps, and the main thread starts
/// a thread that does both and ends, and a process that faults. The program prints its own getrusage(RUSAGE_SELF)
/// difference: microseconds, voluntary and involuntary switches, minor and major faults.
private let worker = """
    import mmap, resource, subprocess, sys, threading, time
    pages, naps, children = map(int, sys.stdin.readline().split())
    def fault(n):
        with mmap.mmap(-1, n * 4096) as block:
            block.madvise(mmap.MADV_NOHUGEPAGE)
            for page in range(n): block[page * 4096] = 1
    def nap(n):
        for _ in range(n): time.sleep(0.0005)
    def both():
        fault(pages); nap(naps)
    go = threading.Event()
    def after_go(work, n):
        go.wait(); work(n)
    early = [threading.Thread(target=after_go, args=a) for a in ((fault, pages), (nap, naps), (nap, 0))]
    for t in early: t.start()
    print("ready")
    sys.stdin.readline()
    a = resource.getrusage(resource.RUSAGE_SELF)
    go.set()
    late = threading.Thread(target=both)
    late.start()
    for t in early + [late]: t.join()
    for _ in range(children): subprocess.run([sys.executable, "-S", "-c", "b = bytearray(64 << 20)"])
    b = resource.getrusage(resource.RUSAGE_SELF)
    cpu = round((b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime) * 1e6)
    print(cpu, b.ru_nvcsw - a.ru_nvcsw, b.ru_nivcsw - a.ru_nivcsw, b.ru_minflt - a.ru_minflt, b.ru_majflt - a.ru_majflt)
    sys.stdin.readline()
    """

private func countersOpen() -> Bool {
    do throws(PerfError) {
        _ = try TaskCounters(pid: getpid(), threads: [getpid()])
        return true
    } catch {
        // Root of the host with perf events in the kernel is refused by a bug only: the tests shall show it.
        return unsafe geteuid() == 0 && Files.target(of: "/proc/self/ns/user") == "user:[4026531837]"
            && access("/proc/sys/kernel/perf_event_paranoid", F_OK) == 0
    }
}

/// Whether this user may count what happens in the kernel.
private func kernelIsCounted() -> Bool {
    do throws(PerfError) {
        var counters = try TaskCounters(pid: getpid(), threads: [getpid()])
        return geteuid() == 0 || !counters.read().userOnly
    } catch {
        return true
    }
}

/// What the kernel's two accounts of the same work may differ by.
private func expectClose(
    _ counted: UInt64?, _ truth: UInt64, slack: UInt64, _ what: Comment, at place: SourceLocation = #_sourceLocation
) {
    guard let counted else {
        Issue.record("\(what) is absent", sourceLocation: place)
        return
    }
    let low = truth - min(truth, slack)
    #expect((low...(truth + slack)).contains(counted), what, sourceLocation: place)
}

@Suite(.enabled(if: countersOpen(), "perf_event_open is refused here"), .serialized)
struct TaskCountersTests {
    @Test(.enabled(if: kernelIsCounted(), "switches are not counted for this user"))
    func countersOfAllThreadsAgreeWithGetrusage() throws {
        let child = try Child(python: worker)
        child.write("5000 200 0")
        #expect(child.line() == "ready")
        let threads = child.threads()
        #expect(threads.count == 4)
        var counters = try TaskCounters(pid: child.pid, threads: threads)
        #expect(counters.openedThreads == 4)
        let before = counters.read()
        child.write("go")
        let truth = child.numbers()
        try #require(truth.count == 5)
        let values = counters.read()
        // Two threads fault on 5,000 pages each and nap 200 times each; half of that is one thread missed.
        #expect(truth[3] >= 10_000 && truth[1] >= 400)
        try #require(!values.userOnly)
        #expect(!values.includesChildProcesses)
        expectClose(values.minorFaults.map { $0 - (before.minorFaults ?? 0) }, truth[3], slack: 100, "minor faults")
        expectClose(values.majorFaults.map { $0 - (before.majorFaults ?? 0) }, truth[4], slack: 5, "major faults")
        expectClose(
            values.contextSwitches.map { $0 - (before.contextSwitches ?? 0) }, truth[1] + truth[2], slack: 30,
            "switches")
        // task-clock counts the time that interrupts and the hypervisor took from the thread as well, getrusage does not:
        // a thread missed is a third too little; how much too much there may be depends on who else runs.
        let clock = (values.taskClockNanoseconds ?? 0) / 1000
        #expect(clock >= truth[0] * 9 / 10 - min(truth[0], 5_000) && clock <= truth[0] * 4 + 100_000)
        #expect(values.cpuMigrations != nil)
    }

    @Test func processesStartedByTheTargetAreNotCounted() throws {
        let child = try Child(python: worker)
        child.write("100 1 2")
        #expect(child.line() == "ready")
        var counters = try TaskCounters(pid: child.pid, threads: child.threads())
        // What an old kernel counts: with the two children, that fault hundreds of times each.
        var all = try TaskCounters(
            pid: child.pid, threads: child.threads(), access: CounterAccess(userOnly: false, threadsOnly: false))
        child.write("go")
        let truth = child.numbers()
        try #require(truth.count == 5)
        let (values, allValues) = (counters.read(), all.read())
        try #require(!values.includesChildProcesses)
        #expect(allValues.includesChildProcesses)
        expectClose(values.minorFaults, truth[3], slack: 150, "minor faults")
        #expect((allValues.minorFaults ?? 0) > truth[3] + 500)
    }

    @Test func hardwareCountsAreAbsentOrAddUp() throws {
        var counters = try TaskCounters(pid: getpid(), threads: [gettidOfThisThread()])
        var sum: UInt64 = 1
        for index in 0..<1_000_000 as Range<UInt64> { sum = sum &* 31 &+ index }
        #expect(sum != 0)
        let values = counters.read()
        if let instructions = values.instructions {
            #expect(instructions > 1_000_000)
            #expect(values.instructionsPerCycle != nil)
        } else {
            #expect(values.cycles == nil || values.instructionsPerCycle == nil)
            #expect(values.branches == nil && values.branchMisses == nil)
        }
        #expect((values.taskClockNanoseconds ?? 0) > 0)
    }

    @Test func userModeCountersSayNothingOfWhatOnlyTheKernelSees() throws {
        let child = try Child(python: worker)
        child.write("3000 50 0")
        #expect(child.line() == "ready")
        var counters = try TaskCounters(
            pid: child.pid, threads: child.threads(), access: CounterAccess(userOnly: true, threadsOnly: true))
        child.write("go")
        try #require(child.numbers().count == 5)
        let values = counters.read()
        #expect(values.userOnly)
        #expect(values.contextSwitches == nil)
        #expect(values.cpuMigrations == nil)
        #expect((values.minorFaults ?? 0) >= 6_000)
    }

    @Test func threadsThatEndedAreLeftOut() throws {
        let child = try Child(python: worker)
        child.write("1 1 0")
        #expect(child.line() == "ready")
        let threads = child.threads()
        let counters = try TaskCounters(pid: child.pid, threads: [threads[0], 0x3fff_fffe, threads[1]])
        #expect(counters.openedThreads == 2)
    }

    @Test func aProcessThatEndedIsGone() throws {
        #expect(throws: PerfError.gone) { _ = try TaskCounters(pid: 0x3fff_fffe, threads: [0x3fff_fffe]) }
        #expect(throws: PerfError.gone) { _ = try TaskCounters(pid: getpid(), threads: []) }
    }

    @Test func countsStayReadableAfterTheProcessEnded() throws {
        let child = try Child(python: worker)
        child.write("2000 10 0")
        #expect(child.line() == "ready")
        var counters = try TaskCounters(pid: child.pid, threads: child.threads())
        child.write("go")
        try #require(child.numbers().count == 5)
        let running = counters.read()
        child.write("end")
        let usage = child.wait().usage
        let ended = counters.read()
        #expect((ended.minorFaults ?? 0) >= (running.minorFaults ?? .max))
        #expect((ended.minorFaults ?? .max) <= UInt64(usage.ru_minflt))
        #expect((ended.minorFaults ?? 0) >= 4_000)
    }

    @Test func everyDescriptorIsClosed() throws {
        let child = try Child(python: worker)
        child.write("1 1 0")
        #expect(child.line() == "ready")
        let threads = child.threads()
        let before = perfDescriptors()
        do {
            let counters = try TaskCounters(pid: child.pid, threads: threads)
            #expect(perfDescriptors() >= before + (kernelIsCounted() ? 5 : 3) * counters.openedThreads)
        }
        #expect(perfDescriptors() == before)
        #expect(throws: PerfError.self) { _ = try TaskCounters(pid: child.pid, threads: [0x3fff_fffe]) }
        #expect(perfDescriptors() == before)
    }

    private func perfDescriptors() -> Int {
        Files.names(in: "/proc/self/fd").count { name in
            Files.target(of: "/proc/self/fd/\(name)").contains("perf_event")
        }
    }

    private func gettidOfThisThread() -> Int32 {
        Files.target(of: "/proc/thread-self").split(separator: "/").last.flatMap { Int32($0) } ?? getpid()
    }
}
