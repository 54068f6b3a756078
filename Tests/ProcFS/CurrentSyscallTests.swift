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
}
