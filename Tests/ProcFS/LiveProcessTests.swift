import Glibc
import Linux
import ProcFS
import TestProcesses
import Testing

/// The kernel's own /proc, against what the system calls and the making of the process say.
@Suite struct LiveProcessTests {
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

    private func sleeper(_ reader: inout ProcReader, _ pid: Int32) throws -> ProcessStat {
        try wait(&reader, pid) { $0.command == CommandName("sleep") && $0.state == UInt8(ascii: "S") }
    }

    @Test func ourOwnProcessIsWhatTheSystemCallsSay() throws {
        var reader = try ProcReader()
        let own = try #require(reader.stat(getpid()).value)
        #expect(own.pid == getpid() && own.parent == getppid() && own.processGroup == getpgrp())
        #expect(own.session == getsid(0) && !own.isKernelThread && own.threads >= 1)
        #expect(own.nice == (try nice(of: getpid())))
        let status = try #require(reader.status(getpid()).value)
        #expect(status.users.real == getuid() && status.users.effective == geteuid() && status.groups.real == getgid())
        #expect(reader.uid(of: getpid()) == .value(geteuid()))
        var tids: [Int32] = []
        let found = reader.threads(of: getpid(), into: &tids)
        #expect(found && tids.contains(getpid()))
        var pids: [Int32] = []
        try reader.processes(into: &pids)
        #expect(pids.contains(getpid()) && pids == pids.sorted())
        // The parent may be outside of the namespace, or hidden.
        if unsafe access("/proc/\(getppid())", F_OK) == 0 { #expect(pids.contains(getppid())) }
    }

    @Test func aChildIsReadAsItWasMade() throws {
        let child = try Child(
            "ulimit -S -n 77; echo 1000 > /proc/self/oom_score_adj; cd /usr; exec 8</dev/null; VIV_TEST=a=b exec sleep 1000"
        )
        var reader = try ProcReader()
        let stat = try sleeper(&reader, child.pid)
        #expect(stat.parent == getpid() && stat.threads == 1 && stat.exitSignal == SIGCHLD)
        #expect(reader.arguments(child.pid).value == "sleep\u{0}1000\u{0}".bytes)
        let environment = try #require(reader.environment(child.pid).value)
        #expect(environment.split(separator: 0).contains { $0.elementsEqual("VIV_TEST=a=b".utf8) })
        #expect(reader.link(child.pid, .workingDirectory).value == "/usr".bytes)
        #expect(reader.link(child.pid, .rootDirectory).value == "/".bytes)
        let executable = try #require(reader.link(child.pid, .executable).value)
        #expect(executable.starts(with: "/".utf8))
        let limits = try #require(reader.limits(child.pid).value)
        #expect(limits.first { $0.name == "Max open files" }?.soft == 77)
        #expect(reader.oomScoreAdjust(child.pid) == .value(1_000))
        // The first to go: whatever the kernel's scale, more than the thousand that was added.
        #expect(try #require(reader.oomScore(child.pid).value) >= 1_000)
        let count = try #require(reader.openFileCount(child.pid).value)
        let entries = try entryCount("/proc/\(child.pid)/fd")
        #expect(count == entries && count >= 4)
    }

    /// Counts entries the way a shell would.
    private func entryCount(_ path: String) throws -> Int {
        guard let directory = unsafe opendir(path) else { throw Errno(rawValue: errno) }
        defer { unsafe closedir(directory) }
        var count = -2
        while unsafe readdir(directory) != nil { count += 1 }
        return count
    }

    @Test func theFilesOfAStoppedProcessAgreeWithEachOther() throws {
        let child = try Child("exec sleep 1000")
        var reader = try ProcReader()
        _ = try sleeper(&reader, child.pid)
        kill(child.pid, SIGSTOP)
        let stat = try wait(&reader, child.pid) { $0.state == UInt8(ascii: "T") }
        let status = try #require(reader.status(child.pid).value)
        let sizes = try #require(reader.statm(child.pid).value)
        #expect(
            stat.virtualBytes == status.memory.virtualBytes
                && sizes.virtualPages * Machine.pageSize == stat.virtualBytes)
        let parts = [
            status.memory.residentAnonymousBytes, status.memory.residentFileBytes, status.memory.residentSharedBytes,
        ]
        #expect(parts.compactMap(\.self).reduce(0, +) == status.memory.residentBytes)
        #expect(status.threads == 1 && status.namespacePids[status.namespacePids.count - 1] > 0)
        let rollup = try #require(reader.memoryRollup(child.pid).value)
        #expect(rollup.proportionalBytes <= rollup.residentBytes && rollup.uniqueBytes <= rollup.proportionalBytes)
        let schedule = try #require(reader.schedstat(child.pid).value)
        #expect(schedule == reader.schedstat(child.pid, thread: child.pid).value && schedule.runNanoseconds > 0)
        let io = try #require(reader.io(child.pid).value)
        #expect(io.readCalls > 0)
        #expect(try #require(reader.stat(child.pid, thread: child.pid).value).startTicks == stat.startTicks)
    }

    @Test func aSleeperIsInTheCallThatSleeps() throws {
        let child = try Child("exec sleep 1000")
        var reader = try ProcReader()
        _ = try sleeper(&reader, child.pid)
        // Where even the parent may not trace a process, the kernel does not tell.
        if reader.syscall(child.pid).isRefused {
            let scope = try FileDescriptor.open("/proc/sys/kernel/yama/ptrace_scope").readToEnd()
            #expect(scope == "2\n".bytes || scope == "3\n".bytes)
            return
        }
        var frame: SyscallFrame?
        // It sleeps for a moment in other calls before.
        for _ in 0..<5_000 where frame?.name?.hasSuffix("nanosleep") != true {
            if case .value(.inside(let current)) = reader.syscall(child.pid) { frame = current }
            usleep(1_000)
        }
        #expect(frame?.name?.hasSuffix("nanosleep") == true && frame?.programCounter != 0)
        let channel = try #require(reader.waitChannel(child.pid).value)
        #expect(channel == nil || channel?.contains("sleep") == true)
    }

    @Test func namespacesAndCgroupsAreThoseOfTheParent() throws {
        let child = try Child("exec sleep 1000")
        var reader = try ProcReader()
        let namespaces = try #require(reader.namespaces(child.pid).value)
        #expect(namespaces == reader.namespaces(getpid()).value)
        #expect(namespaces.first { $0.name == "net" }?.inode == (try FileStatus(path: "/proc/self/ns/net").inode))
        let cgroups = try #require(reader.cgroups(child.pid).value)
        #expect(!cgroups.isEmpty && cgroups == reader.cgroups(getpid()).value)
    }

    @Test func aZombieHasNoMemoryAndAReapedProcessIsGone() throws {
        let child = try Child("exit 3")
        child.waitForEnd()
        var reader = try ProcReader()
        let pid = child.pid
        let stat = try #require(reader.stat(pid).value)
        #expect(stat.state == UInt8(ascii: "Z") && stat.exitCode == 3 << 8 && stat.virtualBytes == 0)
        #expect(try #require(reader.status(pid).value).memory.residentBytes == nil)
        #expect(reader.arguments(pid).value?.isEmpty == true)
        #expect(reader.link(pid, .executable).isGone)
        var kept = StatDescriptors(limit: 1)
        let zombie = kept.keep(pid, with: &reader).value
        #expect(zombie?.state == UInt8(ascii: "Z") && kept.count == 1)
        _ = child.reap()
        #expect(
            reader.stat(pid).isGone && reader.status(pid).isGone && reader.io(pid).isGone && reader.uid(of: pid).isGone)
        let reading = kept.read(pid, with: &reader)
        #expect(reading.isGone && kept.count == 0)
    }

    @Test func aHostileNameIsReadBack() throws {
        let directory = try TemporaryDirectory()
        let name = "a) R 1\n\u{1B}[2J("
        try directory.link(name, to: "/bin/sleep")
        let child = try Child(program: directory.path + "/" + name, arguments: ["x\u{7}", "1000"])
        var reader = try ProcReader()
        let stat = try wait(&reader, child.pid) { $0.command == CommandName(name) }
        #expect(stat.parent == getpid() && stat.command.text == name)
        #expect(try #require(reader.status(child.pid).value).users.real == getuid())
    }

    @Test func everyProcessOfThisHostCanBeRead() throws {
        var reader = try ProcReader()
        var pids: [Int32] = []
        try reader.processes(into: &pids)
        for pid in pids {
            switch reader.stat(pid) {
            case .value(let stat):
                #expect(stat.pid == pid && "RSDTtZXIPK".utf8.contains(stat.state))
                if stat.isKernelThread { #expect(reader.arguments(pid).value?.isEmpty ?? true) }
            case .gone: continue
            // A host may hide the processes of others.
            case .refused: continue
            case .malformed, .unavailable: Issue.record("process \(pid) could not be read")
            }
            if case .malformed = reader.status(pid) { Issue.record("status of \(pid)") }
            if case .malformed = reader.cgroups(pid) { Issue.record("cgroup of \(pid)") }
            if case .malformed = reader.limits(pid) { Issue.record("limits of \(pid)") }
            if case .malformed = reader.syscall(pid) { Issue.record("syscall of \(pid)") }
            if case .malformed = reader.io(pid) { Issue.record("io of \(pid)") }
            if case .malformed = reader.statm(pid) { Issue.record("statm of \(pid)") }
        }
    }
}
