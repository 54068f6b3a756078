internal import BpfPrograms
internal import CBpf
internal import Linux
internal import PythonInspection

extension cs_layout {
    /// Where things are in a process of one version, and what of it a recording wants.
    ///
    /// - Throws: ``BpfError`` where the kernel does not say where its own structures have their members.
    init(_ layout: PythonLayout, _ options: RecordingOptions) throws(BpfError) {
        let kernel = try KernelPlaces.found.get()
        func place(_ offset: Int?) -> UInt32 { offset.map { UInt32(clamping: $0) } ?? UInt32.max }
        self.init()
        reference_mask = layout.referenceMask
        let fields = [
            layout.threadNext, layout.threadId, layout.threadNativeId ?? 0, layout.threadCFrame ?? layout.threadFrame,
            layout.threadTop ?? 0,
        ]
        thread_size = place((fields.max() ?? 0) + 8)
        thread_next = place(layout.threadNext)
        thread_id = place(layout.threadId)
        thread_native_id = place(layout.threadNativeId)
        thread_frame = place(layout.threadFrame)
        thread_cframe = place(layout.threadCFrame)
        thread_chunk = place(layout.threadChunk)
        thread_top = place(layout.threadTop)
        cframe_current = place(layout.cframeCurrent)
        cframe_previous = place(layout.cframePrevious)
        chunk_size = place(layout.chunkSize)
        chunk_previous = place(layout.chunkPrevious)
        frame_size = place(layout.frameSize)
        frame_code = place(layout.frameCode)
        frame_previous = place(layout.framePrevious)
        frame_instruction = place(layout.frameInstruction)
        frame_owner = place(layout.frameOwner)
        frame_generator = place(layout.frameGenerator)
        frame_running = place(layout.frameRunning?.offset)
        running_value = UInt32(layout.frameRunning?.value ?? 0)
        has_frame_objects = layout.hasFrameObjects ? 1 : 0
        code_size = place(layout.codePrint.max().map { $0 + 8 })
        let print = layout.codePrint.map { place($0) }
        code_fields = (print[0], print[1], print[2], print[3], print[4], print[5], print[6], print[7])
        code_name = place(layout.codeName)
        text_hash = place(layout.textHash)
        interpreter_threads = place(layout.interpreterThreadsHead)
        lock_holder = place(layout.gilHolder)
        lock_locked = place(layout.gilLocked)
        lock_enabled = place(layout.gilEnabled)
        (task_run, task_pointer, task_state) = (kernel.run, kernel.pointer, kernel.state)
        (register_call, register_argument, futex_call) = cs_layout.registers
        wanted = cs_layout.wanted(options)
        asks_holder = options.mode == .gil ? 1 : 0
        asks_callers = layout.version.minor > 11 ? 1 : 0
        maximum_frames = 65_536
    }

    /// Kinds of moments at which a thread leaves its processor whose stacks a recording wants.
    static func wanted(_ options: RecordingOptions) -> UInt32 {
        switch options.mode {
        case .gil: UInt32(CS_HOLDS_LOCK)
        case .cpu: UInt32(CS_READY)
        case .wall:
            UInt32(CS_READY | CS_AWAITS_LOCK | CS_AWAITS_DEVICE) | (options.includesIdle ? UInt32(CS_SLEEPS) : 0)
        }
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

/// Where the kernel keeps what is asked of a thread, in its `task_struct`.
private struct KernelPlaces {
    var run: UInt32
    var pointer: UInt32
    var state: UInt32

    /// Looked up once: the kernel stays the same.
    static let found = Result<KernelPlaces, BpfError> { () throws(BpfError) in try KernelPlaces() }

    private init() throws(BpfError) {
        let types: KernelTypes
        do throws(Errno) {
            types = try KernelTypes(ofStructures: ["task_struct", "sched_entity", "thread_struct"])
        } catch {
            throw .unsupported(error)
        }
        #if arch(arm64)
        let threadPointer = "uw"
        #else
        let threadPointer = "fsbase"
        #endif
        // Up to Linux 5.13 the state had another name.
        guard let entity = types["task_struct.se"], let run = types["sched_entity.sum_exec_runtime"],
            let thread = types["task_struct.thread"], let pointer = types["thread_struct." + threadPointer],
            let state = types["task_struct.__state"] ?? types["task_struct.state"]
        else { throw .unsupported(.noEntry) }
        (self.run, self.pointer, self.state) = (entity + run, thread + pointer, state)
    }
}
