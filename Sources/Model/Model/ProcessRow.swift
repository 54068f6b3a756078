/// One process or thread at one moment: the kernel's counters and, where there is an earlier reading, rates.
///
/// A trivial value: copying a table copies bytes. Everything that costs a file of its own is optional and `nil` when it
/// was not asked for, may not be read, or does not exist; it is never 0 instead.
public struct ProcessRow: Sendable {
    /// Process (or thread) and its start.
    public var identity: ProcessIdentity
    /// Process that a thread belongs to; the row's own pid for a process.
    public var threadGroup: Int32
    /// Parent process. Source: stat field 4 (`ppid`).
    public var parent: Int32
    /// Owner: effective user id. Source: owner of `/proc/<pid>`.
    public var userID: UInt32?
    /// Kernel's state letter. Source: stat field 3.
    public var state: UInt8
    /// What else the row is.
    public var traits: ProcessTraits
    /// Kernel's name of the task, at most 31 bytes. Source: stat field 2 (`comm`).
    public var name: InlineText
    /// Process group. Source: stat field 5.
    public var processGroup: Int32
    /// Session. Source: stat field 6.
    public var session: Int32
    /// Controlling terminal's device number, 0 where none. Source: stat field 7.
    public var terminal: Int32
    /// Foreground process group of the terminal. Source: stat field 8.
    public var foregroundGroup: Int32
    /// Kernel's dynamic priority. Source: stat field 18.
    public var priority: Int32
    /// Nice value. Source: stat field 19.
    public var nice: Int32
    /// Threads of the process. Source: stat field 20.
    public var threads: Int32
    /// Processor it last ran on. Source: stat field 39.
    public var processor: Int32
    /// Real-time priority, 0 where none. Source: stat field 40.
    public var realtimePriority: UInt32
    /// Scheduling policy number. Source: stat field 41.
    public var policy: UInt32
    /// Cumulative counters of stat.
    public var counters: ProcessCounters
    /// Address space. Unit: bytes. Source: stat field 23.
    public var virtualBytes: UInt64
    /// Resident memory. Unit: bytes. Source: stat field 24 times the page size.
    public var residentBytes: UInt64
    /// Time of the reading. Unit: nanoseconds, CLOCK_MONOTONIC.
    public var readNanoseconds: UInt64
    /// Rates since the reading before; `nil` on the first.
    public var rates: ProcessRates?
    /// Groups of counters that cost a file of their own.
    public var extras: ProcessExtras
    /// Readings in a row, up to this one, that found it had done nothing.
    public var quietReadings: UInt8 = 0
    /// How and when it ended, for a row that stays to be seen.
    public var ending: ProcessEnding?

    /// A row with nothing but its identity.
    public init(identity: ProcessIdentity, threadGroup: Int32, name: InlineText = InlineText()) {
        self.identity = identity
        self.threadGroup = threadGroup
        self.name = name
        parent = 0
        state = UInt8(ascii: "?")
        traits = []
        processGroup = 0
        session = 0
        terminal = 0
        foregroundGroup = 0
        priority = 0
        nice = 0
        threads = 1
        processor = 0
        realtimePriority = 0
        policy = 0
        counters = ProcessCounters()
        virtualBytes = 0
        residentBytes = 0
        readNanoseconds = 0
        extras = ProcessExtras()
    }

    /// Pid or tid.
    public var pid: Int32 { identity.pid }
    /// Nice value where the scheduler looks at it. Absent: for the policies FIFO, RR and DEADLINE.
    public var effectiveNice: Int32? {
        switch SchedulingPolicy(rawValue: policy) {
        case .fifo, .roundRobin, .deadline: nil
        default: nice
        }
    }
    /// Whether the row is a thread shown beside its process.
    public var isThread: Bool { traits.contains(.thread) }
    /// Whether it ended and stays only to be seen.
    public var hasEnded: Bool { ending != nil }
    /// Whether it did anything between its last two readings.
    public var isActive: Bool { rates?.isActive ?? false }

    /// Takes note that it did nothing up to a moment: its counters stand, and its rates are nothing.
    public mutating func stayQuiet(until nanoseconds: UInt64) {
        if rates == nil || isActive {
            var now = self
            now.readNanoseconds = nanoseconds
            // Rates come from counters only, so that any scale says that nothing is nothing.
            rates = ProcessRates(from: self, to: now, ticksPerSecond: 1)
        }
        readNanoseconds = nanoseconds
        if quietReadings < .max { quietReadings += 1 }
    }
}

/// What kind of task a row is.
public struct ProcessTraits: OptionSet, Sendable {
    /// One bit for each member below.
    public let rawValue: UInt8
    /// The traits whose bits are set.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// A thread other than as the process itself.
    public static let thread = ProcessTraits(rawValue: 1)
    /// A kernel thread (`PF_KTHREAD`).
    public static let kernel = ProcessTraits(rawValue: 2)
    /// Seen only through the process connector: nothing of it could be read.
    public static let shortLived = ProcessTraits(rawValue: 4)
}

/// How a process ended.
public struct ProcessEnding: Sendable, Hashable {
    /// Exit code, where it exited and the kernel told. Absent: without the process connector.
    public var code: Int32?
    /// Signal that killed it.
    public var signal: Int32?
    /// When it was seen to be gone. Unit: nanoseconds, CLOCK_MONOTONIC.
    public var nanoseconds: UInt64
    /// How long it lived, where known. Unit: nanoseconds.
    public var lifetimeNanoseconds: UInt64?

    /// An ending from the values that its members name.
    public init(code: Int32?, signal: Int32?, nanoseconds: UInt64, lifetimeNanoseconds: UInt64?) {
        self.code = code
        self.signal = signal
        self.nanoseconds = nanoseconds
        self.lifetimeNanoseconds = lifetimeNanoseconds
    }
}
