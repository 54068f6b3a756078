internal import Linux
internal import NativeStacks
internal import PerfEvents
internal import ProcFS
internal import ProcessEvents
internal import Samplers
internal import TaskAccounting

/// What `viv doctor` tries: each source of the dashboard, for this user on this host.
enum Examination {
    /// One thing that was tried.
    struct Finding {
        var name: String
        var works: Bool
        var detail: String
        /// What would make it work, or work better; nil where nothing is to be done.
        var remedy: String?
    }

    static func all() -> [Finding] {
        // What is read from /proc says nothing where there is none.
        guard (try? ProcReader())?.isKernelTree == true else { return [processes, settings] }
        return [
            processes, pressure, accounting, delays, events, counters, memory, nativeStacks, files, acting, tasks,
            clocks, calls,
            settings,
        ]
    }

    static var processes: Finding {
        let name = "process table"
        guard var reader = try? ProcReader(), reader.isKernelTree else {
            return Finding(
                name: name, works: false, detail: "/proc is not mounted: viv sees nothing without it",
                remedy: "mount -t proc proc /proc")
        }
        var pids: [Int32] = []
        try? reader.processes(into: &pids)
        let count = pids.count == 1 ? "1 process" : "\(pids.count) processes"
        switch reader.stat(1) {
        case .gone:
            return Finding(
                name: name, works: true, detail: "\(count); those of other users are hidden (hidepid)",
                remedy: Privileges.hidepidRemedy)
        case .refused:
            return Finding(
                name: name, works: true, detail: "\(count); of other users only the pids may be seen (hidepid=1)",
                remedy: Privileges.hidepidRemedy)
        default: break
        }
        return Finding(name: name, works: true, detail: count)
    }

    private static var pressure: Finding {
        let name = "pressure (PSI)"
        guard var reader = try? ProcReader(), case .value = reader.pressure(.cpu) else {
            return Finding(
                name: name, works: false, detail: "/proc/pressure is missing or off",
                remedy: "boot with psi=1, where the kernel has CONFIG_PSI")
        }
        return Finding(name: name, works: true, detail: "/proc/pressure")
    }

    private static var accounting: Finding {
        let name = "task accounting (taskstats)"
        let instead = "; /proc/<pid>/task is read instead, for rows on the screen"
        do throws(AccountingError) {
            _ = try TaskAccounting()
            return Finding(
                name: name, works: true, detail: "switches and run-queue wait, threads that ended included")
        } catch {
            switch error {
            case .refused(_, let remedy):
                return Finding(name: name, works: false, detail: "refused" + instead, remedy: remedy)
            case .unsupported(_, let remedy):
                return Finding(name: name, works: false, detail: "not supported" + instead, remedy: remedy)
            case .lost:
                return Finding(
                    name: name, works: false, detail: "the kernel is out of memory for answers" + instead,
                    remedy: "try again")
            }
        }
    }

    private static var delays: Finding {
        let name = "delay accounting (kernel.task_delayacct)"
        switch TaskAccounting.delayAccountingEnabled {
        case true?:
            return Finding(name: name, works: true, detail: "waits for block I/O and swap are accounted")
        case false?:
            return Finding(
                name: name, works: false, detail: "off: waits for block I/O and swap are unknown",
                remedy: (Privileges.isInOtherUserNamespace ? "on the host: " : "")
                    + "sudo sysctl -w kernel.task_delayacct=1; it counts from then on")
        case nil:
            return Finding(
                name: name, works: false, detail: "this kernel has no such setting",
                remedy: "boot with delayacct (Linux 5.14 and later), CONFIG_TASK_DELAY_ACCT built in")
        }
    }

    private static var events: Finding {
        let name = "births and deaths (process connector)"
        let missed = ": processes shorter than a refresh are missed"
        do throws(ProcessEventError) {
            _ = try ProcessEventSource()
            return Finding(name: name, works: true, detail: "processes shorter than a refresh are seen")
        } catch {
            switch error {
            case .refused(_, let remedy):
                return Finding(name: name, works: false, detail: "refused" + missed, remedy: remedy)
            case .unsupported(_, let remedy):
                return Finding(name: name, works: false, detail: "not available" + missed, remedy: remedy)
            }
        }
    }

    private static var counters: Finding {
        let level = setting("/proc/sys/kernel/perf_event_paranoid")
        let name = "counters (perf_event_open)"
        let paranoid = level.map { "; kernel.perf_event_paranoid is \($0)" } ?? ""
        let others =
            Privileges.holds(.perfmon) && !Privileges.isInOtherUserNamespace
            ? nil : "for other users' processes: CAP_PERFMON, or root"
        do throws(PerfError) {
            var own = try TaskCounters(pid: Machine.ownPid(), threads: [Machine.ownPid()])
            let detail =
                own.read().cycles != nil
                ? "software and hardware counters"
                : "software counters; this machine offers no hardware counters (common in virtual machines)"
            return Finding(name: name, works: true, detail: detail + paranoid, remedy: others)
        } catch {
            switch error {
            case .refused(_, let remedy), .unsupported(_, let remedy):
                return Finding(name: name, works: false, detail: "refused" + paranoid, remedy: remedy)
            case .gone: return Finding(name: name, works: false, detail: "no answer" + paranoid, remedy: "try again")
            }
        }
    }

    private static var nativeStacks: Finding {
        let name = "native stacks (libunwind)"
        guard UnwindLibrary.shared != nil else {
            return Finding(
                name: name, works: false, detail: "no \(UnwindLibrary.fileName): viv dump --native does not work",
                remedy: UnwindLibrary.remedy)
        }
        return Finding(name: name, works: true, detail: UnwindLibrary.fileName)
    }

    private static var tasks: Finding {
        let name = "process table by task iterator (BPF)"
        guard let trouble = TaskWalking.trouble else {
            return Finding(name: name, works: true, detail: "all processes and threads in one reading")
        }
        return Finding(
            name: name, works: false, detail: "each process is asked about by itself, which costs more", remedy: trouble
        )
    }

    private static var calls: Finding {
        let name = "system calls (BPF)"
        guard let trouble = SyscallTracer.trouble else {
            return Finding(name: name, works: true, detail: "viv trace follows calls in the kernel, and stops nobody")
        }
        return Finding(name: name, works: false, detail: "viv trace cannot follow calls", remedy: trouble)
    }

    private static var clocks: Finding {
        let name = "stacks by thread clocks (BPF)"
        guard let trouble = ClockSampling.trouble else {
            return Finding(name: name, works: true, detail: "viv record has threads take their own stacks")
        }
        return Finding(
            name: name, works: false, detail: "viv record reads stacks from outside, which costs more",
            remedy: trouble)
    }

    private static var settings: Finding {
        let name = "settings"
        guard let path = Configuration.path else {
            return Finding(
                name: name, works: false, detail: "neither XDG_CONFIG_HOME nor HOME is set",
                remedy: "set HOME, so that F2 has a place to save to")
        }
        do throws(Errno) {
            _ = try FileDescriptor.open(path, .nonBlocking)
        } catch  where error.isRefusal {
            return Finding(
                name: name, works: false, detail: "\(path) may not be read: the defaults are used",
                remedy: "set HOME to a directory of this user, or let this user read the file")
        } catch {}
        if let trouble = Configuration.load().trouble {
            return Finding(name: name, works: false, detail: trouble, remedy: "mend the file, or move it away")
        }
        let isThere = (try? FileDescriptor.open(path)) != nil
        return Finding(
            name: name, works: true, detail: path + (isThere ? "" : " does not exist: the defaults are used"))
    }

    /// The one word of a file under /proc/sys; nil where the kernel has none, or hides it.
    static func setting(_ path: String) -> String? {
        guard let bytes = try? FileDescriptor.open(path).readToEnd() else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init)
    }
}
