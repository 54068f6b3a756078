/// All Python threads of a process at one moment.
public struct PythonSnapshot: Sendable, Hashable {
    /// Threads that the interpreters know, whether in Python code or not.
    ///
    /// - Source: `PyInterpreterState.threads`, then `PyThreadState.next`.
    public var threads: [PythonThread]
    /// Reads that were thrown away because the target moved meanwhile.
    public var tornReads: Int

    /// A snapshot of these threads.
    public init(threads: [PythonThread], tornReads: Int = 0) {
        self.threads = threads
        self.tornReads = tornReads
    }
}

/// One Python thread.
public struct PythonThread: Sendable, Hashable {
    /// What it is doing.
    public enum State: String, Sendable { case running, idle, gilWait = "gil-wait" }

    /// Thread id in the target's pid namespace. Source: `PyThreadState.native_thread_id`.
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
    /// - Absent: false for every thread of a free-threaded build.
    public var holdsGIL: Bool
    /// Innermost first.
    public var frames: [PythonFrame]
    /// Whether it moved too fast to be read whole: its frames are then not known.
    public var isTorn: Bool

    /// A thread from the values that its members name.
    public init(
        tid: UInt64, pythonThreadId: UInt64, name: String?, isMain: Bool, state: State, holdsGIL: Bool,
        frames: [PythonFrame], isTorn: Bool = false
    ) {
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

    /// A frame from the values that its members name.
    public init(function: String, qualifiedName: String?, file: String, line: Int?) {
        self.function = function
        self.qualifiedName = qualifiedName
        self.file = file
        self.line = line
    }
}
