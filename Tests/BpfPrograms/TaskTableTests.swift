import BpfPrograms
import Glibc
import Linux
import ProcFS
import TestProcesses
import Testing

/// What the kernel's walk over its tasks tells, beside what /proc tells of the same.
@Suite(.enabled(if: !isRefused, "BPF programs may not be loaded here"))
struct TaskTableTests {
    private static let fields: [(String, @Sendable (ProcessStat) -> String)] = [
        ("state", { "\(Character(UnicodeScalar($0.state)))" }), ("command", { $0.command.text }),
        ("parent", { "\($0.parent)" }), ("processGroup", { "\($0.processGroup)" }), ("session", { "\($0.session)" }),
        ("terminal", { "\($0.terminal)" }), ("foregroundGroup", { "\($0.foregroundGroup)" }),
        ("flags", { "\($0.flags)" }),
        ("minorFaults", { "\($0.minorFaults)" }), ("childMinorFaults", { "\($0.childMinorFaults)" }),
        ("majorFaults", { "\($0.majorFaults)" }), ("childMajorFaults", { "\($0.childMajorFaults)" }),
        ("userTicks", { "\($0.userTicks)" }), ("systemTicks", { "\($0.systemTicks)" }),
        ("childUserTicks", { "\($0.childUserTicks)" }), ("childSystemTicks", { "\($0.childSystemTicks)" }),
        ("priority", { "\($0.priority)" }), ("nice", { "\($0.nice)" }), ("threads", { "\($0.threads)" }),
        ("startTicks", { "\($0.startTicks)" }), ("virtualBytes", { "\($0.virtualBytes)" }),
        ("residentPages", { "\($0.residentPages)" }), ("processor", { "\($0.processor)" }),
        ("realtimePriority", { "\($0.realtimePriority)" }), ("policy", { "\($0.policy)" }),
    ]
    /// Names of fields that were the same before and after a walk, and different in it.
    private func differences(
        _ before: ProcessStat, _ walked: ProcessStat, _ after: ProcessStat, except: Set<String> = []
    ) -> [String] {
        Self.fields.compactMap { name, text in
            guard !except.contains(name), text(before) == text(after), text(walked) != text(before) else { return nil }
            return "\(name): \(text(walked)), not \(text(before))"
        }
    }

    @Test func everyFieldOfEveryProcessIsThatOfProc() throws {
        var table = try TaskTable()
        var reader = try ProcReader()
        // Of all kinds: one that stands still, one that has ended, one with threads, with children that ended, niced, of another policy.
        let stopped = try Child("kill -STOP $$; :")
        let zombie = try Child("exit 3")
        zombie.waitForEnd()
        let parent = try Child(
            "i=0; while [ $i -lt 300 ]; do i=$((i+1)); done; ( : ); ( exec dd if=/dev/zero of=/dev/null bs=1M count=300 2>/dev/null ); exec sleep 60"
        )
        let nice = try Child("exec chrt -b 0 nice -n 7 sleep 60")
        let threads = try Child(
            program: "/usr/bin/python3",
            arguments: [
                "python3", "-c",
                "import threading\nfor n in range(7): threading.Thread(target=threading.Event().wait, daemon=True).start()\nthreading.Event().wait()",
            ])
        for _ in 0..<200
        where (reader.stat(threads.pid).value?.threads ?? 0) < 8
            || reader.stat(stopped.pid).value?.state != UInt8(ascii: "T")
            || reader.stat(nice.pid).value?.command.text != "sleep"
            || reader.stat(parent.pid).value?.command.text != "sleep"
        { usleep(20_000) }
        var (pids, compared, comparedThreads) = ([Int32](), 0, 0)
        try reader.processes(into: &pids)
        var before: [Int32: ProcessStat] = [:]
        var beforeThreads: [Int32: ProcessStat] = [:]
        var ran: [Int32: TaskSchedule] = [:]
        // One that ran meanwhile may have been in another state, and on another processor, and be back.
        func moved(_ pid: Int32, _ tid: Int32) -> Set<String> {
            reader.schedstat(pid, thread: tid).value == ran[tid] ? [] : ["state", "processor"]
        }
        var ids: [Int32] = []
        for pid in pids {
            ran[pid] = reader.schedstat(pid, thread: pid).value
            before[pid] = reader.stat(pid).value
            guard reader.threads(of: pid, into: &ids) else { continue }
            for tid in ids where tid != pid {
                ran[tid] = reader.schedstat(pid, thread: tid).value
                beforeThreads[tid] = reader.stat(pid, thread: tid).value
            }
        }
        try table.read()
        for pid in pids {
            guard let old = before[pid], let now = reader.stat(pid).value, now.startTicks == old.startTicks else {
                continue
            }
            guard let number = table.number(of: pid) else {
                // Some hosts keep their init from BPF.
                #expect(pid == 1)
                continue
            }
            let walked = table.stat(number)
            // Threads of the kernel have names elsewhere, too.
            let except = moved(pid, pid).union(now.isKernelThread ? ["command"] : [])
            #expect(differences(old, walked, now, except: except) == [], "\(pid) \(now.command.text)")
            let user = table.userID(number)
            #expect(user == reader.uid(of: pid).value)
            compared += 1
            let told = table.threads(number)
            for (stat, _) in told {
                guard let old = beforeThreads[stat.pid], let now = reader.stat(pid, thread: stat.pid).value else {
                    continue
                }
                #expect(
                    differences(old, stat, now, except: moved(pid, stat.pid)) == [],
                    "\(pid)/\(stat.pid) \(now.command.text)")
                comparedThreads += 1
            }
            if let count = now.threads == old.threads ? Int(now.threads) : nil { #expect(told.count == count - 1) }
        }
        #expect(compared > 10 && comparedThreads >= 7)
        for (child, letter) in [(stopped, "T"), (zombie, "Z"), (parent, "S"), (nice, "S")] {
            let found = table.number(of: child.pid)
            let number = try #require(found)
            let state = Character(UnicodeScalar(table.stat(number).state))
            #expect(state == Character(letter))
        }
        let (none, beyond) = (table.number(of: 0), table.number(of: Int32.max))
        #expect(none == nil && beyond == nil)
    }

    @Test func switchesAndTimesAreThoseOfAllThreads() throws {
        var table = try TaskTable()
        var reader = try ProcReader()
        // Threads that end take nothing with them.
        let child = try Child(
            program: "/usr/bin/python3",
            arguments: [
                "python3", "-u", "-c",
                "import threading, time\ndef go():\n  for _ in range(50): time.sleep(0.001)\nfor _ in range(4):\n  t = [threading.Thread(target=go) for _ in range(4)]\n  [x.start() for x in t]\n  [x.join() for x in t]\nprint('done')\ninput()",
            ], onPipes: true)
        #expect(child.line() == "done")
        usleep(20_000)
        try table.read()
        let found = table.number(of: child.pid)
        let number = try #require(found)
        let totals = table.totals(number)
        #expect(totals.voluntary >= 800)
        let stat = try #require(reader.stat(child.pid).value)
        #expect(
            totals.runNanoseconds / 10_000_000 == stat.userTicks + stat.systemTicks
                || totals.runNanoseconds / 10_000_000 == stat.userTicks + stat.systemTicks + 1)
        let schedule = try #require(reader.schedstat(child.pid, thread: child.pid).value)
        #expect(totals.runNanoseconds > schedule.runNanoseconds && totals.delayNanoseconds == schedule.waitNanoseconds)
        let status = try #require(reader.status(child.pid, thread: child.pid).value)
        #expect(
            totals.voluntary >= 800 + (status.voluntarySwitches ?? 0)
                && totals.involuntary >= status.involuntarySwitches ?? 0)
    }
}

/// Whether the kernel does not let this user load programs at all.
private let isRefused: Bool = {
    do throws(BpfError) {
        _ = try TaskTable()
        return false
    } catch {
        switch error {
        case .noLibrary, .refused: return true
        case .unsupported: return false
        }
    }
}()
