/// All Python threads of a process at one moment.
public struct PythonSnapshot: Sendable, Hashable {
    /// Threads that the interpreters know, whether in Python code or not.
    ///
    /// - Source: `PyInterpreterState.threads`, then `PyThreadState.next`.
    public var threads: [PythonThread]
    /// Reads that were thrown away because the target moved meanwhile.
    public var tornReads: Int
    /// How often a thread was stopped to be read.
    public var stops = 0
    /// How long threads were stopped, together.
    public var stoppedNanoseconds: UInt64 = 0

    /// A snapshot of these threads.
    public init(threads: [PythonThread], tornReads: Int = 0) {
        self.threads = threads
        self.tornReads = tornReads
    }
}

/// One Python thread.
public struct PythonThread: Sendable, Hashable {
    /// What it is doing.
    public enum State: String, Sendable {
        /// It is on a processor or ready for one.
        case running
        /// It sleeps.
        case idle
        /// It waits for the interpreter's lock.
        case gilWait = "gil-wait"
    }

    /// Whether a thread of a build without the GIL may touch objects; the raw value is the word that JSON has.
    ///
    /// - Source: `PyThreadState.state`, CPython 3.13 and later.
    public enum Attachment: String, Sendable {
        /// It waits for something, or runs code that is not Python's.
        case detached
        /// It may run Python code.
        case attached
        /// It waits for somebody who stopped all others, such as the garbage collector.
        case suspended
        /// The interpreter ends: it will not run again.
        case shuttingDown = "shutting-down"
    }

    /// Which interpreter of the process it belongs to; 0 is the main one. A thread that entered another interpreter is in both.
    ///
    /// - Source: `PyInterpreterState.id`; in 3.6, which has none, the order in which they were made.
    public var interpreter: Int64

    /// Thread id in the reader's pid namespace. Source: `PyThreadState.native_thread_id`, which is that in the target's.
    public var tid: UInt64
    /// `threading.get_ident()`. Source: `PyThreadState.thread_id`.
    public var pythonThreadId: UInt64
    /// Python-level name; nil when the threading module does not know the thread.
    public var name: String?
    /// Whether it is the thread that the process began with: its tid is the pid.
    public var isMain: Bool
    /// What it was doing at that moment; the raw value is the word that JSON has.
    public var state: State
    /// Whether it was the one that may run Python code.
    ///
    /// - Source: `_gil_runtime_state.last_holder`, while `locked` is set.
    /// - Absent: false for every thread of a free-threaded build, unless it was started with the GIL.
    public var holdsGIL: Bool
    /// Whether the process ends without waiting for it; nil when the threading module does not know the thread.
    ///
    /// - Source: `threading.Thread._daemonic`.
    public var isDaemon: Bool?
    /// Absent: with the GIL, where who holds it is what matters.
    public var attachment: Attachment?
    /// Innermost first.
    public var frames: [PythonFrame]
    /// Whether it moved too fast to be read whole: its frames are then not known.
    public var isTorn: Bool
    /// Where its state is in the target; nil when it was not read from one.
    var address: RemoteAddress?

    /// A thread from the values that its members name.
    public init(
        tid: UInt64, pythonThreadId: UInt64, name: String?, isMain: Bool, state: State, holdsGIL: Bool,
        frames: [PythonFrame], isTorn: Bool = false, interpreter: Int64 = 0, isDaemon: Bool? = nil,
        attachment: Attachment? = nil
    ) {
        self.interpreter = interpreter
        self.isDaemon = isDaemon
        self.attachment = attachment
        self.tid = tid
        self.pythonThreadId = pythonThreadId
        self.name = name
        self.isMain = isMain
        self.state = state
        self.holdsGIL = holdsGIL
        self.frames = frames
        self.isTorn = isTorn
    }
}

/// One Python frame.
public struct PythonFrame: Sendable, Hashable {
    /// Bare name of the code. Source: `co_name`.
    public var function: String
    /// Dotted name. Source: `co_qualname`, CPython 3.11 and later.
    public var qualifiedName: String?
    /// Source: `co_filename`.
    public var file: String
    /// Absent: for an instruction without a line.
    public var line: Int?
    /// Where in the line the expression starts that is evaluated; the first is 1.
    ///
    /// - Unit: bytes of UTF-8.
    /// - Source: `co_positions()`.
    /// - Absent: up to CPython 3.10, and where the compiler was told to leave them out (`-X no_debug_ranges`).
    public var column: Int?
    /// What kind of function it is a call of.
    public var routine: Routine
    /// Its variables, arguments first.
    ///
    /// - Absent: where they were not asked for, or cannot be read.
    public var locals: [PythonLocal]?

    /// What a call of a function makes. Source: `co_flags`; the raw value is the word that JSON has.
    public enum Routine: String, Sendable {
        /// The code of a plain function, a class or a module.
        case function
        /// A function with `yield`.
        case generator
        /// An `async` function without `yield`.
        case coroutine
        /// An `async` function with `yield`.
        case asyncGenerator = "async-generator"
    }

    /// A frame from the values that its members name.
    public init(
        function: String, qualifiedName: String?, file: String, line: Int?, column: Int? = nil,
        routine: Routine = .function, locals: [PythonLocal]? = nil
    ) {
        self.column = column
        self.routine = routine
        self.function = function
        self.qualifiedName = qualifiedName
        self.file = file
        self.line = line
        self.locals = locals
    }
}

extension PythonFrame {
    /// A frame of a code object that stands at one of its instructions.
    init(_ code: CodeEntry, _ unit: Int) {
        self.init(
            function: code.function, qualifiedName: code.qualifiedName, file: code.file, line: code.line(of: unit),
            column: code.column(of: unit), routine: code.routine)
    }
}
