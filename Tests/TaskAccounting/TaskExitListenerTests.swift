import Glibc
import TestProcesses
import Testing

@testable import TaskAccounting

private let threads = """
    import sys, threading, time
    def nap():
        for _ in range(25): time.sleep(0.0005)
    several = [threading.Thread(target=nap) for _ in range(4)]
    for t in several: t.start()
    for t in several: t.join()
    sys.exit(7)
    """

private func listenerAllowed() -> Bool {
    do throws(AccountingError) {
        _ = try TaskExitListener()
        return true
    } catch {
        // A kernel without taskstats; any other failure of the host's root is for the tests to show.
        if case .unsupported(ENOENT, _) = error { return false }
        return Host.isRootOfTheHost()
    }
}

@Suite(.enabled(if: listenerAllowed(), "exit records need CAP_NET_ADMIN in the host's namespaces"), .serialized)
struct TaskExitListenerTests {
    /// The records of one process, up to its main thread's; other processes of the host end meanwhile.
    private func records(of pid: Int32, _ listener: inout TaskExitListener) -> [TaskExit] {
        var records: [TaskExit] = []
        for _ in 0..<200 {
            while let exit = listener.next() {
                guard let thread = exit.account.thread, (thread.pid ?? thread.tid) == pid else { continue }
                records.append(exit)
            }
            if records.contains(where: { $0.account.thread?.tid == pid }) { return records }
            usleep(5_000)
        }
        return records
    }

    @Test func theLastAccountAgreesWithWait4() throws {
        var listener = try TaskExitListener()
        let child = try Child(python: "import time\nfor _ in range(50): time.sleep(0.0005)\nraise SystemExit(5)")
        let (status, usage) = child.wait()
        let records = records(of: child.pid, &listener)
        let account = try #require(records.first?.account)
        let thread = try #require(account.thread)
        #expect(records.count == 1)
        #expect(thread.waitStatus == UInt32(bitPattern: status) && status == 5 << 8)
        #expect(thread.comm.hasPrefix("python3"))
        #expect(thread.minorFaults == UInt64(usage.ru_minflt))
        #expect(thread.majorFaults == UInt64(usage.ru_majflt))
        // The last switch, away from the dead thread, comes after the record.
        #expect(UInt64(usage.ru_nvcsw) - min(UInt64(usage.ru_nvcsw), account.voluntarySwitches) <= 3)
        // On a busy machine a sleep may be over before the processor is given up.
        #expect(account.voluntarySwitches >= 25)
        #expect(listener.malformed == 0)
    }

    @Test func everyThreadOfAProcessIsReported() throws {
        var listener = try TaskExitListener()
        let child = try Child(python: threads)
        let usage = child.wait().usage
        let records = records(of: child.pid, &listener)
        #expect(records.count == 5)
        let switches = records.reduce(0) { $0 + $1.account.voluntarySwitches }
        #expect(switches >= 100)
        #expect(UInt64(usage.ru_nvcsw) - min(UInt64(usage.ru_nvcsw), switches) <= 10)
        #expect(records.reduce(0) { $0 + ($1.account.thread?.minorFaults ?? 0) } == UInt64(usage.ru_minflt))
        let last = try #require(records.last)
        let process = try #require(last.process)
        // The kernel books an ending thread with its process first and writes the thread's own record a little later.
        let own = records.reduce(0) { $0 + $1.account.cpuRunVirtualNanoseconds }
        #expect(process.cpuRunVirtualNanoseconds >= own - own / 10)
        if last.account.version >= 12 {
            #expect(last.account.thread?.endsProcess == true)
            #expect(records.dropLast().allSatisfy { $0.account.thread?.endsProcess == false })
        }
    }

    @Test func aKilledProcessTellsItsSignal() throws {
        var listener = try TaskExitListener()
        let child = try Child(python: "import time\ntime.sleep(60)")
        kill(child.pid, SIGKILL)
        let status = child.wait().status
        let records = records(of: child.pid, &listener)
        #expect(records.last?.account.thread?.waitStatus == UInt32(bitPattern: status))
        #expect(status == SIGKILL)
    }

    @Test func recordsThatFindNoRoomAreCounted() throws {
        var listener = try TaskExitListener(receiveBufferBytes: 4096)
        for _ in 0..<40 { _ = try Child(python: "pass").wait() }
        var received = 0
        while listener.next() != nil { received += 1 }
        #expect(listener.overruns > 0)
        #expect(received < 40)
    }
}
