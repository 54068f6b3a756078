internal import Linux
internal import Model
internal import PerfEvents
internal import ProcFS

extension DetailsSampler {
    mutating func takeStatus(_ status: ProcessStatus?, into details: inout ProcessDetails) {
        let pid = details.identity.pid
        guard let status else {
            details.notes.append("status cannot be read")
            return
        }
        details.realUser = users.userText(status.users.real)
        details.effectiveUser = users.userText(status.users.effective)
        var split = MemorySplit()
        split.anonymousBytes = status.memory.residentAnonymousBytes
        split.fileBytes = status.memory.residentFileBytes
        split.sharedBytes = status.memory.residentSharedBytes
        split.swapBytes = status.memory.swapBytes
        split.peakBytes = status.memory.peakResidentBytes
        split.lockedBytes = status.memory.lockedBytes
        split.pageTableBytes = status.memory.pageTableBytes
        split.stackBytes = status.memory.stackBytes
        split.dataBytes = status.memory.dataBytes
        details.memory = split
        details.capabilities = status.capabilities.effective.map { capabilityNames(mask: $0) }
        details.seccompMode = status.seccomp.map { Int(clamping: $0) }
        details.noNewPrivileges = status.noNewPrivileges.map { $0 != 0 }
        details.tracer = status.tracer.map { Int32(clamping: $0) }
        details.namespacePids = status.namespacePids.array
        details.outOfMemoryScore = reader.oomScore(pid).value
        details.outOfMemoryAdjust = reader.oomScoreAdjust(pid).value
        details.loginUser = reader.loginUid(pid).value.flatMap { $0 }.map { users.userText($0) }
    }

    /// Paths, arguments, environment and namespaces, or what was read of them with an earlier sample.
    mutating func takePaths(into details: inout ProcessDetails) {
        let pid = details.identity.pid
        samples &+= 1
        if let known = newest, known.identity == details.identity, samples % DetailsSampler.samplesPerPaths != 0 {
            details.executable = known.executable
            details.executableDeleted = known.executableDeleted
            details.workingDirectory = known.workingDirectory
            details.rootDirectory = known.rootDirectory
            details.arguments = known.arguments
            details.environment = known.environment
            details.namespaces = known.namespaces
            if isRefused { details.notes.append(DetailsSampler.refusal) }
            return
        }
        if case .value(let bytes) = reader.link(pid, .executable) {
            let path = CommandLine.path(of: bytes)
            details.executable = path.path
            details.executableDeleted = path.isDeleted
        }
        details.workingDirectory = reader.link(pid, .workingDirectory).value.map { CommandLine.path(of: $0).path }
        details.rootDirectory = reader.link(pid, .rootDirectory).value.map { CommandLine.path(of: $0).path }
        details.arguments = reader.arguments(pid).value.map { CommandLine.arguments(of: $0) } ?? []
        let environment = reader.environment(pid)
        details.environment = environment.value.map { CommandLine.arguments(of: $0) }
        isRefused = environment.isRefused
        if isRefused { details.notes.append(DetailsSampler.refusal) }
        details.namespaces = (reader.namespaces(pid).value ?? []).filter { ownNamespaces[$0.name] != $0.inode }
            .map { "\($0.name):\($0.inode)" }
    }

    private static let refusal = "another user's process: paths, environment and I/O need CAP_SYS_PTRACE (sudo)"

    mutating func takeConfinement(into details: inout ProcessDetails) {
        guard case .value(let memberships) = reader.cgroups(details.identity.pid) else { return }
        details.container = ContainerIdentity.identify(memberships).map { "\($0.runtime) \($0.shortId)" }
        guard let limits = cgroups?.limits(of: memberships) else { return }
        var use = CgroupUse(version: limits.version.rawValue, path: limits.path)
        use.cpuLimit = limits.cpuLimit
        use.memoryBytes = limits.memoryBytes
        use.memoryLimitBytes = limits.memoryLimitBytes
        use.tasks = limits.tasks
        use.taskLimit = limits.taskLimit
        use.throttledCount = limits.throttledCount
        use.cpuPressure = limits.cpuPressure.map(DetailsSampler.shares)
        use.memoryPressure = limits.memoryPressure.map(DetailsSampler.shares)
        use.ioPressure = limits.ioPressure.map(DetailsSampler.shares)
        let now = KernelClock.monotonicNanoseconds()
        if let count = limits.throttledCount {
            if let before = cgroupBefore, now > before.nanoseconds, count >= before.count {
                use.throttledPerSecond = Double(count - before.count) / Double(now - before.nanoseconds) * 1e9
            }
            cgroupBefore = (count, now)
        }
        details.cgroup = use
    }

    private static func shares(_ pressure: Pressure) -> PressureShares {
        PressureShares(some: pressure.some.average10, full: pressure.full?.average10)
    }

    mutating func takeLimits(_ stat: ProcessStat, _ status: ProcessStatus?, into details: inout ProcessDetails) {
        let pid = details.identity.pid
        let open = reader.openFileCount(pid).value.map { UInt64($0) }
        details.limits = (reader.limits(pid).value ?? []).compactMap { limit in
            let used: UInt64?
            switch limit.name {
            case "Max open files": used = open
            case "Max address space": used = stat.virtualBytes
            case "Max resident set": used = stat.residentPages &* Machine.pageSize
            case "Max cpu time": used = (stat.userTicks &+ stat.systemTicks) / KernelClock.ticksPerSecond
            case "Max locked memory": used = details.memory?.lockedBytes
            case "Max stack size": used = details.memory?.stackBytes
            case "Max data size": used = details.memory?.dataBytes
            case "Max pending signals": used = status?.signals.queuedOfUser
            default: used = nil
            }
            return LimitUse(
                name: String(limit.name.dropFirst(4)), soft: limit.soft, hard: limit.hard, used: used,
                isBytes: limit.unit == "bytes")
        }
    }

    mutating func takeThreads(into details: inout ProcessDetails) {
        let pid = details.identity.pid
        var tids: [Int32] = []
        guard reader.threads(of: pid, into: &tids) else { return }
        var seen: [Int32: ThreadReading] = [:]
        for tid in tids {
            guard case .value(let stat) = reader.stat(pid, thread: tid) else { continue }
            var now = ThreadReading(stat: stat, nanoseconds: KernelClock.monotonicNanoseconds())
            if case .value(let status) = reader.status(pid, thread: tid), let voluntary = status.voluntarySwitches,
                let involuntary = status.involuntarySwitches
            {
                now.switches = SwitchCounters(voluntary: voluntary, involuntary: involuntary)
            }
            now.schedule = reader.schedstat(pid, thread: tid).value
            var thread = ThreadDetail(tid: tid, name: stat.command.text, state: stat.state, processor: stat.processor)
            if let before = threadsBefore[tid], before.stat.startTicks == stat.startTicks { rate(&thread, before, now) }
            if stat.state != UInt8(ascii: "R") {
                thread.waitChannel = reader.waitChannel(pid, thread: tid).value.flatMap { $0 }
                if case .value(.inside(let frame)) = reader.syscall(pid, thread: tid) { thread.systemCall = frame.name }
            }
            seen[tid] = now
            details.threads.append(thread)
        }
        threadsBefore = seen
    }

    private func rate(_ thread: inout ThreadDetail, _ before: ThreadReading, _ now: ThreadReading) {
        guard now.nanoseconds > before.nanoseconds else { return }
        let seconds = Double(now.nanoseconds - before.nanoseconds) / 1e9
        func moved(_ old: UInt64, _ new: UInt64) -> Double { new > old ? Double(new - old) / seconds : 0 }
        thread.cpuPercent = moved(before.stat.cpuTicks, now.stat.cpuTicks) / ticksPerSecond * 100
        thread.minorFaults = moved(before.stat.minorFaults, now.stat.minorFaults)
        thread.majorFaults = moved(before.stat.majorFaults, now.stat.majorFaults)
        if let old = before.switches, let new = now.switches {
            thread.voluntarySwitches = moved(old.voluntary, new.voluntary)
            thread.involuntarySwitches = moved(old.involuntary, new.involuntary)
        }
        if let old = before.schedule, let new = now.schedule {
            thread.cpuPercent = moved(old.runNanoseconds, new.runNanoseconds) / 1e7
            thread.runQueuePercent = moved(old.waitNanoseconds, new.waitNanoseconds) / 1e7
        }
    }

    mutating func takeCounters(into details: inout ProcessDetails) {
        details.countersNote = countersNote
        guard let values = counters?.read() else { return }
        let now = KernelClock.monotonicNanoseconds()
        defer { countersBefore = (values, now) }
        guard let before = countersBefore, now > before.nanoseconds else {
            details.countersNote = "counting …"
            return
        }
        let seconds = Double(now - before.nanoseconds) / 1e9
        func rate(_ field: KeyPath<CounterValues, UInt64?>) -> Double? {
            guard let old = before.values[keyPath: field], let new = values[keyPath: field] else { return nil }
            return Double(new - min(new, old)) / seconds
        }
        var rates = CounterRates()
        rates.taskClockPercent = rate(\.taskClockNanoseconds).map { $0 / 1e7 }
        rates.contextSwitches = rate(\.contextSwitches)
        rates.migrations = rate(\.cpuMigrations)
        rates.minorFaults = rate(\.minorFaults)
        rates.majorFaults = rate(\.majorFaults)
        rates.cycles = rate(\.cycles)
        rates.instructions = rate(\.instructions)
        rates.cacheMisses = rate(\.cacheMisses)
        rates.branchMisses = rate(\.branchMisses)
        rates.isScaled = values.multiplexed
        details.counters = rates
    }
}
