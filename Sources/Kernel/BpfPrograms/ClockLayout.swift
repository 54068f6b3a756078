internal import CBpf
internal import Linux

/// Where things are in a process whose threads are to take their own stacks: offsets in bytes, nil for what its version has not.
public struct ClockLayout: Sendable {
    /// What a reference to code is cut to.
    public var referenceMask = UInt64.max
    /// Of `PyThreadState`: how many bytes are read, and its fields.
    public var thread = Thread()
    /// Of a chunk of a thread's stack.
    public var chunk: (size: Int, previous: Int)?
    /// Of a frame.
    public var frame = Frame()
    /// Of a code object: the words that tell it from the next at its address, and its name.
    public var code: (print: [Int], name: Int) = ([], 0)
    /// Where a text keeps its hash.
    public var textHash = 0
    /// Of `PyInterpreterState`: its newest thread.
    public var interpreterThreads = 0
    /// Of an interpreter's lock.
    public var lock: (holder: Int, locked: Int, enabled: Int?) = (0, 0, nil)
    /// Of which threads that leave their processors the stacks are wanted.
    public var wanted: ClockFlags = []
    /// Whether the others are wanted too of threads that wait long for a processor when they are woken.
    public var wantsLate = false
    /// Whether to tell who holds the lock.
    public var asksHolder = false
    /// Whether a generator that runs has a caller always.
    public var asksCallers = false
    /// What a stack may cost at most, in frames; a deeper one is cut.
    public var maximumCost = 1000

    /// Fields of `PyThreadState`, and of the C frame that it points to up to CPython 3.12.
    public struct Thread: Sendable {
        public var size = 0, next = 0, id = 0, frame = 0
        public var chunk: Int?, top: Int?
        /// The C frame that points to the innermost frame: where the thread has it, and the fields of it.
        public var carrier: (place: Int, current: Int, previous: Int)?
        /// All of them at the beginning of the structure.
        public init() {}
    }

    /// Fields of `_PyInterpreterFrame`; up to CPython 3.10 of `PyFrameObject`, which has a generator and whether it runs.
    public struct Frame: Sendable {
        public var size = 0, code = 0, previous = 0, instruction = 0
        public var owner: Int?, generator: Int?
        /// The byte that says whether it runs, and what it is then.
        public var running: (place: Int, value: UInt8)?
        /// All of them at the beginning of the structure.
        public init() {}
    }

    /// A layout whose offsets are to be set.
    public init() {}
}

/// What is known of the moment that a record is of.
public struct ClockFlags: OptionSet, Sendable {
    /// As the program has them.
    public let rawValue: UInt32
    /// Flags as the program has them.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    private init(_ flag: Int) { rawValue = UInt32(flag) }
    /// The thread stays ready to run.
    public static let ready = ClockFlags(CS_READY)
    /// It begins to wait for an interpreter's lock.
    public static let awaitsLock = ClockFlags(CS_AWAITS_LOCK)
    /// It begins to wait without being open to signals, as for a disk.
    public static let awaitsDevice = ClockFlags(CS_AWAITS_DEVICE)
    /// It begins to wait for anything else.
    public static let sleeps = ClockFlags(CS_SLEEPS)
    /// It holds the lock of an interpreter; known only where that is asked for.
    public static let holdsLock = ClockFlags(CS_HOLDS_LOCK)
    /// More frames follow in the next record.
    static let continues = ClockFlags(CS_CONTINUES)
    /// There is no stack: its memory could not be read, or its state stood between two frames.
    public static let isTorn = ClockFlags(CS_IS_TORN)
    /// There are more frames than were read.
    public static let isCut = ClockFlags(CS_IS_CUT)
    /// Its stack was wanted.
    public static let hasStack = ClockFlags(CS_HAS_STACK)
}

extension cs_layout {
    init(_ layout: ClockLayout) throws(BpfError) {
        func place(_ offset: Int?) -> UInt32 { offset.map { UInt32(clamping: $0) } ?? UInt32.max }
        let kernel = try KernelPlaces.found.get()
        self.init()
        reference_mask = layout.referenceMask
        (thread_size, thread_next, thread_id) = (
            place(layout.thread.size), place(layout.thread.next), place(layout.thread.id)
        )
        thread_frame = place(layout.thread.frame)
        (thread_chunk, thread_top) = (place(layout.thread.chunk), place(layout.thread.top))
        thread_cframe = place(layout.thread.carrier?.place)
        (cframe_current, cframe_previous) = (
            place(layout.thread.carrier?.current), place(layout.thread.carrier?.previous)
        )
        (chunk_size, chunk_previous) = (place(layout.chunk?.size), place(layout.chunk?.previous))
        (frame_size, frame_code) = (place(layout.frame.size), place(layout.frame.code))
        (frame_previous, frame_instruction) = (place(layout.frame.previous), place(layout.frame.instruction))
        (frame_owner, frame_generator) = (place(layout.frame.owner), place(layout.frame.generator))
        frame_running = place(layout.frame.running?.place)
        running_value = UInt32(layout.frame.running?.value ?? 0)
        has_frame_objects = layout.frame.generator != nil ? 1 : 0
        code_size = place((layout.code.print.max() ?? 0) + 8)
        let print = (0..<8).map { place(layout.code.print.indices.contains($0) ? layout.code.print[$0] : 0) }
        code_fields = (print[0], print[1], print[2], print[3], print[4], print[5], print[6], print[7])
        (code_name, text_hash) = (place(layout.code.name), place(layout.textHash))
        interpreter_threads = place(layout.interpreterThreads)
        (lock_holder, lock_locked) = (place(layout.lock.holder), place(layout.lock.locked))
        lock_enabled = place(layout.lock.enabled)
        (task_run, task_delay, task_pointer) = (kernel.run, kernel.delay ?? UInt32.max, kernel.pointer)
        task_state = kernel.state
        (register_call, register_argument, futex_call) = cs_layout.registers
        wanted = layout.wanted.rawValue
        wants_late = layout.wantsLate ? 1 : 0
        asks_holder = layout.asksHolder ? 1 : 0
        asks_callers = layout.asksCallers ? 1 : 0
        maximum_cost = UInt32(clamping: layout.maximumCost)
    }

    /// Where the kernel keeps the number of a system call and its first argument, and the number of futex(2).
    ///
    /// Source: `struct pt_regs` of <asm/ptrace.h>, whose first part is the same for all programs; on aarch64 the call's number is in x8.
    private static var registers: (call: UInt32, argument: UInt32, futex: UInt32) {
        #if arch(arm64)
        (64, 0, 98)
        #else
        (120, 112, 202)
        #endif
    }
}
