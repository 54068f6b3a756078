internal import Linux
internal import PerfEvents
internal import ProcFS
internal import ProcessEvents
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
        [processes, pressure, accounting, delays, events, counters, memory, acting, kernelTypes, settings]
    }

    private static var processes: Finding {
        let name = "process table"
        guard var reader = try? ProcReader() else {
            return Finding(
                name: name, works: false, detail: "/proc cannot be opened", remedy: "mount -t proc proc /proc")
        }
        var pids: [Int32] = []
        try? reader.processes(into: &pids)
        let count = pids.count == 1 ? "1 process" : "\(pids.count) processes"
        if case .gone = reader.stat(1) {
            return Finding(
                name: name, works: true, detail: "\(count); others are hidden (hidepid)",
                remedy: "run as root, or in the group that the mount option gid= of /proc names")
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
                remedy: "sudo sysctl -w kernel.task_delayacct=1; it counts from then on")
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
        let others = has(.perfmon) ? nil : "for other users' processes: CAP_PERFMON, or root"
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

    private static var memory: Finding {
        let name = "other processes' memory, files and I/O"
        let scope = setting("/proc/sys/kernel/yama/ptrace_scope")
        let yama = "kernel.yama.ptrace_scope " + (scope.map { "is \($0)" } ?? "does not exist")
        let sudo = "sudo viv, or CAP_SYS_PTRACE"
        if scope == "3" {
            return Finding(
                name: name, works: false, detail: "\(yama): nobody reads another process until the next boot",
                remedy: "boot without it")
        }
        if has(.sysPtrace) {
            return Finding(
                name: name, works: true, detail: "Python stacks of every user's processes (CAP_SYS_PTRACE); \(yama)")
        }
        if scope == "1" || scope == "2" {
            return Finding(
                name: name, works: false, detail: "no Python stacks, own processes' neither; \(yama)",
                remedy: "\(sudo); for own processes also: sudo sysctl -w kernel.yama.ptrace_scope=0")
        }
        return Finding(name: name, works: false, detail: "own processes only; \(yama)", remedy: sudo)
    }

    private static var acting: Finding {
        let name = "signals and priorities"
        let missing = [(Capability.kill, "CAP_KILL"), (.sysNice, "CAP_SYS_NICE")].filter { !has($0.0) }.map(\.1)
        guard !missing.isEmpty else { return Finding(name: name, works: true, detail: "of every user's processes") }
        return Finding(
            name: name, works: false, detail: "own processes only, and nice values only upwards",
            remedy: "sudo viv, or " + missing.joined(separator: " and "))
    }

    private static var kernelTypes: Finding {
        let isThere = (try? FileDescriptor.open("/sys/kernel/btf/vmlinux")) != nil
        return Finding(
            name: "kernel types (BTF)", works: isThere,
            detail: (isThere ? "/sys/kernel/btf/vmlinux" : "no /sys/kernel/btf/vmlinux")
                + "; this version does not need it")
    }

    private static var settings: Finding {
        let name = "settings"
        guard let path = Configuration.path else {
            return Finding(
                name: name, works: false, detail: "neither XDG_CONFIG_HOME nor HOME is set",
                remedy: "set HOME, so that F2 has a place to save to")
        }
        if let trouble = Configuration.load().trouble {
            return Finding(name: name, works: false, detail: trouble, remedy: "mend the file, or move it away")
        }
        let isThere = (try? FileDescriptor.open(path)) != nil
        return Finding(
            name: name, works: true, detail: path + (isThere ? "" : " does not exist: the defaults are used"))
    }

    /// Whether viv itself has a capability.
    private static func has(_ capability: Capability) -> Bool {
        guard var reader = try? ProcReader(), case .value(let status) = reader.status(Machine.ownPid()) else {
            return Machine.effectiveUser() == 0
        }
        return status.capabilities.effective.map { capability.isIn($0) } ?? false
    }

    /// The one word of a file under /proc/sys; nil where the kernel has none, or hides it.
    private static func setting(_ path: String) -> String? {
        guard let bytes = try? FileDescriptor.open(path).readToEnd() else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init)
    }
}
