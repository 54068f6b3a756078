/// All processes of the host at one moment; immutable once it is made.
public struct ProcessTable: Sendable {
    /// Rows in pid order, a process before its threads.
    public var rows: ContiguousArray<ProcessRow>
    /// Texts of the rows that somebody looked at.
    public var texts: [ProcessIdentity: ProcessTexts]
    /// What the Python of rows is at that somebody looks at.
    public var glances: [ProcessIdentity: PythonGlance]
    /// User names by id.
    public var userNames: [UInt32: String]
    /// What a row's numbers are relative to.
    public var scale: HostScale
    /// When the scan ended. Unit: nanoseconds, CLOCK_MONOTONIC.
    public var nanoseconds: UInt64
    /// When the scan ended. Unit: seconds since 1970.
    public var realtimeSeconds: Double
    /// What the scan cost.
    public var cost: SamplingCost
    /// Where the numbers came from, for the status line: `BPF`, `taskstats`, `/proc`.
    public var provider: String
    /// Why they do not come from a better place; nil where there is none, or none was asked for.
    public var providerRemark: String?
    /// Processes that have a local port open, for the ports that a filter asked for.
    public var portOwners: [UInt16: Set<Int32>]
    /// Whether short-lived processes are seen (the process connector is open).
    public var seesShortLived: Bool

    /// A table of nothing.
    public init(scale: HostScale) {
        rows = []
        texts = [:]
        glances = [:]
        userNames = [:]
        self.scale = scale
        nanoseconds = 0
        realtimeSeconds = 0
        cost = SamplingCost()
        provider = "/proc"
        portOwners = [:]
        seesShortLived = false
    }

    /// Index of the live process that has a pid.
    public func process(_ pid: Int32) -> Int? {
        var place = firstIndex(ofGroup: pid)
        while place < rows.count, rows[place].threadGroup == pid {
            if !rows[place].isThread, !rows[place].hasEnded { return place }
            place += 1
        }
        return nil
    }

    /// Index of the first row of a process or of its threads, or where it would be.
    private func firstIndex(ofGroup pid: Int32) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].threadGroup < pid { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Index of a process or thread.
    public func index(of identity: ProcessIdentity) -> Int? {
        // Threads follow their process, so only processes are in pid order: look there first, then among its threads.
        var low = firstIndex(ofGroup: identity.pid)
        while low < rows.count, rows[low].threadGroup == identity.pid {
            if rows[low].identity == identity { return low }
            low += 1
        }
        return rows.firstIndex { $0.identity == identity }
    }

    /// Tasks of a user, as the limit of processes counts them: threads too.
    public func tasks(ofUser user: UInt32) -> UInt64 {
        var count: UInt64 = 0
        for index in rows.indices where rows[index].userID == user && !rows[index].isThread && !rows[index].hasEnded {
            count += UInt64(max(1, rows[index].threads))
        }
        return count
    }

    /// Owner's name, or the number where it has none.
    public func user(of row: ProcessRow) -> String? {
        row.userID.map { userNames[$0] ?? String($0) }
    }
}

/// The host's facts that turn counters into percentages and dates.
public struct HostScale: Sendable, Hashable {
    /// Clock ticks in a second (`_SC_CLK_TCK`).
    public var ticksPerSecond: Double
    /// Bytes of a page.
    public var pageBytes: UInt64
    /// Memory of the host. Unit: bytes. Source: meminfo `MemTotal`.
    public var memoryBytes: UInt64
    /// Processors online.
    public var processors: Int
    /// Time the host started. Unit: seconds since 1970. Source: `/proc/stat` `btime`.
    public var bootSeconds: Double
    /// What local time is ahead of UTC. Unit: seconds.
    public var offsetSeconds: Double

    /// A scale from the values that its members name; local time is UTC unless `offsetSeconds` says otherwise.
    public init(
        ticksPerSecond: Double, pageBytes: UInt64, memoryBytes: UInt64, processors: Int, bootSeconds: Double,
        offsetSeconds: Double = 0
    ) {
        self.ticksPerSecond = ticksPerSecond
        self.pageBytes = pageBytes
        self.memoryBytes = memoryBytes
        self.processors = processors
        self.bootSeconds = bootSeconds
        self.offsetSeconds = offsetSeconds
    }
}

/// What a sampler spent on one snapshot.
public struct SamplingCost: Sendable, Hashable {
    /// CPU time of the sampler's thread. Unit: nanoseconds.
    public var cpuNanoseconds: UInt64 = 0
    /// Files read.
    public var filesRead: Int = 0
    /// Samples or events known to be lost.
    public var lost: UInt64 = 0

    /// A cost of nothing.
    public init() {}

    /// What two samplers spent together.
    public static func + (left: SamplingCost, right: SamplingCost) -> SamplingCost {
        var sum = left
        sum.cpuNanoseconds += right.cpuNanoseconds
        sum.filesRead += right.filesRead
        sum.lost += right.lost
        return sum
    }
}
