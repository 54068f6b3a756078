import Glibc
import Linux
import TestProcesses
import Testing

@Suite struct NameTests {
    @Test("A signal is found by any spelling", arguments: ["TERM", "SIGTERM", "sigterm", "15", "Term"])
    func signalNumber(spelling: String) {
        #expect(SignalName.number(of: spelling) == SIGTERM)
    }

    @Test func signalsHaveTheNumbersOfThisMachine() {
        let known: [(Int32, String)] = [
            (SIGHUP, "HUP"), (SIGKILL, "KILL"), (SIGUSR1, "USR1"), (SIGCHLD, "CHLD"), (SIGCONT, "CONT"),
            (SIGSTOP, "STOP"), (SIGTSTP, "TSTP"), (SIGWINCH, "WINCH"), (SIGSYS, "SYS"), (SIGSTKFLT, "STKFLT"),
        ]
        for (number, name) in known {
            #expect(SignalName.name(of: number) == name)
            #expect(SignalName.number(of: name) == number)
        }
        #expect(SignalName.number(of: "POLL") == SIGIO)
    }

    @Test(.enabled(if: LibraryCalls.has("sigabbrev_np"), "this C library does not name signals"))
    func everyStandardNameIsTheOneOfTheCLibrary() {
        for number in Int32(1)...31 {
            // It writes 29 by its other name.
            let name = LibraryCalls.signalName(number).map { $0 == "POLL" ? "IO" : $0 }
            #expect(SignalName.name(of: number) == name)
        }
    }

    @Test func everySignalIsFoundByItsOwnName() {
        #expect(SignalName.all.count == 62)
        for (number, name) in SignalName.all { #expect(SignalName.number(of: name) == number) }
    }

    @Test func realTimeSignalsAreCountedFromBothEnds() {
        #expect(SignalName.name(of: 37) == "RTMIN+3")
        #expect(SignalName.number(of: "SIGRTMIN") == 34)
        #expect(SignalName.number(of: "RTMAX-1") == 63)
        #expect(SignalName.number(of: "rtmax") == 64)
    }

    @Test(
        "What is no signal has no number",
        arguments: ["", "SIG", "0", "65", "32", "-9", "RTMIN+31", "RTMIN-1", "RTMAX+1", "RTMIN+", "FOO"])
    func noSignal(text: String) {
        #expect(SignalName.number(of: text) == nil)
    }

    @Test func capabilitiesAreNamedByBit() {
        #expect(capabilityNames(mask: 0) == [])
        #expect(
            capabilityNames(mask: 1 << 19 | 1 | 1 << 40) == ["CAP_CHOWN", "CAP_SYS_PTRACE", "CAP_CHECKPOINT_RESTORE"])
        #expect(capabilityNames(mask: 1 << 63) == ["CAP_63"])
        #expect(Capability.perfmon.isIn(1 << 38) && !Capability.perfmon.isIn(1 << 37))
    }

    @Test func usersAndGroupsComeFromTheirFilesAndFollowThem() throws {
        let directory = try TemporaryDirectory()
        let passwd = directory.path + "/passwd"
        let group = directory.path + "/group"
        try directory.write(
            "passwd",
            "root:x:0:0::/:/bin/sh\n# api:x:7:7\nbroken\n:x:9:\nalias:x:0:0\napi:x:1000:1000\nlong:x:99999999999:\n")
        var names = UserNames(passwd: passwd, group: group)
        #expect(names.user(0) == "root")
        #expect(names.user(1_000) == "api")
        #expect(names.user(7) == nil && names.user(9) == nil)
        #expect(names.userText(7) == "7")
        #expect(names.uid(named: "api") == 1_000 && names.uid(named: "nobody") == nil)
        #expect(names.group(0) == nil)
        let unchanged = names.refresh()
        #expect(!unchanged)
        try directory.write("group", "wheel:x:0:\n")
        try directory.write("passwd", "root:x:0:0::/:/bin/sh\nworker:x:1000:1000\n")
        let changed = names.refresh()
        #expect(changed && names.user(1_000) == "worker" && names.group(0) == "wheel")
        try directory.remove("passwd")
        let removed = names.refresh()
        #expect(removed && names.user(0) == nil)
    }

    @Test func theClocksGoForward() {
        let before = (
            KernelClock.monotonicNanoseconds(), KernelClock.bootNanoseconds(), KernelClock.threadCPUNanoseconds()
        )
        var sum = 0
        for value in 0..<100_000 { sum &+= value ^ sum }
        #expect(KernelClock.monotonicNanoseconds() > before.0 && KernelClock.bootNanoseconds() > before.1)
        #expect(KernelClock.threadCPUNanoseconds() > before.2, "\(sum)")
        #expect(KernelClock.bootNanoseconds() >= before.0)
        #expect(KernelClock.processCPUNanoseconds() >= KernelClock.threadCPUNanoseconds() - before.2)
        let earliest = Double(time(nil))
        let now = KernelClock.realtimeSeconds()
        let latest = Double(time(nil)) + 1
        // time(2) is cut to the second and may lag by a tick of the kernel.
        #expect(earliest <= now && now - 0.1 <= latest)
        #expect(KernelClock.ticksPerSecond == UInt64(sysconf(Int32(_SC_CLK_TCK))))
    }

    @Test func theMachineIsTheOneTheKernelNames() throws {
        let release = try FileDescriptor.open("/proc/sys/kernel/osrelease").readToEnd()
        #expect(Machine.kernelRelease() + "\n" == String(decoding: release, as: UTF8.self))
        let host = try FileDescriptor.open("/proc/sys/kernel/hostname").readToEnd()
        #expect(Machine.hostName() + "\n" == String(decoding: host, as: UTF8.self))
        #expect(Machine.pageSize == UInt64(getpagesize()) && Machine.onlineCPUs() >= 1)
        #expect(Machine.effectiveUser() == geteuid() && Machine.ownPid() == getpid())
    }
}
