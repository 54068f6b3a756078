import Testing

@testable import SystemCalls

/// Which calls a filter keeps.
struct SyscallFilterTests {
    private let table = SystemCallTable.native

    private func event(_ name: String, _ arguments: [UInt64], result: Int64 = 0, path: String? = nil) -> SyscallEvent {
        var event = SyscallEvent(.call)
        event.number = table.number(of: name) ?? -1
        (event.pid, event.tid, event.result) = (10, 11, result)
        (event.enteredNanoseconds, event.leftNanoseconds) = (1_000_000, 3_000_000)
        for (index, value) in arguments.enumerated() { event.arguments[index] = value }
        if let path {
            event.add(
                MemoryPiece(
                    argument: 1, isFromExit: false, hasFailed: false, isCut: false, part: .itself, index: 0,
                    bytes: Array(path.utf8)[...]))
        }
        return event
    }

    @Test(arguments: [
        ("", true), ("openat", true), ("call=openat,read", true), ("read", false), ("%file", true), ("%network", false),
        ("!openat", false), ("error", true), ("error=ENOENT", true), ("error=EPERM", false), ("path~/etc", true),
        ("path~/usr", false), ("slower>1ms", true), ("slower>2.5ms", false), ("tid=11", true), ("pid=10", true),
        ("tid=12", false), ("openat and error and path~passwd", true), ("fd=7", false), ("time>1", true),
    ])
    func aCall(filter: String, isKept: Bool) throws {
        let missed = event("openat", [UInt64(bitPattern: -100), 0x1000], result: -2, path: "/etc/passwd")
        #expect(try SyscallFilter(parsing: filter, table).keeps(missed, table) == isKept)
    }

    @Test func aDescriptorIsAnArgumentOrAResult() throws {
        let filter = try SyscallFilter(parsing: "fd=7", table)
        #expect(filter.keeps(event("read", [7, 0, 1]), table))
        #expect(filter.keeps(event("openat", [UInt64(bitPattern: -100), 0], result: 7), table))
        #expect(!filter.keeps(event("read", [8, 7, 7], result: 7), table))
    }

    @Test(arguments: ["fd=x", "slower>fast", "speed>3", "call=nothing", "%nothing"])
    func whatIsNoFilterIsSaid(text: String) {
        #expect(throws: SyscallFilter.Fault.self) { try SyscallFilter(parsing: text, table) }
    }
}
