import Testing

@testable import ProcessEvents

// Testing has a type of this name too.
private typealias ExitStatus = ProcessEvents.ExitStatus

/// A message as the kernel sends it, and what a hostile one may change in it.
func connectorMessage(
    what: UInt32, data: [UInt32], index: UInt32 = 1, length: UInt32? = nil, eventLength: UInt16? = nil
) -> [UInt8] {
    var bytes: [UInt8] = []
    func append<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        unsafe withUnsafeBytes(of: number) { unsafe bytes.append(contentsOf: $0) }
    }
    let payload = 16 + data.count * 4
    append(length ?? UInt32(36 + payload))
    append(3 as UInt32)
    append(0 as UInt64)
    append(index)
    append(1 as UInt32)
    append(9 as UInt32)
    append(0 as UInt32)
    append(eventLength ?? UInt16(payload))
    append(0 as UInt16)
    append(what)
    append(1 as UInt32)
    append(77 as UInt64)
    for word in data { append(word) }
    return bytes
}

private func parse(_ bytes: [UInt8]) -> ConnectorMessage? {
    ConnectorMessage(bytes.span, at: 0, limit: bytes.count)
}

struct ConnectorMessageTests {
    private let exit: [UInt32] = [11, 10, 0x8b, 17, 5, 4]

    @Test func anExitIsReadWhole() throws {
        let read = try #require(parse(connectorMessage(what: 0x8000_0000, data: exit)))
        let end = EventExit(status: .killed(signal: 11, dumpedCore: true), parentSignal: 17, parentPid: 4)
        #expect(read.body == .event(.exit(EventTask(pid: 10, tid: 11), end, monotonicNanoseconds: 77)))
        #expect(read.cpu == 1 && read.sequence == 9)
    }

    @Test func anOldKernelsExitHasNoParent() throws {
        let read = try #require(parse(connectorMessage(what: 0x8000_0000, data: [11, 10, 256, UInt32.max])))
        let end = EventExit(status: .exited(code: 1), parentSignal: nil, parentPid: nil)
        #expect(read.body == .event(.exit(EventTask(pid: 10, tid: 11), end, monotonicNanoseconds: 77)))
    }

    @Test func unknownEventsOnlyCount() {
        #expect(parse(connectorMessage(what: 4, data: [1, 1, 0, 0]))?.body == .other)
        #expect(parse(connectorMessage(what: 0x400, data: []))?.body == .other)
    }

    @Test(arguments: [1, 2, 0x200, 0x8000_0000] as [UInt32])
    func aMessageCutAnywhereIsRefused(what: UInt32) {
        let whole = connectorMessage(what: what, data: exit)
        #expect(parse(whole) != nil)
        for length in 0..<whole.count {
            #expect(parse(Array(whole.prefix(length))) == nil)
            let short = Array(whole.prefix(length))
            #expect(ConnectorMessage(short.span, at: 0, limit: whole.count) == nil)
        }
    }

    @Test func falseLengthsAreRefused() {
        for length in [0, 1, 36, 51, 77, UInt32.max] as [UInt32] {
            #expect(parse(connectorMessage(what: 2, data: exit, length: length)) == nil)
        }
        for length in [0, 15, 20, 41, UInt16.max] as [UInt16] {
            #expect(parse(connectorMessage(what: 2, data: exit, eventLength: length)) == nil)
        }
        #expect(parse(connectorMessage(what: 2, data: exit, index: 2)) == nil)
    }

    @Test func aNameNeedsNoTerminator() throws {
        let name: [UInt32] = [0x6161_6161, 0x6161_6161, 0x6161_6161, 0x6161_6161, 0x6262_6262]
        let read = try #require(parse(connectorMessage(what: 0x200, data: [11, 10] + name)))
        let comm = ProcessEvent.comm(
            EventTask(pid: 10, tid: 11), name: String(repeating: "a", count: 16), monotonicNanoseconds: 77)
        #expect(read.body == .event(comm))
    }

    @Test func waitStatusesAreTakenApart() {
        #expect(ExitStatus(waitStatus: 0) == .exited(code: 0))
        #expect(ExitStatus(waitStatus: 0xff00) == .exited(code: 255))
        #expect(ExitStatus(waitStatus: 9) == .killed(signal: 9, dumpedCore: false))
        #expect(ExitStatus(waitStatus: 0x86) == .killed(signal: 6, dumpedCore: true))
    }
}
