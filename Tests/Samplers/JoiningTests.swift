import Glibc
import Linux
import TestProcesses
import Testing

@testable import Samplers

@Suite struct JoiningTests {
    private func busy(first: String = "") throws -> Child {
        let child = try Child(python: first + "\nprint('ready', flush=True)\nwhile True: pass")
        #expect(child.line() == "ready")
        return child
    }

    @Test func aThreadThatWorksIsJoinedOnItsProcessorAndLeftAgain() throws {
        let before = try ProcessorSet()
        let child = try busy()
        var target = try LiveTarget(pid: child.pid)
        let isJoined = target.joinProcessor(ofNative: UInt64(child.pid))
        #expect(isJoined)
        let joined = try ProcessorSet()
        #expect((0..<8192).contains { ProcessorSet($0) == joined })
        // A second time, what is to be gone back to is still what it was first.
        let isStillJoined = target.joinProcessor(ofNative: UInt64(child.pid))
        #expect(isStillJoined)
        target.leaveProcessor()
        #expect(try ProcessorSet() == before)
    }

    @Test("A thread that has precedence is not joined", .enabled(if: geteuid() == 0))
    func precedence() throws {
        let before = try ProcessorSet()
        let child = try busy(first: "import os; os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))")
        var target = try LiveTarget(pid: child.pid)
        let answers = [UInt64(child.pid), 1 << 40].map { target.joinProcessor(ofNative: $0) }
        #expect(answers == [false, false])
        #expect(try ProcessorSet() == before)
    }
}
