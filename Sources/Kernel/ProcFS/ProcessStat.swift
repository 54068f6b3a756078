/// One reading of `/proc/<pid>/stat`, of a process or of a thread.
///
/// Times and faults of a process are those of all its threads, ended ones included; those of a thread are its own.
public struct ProcessStat: Sendable, BitwiseCopyable {
    /// Process or thread id. Source: field 1 (`pid`).
    public var pid: Int32 = 0
    /// Kernel's name of it. Source: field 2 (`comm`).
    public var command = CommandName()
    /// Letter of the state: R running, S sleeping, D disk, T stopped, t traced, Z zombie, X dead, I idle. Source: field 3 (`state`).
    public var state: UInt8 = 0
    /// Source: field 4 (`ppid`).
    public var parent: Int32 = 0
    /// Source: field 5 (`pgrp`).
    public var processGroup: Int32 = 0
    /// Source: field 6 (`session`).
    public var session: Int32 = 0
    /// Device number of the controlling terminal, 0 for none. Source: field 7 (`tty_nr`).
    public var terminal: Int32 = 0
    /// Foreground process group of that terminal, -1 for none. Source: field 8 (`tpgid`).
    public var foregroundGroup: Int32 = 0
    /// PF_ flags of the kernel. Source: field 9 (`flags`).
    public var flags: UInt32 = 0
    /// Minor page faults. Unit: count, cumulative; children not included. Source: field 10 (`minflt`).
    public var minorFaults: UInt64 = 0
    /// Minor page faults of children waited for. Source: field 11 (`cminflt`).
    public var childMinorFaults: UInt64 = 0
    /// Major page faults. Unit: count, cumulative; children not included. Source: field 12 (`majflt`).
    public var majorFaults: UInt64 = 0
    /// Major page faults of children waited for. Source: field 13 (`cmajflt`).
    public var childMajorFaults: UInt64 = 0
    /// CPU time in user mode, guest time included. Unit: clock ticks. Source: field 14 (`utime`).
    public var userTicks: UInt64 = 0
    /// CPU time in the kernel. Unit: clock ticks. Source: field 15 (`stime`).
    public var systemTicks: UInt64 = 0
    /// User time of children waited for. Unit: clock ticks. Source: field 16 (`cutime`).
    public var childUserTicks: UInt64 = 0
    /// Kernel time of children waited for. Unit: clock ticks. Source: field 17 (`cstime`).
    public var childSystemTicks: UInt64 = 0
    /// Kernel's priority: 20 + nice, or -1 - real-time priority. Source: field 18 (`priority`).
    public var priority: Int32 = 0
    /// Source: field 19 (`nice`).
    public var nice: Int32 = 0
    /// Threads of the process. Source: field 20 (`num_threads`).
    public var threads: Int32 = 0
    /// Start, after boot. Unit: clock ticks. Source: field 22 (`starttime`).
    public var startTicks: UInt64 = 0
    /// Address space. Unit: bytes. Source: field 23 (`vsize`).
    public var virtualBytes: UInt64 = 0
    /// Resident memory, as precise as the kernel keeps it here. Unit: pages. Source: field 24 (`rss`).
    public var residentPages: UInt64 = 0
    /// Limit of it. Unit: bytes; the largest number for none. Source: field 25 (`rsslim`).
    public var residentLimit: UInt64 = 0
    /// Signal its end sends to the parent. Source: field 38 (`exit_signal`).
    public var exitSignal: Int32 = 0
    /// Processor it ran on last. Source: field 39 (`processor`).
    public var processor: Int32 = 0
    /// Real-time priority, 0 for none. Source: field 40 (`rt_priority`).
    public var realtimePriority: UInt32 = 0
    /// Scheduling policy, SCHED_ of sched(7). Source: field 41 (`policy`).
    public var policy: UInt32 = 0
    /// Wait for block devices; 0 unless delays are accounted. Unit: clock ticks. Source: field 42 (`delayacct_blkio_ticks`).
    public var blockedIOTicks: UInt64 = 0
    /// Time of virtual processors. Unit: clock ticks. Source: field 43 (`guest_time`).
    public var guestTicks: UInt64 = 0
    /// Status for waitpid(2) of a zombie; 0 without the right to trace it. Source: field 52 (`exit_code`).
    public var exitCode: Int32 = 0

    /// A reading of nothing, to be filled in.
    public init() {}

    /// Whether it is a thread of the kernel: it has no memory, arguments or files. Source: PF_KTHREAD.
    public var isKernelThread: Bool { flags & 0x0020_0000 != 0 }

    /// CPU time, user and kernel together. Unit: clock ticks.
    public var cpuTicks: UInt64 { userTicks &+ systemTicks }
}

extension ProcessStat {
    /// Parses the file; nil unless it is whole.
    ///
    /// The name may hold any bytes, so the fields begin behind the last bracket of the file.
    public init?(parsing bytes: Span<UInt8>) {
        guard bytes.endsWithNewline else { return nil }
        var index = 0
        guard let pid = bytes.decimal(&index), let ownPid = Int32(exactly: pid), bytes.skip(" (", &index) else {
            return nil
        }
        var bracket = bytes.count - 1
        while bracket >= index, bytes[bracket] != UInt8(ascii: ")") { bracket -= 1 }
        guard bracket >= index, bracket + 3 < bytes.count, bytes[bracket + 1] == UInt8(ascii: " ") else { return nil }
        self.init()
        self.pid = ownPid
        command = CommandName(bytes, index..<bracket)
        state = bytes[bracket + 2]
        guard let fields = StatFields(bytes, from: bracket + 3) else { return nil }
        assignIdentity(fields)
        assignCounters(fields)
    }

    private mutating func assignIdentity(_ fields: StatFields) {
        parent = fields.signed(4)
        processGroup = fields.signed(5)
        session = fields.signed(6)
        terminal = fields.signed(7)
        foregroundGroup = fields.signed(8)
        flags = UInt32(truncatingIfNeeded: fields[9])
        priority = fields.signed(18)
        nice = fields.signed(19)
        threads = fields.signed(20)
        startTicks = fields[22]
        exitSignal = fields.signed(38)
        processor = fields.signed(39)
        realtimePriority = UInt32(truncatingIfNeeded: fields[40])
        policy = UInt32(truncatingIfNeeded: fields[41])
        exitCode = fields.signed(52)
    }

    private mutating func assignCounters(_ fields: StatFields) {
        minorFaults = fields[10]
        childMinorFaults = fields[11]
        majorFaults = fields[12]
        childMajorFaults = fields[13]
        userTicks = fields[14]
        systemTicks = fields[15]
        childUserTicks = fields[16]
        childSystemTicks = fields[17]
        virtualBytes = fields[23]
        residentPages = fields[24]
        residentLimit = fields[25]
        blockedIOTicks = fields[42]
        guestTicks = fields[43]
    }
}

/// Fields 4 to 52 of the file, negative ones in two's complement.
private struct StatFields {
    private var values = InlineArray<49, UInt64>(repeating: 0)

    init?(_ bytes: Span<UInt8>, from start: Int) {
        var index = start
        for field in 0..<49 {
            guard index < bytes.count, bytes[index] == UInt8(ascii: " ") else { return nil }
            index += 1
            let isNegative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
            if isNegative { index += 1 }
            guard let magnitude = bytes.decimal(&index) else { return nil }
            values[field] = isNegative ? 0 &- magnitude : magnitude
        }
        // Fields that a later kernel adds are let through; a number that ends in anything else is not.
        guard bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\n") else { return nil }
    }

    /// By the number of proc_pid_stat(5).
    subscript(field: Int) -> UInt64 { values[field - 4] }

    func signed(_ field: Int) -> Int32 { Int32(truncatingIfNeeded: values[field - 4]) }
}

extension ProcReader {
    /// Reads `/proc/<pid>/stat`; never refused, and without a heap allocation.
    public mutating func stat(_ pid: Int32) -> Reading<ProcessStat> {
        read(Self.path(pid, "stat"), .onePiece, ProcessStat.init(parsing:))
    }

    /// Reads `/proc/<pid>/task/<tid>/stat`: times and faults of that thread alone.
    public mutating func stat(_ pid: Int32, thread: Int32) -> Reading<ProcessStat> {
        read(Self.path(pid, thread: thread, "stat"), .onePiece, ProcessStat.init(parsing:))
    }
}
