public import PythonInspection

/// What is known of a part of a process's interpreter that is read now and then.
public enum RuntimeReading<Value: Sendable>: Sendable {
    /// Nobody asked, or the first reading is not done yet.
    case none
    /// What was read.
    case value(ProcessIdentity, Value)
    /// It cannot be read; the reason with its remedy.
    case unavailable(ProcessIdentity, PythonInspectionError)
    /// The process ended.
    case ended(ProcessIdentity)

    /// Process it is about.
    public var identity: ProcessIdentity? {
        switch self {
        case .none: nil
        case .value(let identity, _), .unavailable(let identity, _), .ended(let identity): identity
        }
    }
}

/// The asyncio tasks and greenlets of a process at one moment.
public struct TaskSnapshot: Sendable, Equatable {
    /// Tasks and loops.
    public var tasks: PythonTasks
    /// Greenlets of gevent, eventlet and others, but those that ended.
    public var greenlets: [PythonGreenlet]
    /// Whether some greenlets may be missing.
    public var isMissingGreenlets: Bool
    /// Threads that run a loop, by `threading.get_ident()`: their ids and names.
    public var threads: [UInt64: LoopThread]
    /// When it was read. Unit: seconds, CLOCK_MONOTONIC, which loops go by.
    public var monotonicSeconds: Double

    /// A thread that runs a loop.
    public struct LoopThread: Sendable, Equatable {
        /// Thread id.
        public var tid: UInt64
        /// Python-level name. Absent: it has none.
        public var name: String?

        /// Names a thread.
        public init(tid: UInt64, name: String?) {
            (self.tid, self.name) = (tid, name)
        }
    }

    /// Tasks and greenlets with the threads that run their loops.
    public init(
        tasks: PythonTasks, greenlets: [PythonGreenlet] = [], isMissingGreenlets: Bool = false,
        threads: [UInt64: LoopThread], monotonicSeconds: Double
    ) {
        self.isMissingGreenlets = isMissingGreenlets
        (self.tasks, self.greenlets, self.threads) = (tasks, greenlets, threads)
        self.monotonicSeconds = monotonicSeconds
    }
}

/// What the heap of a process holds, and what counting it cost.
public struct CensusSnapshot: Sendable, Equatable {
    /// Objects by type.
    public var census: HeapCensus
    /// How long it took. Unit: seconds.
    public var seconds: Double
    /// When it was done. Unit: seconds of the epoch.
    public var realtimeSeconds: Double

    /// A census with its time.
    public init(census: HeapCensus, seconds: Double, realtimeSeconds: Double) {
        (self.census, self.seconds, self.realtimeSeconds) = (census, seconds, realtimeSeconds)
    }
}
