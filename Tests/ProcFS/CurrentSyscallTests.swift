import ProcFS
import Testing

@Suite struct CurrentSyscallTests {
    private let inside = "230 0x0 0x1 0x7ffd 0xffffffffffffffff 0x0 0x8 0x7fffaedab648 0x7f6193c142ad\n"

    @Test func aSystemCallHasItsArguments() throws {
        guard case .inside(let frame)? = parse(inside.bytes, CurrentSyscall.init(parsing:)) else {
            Issue.record("not inside a call")
            return
        }
        #expect(frame.number == 230)
        #expect((0..<6).map { frame.argument($0) } == [0, 1, 0x7ffd, .max, 0, 8])
        #expect(frame.stackPointer == 0x7fff_aeda_b648 && frame.programCounter == 0x7f61_93c1_42ad)
    }

    @Test func aRunningOrFaultingThreadIsInNone() {
        guard case .running? = parse("running\n".bytes, CurrentSyscall.init(parsing:)) else {
            Issue.record("not running")
            return
        }
        guard
            case .blockedOutside(let stack, let counter)? = parse("-1 0x10 0x20\n".bytes, CurrentSyscall.init(parsing:))
        else {
            Issue.record("not outside")
            return
        }
        #expect(stack == 16 && counter == 32)
    }

    @Test func aCutOrStrangeFileIsNoReading() {
        for text in [inside, "running\n", "-1 0x10 0x20\n"] {
            for prefix in prefixes(text) { #expect(parse(prefix, CurrentSyscall.init(parsing:)) == nil) }
            for bytes in mutations(text) { _ = parse(bytes, CurrentSyscall.init(parsing:)) }
        }
        for text in [
            "5 0x1\n", "-1 0x1\n", "5 1 2 3 4 5 6 7 8\n", "0x5 0x1\n",
            "5 0x11111111111111111 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n",
        ] {
            #expect(parse(text.bytes, CurrentSyscall.init(parsing:)) == nil)
        }
    }

    @Test(
        "Numbers differ between architectures",
        arguments: [
            ("read", 0, 63), ("openat", 257, 56), ("futex", 202, 98), ("epoll_pwait2", 441, 441), ("clone3", 435, 435),
            ("newfstatat", 262, 79), ("rseq", 334, 293), ("io_uring_setup", 425, 425), ("mseal", 462, 462),
        ] as [(String, Int32, Int32)])
    func names(name: String, intel: Int32, arm: Int32) {
        #expect(SystemCallNames.x86_64.name(of: intel) == name && SystemCallNames.x86_64.number(of: name) == intel)
        #expect(SystemCallNames.arm64.name(of: arm) == name && SystemCallNames.arm64.number(of: name) == arm)
    }

    @Test func aNumberInAGapHasNoName() {
        #expect(SystemCallNames.x86_64.name(of: 400) == nil && SystemCallNames.arm64.name(of: 350) == nil)
        #expect(SystemCallNames.x86_64.name(of: -1) == nil && SystemCallNames.native.name(of: .max) == nil)
        #expect(SystemCallNames.arm64.number(of: "open") == nil && SystemCallNames.x86_64.number(of: "open") == 2)
    }
}
