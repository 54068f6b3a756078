internal import Linux
public import Model
internal import ProcFS
public import PythonInspection
public import Sampling

/// Reads the asyncio tasks and the greenlets of the selected process.
public struct TaskSampler: Sampler, ~Copyable, SendableMetatype {
    private var process: InspectedProcess

    /// A sampler of the running host.
    public init() throws {
        process = try InspectedProcess()
    }

    /// Reads the tasks once; nothing when no process is asked for.
    public mutating func sample(_ demand: ProcessIdentity?) throws -> RuntimeReading<TaskSnapshot> {
        process.read(demand) { target, inspector throws(PythonInspectionError) in
            let tasks = try inspector.tasks(of: &target)
            let greenlets = try inspector.greenlets(of: &target)
            let threads = try inspector.snapshot(of: &target).threads
            return TaskSnapshot(
                tasks: tasks, greenlets: greenlets.greenlets, isMissingGreenlets: greenlets.isIncomplete,
                threads: Dictionary(
                    threads.map { ($0.pythonThreadId, TaskSnapshot.LoopThread(tid: $0.tid, name: $0.name)) }
                ) { first, _ in first },
                monotonicSeconds: Double(KernelClock.monotonicNanoseconds()) / 1e9)
        }
    }
}

/// Reads what the garbage collectors of the selected process are at.
public struct CollectorSampler: Sampler, ~Copyable, SendableMetatype {
    private var process: InspectedProcess
    private var reader: (pid: ProcessIdentity, reader: CollectorReader)?

    /// A sampler of the running host.
    public init() throws {
        process = try InspectedProcess()
    }

    /// Reads the collectors once; nothing when no process is asked for.
    public mutating func sample(_ demand: ProcessIdentity?) throws -> RuntimeReading<[CollectorState]> {
        var known = reader
        let reading = process.read(demand) { target, inspector throws(PythonInspectionError) in
            var collectors: CollectorReader
            if let known, known.pid == demand {
                collectors = known.reader
            } else {
                collectors = try CollectorReader(inspector, &target)
            }
            do throws(RemoteMemoryError) {
                let states = try collectors.states(of: &target)
                if let demand { known = (demand, collectors) }
                return states
            } catch {
                throw .memory(error)
            }
        }
        // Whatever could not be read may be another interpreter the next time.
        if case .value = reading { reader = known } else { reader = nil }
        return reading
    }
}

/// Counts the objects of a process, when somebody asks for it: it takes up to seconds.
public struct CensusSampler: Sampler, ~Copyable, SendableMetatype {
    /// Which process, and the how manieth time: each number is counted once.
    public struct Demand: Sendable, Equatable {
        /// Process to count. Absent: none.
        public var identity: ProcessIdentity?
        /// Number of the wish.
        public var number: Int

        /// Asks for nothing unless a process is named.
        public init(identity: ProcessIdentity? = nil, number: Int = 0) {
            (self.identity, self.number) = (identity, number)
        }
    }

    private var process: InspectedProcess
    private var done: Demand?
    /// How long the counting may take. Unit: nanoseconds.
    private static let limitNanoseconds: UInt64 = 10_000_000_000
    private static let rows = 200

    /// A sampler of the running host.
    public init() throws {
        process = try InspectedProcess()
    }

    /// Counts once for each demand; nil when there is nothing new to count.
    public mutating func sample(_ demand: Demand) throws -> RuntimeReading<CensusSnapshot>? {
        guard demand.identity != nil, demand != done else { return nil }
        done = demand
        let start = KernelClock.monotonicNanoseconds()
        return process.read(demand.identity) { target, inspector throws(PythonInspectionError) in
            let census = try inspector.heapCensus(
                of: &target, top: CensusSampler.rows, limits: HeapLimits(cacheBytes: CensusSampler.cacheBytes())
            ) { KernelClock.monotonicNanoseconds() > start + CensusSampler.limitNanoseconds }
            return CensusSnapshot(
                census: census, seconds: Double(KernelClock.monotonicNanoseconds() - start) / 1e9,
                realtimeSeconds: KernelClock.realtimeSeconds())
        }
    }

    /// What may be kept of the process's memory: a small part of what the host can spare.
    private static func cacheBytes() -> Int {
        var reader = try? ProcReader()
        let available = reader?.meminfo().value?.availableBytes ?? 1 << 30
        return Int(min(max(available / 16, 32 << 20), 256 << 20))
    }
}
