public import Model
public import PythonInspection

/// Everything the screen is drawn from, newest first come; no clock and no I/O in here.
public struct Dashboard: Sendable {
    /// Table in view: the newest, or one of the history.
    public var table: ProcessTable
    /// Host in view.
    public var host: HostSnapshot?
    /// Details of the selected process.
    public var details: ProcessDetails?
    /// Python stacks of the selected process.
    public var stacks = StackReading.none
    /// Source around the line of the frame that is looked at. Absent: none is, or nothing was read yet.
    public var source: SourceReading?
    /// Profile of the selected process.
    public var profile = ProfileReading.none
    /// Asyncio tasks of the selected process.
    public var tasks = RuntimeReading<TaskSnapshot>.none
    /// Garbage collectors of the selected process.
    public var collectors = RuntimeReading<[CollectorState]>.none
    /// How often they collected, generation by generation.
    public var collections = CollectionTrends()
    /// Objects of a process, once somebody had them counted.
    public var census = RuntimeReading<CensusSnapshot>.none
    /// Whether objects are being counted now.
    public var isCounting = false
    /// Series behind the sparklines.
    public var trends = Trends()
    /// What viv itself costs.
    public var own = OwnCost()
    /// Whether acting is forbidden.
    public var isReadOnly = false
    /// How far back in time the view is; nil when it is live. Unit: seconds.
    public var behindSeconds: Double?
    /// How far back the history reaches. Unit: seconds.
    public var historySeconds = 0.0
    /// Feeds that fail, with their remedy, for the status line.
    public var troubles: [String] = []

    /// A dashboard before the first snapshot.
    public init(table: ProcessTable) {
        self.table = table
    }
}

/// viv's own cost.
public struct OwnCost: Sendable {
    /// CPU time. Unit: percent of one processor. Absent: until it was measured twice.
    public var cpuPercent: Double?
    /// Resident memory. Unit: bytes.
    public var residentBytes: UInt64 = 0
    /// Bytes sent to the terminal. Unit: per second. Absent: until it was measured twice.
    public var terminalBytesPerSecond: Double?
    /// Samples and events lost since start.
    public var lost: UInt64 = 0

    /// No cost measured yet.
    public init() {}
}

/// Short series for sparklines, newest last.
public struct Trends: Sendable {
    /// One series: the largest value of each stretch of time, so that a peak between two glances is not lost.
    public struct Series: Sendable {
        /// Values, newest last; nil where nothing was known.
        public private(set) var values: [Double?] = []
        private var newest = 0

        /// Length of a stretch. Unit: seconds.
        public static let stretchSeconds = 5.0
        /// Stretches kept: fifteen minutes.
        private static let limit = 180

        /// A series without a value.
        public init() {}

        /// Adds the newest value. Time is in seconds on any clock that does not go back.
        public mutating func append(_ value: Double?, at seconds: Double) {
            let stretch = Int(seconds / Series.stretchSeconds)
            if let last = values.last, stretch <= newest {
                if let value { values[values.count - 1] = max(last ?? value, value) }
                return
            }
            // Time that nobody looked at stays empty.
            let missed = values.isEmpty ? 0 : min(Series.limit, stretch - newest - 1)
            values += Array(repeating: nil, count: missed)
            values.append(value)
            newest = stretch
            if values.count > Series.limit { values.removeFirst(values.count - Series.limit) }
        }
    }

    /// Process that the series below belong to.
    public var identity: ProcessIdentity?
    /// Rates of that process, as in ``ProcessRates``; resident memory in bytes.
    public var cpu = Series(), runQueue = Series(), resident = Series(), minorFaults = Series(), majorFaults = Series()
    /// Its context switches, and bytes from and to storage, per second.
    public var voluntary = Series(), involuntary = Series(), read = Series(), written = Series()
    /// Host's busy share and memory in use. Unit: percent.
    public var hostCPU = Series(), hostMemory = Series()

    /// No series has begun.
    public init() {}

    /// Adds the row of the selected process; a different process starts anew.
    public mutating func append(_ row: ProcessRow, at seconds: Double) {
        if identity != row.identity {
            let host = (hostCPU, hostMemory)
            self = Trends()
            (hostCPU, hostMemory) = host
            identity = row.identity
        }
        cpu.append(row.rates?.cpuPercent, at: seconds)
        runQueue.append(row.rates?.runQueuePercent, at: seconds)
        resident.append(Double(row.residentBytes), at: seconds)
        minorFaults.append(row.rates?.minorFaults, at: seconds)
        majorFaults.append(row.rates?.majorFaults, at: seconds)
        voluntary.append(row.rates?.voluntarySwitches, at: seconds)
        involuntary.append(row.rates?.involuntarySwitches, at: seconds)
        read.append(row.rates?.readBytes, at: seconds)
        written.append(row.rates?.writtenBytes, at: seconds)
    }

    /// Adds a host reading.
    public mutating func append(_ host: HostSnapshot, at seconds: Double) {
        hostCPU.append(host.total?.busy, at: seconds)
        hostMemory.append(
            host.memory.map { $0.totalBytes == 0 ? 0 : Double($0.usedBytes) / Double($0.totalBytes) * 100 },
            at: seconds)
    }
}

/// What the state asks of the world outside.
public enum Action: Sendable, Equatable {
    case quit
    case suspend
    case repaint
    /// Send a signal to processes, each by its frozen identity.
    case signal(Int32, [ProcessIdentity])
    /// Change the nice value of processes by this much.
    case renice(Int32, [ProcessIdentity])
    /// Read PSS, USS and swap of the selected process.
    case readShares(ProcessIdentity)
    /// Keep the settings in the configuration file.
    case save(Settings)
    /// Go back in the history from what is in view, or forth with a negative number. Unit: tables.
    case stepHistory(back: Int)
    /// Count the Python objects of a process.
    case countObjects(ProcessIdentity)
    /// Show the newest table.
    case showNow
    /// Show the table nearest to a time of day. Unit: minutes after midnight, local time.
    case jump(minutes: Int)
}
