internal import Linux
public import Model
internal import PerfEvents
internal import ProcFS
public import Sampling
internal import TaskAccounting

/// Whom the details are about and what is wanted of them.
public struct DetailsDemand: Sendable {
    /// The selected process; nil reads nothing.
    public var identity: ProcessIdentity?
    /// Whether PSS, USS and swap are wanted now: the kernel walks the page table for them.
    public var readsShares: Bool

    /// A demand; without more words for nothing.
    public init(identity: ProcessIdentity? = nil, readsShares: Bool = false) {
        self.identity = identity
        self.readsShares = readsShares
    }
}

/// Reads everything about one process.
public struct DetailsSampler: Sampler, ~Copyable, SendableMetatype {
    var reader: ProcReader
    let users: UserNames
    var cgroups: CgroupReader?
    let accounts: Bool
    let accountsDelays: Bool
    var counters: TaskCounters?
    var countersNote: String?
    var countersBefore: (values: CounterValues, nanoseconds: UInt64)?
    var identity: ProcessIdentity?
    var shares: MemoryShares?
    var cgroupBefore: (count: UInt64, nanoseconds: UInt64)?
    var threadsBefore: [Int32: ThreadReading] = [:]
    var ownNamespaces: [String: UInt64] = [:]
    /// What was said last, for what is not read every time.
    var newest: ProcessDetails?
    var samples: UInt64 = 0
    /// Paths and environment seldom change: they are read once in so many samples.
    static let samplesPerPaths: UInt64 = 4
    /// Whether the environment may not be read.
    var isRefused = false
    let ticksPerSecond = Double(KernelClock.ticksPerSecond)

    /// What was read of a thread the last time.
    struct ThreadReading {
        var stat: ProcessStat
        var switches: SwitchCounters?
        var schedule: TaskSchedule?
        var nanoseconds: UInt64
    }

    /// A sampler of the running host.
    public init() throws {
        reader = try ProcReader()
        users = UserNames()
        cgroups = reader.cgroupMounts().value.map { CgroupReader(mounts: $0) }
        accounts = (try? TaskAccounting()) != nil
        accountsDelays = TaskAccounting.delayAccountingEnabled ?? false
        for link in reader.namespaces(Machine.ownPid()).value ?? [] { ownNamespaces[link.name] = link.inode }
    }

    /// Reads the selected process once; nil when none is selected.
    public mutating func sample(_ demand: DetailsDemand) throws -> ProcessDetails? {
        guard let wanted = demand.identity else { return nil }
        let cpuBefore = KernelClock.threadCPUNanoseconds()
        if identity != wanted {
            begin(wanted)
        } else if counters == nil, countersNote == nil {
            // Not with the first sample: who walks through the list looks at most processes for a moment only.
            openCounters()
        }
        var details = ProcessDetails(identity: wanted)
        guard case .value(let stat) = reader.stat(wanted.pid), stat.startTicks == wanted.startTicks else {
            details.hasEnded = true
            counters = nil
            return details
        }
        let status = reader.status(wanted.pid).value
        takeStatus(status, into: &details)
        takePaths(into: &details)
        takeConfinement(into: &details)
        takeLimits(stat, status, into: &details)
        takeThreads(into: &details)
        takeCounters(into: &details)
        if demand.readsShares {
            shares = reader.memoryRollup(wanted.pid).value.map {
                MemoryShares(
                    proportionalBytes: $0.proportionalBytes, uniqueBytes: $0.uniqueBytes, swapBytes: $0.swapBytes,
                    proportionalSwapBytes: $0.proportionalSwapBytes)
            }
        }
        details.shares = shares
        details.delayProvider = provider
        details.cost.cpuNanoseconds = KernelClock.threadCPUNanoseconds() - cpuBefore
        newest = details
        return details
    }

    private var provider: String {
        if !accounts {
            return "run queue: schedstat of each thread; what threads that ended waited and switched is missing"
                + " (taskstats needs CAP_NET_ADMIN)"
        }
        return accountsDelays
            ? "taskstats, delays accounted"
            : "run queue: taskstats; block I/O and swap: off (sysctl kernel.task_delayacct=1)"
    }

    private mutating func begin(_ wanted: ProcessIdentity) {
        identity = wanted
        shares = nil
        cgroupBefore = nil
        threadsBefore = [:]
        countersBefore = nil
        counters = nil
        countersNote = nil
    }

    /// Opens the counters of all threads. A thread that begins between the listing and the opening of the one that
    /// starts it would never be counted, so the list is read again; who starts threads all the time is left at that.
    private mutating func openCounters() {
        var threads: [Int32] = []
        guard let wanted = identity, reader.threads(of: wanted.pid, into: &threads) else { return }
        do throws(PerfError) {
            for _ in 0..<DetailsSampler.openingAttempts {
                counters = try TaskCounters(pid: wanted.pid, threads: threads)
                var now: [Int32] = []
                guard reader.threads(of: wanted.pid, into: &now), now != threads else { return }
                threads = now
            }
        } catch {
            counters = nil
            countersNote = "\(error)"
        }
    }

    private static let openingAttempts = 3
}
