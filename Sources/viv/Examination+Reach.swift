internal import Linux
internal import Model
internal import ProcFS

extension Examination {
    /// How far viv's rights reach, tried on the processes that run now rather than read off its capabilities: a security
    /// module, a user namespace or a process's own wish may refuse what a capability should allow.
    struct Reach {
        /// Processes of one kind that something was tried on.
        struct Count {
            var allowed = 0
            var tried = 0

            mutating func add(_ isAllowed: Bool) {
                tried += 1
                allowed += isAllowed ? 1 : 0
            }
        }

        /// Processes of viv's own user, and of all others.
        var own = Count()
        var others = Count()
        /// A few of those that refused: `1 (systemd)`.
        var refused: [String] = []

        var tried: Int { own.tried + others.tried }
        var allowed: Int { own.allowed + others.allowed }
        var isWhole: Bool { allowed == tried }

        /// `61 of 62 processes; refused: 1 (systemd)`.
        var text: String {
            guard tried > 0 else { return "no other process is seen to try it on" }
            if isWhole { return tried == 1 ? "the one other process" : "all \(tried) processes" }
            let count =
                own.tried > 0 && others.tried > 0
                ? "\(own.allowed) of \(own.tried) own processes, \(others.allowed) of \(others.tried) of other users"
                : "\(allowed) of \(tried) processes" + (own.tried == 0 ? " of other users" : "")
            let more = tried - allowed - refused.count
            return count + "; refused: " + refused.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        }
    }

    /// At most so many processes of each kind are tried: a security module may write a line about each refusal.
    private static let tries = 100

    /// Tries something on the processes that run, kernel threads and viv itself left out.
    ///
    /// - Parameter attempt: Whether it is allowed; `nil` where the process ended meanwhile.
    static func reach(_ attempt: (Int32) -> Bool?) -> Reach {
        var reach = Reach()
        guard var reading = try? TableReading(), let table = try? reading.table([]) else { return reach }
        let (me, user) = (Machine.ownPid(), Machine.effectiveUser())
        for row in table.rows where !row.isThread && !row.hasEnded && row.pid != me {
            guard !row.traits.contains(.kernel), row.state != UInt8(ascii: "Z") else { continue }
            let isOwn = row.userID == user
            guard (isOwn ? reach.own : reach.others).tried < tries, let isAllowed = attempt(row.pid) else { continue }
            if isOwn { reach.own.add(isAllowed) } else { reach.others.add(isAllowed) }
            if !isAllowed, reach.refused.count < 3 { reach.refused.append("\(row.pid) (\(row.name.text))") }
        }
        return reach
    }

    /// Whether the kernel lets viv read the memory of a process: rights are looked at before the address is.
    private static func isReadable(_ pid: Int32) -> Bool? {
        var byte: UInt8 = 0
        return unsafe withUnsafeMutableBytes(of: &byte) { bytes in
            do throws(Errno) {
                // The first page is mapped by nobody: nothing is read even where it is allowed.
                _ = try unsafe ProcessMemory(pid: pid).read(1, into: bytes)
                return true
            } catch .badAddress {
                return true
            } catch {
                return error == .noSuchProcess ? nil : false
            }
        }
    }

    static var memory: Finding {
        let name = "other processes' memory (Python stacks)"
        let reach = reach(isReadable)
        let scope = setting("/proc/sys/kernel/yama/ptrace_scope")
        let rights = Privileges.holds(.sysPtrace) ? "CAP_SYS_PTRACE" : "no CAP_SYS_PTRACE"
        let detail = "\(reach.text) (\(rights)" + (scope.map { "; kernel.yama.ptrace_scope is \($0))" } ?? ")")
        return finding(name, detail, reach, scope)
    }

    static var files: Finding {
        guard var reader = try? ProcReader() else { return processes }
        let reach = reach { pid in
            switch reader.io(pid) {
            case .value: true
            case .refused: false
            default: nil
            }
        }
        return finding("other processes' files and I/O", reach.text, reach, nil)
    }

    /// What the right to trace makes possible, and what to do without it.
    private static func finding(_ name: String, _ detail: String, _ reach: Reach, _ scope: String?) -> Finding {
        let holds = Privileges.holds(.sysPtrace) && scope != "3"
        let works = reach.tried > 0 && reach.isWhole || holds && (reach.allowed > 0 || reach.tried == 0)
        let isDone = reach.isWhole && works
        return Finding(name: name, works: works, detail: detail, remedy: isDone ? nil : memoryRemedy(reach, scope))
    }

    private static func memoryRemedy(_ reach: Reach, _ scope: String?) -> String {
        if scope == "3" { return "boot without kernel.yama.ptrace_scope=3: it holds until then, for root too" }
        if Privileges.isInOtherUserNamespace { return HostNamespace.remedy([.user]) }
        if Privileges.holds(.sysPtrace) { return Privileges.moduleRemedy }
        let sudo = Machine.effectiveUser() == 0 ? "grant CAP_SYS_PTRACE" : "sudo viv, or CAP_SYS_PTRACE"
        return reach.own.allowed < reach.own.tried && scope == "1"
            ? sudo + "; for own processes also: sudo sysctl -w kernel.yama.ptrace_scope=0" : sudo
    }

    static var acting: Finding {
        let name = "signals and priorities"
        // Signal 0 is sent to nobody: the kernel only says whether another would be.
        let reach = reach { pid in
            do throws(Errno) {
                try ProcessHandle.open(pid).sendSignal(0)
                return true
            } catch {
                return error.isRefusal ? false : nil
            }
        }
        let nice = Privileges.holds(.sysNice) && !Privileges.isInOtherUserNamespace
        let detail =
            (reach.tried > 0 ? "signals to " : "") + reach.text + "; "
            + (nice ? "nice values of every process, both ways" : "nice values of own processes, only upwards")
        if nice, reach.isWhole { return Finding(name: name, works: true, detail: detail) }
        let missing = [(Capability.kill, "CAP_KILL"), (.sysNice, "CAP_SYS_NICE")]
            .filter { !Privileges.holds($0.0) }.map(\.1)
        let remedy =
            if Privileges.isInOtherUserNamespace {
                HostNamespace.remedy([.user])
            } else if missing.isEmpty {
                Privileges.moduleRemedy
            } else {
                (Machine.effectiveUser() == 0 ? "grant " : "sudo viv, or ") + missing.joined(separator: " and ")
            }
        return Finding(name: name, works: false, detail: detail, remedy: remedy)
    }
}
