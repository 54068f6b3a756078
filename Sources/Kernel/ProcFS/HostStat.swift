/// Time a processor spent, by kind. Unit: clock ticks, cumulative. Source: a `cpu` line of `/proc/stat`, proc_stat(5).
public struct CPUTimes: Sendable, Hashable, BitwiseCopyable {
    /// User mode, guests included. Source: field 1.
    public var user: UInt64 = 0
    /// User mode of niced processes, their guests included. Source: field 2.
    public var nice: UInt64 = 0
    /// Kernel mode. Source: field 3.
    public var system: UInt64 = 0
    /// Source: field 4.
    public var idle: UInt64 = 0
    /// Idle while a disk request was under way. Source: field 5 (`iowait`); it may go backwards.
    public var ioWait: UInt64 = 0
    /// Hardware interrupts. Source: field 6 (`irq`).
    public var hardwareInterrupt: UInt64 = 0
    /// Source: field 7 (`softirq`).
    public var softwareInterrupt: UInt64 = 0
    /// Taken by the hypervisor. Source: field 8.
    public var steal: UInt64 = 0
    /// Virtual processors; inside `user` already. Source: field 9.
    public var guest: UInt64 = 0
    /// Niced virtual processors; inside `nice` already. Source: field 10.
    public var guestNice: UInt64 = 0

    /// No time.
    public init() {}

    /// All time, idle included; guests are not counted twice.
    public var total: UInt64 {
        user &+ nice &+ system &+ idle &+ ioWait &+ hardwareInterrupt &+ softwareInterrupt &+ steal
    }

    /// Parses the numbers behind `cpu` or `cpu3`; nil for fewer than the four that every kernel writes.
    init?(_ bytes: Span<UInt8>, _ index: inout Int) {
        var values = InlineArray<10, UInt64>(repeating: 0)
        var count = 0
        while count < 10, let value = bytes.number(.decimal, &index) {
            values[count] = value
            count += 1
        }
        guard count >= 4 else { return nil }
        user = values[0]
        nice = values[1]
        system = values[2]
        idle = values[3]
        ioWait = values[4]
        hardwareInterrupt = values[5]
        softwareInterrupt = values[6]
        steal = values[7]
        guest = values[8]
        guestNice = values[9]
    }
}

/// One reading of `/proc/stat`, proc_stat(5).
public struct HostStat: Sendable, Hashable {
    /// A processor that is online.
    public struct Processor: Sendable, Hashable, BitwiseCopyable {
        /// Its number; those that are offline leave gaps.
        public var number: Int32
        /// Its times.
        public var times: CPUTimes

        /// Describes a processor.
        public init(number: Int32, times: CPUTimes) {
            self.number = number
            self.times = times
        }
    }

    /// All processors together. Source: `cpu`.
    public var total = CPUTimes()
    /// Each processor. Source: `cpu0`, `cpu1`, …
    public var processors: [Processor] = []
    /// Interrupts served since boot. Source: `intr`, first field.
    public var interrupts: UInt64 = 0
    /// Context switches since boot. Source: `ctxt`.
    public var contextSwitches: UInt64 = 0
    /// Time of boot. Unit: seconds of the epoch. Source: `btime`.
    public var bootTime: UInt64 = 0
    /// Processes and threads made since boot. Source: `processes`.
    public var forks: UInt64 = 0
    /// Tasks on a processor or ready for one. Source: `procs_running`.
    public var running: UInt64 = 0
    /// Tasks waiting for a disk. Source: `procs_blocked`.
    public var blocked: UInt64 = 0

    /// A reading of nothing, to be filled in.
    public init() {}

    /// Parses the file; nil unless every value is there.
    public init?(parsing bytes: Span<UInt8>) {
        guard bytes.endsWithNewline else { return nil }
        self.init()
        processors.reserveCapacity(64)
        var counters = InlineArray<6, UInt64?>(repeating: nil)
        var hasTotal = false
        var start = 0
        while start < bytes.count {
            if bytes.holds("cpu", at: start) {
                guard let isTotal = parseProcessor(bytes, start + 3) else { return nil }
                hasTotal = hasTotal || isTotal
            } else {
                _ =
                    bytes.field("intr ", at: start, into: &counters[0])
                    || bytes.field("ctxt ", at: start, into: &counters[1])
                    || bytes.field("btime ", at: start, into: &counters[2])
                    || bytes.field("processes ", at: start, into: &counters[3])
                    || bytes.field("procs_running ", at: start, into: &counters[4])
                    || bytes.field("procs_blocked ", at: start, into: &counters[5])
            }
            start = bytes.lineEnd(from: start) + 1
        }
        guard hasTotal, let interrupts = counters[0], let contextSwitches = counters[1], let bootTime = counters[2],
            let forks = counters[3], let running = counters[4], let blocked = counters[5]
        else { return nil }
        self.interrupts = interrupts
        self.contextSwitches = contextSwitches
        self.bootTime = bootTime
        self.forks = forks
        self.running = running
        self.blocked = blocked
    }

    /// Parses a `cpu` line; answers whether it was that of all processors, nil for a malformed one.
    private mutating func parseProcessor(_ bytes: Span<UInt8>, _ start: Int) -> Bool? {
        var index = start
        let number = bytes.decimal(&index)
        guard let times = CPUTimes(bytes, &index) else { return nil }
        guard let number else {
            total = times
            return true
        }
        guard let number = Int32(exactly: number) else { return nil }
        processors.append(Processor(number: number, times: times))
        return false
    }
}

extension ProcReader {
    /// Reads `/proc/stat`.
    public mutating func hostStat() -> Reading<HostStat> {
        read(Self.path("stat"), .pages(limit: 4 << 20), HostStat.init(parsing:))
    }
}
