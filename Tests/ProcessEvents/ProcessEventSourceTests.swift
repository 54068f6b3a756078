import Glibc
import Testing

@testable import ProcessEvents

// Testing has a type of this name too.
private typealias ExitStatus = ProcessEvents.ExitStatus

/// Whether nothing but a bug can keep this process from asking the kernel: root, and not in a container.
private func isRootOfTheHost() -> Bool {
    func link(_ path: String) -> String {
        var bytes = [CChar](repeating: 0, count: 64)
        let size = unsafe readlink(path, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(size, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    // The kernel's fixed numbers of the first namespaces (PROC_PID_INIT_INO, PROC_USER_INIT_INO).
    return geteuid() == 0 && link("/proc/self/ns/pid") == "pid:[4026531836]"
        && link("/proc/self/ns/user") == "user:[4026531837]"
}

func listeningAllowed() -> Bool {
    do throws(ProcessEventError) {
        _ = try ProcessEventSource()
        return true
    } catch {
        // A kernel without the connector, or another network; any other failure of the host's root is for the tests to show.
        if case .unsupported(let errno, _) = error, errno == EPROTONOSUPPORT || errno == ECONNREFUSED { return false }
        return isRootOfTheHost()
    }
}

/// Starts a program; the caller waits for it.
func spawn(_ words: String...) -> Int32 {
    var pid: Int32 = -1
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    // The test runner's threads block signals, and a child would inherit that.
    var (attributes, none) = (posix_spawnattr_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_init(&attributes)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    let failure = unsafe posix_spawn(&pid, words[0], nil, &attributes, &arguments, environ)
    unsafe posix_spawnattr_destroy(&attributes)
    for index in unsafe arguments.indices { unsafe free(arguments[index]) }
    return failure == 0 ? pid : -1
}

func wait(for pid: Int32) -> Int32 {
    var status: Int32 = -1
    return unsafe waitpid(pid, &status, 0) == pid ? status : -1
}

@Suite(.enabled(if: listeningAllowed(), "process events are refused here"), .serialized)
struct ProcessEventSourceTests {
    /// Everything that is queued, and how many events are missing from it.
    ///
    /// - Parameter last: Reads on until these processes are told to have ended, for two seconds at most: the kernel
    ///   lets the parent reap a process just before it tells so.
    private func drain(
        _ source: inout ProcessEventSource, until last: Int32...
    ) -> (events: [ProcessEvent], lost: UInt64) {
        var (events, lost) = ([ProcessEvent](), UInt64(0))
        for _ in 0..<400 {
            while let event = source.next() {
                if case .lost(let count) = event { lost += count }
                events.append(event)
            }
            let ended = exits(events)
            if last.allSatisfy({ ended[$0] != nil }) { break }
            usleep(5_000)
        }
        return (events, lost)
    }

    private func exits(_ events: [ProcessEvent]) -> [Int32: EventExit] {
        var exits: [Int32: EventExit] = [:]
        for case .exit(let task, let exit, _) in events where task.isProcess { exits[task.pid] = exit }
        return exits
    }

    @Test func twoHundredShortLivesAreSeenFromBirthToDeath() throws {
        var source = try ProcessEventSource()
        var expected: [Int32: ExitStatus] = [:]
        var last: Int32 = 0
        for index in 0..<200 {
            let pid = index % 4 == 3 ? spawn("/bin/false") : spawn("/bin/true")
            try #require(pid > 0)
            #expect(wait(for: pid) == (index % 4 == 3 ? 256 : 0))
            last = pid
            expected[pid] = .exited(code: index % 4 == 3 ? 1 : 0)
        }
        let (events, lost) = drain(&source, until: last)
        var (births, execs) = ([Int32: Int](), [Int32: Int]())
        for event in events {
            switch event {
            case .fork(let parent, let child, _) where child.isProcess && parent.pid == getpid():
                births[child.pid, default: 0] += 1
            case .exec(let task, _): execs[task.pid, default: 0] += 1
            default: break
            }
        }
        let exits = exits(events)
        #expect(lost == 0 && source.malformed == 0)
        #expect(exits.values.contains { $0.parentPid == getpid() })
        for (pid, status) in expected {
            #expect(births[pid] == 1)
            #expect(execs[pid] == 1)
            #expect(exits[pid]?.status == status)
            #expect(exits[pid]?.parentSignal == SIGCHLD)
            #expect(exits[pid]?.parentPid == nil || exits[pid]?.parentPid == getpid())
        }
    }

    @Test func theStatusIsThatOfWait() throws {
        var source = try ProcessEventSource()
        let (coded, killed, aborted) = (
            spawn("/bin/sh", "-c", "exit 42"), spawn("/bin/sleep", "60"), spawn("/bin/sh", "-c", "kill -ABRT $$")
        )
        try #require(killed > 0)
        kill(killed, SIGKILL)
        var statuses: [Int32: Int32] = [:]
        for pid in [coded, killed, aborted] { statuses[pid] = wait(for: pid) }
        let exits = exits(drain(&source, until: coded, killed, aborted).events)
        #expect(exits[coded]?.status == .exited(code: 42))
        #expect(exits[killed]?.status == .killed(signal: SIGKILL, dumpedCore: false))
        #expect(exits[aborted]?.status == ExitStatus(waitStatus: UInt32(bitPattern: statuses[aborted] ?? 0)))
        guard case .killed(SIGABRT, _) = exits[aborted]?.status else {
            Issue.record("the child did not die of SIGABRT but \(String(describing: exits[aborted]))")
            return
        }
    }

    @Test func eventsCarryTheMonotonicClockInOrder() throws {
        var source = try ProcessEventSource()
        let before = monotonicNanoseconds()
        let pid = spawn("/bin/true")
        _ = wait(for: pid)
        let after = monotonicNanoseconds()
        var times: [UInt64] = []
        for event in drain(&source, until: pid).events {
            switch event {
            case .fork(_, let child, let time) where child.pid == pid: times.append(time)
            case .exec(let task, let time) where task.pid == pid: times.append(time)
            case .exit(let task, _, let time) where task.pid == pid: times.append(time)
            default: break
            }
        }
        try #require(times.count == 3)
        #expect(times == times.sorted())
        #expect(before <= times[0] && times[1] <= after)
    }

    @Test func threadsAndTheirNamesAreTold() throws {
        var source = try ProcessEventSource()
        let program = """
            import ctypes, threading
            t = threading.Thread(target=lambda: ctypes.CDLL(None).prctl(15, b"viv-[te)s\\xff\\x1b\\x1b", 0, 0, 0))
            t.start(); t.join()
            """
        let pid = spawn("/usr/bin/python3", "-c", program)
        #expect(wait(for: pid) == 0)
        let events = drain(&source, until: pid).events
        var names: [String] = []
        var threads: Set<Int32> = []
        var ended: Set<Int32> = []
        for event in events {
            switch event {
            case .comm(let task, let name, _) where task.pid == pid: names.append(name)
            case .fork(_, let child, _) where child.pid == pid && !child.isProcess: threads.insert(child.tid)
            case .exit(let task, let exit, _) where task.pid == pid && !task.isProcess:
                ended.insert(task.tid)
                #expect(exit.parentSignal == nil)
            default: break
            }
        }
        #expect(names.contains("viv-[te)s\u{fffd}\u{1b}\u{1b}"))
        #expect(threads.count == 1 && threads == ended)
    }

    @Test func whatDidNotFitIsCounted() throws {
        var source = try ProcessEventSource(receiveBufferBytes: 4096)
        for _ in 0..<60 { _ = wait(for: spawn("/bin/true")) }
        var full = drain(&source)
        #expect(full.events.contains(.overrun))
        // The number comes with the next event of the CPU that dropped them.
        for _ in 0..<2_000 where source.lostCount == 0 {
            _ = wait(for: spawn("/bin/true"))
            full.lost += drain(&source).lost
        }
        #expect(source.lostCount > 0 && full.lost == source.lostCount)
    }

    @Test func twoListenersDoNotDisturbEachOther() throws {
        var first = try ProcessEventSource()
        do {
            _ = try ProcessEventSource()
        }
        let pid = spawn("/bin/true")
        _ = wait(for: pid)
        let (events, lost) = drain(&first, until: pid)
        #expect(exits(events)[pid]?.status == .exited(code: 0))
        #expect(lost == 0)
    }

    private func monotonicNanoseconds() -> UInt64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
