import Glibc
import Testing

@testable import ProcessEvents

/// The program on a pair of sockets, where it meets messages that the kernel would not send; and on the kernel's own.
struct EventFilterTests {
    private let none: UInt32 = 0
    private let fork: UInt32 = 1
    private let exec: UInt32 = 2
    private let exit: UInt32 = 0x8000_0000

    /// What is left of messages that are sent through the filter.
    private func through(_ messages: [[UInt8]]) throws -> [[UInt8]] {
        var ends: [Int32] = [-1, -1]
        try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        try #require(EventFilter.attach(to: ends[1]))
        var left: [[UInt8]] = []
        for message in messages {
            #expect(unsafe send(ends[0], message, message.count, 0) == message.count)
            var buffer = [UInt8](repeating: 0, count: 4096)
            let size = unsafe recv(ends[1], &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if size > 0 { left.append(Array(buffer.prefix(size))) }
        }
        return left
    }

    /// A message of the length that the kernel gives to all of them.
    private func message(_ what: UInt32, _ data: [UInt32], index: UInt32 = 1) -> [UInt8] {
        connectorMessage(what: what, data: data + [UInt32](repeating: 0, count: 6 - data.count), index: index)
    }

    @Test func birthsAndEndsOfProcessesPass() throws {
        // Numbers whose bytes differ: a mistake in the byte order would show.
        let (pid, parent) = (0x0001_e240 as UInt32, 0x0002_0301 as UInt32)
        let messages = [
            message(fork, [parent + 1, parent, pid, pid]), message(exec, [pid, pid]), message(exit, [pid, pid, 0, 17]),
            message(none, [0]),
        ]
        #expect(try through(messages) == messages)
    }

    @Test func birthsAndEndsOfThreadsAreKeptBack() throws {
        let messages = [
            message(fork, [7, 7, 0x0100, 0x0001]), message(fork, [7, 7, 0x0001_e241, 0x0001_e240]),
            message(exit, [0x0001_e241, 0x0001_e240, 0, 0]),
        ]
        #expect(try through(messages) == [])
    }

    @Test(arguments: [4, 0x40, 0x80, 0x100, 0x200, 0x2000_0000, 0x4000_0000] as [UInt32])
    func whatNobodyUsesIsKeptBack(what: UInt32) throws {
        #expect(try through([message(what, [9, 9, 0, 0])]) == [])
    }

    @Test func whatIsNotUnderstoodPasses() throws {
        let thread = message(fork, [7, 7, 9, 8])
        let others = [
            thread + thread, thread + message(exit, [9, 8]), Array(thread.prefix(67)), [1],
            message(fork, [7, 7, 9, 8], index: 2),
        ]
        #expect(try through(others) == others)
    }

    @Test(.enabled(if: listeningAllowed(), "process events are refused here"))
    func aStormOfThreadsIsNotHeardWhileProcessesAre() throws {
        var all = try ProcessEventSource()
        var some = try ProcessEventSource(processesOnly: true)
        let (isFiltered, isOpen) = (some.isFiltered, !all.isFiltered)
        try #require(isFiltered && isOpen)
        var threads = 0
        for _ in 0..<200 {
            var thread = pthread_t()
            guard unsafe pthread_create(&thread, nil, { _ in nil }, nil) == 0 else { continue }
            pthread_join(thread, nil)
            threads += 1
        }
        let child = spawn("/bin/true")
        #expect(wait(for: child) == 0)
        let (everything, processes) = (events(&all, until: child), events(&some, until: child))
        #expect(
            everything.count { if case .fork(_, let child, _) = $0 { !child.isProcess } else { false } } >= threads)
        #expect(threads == 200)
        // Each event is a message, and each message would have been a wake-up.
        for event in processes {
            switch event {
            case .fork(_, let child, _): #expect(child.isProcess)
            case .exit(let task, _, _): #expect(task.isProcess)
            case .exec: break
            default: Issue.record("not expected: \(event)")
            }
        }
        #expect(processes.count { if case .fork(_, let born, _) = $0 { born.pid == child } else { false } } == 1)
        #expect(processes.count { if case .exec(let task, _) = $0 { task.pid == child } else { false } } == 1)
        #expect(processes.count { if case .exit(let task, _, _) = $0 { task.pid == child } else { false } } == 1)
        #expect(some.lostCount == 0 && some.malformed == 0)
    }

    @Test(.enabled(if: listeningAllowed(), "process events are refused here"))
    func whatDidNotFitBehindTheFilterIsCounted() throws {
        var source = try ProcessEventSource(processesOnly: true, receiveBufferBytes: 4096)
        for _ in 0..<60 { _ = wait(for: spawn("/bin/true")) }
        let heard = events(&source, until: nil)
        #expect(heard.contains(.overrun))
        let (lost, told) = (source.lostCount, heard.filter { if case .lost = $0 { false } else { $0 != .overrun } })
        // A birth, an exec and an end for each at the least.
        #expect(lost > 0 && UInt64(told.count) + lost >= 180)
    }

    /// What is queued, or all until a process is told to have ended.
    private func events(_ source: inout ProcessEventSource, until last: Int32?) -> [ProcessEvent] {
        var events: [ProcessEvent] = []
        for _ in 0..<400 {
            while let event = source.next() { events.append(event) }
            let hasEnded = events.contains { if case .exit(let task, _, _) = $0 { task.pid == last } else { false } }
            if last == nil || hasEnded { break }
            usleep(5_000)
        }
        return events
    }
}
