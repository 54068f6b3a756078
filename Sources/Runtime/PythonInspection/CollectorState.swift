/// What the garbage collector of one interpreter is at, as one reading gave it.
public struct CollectorState: Sendable, Hashable {
    /// One generation of objects.
    public struct Generation: Sendable, Hashable {
        /// Count from which on it is collected; 0 never. Source: `gc.get_threshold()`.
        public var threshold: Int
        /// Objects made less those freed since the last collection; of the older ones, collections of the next younger.
        ///
        /// - Source: `gc.get_count()`.
        public var count: Int
        /// Collections until now. Source: `gc.get_stats()`.
        ///
        /// - Absent: for CPython 3.6, and while they cannot be read.
        public var collections: Int?
        /// Objects that were collected. Absent: as ``collections``.
        public var collected: Int?
        /// Objects that could not be collected. Absent: as ``collections``.
        public var uncollectable: Int?
        /// Seconds that its collections took together.
        ///
        /// - Absent: up to CPython 3.14.
        public var seconds: Double?
    }

    /// Id of the interpreter it belongs to, see ``PythonThread/interpreter``; up to CPython 3.8 all share one.
    public var interpreter: Int64
    /// Whether collections begin by themselves. Source: `gc.isenabled()`.
    ///
    /// - Absent: for CPython 3.6.
    public var isEnabled: Bool?
    /// Whether it collects at this moment.
    ///
    /// - Absent: for CPython 3.6.
    public var isRunning: Bool?
    /// Id of the thread that collects, in the reader's pid namespace.
    ///
    /// - Absent: while nothing is collected, up to CPython 3.14, and where no Python frame led to the collection.
    public var runningThread: UInt64?
    /// Whether the older generations are collected in steps: CPython 3.14 in its first patch levels.
    public var isIncremental: Bool
    /// The youngest first.
    public var generations: [Generation]
    /// Whether objects were put aside by `gc.freeze()`; how many tells only the census, which counts them.
    ///
    /// - Absent: for CPython 3.6, which cannot.
    public var hasFrozen: Bool?
}
