import Glibc
import Linux
import TestProcesses
import Testing

@Suite struct ProcessHandleTests {
    @Test func aSignalReachesTheProcessThatWasOpened() throws {
        let child = try Child("exec sleep 1000")
        let handle = try ProcessHandle.open(child.pid)
        #expect(handle.pid == child.pid)
        try handle.sendSignal(0)
        try handle.sendSignal(SIGTERM)
        #expect(child.reap() & 0x7f == SIGTERM)
        #expect(throws: Errno.noSuchProcess) { try handle.sendSignal(0) }
    }

    @Test func aProcessThatHasEndedCannotBeOpened() throws {
        let child = try Child("exit 0")
        let pid = child.pid
        _ = child.reap()
        #expect(throws: Errno.noSuchProcess) { _ = try ProcessHandle(opening: pid) }
    }

    @Test func aSignalThatDoesNotExistIsRefused() throws {
        let child = try Child("exec sleep 1000")
        let handle = try ProcessHandle.open(child.pid)
        #expect(throws: Errno.invalidArgument) { try handle.sendSignal(99) }
    }

    @Test func aNiceValueIsSetAndReadBack() throws {
        let child = try Child("exec sleep 1000")
        // Without privileges a nice value can only go up from the one that was inherited.
        let value = min(19, try nice(of: getpid()) + 3)
        try renice(child.pid, to: value)
        #expect(try nice(of: child.pid) == value)
        #expect(getpriority(0, id_t(child.pid)) == value)
        let pid = child.pid
        child.end()
        #expect(throws: Errno.noSuchProcess) { try nice(of: pid) }
        #expect(throws: Errno.noSuchProcess) { try renice(pid, to: value) }
    }

    @Test("A priority of disk requests is read as it was set", arguments: [("-c 2 -n 6", 2, 6), ("-c 3", 3, nil)])
    func ioPriority(options: String, schedulingClass: Int32, level: Int32?) throws {
        let child = try Child("exec ionice \(options) sleep 1000")
        var priority = try IOPriority(of: child.pid)
        for _ in 0..<5_000 where priority.schedulingClass != schedulingClass {
            usleep(1_000)
            priority = try IOPriority(of: child.pid)
        }
        #expect(priority.schedulingClass == schedulingClass)
        if let level { #expect(priority.level == level) }
        let pid = child.pid
        child.end()
        #expect(throws: Errno.noSuchProcess) { try IOPriority(of: pid) }
    }

    @Test func theLimitOfOpenFilesBecomesTheHardOne() throws {
        // RLIMIT_NOFILE, whose type in C is not that of the calls.
        let openFiles: __rlimit_resource_t = 7
        var limit = rlimit()
        #expect(unsafe getrlimit(openFiles, &limit) == 0)
        let hard = UInt64(limit.rlim_max)
        // Low enough that there is something to raise, high enough for the tests beside this one.
        limit.rlim_cur = min(limit.rlim_max - 1, 512)
        #expect(unsafe setrlimit(openFiles, &limit) == 0)
        #expect(try raiseOpenFileLimit() == hard)
        #expect(unsafe getrlimit(openFiles, &limit) == 0)
        #expect(UInt64(limit.rlim_cur) == hard)
    }
}
