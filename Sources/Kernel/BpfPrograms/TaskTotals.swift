internal import CBpf
internal import Linux
internal import ProcFS

/// What a thread, or all threads of a process, did in its life. Source: `task_struct` and `signal_struct`.
public struct TaskTotals: Sendable, Equatable {
    /// Times that it gave its processor up, and that it was made to. Source: `nvcsw` and `nivcsw`.
    public var (voluntary, involuntary): (UInt64, UInt64) = (0, 0)
    /// Time on a processor. Unit: nanoseconds. Source: `se.sum_exec_runtime`.
    public var runNanoseconds: UInt64 = 0
    /// Time ready and without a processor; that of threads that ended is lost. Unit: nanoseconds. Source: `sched_info.run_delay`.
    public var delayNanoseconds: UInt64 = 0
    /// Whether one of them is running or about to: what it did since the last tick is not counted yet.
    public var isRunning = false
    /// As ticks counted it. Unit: nanoseconds. Source: `utime` and `stime`.
    fileprivate var (user, system): (UInt64, UInt64) = (0, 0)
    fileprivate var (minor, major): (UInt64, UInt64) = (0, 0)

    init() {}

    init(_ task: tt_task) {
        (voluntary, involuntary) = (task.voluntary, task.involuntary)
        (runNanoseconds, delayNanoseconds) = (task.run, task.delay)
        (user, system, minor, major) = (task.user, task.system, task.minor, task.major)
        isRunning = task.state | task.exit_state == 0
    }

    /// Of threads that have ended.
    init(_ process: tt_process) {
        (voluntary, involuntary, runNanoseconds) = (process.voluntary, process.involuntary, process.run)
        (user, system, minor, major) = (process.user, process.system, process.minor, process.major)
    }

    mutating func add(_ other: TaskTotals) {
        voluntary &+= other.voluntary
        involuntary &+= other.involuntary
        runNanoseconds &+= other.runNanoseconds
        delayNanoseconds &+= other.delayNanoseconds
        user &+= other.user
        system &+= other.system
        minor &+= other.minor
        major &+= other.major
        isRunning = isRunning || other.isRunning
    }

    /// CPU time in user mode and in the kernel, as the kernel tells it: the exact time, divided as the ticks fell. Unit: nanoseconds.
    ///
    /// Source: cputime_adjust() in kernel/sched/cputime.c. What was told before is not taken back.
    func times(toldUser: UInt64, toldSystem: UInt64) -> (user: UInt64, system: UInt64) {
        guard runNanoseconds > toldUser &+ toldSystem else { return (toldUser, toldSystem) }
        var system = system
        if system != 0 {
            let ticks = max(user &+ system, system)
            system =
                user == 0
                ? runNanoseconds : ticks.dividingFullWidth(system.multipliedFullWidth(by: runNanoseconds)).quotient
        }
        if system < toldSystem { system = toldSystem }
        let user = runNanoseconds - min(system, runNanoseconds)
        return user < toldUser ? (toldUser, runNanoseconds - toldUser) : (user, system)
    }
}

extension ProcessStat {
    /// What the file of a process or thread holds, as far as the table of processes shows it.
    ///
    /// - Parameter told: CPU times that the file had the last time.
    init(_ task: tt_task, of process: tt_process, _ totals: TaskTotals, told: (user: UInt64, system: UInt64)) {
        self.init()
        pid = Int32(bitPattern: task.pid)
        command = unsafe withUnsafeBytes(of: task.name) { name in
            let length = unsafe name.firstIndex(of: 0) ?? name.count
            return unsafe CommandName(name.bindMemory(to: UInt8.self).span, 0..<length)
        }
        state = ProcessStat.letter(task.state, task.exit_state)
        flags = task.flags
        (priority, nice) = (task.priority - 100, task.static_priority - 120)
        (processor, realtimePriority, policy) = (
            Int32(bitPattern: task.processor), task.realtime_priority, task.policy
        )
        startTicks = ProcessStat.ticks(task.start)
        (minorFaults, majorFaults) = (totals.minor, totals.major)
        let times = totals.times(toldUser: told.user, toldSystem: told.system)
        (userTicks, systemTicks) = (ProcessStat.ticks(times.user), ProcessStat.ticks(times.system))
        parent = Int32(bitPattern: process.parent)
        (processGroup, session) = (Int32(bitPattern: process.group), Int32(bitPattern: process.session))
        (terminal, foregroundGroup) = (Int32(bitPattern: process.terminal), process.foreground)
        threads = Int32(bitPattern: process.threads)
        (childMinorFaults, childMajorFaults) = (process.children_minor, process.children_major)
        childUserTicks = ProcessStat.ticks(process.children_user)
        childSystemTicks = ProcessStat.ticks(process.children_system)
        virtualBytes = process.pages &* Machine.pageSize
        residentPages = process.resident
    }

    private static func ticks(_ nanoseconds: UInt64) -> UInt64 {
        nanoseconds / (1_000_000_000 / KernelClock.ticksPerSecond)
    }

    /// The letter for a state. Source: task_state_index() and task_index_to_char() in include/linux/sched.h.
    private static func letter(_ state: UInt32, _ exitState: UInt32) -> UInt8 {
        // TASK_RTLOCK_WAIT and TASK_FROZEN.
        if state & 0x9000 != 0 { return UInt8(ascii: "D") }
        // TASK_IDLE is TASK_UNINTERRUPTIBLE that adds no load.
        if state & 0x402 == 0x402 { return UInt8(ascii: "I") }
        let reported = (state | exitState) & 0x7f
        let letters: StaticString = "RSDTtXZP"
        return unsafe letters.utf8Start[32 - reported.leadingZeroBitCount]
    }
}
