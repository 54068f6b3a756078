internal import ArgumentParser
internal import Cells
internal import Linux
internal import PerfEvents
internal import ProcessEvents
internal import ProcFS
internal import TaskAccounting

/// `viv doctor`: what works on this host for this user, and what to do about the rest.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what works on this host for this user, and what to do about the rest.",
        discussion: """
            EXAMPLES
              viv doctor
              sudo viv doctor --json
            """)

    @Flag(help: "One JSON document.") var json = false

    /// One thing that was tried.
    struct Finding {
        var name: String
        var works: Bool
        var detail: String
    }

    func run() throws {
        let findings = [procfs, pressure, accounting, delays, events, counters, memory]
        if json {
            let list = findings.map {
                Json.object([("name", .string($0.name)), ("works", .bool($0.works)), ("detail", .string($0.detail))])
            }
            Output.line(Json.object([("kernel", .string(Machine.kernelRelease())), ("findings", .array(list))]).text)
            return
        }
        Output.line("viv \(Viv.version) on Linux \(visible(Machine.kernelRelease()))")
        for finding in findings {
            Output.line((finding.works ? "  ok  " : "  --  ") + finding.name + ": " + visible(finding.detail))
        }
    }

    private var procfs: Finding {
        guard var reader = try? ProcReader() else {
            return Finding(
                name: "process table", works: false,
                detail: "/proc cannot be opened; mount it: mount -t proc proc /proc")
        }
        var pids: [Int32] = []
        try? reader.processes(into: &pids)
        if case .gone = reader.stat(1) {
            return Finding(
                name: "process table", works: true,
                detail:
                    "\(pids.count) processes; others are hidden (hidepid or a pid namespace), root of the host sees all"
            )
        }
        return Finding(name: "process table", works: true, detail: "\(pids.count) processes")
    }

    private var pressure: Finding {
        guard var reader = try? ProcReader(), case .value = reader.pressure(.cpu) else {
            return Finding(
                name: "pressure (PSI)", works: false,
                detail: "the kernel has none; boot with psi=1 where it is built in")
        }
        return Finding(name: "pressure (PSI)", works: true, detail: "/proc/pressure")
    }

    private var accounting: Finding {
        do {
            _ = try TaskAccounting()
            return Finding(
                name: "taskstats", works: true, detail: "switches and run-queue wait of all processes in one call")
        } catch {
            return Finding(
                name: "taskstats", works: false,
                detail: "\(error); /proc/<pid>/task is read instead, for rows on the screen")
        }
    }

    private var delays: Finding {
        switch TaskAccounting.delayAccountingEnabled {
        case true?: Finding(name: "delay accounting", works: true, detail: "block I/O and swap waits are accounted")
        case false?:
            Finding(
                name: "delay accounting", works: false,
                detail: "off; sysctl -w kernel.task_delayacct=1 accounts processes that start from then on")
        case nil: Finding(name: "delay accounting", works: false, detail: "this kernel has none")
        }
    }

    private var events: Finding {
        do {
            _ = try ProcessEventSource()
            return Finding(
                name: "births and deaths", works: true, detail: "process connector: short-lived processes are seen")
        } catch {
            return Finding(
                name: "births and deaths", works: false, detail: "short-lived processes are missed: \(error)")
        }
    }

    private var counters: Finding {
        do {
            var own = try TaskCounters(pid: Machine.ownPid(), threads: [Machine.ownPid()])
            let hardware = own.read().cycles != nil
            return Finding(
                name: "perf_event_open", works: true,
                detail: hardware
                    ? "software and hardware counters"
                    : "software counters; this machine has no hardware counters (common in virtual machines)")
        } catch {
            return Finding(name: "perf_event_open", works: false, detail: "\(error)")
        }
    }

    private var memory: Finding {
        Machine.effectiveUser() == 0
            ? Finding(name: "other users' memory", works: true, detail: "root reads the stacks of every process")
            : Finding(
                name: "other users' memory", works: false,
                detail:
                    "own processes only; sudo, or CAP_SYS_PTRACE, shows Python stacks, paths and descriptors of the others"
            )
    }
}
