/// All asyncio tasks of a process at one moment.
public struct PythonTasks: Sendable, Hashable {
    /// Event loops that run in a thread, or that a task belongs to.
    public var loops: [PythonEventLoop]
    /// Tasks of all loops, those of one loop together, by name.
    public var tasks: [PythonTask]
    /// Whether some may be missing: a list changed each time that it was read.
    public var isIncomplete: Bool

    /// Tasks and the loops that they belong to.
    public init(loops: [PythonEventLoop] = [], tasks: [PythonTask] = [], isIncomplete: Bool = false) {
        self.loops = loops
        self.tasks = tasks
        self.isIncomplete = isIncomplete
    }
}

/// An event loop.
public struct PythonEventLoop: Sendable, Hashable {
    /// Its address: what tells it from others.
    public var id: UInt64
    /// Name of its class with its module: `asyncio.unix_events._UnixSelectorEventLoop`, `uvloop.Loop`.
    public var type: String
    /// `threading.get_ident()` of the thread that runs it.
    ///
    /// - Absent: when no thread does now.
    public var pythonThreadId: UInt64?
    /// The task that it runs now.
    ///
    /// - Absent: when it waits for something to happen, or runs a plain callback.
    public var currentTask: UInt64?
}

/// One asyncio task.
public struct PythonTask: Sendable, Hashable {
    /// What it is doing; the raw value is the word that JSON has.
    public enum State: String, Sendable {
        /// It waits for something, or for its turn.
        case pending
        /// Its thread runs it now.
        case running
        /// It was asked to cancel and has not ended yet.
        case cancelling
        /// It ended with a result or an exception.
        case finished
        /// It was cancelled.
        case cancelled
    }

    /// Its address: what tells it from others, `id(task)` of the target.
    public var id: UInt64
    /// Source: `Task.get_name()`.
    ///
    /// - Absent: up to CPython 3.7, whose tasks have none.
    public var name: String?
    /// What it was doing at that moment.
    public var state: State
    /// The ``PythonEventLoop`` that it belongs to.
    public var loop: UInt64
    /// `threading.get_ident()` of the thread that runs its loop.
    ///
    /// - Absent: when no thread does now.
    public var pythonThreadId: UInt64?
    /// Frames of its coroutines, innermost first: for a running task also those of what they call.
    public var frames: [PythonFrame]
    /// What it waits for.
    ///
    /// - Absent: for one that runs or ended, and where it was not asked for.
    public var awaiting: PythonAwaiting?
    /// Tasks that wait for this one, by ``id``.
    public var awaitedBy: [UInt64]
    /// Whether it moved too fast to be read whole.
    public var isTorn: Bool
}

/// What a task waits for.
public struct PythonAwaiting: Sendable, Hashable {
    /// Kind of the thing; the raw value is the word that JSON has.
    public enum Kind: String, Sendable {
        /// One task.
        case task
        /// Several at once: `gather()`.
        case gather
        /// Several at once: `wait()`.
        case wait
        /// Several at once: those of a `TaskGroup`.
        case taskGroup = "task-group"
        /// A future that somebody else sets.
        case future
        /// A call in a pool of threads or processes.
        case executor
        /// Time to pass.
        case sleep
        /// An `Event`.
        case event
        /// A `Lock`.
        case lock
        /// A `Condition`.
        case condition
        /// A `Semaphore`.
        case semaphore
        /// A `Barrier`.
        case barrier
        /// A `Queue` to have an item, or room for one.
        case queue
        /// Bytes of a stream, or room for more.
        case stream
        /// A socket.
        case socket
        /// Another process.
        case process
        /// Nothing: it has not begun.
        case start
        /// Nothing: it is its turn as soon as the loop comes to it.
        case turn
        /// An awaitable of another kind.
        case other
    }

    /// Kind of the thing.
    public var kind: Kind
    /// In words: `Event self.ready`, `sleep(30)`, `task "fetch"`.
    public var text: String
    /// Tasks that it waits for, by ``PythonTask/id``.
    public var tasks: [UInt64]
    /// When a sleep ends, on the loop's own clock, which is CLOCK_MONOTONIC.
    ///
    /// - Unit: seconds.
    /// - Absent: for what is no sleep, and loops whose timers are not Python's.
    public var dueSeconds: Double?

    /// A thing that is waited for.
    public init(_ kind: Kind, _ text: String, tasks: [UInt64] = [], dueSeconds: Double? = nil) {
        self.kind = kind
        self.text = text
        self.tasks = tasks
        self.dueSeconds = dueSeconds
    }
}

/// What to read of tasks.
public struct PythonTaskOptions: Sendable, Hashable {
    /// Also those that ended, as far as the interpreter still lists them.
    public var includesEnded: Bool
    /// What each waits for in words, and who waits for whom; without it a reading costs about half.
    public var includesAwaiting: Bool

    /// Everything but the ended ones, unless said otherwise.
    public init(includesEnded: Bool = false, includesAwaiting: Bool = true) {
        self.includesEnded = includesEnded
        self.includesAwaiting = includesAwaiting
    }
}
