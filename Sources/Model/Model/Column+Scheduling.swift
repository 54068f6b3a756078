extension Column {
    /// What the scheduler says of it.
    static let schedulingColumns: [Column] = [
        column(
            "state", "S", "state", 1, "", "stat 3",
            "State: R running, S sleeping, D disk, T stopped, t traced, Z zombie, I idle",
            htop: "STATE", ps: ["s", "stat"], align: .left
        ) { row, _ in .text(row.hasEnded ? "✝" : String(UnicodeScalar(row.state))) },
        column(
            "priority", "PRI", "priority", 4, "", "stat 18", "Kernel's dynamic priority", htop: "PRIORITY", ps: ["pri"]
        ) {
            row, _ in
            .number(Int64(row.priority))
        },
        column("nice", "NI", "nice", 3, "", "stat 19", "Nice value, -20 first to 19 last", htop: "NICE", ps: ["ni"]) {
            row, _ in
            row.effectiveNice.map { .number(Int64($0)) } ?? .absent
        },
        column("rtprio", "RTPRI", "realtimePriority", 5, "", "stat 40", "Real-time priority") { row, _ in
            row.realtimePriority == 0 ? .absent : .number(Int64(row.realtimePriority))
        },
        column(
            "policy", "POLICY", "policy", 6, "", "stat 41", "Scheduling policy", htop: "SCHEDULERPOLICY",
            ps: ["cls", "class", "sched"], align: .left
        ) {
            row, _ in .text(policyName(row.policy))
        },
        column("cpu#", "CPU", "processor", 4, "", "stat 39", "Processor it last ran on", htop: "PROCESSOR", ps: ["psr"])
        { row, _ in
            .number(Int64(row.processor))
        },
        column("threads", "THR", "threads", 5, "", "stat 20", "Threads", htop: "NLWP", ps: ["nlwp", "thcount"]) {
            row, _ in
            .exact(row.threads)
        },
        column(
            "cpu", "CPU%", "cpuPercent", 5, "percent of one processor",
            "taskstats cpu_run_virtual_total, schedstat 1 or stat 14+15", "CPU time", htop: "PERCENT_CPU",
            ps: ["%cpu", "pcpu"]
        ) {
            row, _ in .percent(row.rates?.cpuPercent)
        },
        column(
            "usr", "USR%", "userPercent", 5, "percent of one processor", "share of stat 14 in cpu",
            "CPU time in user mode"
        ) {
            row, _ in
            .percent(row.rates?.userPercent)
        },
        column(
            "sys", "SYS%", "systemPercent", 5, "percent of one processor", "share of stat 15 in cpu",
            "CPU time in the kernel"
        ) {
            row, _ in
            .percent(row.rates?.systemPercent)
        },
        column(
            "ncpu", "NCPU%", "hostCpuPercent", 5, "percent of all processors", "as cpu",
            "CPU time, share of the host",
            htop: "PERCENT_NORM_CPU"
        ) { row, table in .percent(row.rates.map { $0.cpuPercent / Double(max(1, table.scale.processors)) }) },
        column(
            "runq", "RUNQ%", "runQueuePercent", 5, "percent of time, summed over threads",
            "taskstats cpu_delay_total or schedstat 2",
            "Time runnable but waiting for a processor", needs: .accounting, htop: "PERCENT_CPU_DELAY"
        ) { row, _ in .percent(row.rates?.runQueuePercent) },
        column(
            "iodelay", "IOD%", "blockIODelayPercent", 5, "percent of time", "taskstats blkio_delay_total",
            "Time waiting for block I/O", needs: .accounting, htop: "PERCENT_IO_DELAY"
        ) { row, _ in .percent(row.rates?.blockIOPercent) },
        column(
            "swapdelay", "SWPD%", "swapInDelayPercent", 5, "percent of time", "taskstats swapin_delay_total",
            "Time waiting for swapped-out memory", needs: .accounting, htop: "PERCENT_SWAP_DELAY"
        ) { row, _ in .percent(row.rates?.swapInPercent) },
        column(
            "time", "TIME+", "cpuSeconds", 9, "time", "stat 14+15", "CPU time since it started", htop: "TIME",
            ps: ["cputime", "cputimes", "bsdtime"]
        ) {
            row, table in
            .seconds(Double(row.counters.userTicks &+ row.counters.systemTicks) / table.scale.ticksPerSecond)
        },
        column("utime", "UTIME+", "userSeconds", 9, "time", "stat 14", "CPU time in user mode", htop: "UTIME") {
            row, table in
            .seconds(Double(row.counters.userTicks) / table.scale.ticksPerSecond)
        },
        column("stime", "STIME+", "systemSeconds", 9, "time", "stat 15", "CPU time in the kernel", htop: "STIME") {
            row, table in
            .seconds(Double(row.counters.systemTicks) / table.scale.ticksPerSecond)
        },
        column(
            "cutime", "CUTIME+", "childUserSeconds", 9, "time", "stat 16", "User time of waited-for children",
            htop: "CUTIME"
        ) { row, table in .seconds(Double(row.counters.childUserTicks) / table.scale.ticksPerSecond) },
        column(
            "cstime", "CSTIME+", "childSystemSeconds", 9, "time", "stat 17", "Kernel time of waited-for children",
            htop: "CSTIME"
        ) { row, table in .seconds(Double(row.counters.childSystemTicks) / table.scale.ticksPerSecond) },
        column(
            "autogroup", "AGRP", "autogroup", 10, "", "/proc/<pid>/autogroup", "Scheduler's autogroup",
            needs: .autogroup,
            htop: "AUTOGROUP_ID", ps: ["ag_id"]
        ) { row, _ in .number(row.extras.autogroup) },
        column(
            "autonice", "ANI", "autogroupNice", 3, "", "/proc/<pid>/autogroup", "Nice value of the autogroup",
            needs: .autogroup,
            htop: "AUTOGROUP_NICE", ps: ["ag_nice"]
        ) { row, _ in .number(row.extras.autogroupNice) },
    ]

    /// Name of a scheduling policy as ps and chrt write it.
    public static func policyName(_ policy: UInt32) -> String {
        switch SchedulingPolicy(rawValue: policy) {
        case .other: "OTHER"
        case .fifo: "FIFO"
        case .roundRobin: "RR"
        case .batch: "BATCH"
        case .idle: "IDLE"
        case .deadline: "DEADLN"
        case .extensible: "EXT"
        case nil: "#\(policy)"
        }
    }
}

/// The scheduling policies of sched(7), by the kernel's numbers.
enum SchedulingPolicy: UInt32 {
    case other = 0
    case fifo = 1
    case roundRobin = 2
    case batch = 3
    case idle = 5
    case deadline = 6
    case extensible = 7
}
