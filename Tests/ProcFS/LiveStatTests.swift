import CLinux
import Glibc
import Linux
import ProcFS
import TestProcesses
import Testing

/// Fields of `stat` and `status` on this kernel, each against another way to learn the same.
@Suite struct LiveStatTests {
    /// Reads until the process has become what its script makes of it.
    private func wait(_ reader: inout ProcReader, _ pid: Int32, for isReady: (ProcessStat) -> Bool) throws
        -> ProcessStat
    {
        for _ in 0..<5_000 {
            if let stat = reader.stat(pid).value, isReady(stat) { return stat }
            usleep(1_000)
        }
        throw Errno.busy
    }

    /// What getrusage(2) says.
    private struct Usage {
        var userNanoseconds: UInt64, systemNanoseconds: UInt64
        var minorFaults: UInt64, majorFaults: UInt64
        var voluntarySwitches: UInt64, involuntarySwitches: UInt64

        /// `who` is 0 for this process, 1 for this thread, -1 for children that were waited for.
        ///
        /// Looked up by name: the modules of the C library and of ours disagree about the type of `who`.
        init(_ who: Int32) throws {
            typealias Call = @convention(c) (Int32, UnsafeMutablePointer<Int>) -> Int32
            guard let address = unsafe dlsym(nil, "getrusage") else { throw Errno.notImplemented }
            let call = unsafe unsafeBitCast(address, to: Call.self)
            // Two times of two words, then fourteen counters.
            var words = [Int](repeating: 0, count: 18)
            #expect(unsafe call(who, &words) == 0)
            userNanoseconds = UInt64(words[0]) * 1_000_000_000 + UInt64(words[1]) * 1_000
            systemNanoseconds = UInt64(words[2]) * 1_000_000_000 + UInt64(words[3]) * 1_000
            (minorFaults, majorFaults) = (UInt64(words[8]), UInt64(words[9]))
            (voluntarySwitches, involuntarySwitches) = (UInt64(words[16]), UInt64(words[17]))
        }
    }

    @Test func timesAndFaultsOfThisProcessLieBetweenTwoCountsOfTheKernel() throws {
        var reader = try ProcReader()
        // Something to count, whatever runs beside.
        let pages = [UInt8](repeating: 1, count: 16 << 20)
        let (before, children) = (try Usage(0), try Usage(-1))
        let stat = try #require(reader.stat(getpid()).value)
        let (after, childrenAfter) = (try Usage(0), try Usage(-1))
        #expect(pages.last == 1)
        #expect(before.minorFaults <= stat.minorFaults && stat.minorFaults <= after.minorFaults)
        #expect(before.majorFaults <= stat.majorFaults && stat.majorFaults <= after.majorFaults)
        #expect(children.minorFaults <= stat.childMinorFaults && stat.childMinorFaults <= childrenAfter.minorFaults)
        // Ticks are whole, so the sum may lack one of each kind.
        let tick = 1_000_000_000 / KernelClock.ticksPerSecond
        let earliest = before.userNanoseconds + before.systemNanoseconds
        let latest = after.userNanoseconds + after.systemNanoseconds
        #expect(earliest / tick <= stat.cpuTicks + 2 && stat.cpuTicks * tick <= latest + tick)
        #expect(stat.childUserTicks * tick <= childrenAfter.userNanoseconds + tick)
        #expect(children.userNanoseconds / tick <= stat.childUserTicks + 1)
    }

    @Test func theTimeOfAChildIsChargedToItsParentOnceItIsWaitedFor() throws {
        var reader = try ProcReader()
        let before = try #require(reader.stat(getpid()).value)
        // Busy in user mode until its own clock of whole ticks has moved.
        let child = try Child("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done")
        let pid = child.pid
        child.waitForEnd()
        let ended = try #require(reader.stat(pid).value)
        _ = child.reap()
        let after = try #require(reader.stat(getpid()).value)
        #expect(ended.cpuTicks > 0 && ended.minorFaults > 0)
        #expect(after.childMinorFaults >= before.childMinorFaults + ended.minorFaults)
        #expect(
            after.childUserTicks + after.childSystemTicks + 2
                >= before.childUserTicks + before.childSystemTicks + ended.cpuTicks)
    }

    @Test func aProcessStartsBetweenTwoReadingsOfTheClock() throws {
        var reader = try ProcReader()
        let tick = 1_000_000_000 / KernelClock.ticksPerSecond
        let before = KernelClock.bootNanoseconds() / tick
        let child = try Child("exec sleep 1000")
        let after = KernelClock.bootNanoseconds() / tick
        let stat = try #require(reader.stat(child.pid).value)
        #expect(before <= stat.startTicks && stat.startTicks <= after)
        // Another program in the same process does not begin another life.
        let sleeper = try wait(&reader, child.pid) { $0.command == CommandName("sleep") }
        #expect(sleeper.startTicks == stat.startTicks)
    }

    @Test func theSwitchesOfAThreadLieBetweenTwoCountsOfTheKernel() throws {
        var reader = try ProcReader()
        // Only a thread that sleeps for sure has something to count.
        usleep(2_000)
        let tid = try ownTid(&reader)
        let before = try Usage(1)
        let status = try #require(reader.status(getpid(), thread: tid).value)
        let after = try Usage(1)
        let voluntary = try #require(status.voluntarySwitches)
        let involuntary = try #require(status.involuntarySwitches)
        #expect(before.voluntarySwitches <= voluntary && voluntary <= after.voluntarySwitches && voluntary > 0)
        #expect(before.involuntarySwitches <= involuntary && involuntary <= after.involuntarySwitches)
    }

    /// The id of the calling thread: `/proc/thread-self` leads to `<pid>/task/<tid>`.
    private func ownTid(_ reader: inout ProcReader) throws -> Int32 {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = unsafe readlink("/proc/thread-self", &buffer, buffer.count)
        let text = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return try #require(text.split(separator: "/").last.flatMap { Int32($0) })
    }

    @Test func whatAShellSetsIsInItsStatus() throws {
        var reader = try ProcReader()
        let child = try Child("umask 0137; trap '' HUP; trap : USR1 WINCH; kill -STOP $$; exit 0")
        _ = try wait(&reader, child.pid) { $0.state == UInt8(ascii: "T") }
        kill(child.pid, SIGUSR1)
        let status = try #require(reader.status(child.pid).value)
        #expect(status.umask == 0o137)
        func bit(_ signal: Int32) -> UInt64 { 1 << UInt64(signal - 1) }
        let ignored = try #require(status.signals.ignored)
        let caught = try #require(status.signals.caught)
        #expect(ignored & (bit(SIGHUP) | bit(SIGUSR1)) == bit(SIGHUP))
        let both = bit(SIGUSR1) | bit(SIGWINCH)
        #expect(caught & (both | bit(SIGHUP)) == both)
        #expect(status.signals.sharedPending == bit(SIGUSR1) && status.signals.pending == 0)
        #expect(status.tracer == 0 && status.threads == 1)
    }

    @Test func aHostileNameThatIsNoTextIsKeptByteForByte() throws {
        var reader = try ProcReader()
        let child = try Child(#"printf 'a) Z 1\377\n(\t' > /proc/self/comm; kill -STOP $$"#)
        let stat = try wait(&reader, child.pid) { $0.state == UInt8(ascii: "T") }
        let bytes = (0..<stat.command.count).map { stat.command[$0] }
        #expect(bytes == Array("a) Z 1".utf8) + [0xFF, 0x0A, 0x28, 0x09])
        #expect(stat.parent == getpid() && stat.threads == 1 && stat.pid == child.pid)
        #expect(reader.status(child.pid).value?.users.real == getuid())
        // The thread's file holds the same name.
        #expect(reader.stat(child.pid, thread: child.pid).value?.command == stat.command)
    }

    @Test func aSessionLeaderHasItsTerminal() throws {
        var reader = try ProcReader()
        // It makes a terminal and a session on it.
        let recorder = try Child("exec script -qc 'exec sleep 1000' /dev/null >/dev/null")
        let leader = try child(of: recorder.pid, named: "sleep", &reader)
        defer { kill(leader, SIGKILL) }
        let stat = try #require(reader.stat(leader).value)
        #expect(stat.session == leader && stat.processGroup == leader && stat.foregroundGroup == leader)
        var status = Glibc.stat()
        #expect(unsafe fstatat(AT_FDCWD, "/proc/\(leader)/fd/0", &status, 0) == 0)
        let device = UInt64(UInt32(bitPattern: stat.terminal))
        let number = UInt64(status.st_rdev)
        // The file packs both halves as the kernel does, the call as the C library does; small numbers look alike.
        #expect(device & 0xFFFFF == number & 0xFFFFF && device != 0)
        #expect(try #require(reader.stat(recorder.pid).value).session != leader)
    }

    /// Waits for a process of that name below another.
    private func child(of parent: Int32, named name: String, _ reader: inout ProcReader) throws -> Int32 {
        var pids: [Int32] = []
        for _ in 0..<5_000 {
            try reader.processes(into: &pids)
            for pid in pids {
                guard let stat = reader.stat(pid).value, stat.parent == parent else { continue }
                if stat.command == CommandName(name) { return pid }
            }
            usleep(1_000)
        }
        throw Errno.busy
    }

    @Test func schedulingIsAsTheSystemCallsSay() throws {
        var reader = try ProcReader()
        let child = try Child("exec sleep 1000")
        let value = min(19, try nice(of: getpid()) + 3)
        try renice(child.pid, to: value)
        let stat = try #require(reader.stat(child.pid).value)
        #expect(stat.nice == value && stat.priority == 20 + value && stat.realtimePriority == 0)
        #expect(Int32(bitPattern: stat.policy) == sched_getscheduler(child.pid))
        let idle = try Child("exec chrt --idle 0 sleep 1000")
        #expect(try wait(&reader, idle.pid) { $0.policy == 5 }.policy == UInt32(sched_getscheduler(idle.pid)))
    }
}
