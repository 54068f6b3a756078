import Glibc
import Linux
import Model

import TestProcesses
import Testing

@testable import Samplers

@Suite struct ProcessNiceTests {
    private func values(_ child: Child) -> [Int32] {
        child.threads().map { getpriority(0, id_t($0)) }
    }

    @Test func allThreadsOfAProcessGetTheValue() throws {
        let worker = try Worker()
        for name in ["a", "b", "c"] { worker.tell("thread \(name)") }
        let before = getpriority(0, id_t(worker.child.pid))
        // One thread is ahead of the others, as renice(1) leaves it.
        try renice(try #require(worker.child.threads().last), to: before + 1)
        let changed = try ProcessNice.change(worker.identity, by: 2)
        #expect(changed == ProcessNice(value: before + 2, threads: 4, refused: 0))
        #expect(changed.description == "\(before + 2) in all 4 threads")
        #expect(values(worker.child) == Array(repeating: before + 2, count: 4))
        // The last value there is stays.
        #expect(try ProcessNice.change(worker.identity, by: 100).value == 19)
        #expect(values(worker.child) == [19, 19, 19, 19])
    }

    @Test func threadsThatComeAndGoAreNoError() throws {
        let child = try Child(
            python: """
                import threading
                print("ready")
                def nothing(): pass
                def churn():
                    while True:
                        thread = threading.Thread(target=nothing); thread.start(); thread.join()
                for _ in range(4): threading.Thread(target=churn).start()
                """)
        _ = child.line()
        let identity = ProcessIdentity(pid: child.pid, startTicks: child.startTicks)
        for _ in 0..<20 { _ = try ProcessNice.change(identity, by: 1) }
        pause(milliseconds: 50)
        #expect(getpriority(0, id_t(child.pid)) == 19)
    }

    @Test func anotherProcessOfThePidKeepsItsValue() throws {
        let worker = try Worker()
        let before = values(worker.child)
        var other = worker.identity
        other.startTicks += 1
        #expect(throws: Errno.noSuchProcess) { try ProcessNice.change(other, by: 1) }
        #expect(values(worker.child) == before)
        worker.child.end()
        #expect(throws: Errno.noSuchProcess) { try ProcessNice.change(worker.identity, by: 1) }
    }
}
