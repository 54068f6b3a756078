/// Where asyncio's objects keep what a reader of tasks needs, for one target.
///
/// Source: the layout tables; since 3.14 the section `.AsyncioDebug` of the target over them.
struct AsyncioLayout: Sendable {
    let loop: Int
    /// First function to call when it is done. Absent: in 3.6.
    let firstCallback: Int?
    let callbacks: Int
    /// 0 pending, 1 cancelled, 2 finished.
    let state: Int
    let waiter: Int
    let coroutine: Int
    /// Absent: up to 3.7.
    let name: Int?
    let mustCancel: (offset: Int, mask: UInt32)
    /// How often it was asked to cancel. Absent: up to 3.10.
    let cancelRequests: Int?
    /// A task, or a set of them. Absent: up to 3.13.
    let awaitedBy: (offset: Int, isSet: Int)?
    /// Link of the list that a thread has of its tasks. Absent: up to 3.13.
    let node: Int?
    let taskSize: Int
    let futureSize: Int
    /// What a thread state has of asyncio since 3.14.
    let thread: (loop: Int, task: Int, head: Int)?
    /// Tasks of threads that ended. Since 3.14.
    let interpreterHead: Int?

    /// The layout of a version, with what the target says of itself over it; nil where the tables have none, or the target's numbers make no
    /// sense.
    init?(_ layout: PythonLayout, _ debug: AsyncioDebug?) {
        func field(_ name: String) -> Int? {
            let offset = layout[name]
            return offset > 0 && offset < 1 << 12 ? offset : nil
        }
        guard let loop = field("TaskObj.task_loop"), let callbacks = field("TaskObj.task_callbacks"),
            let state = field("TaskObj.task_state"), let waiter = field("TaskObj.task_fut_waiter"),
            let coroutine = field("TaskObj.task_coro"), let mustCancel = field("TaskObj.task_must_cancel"),
            let size = field("TaskObj.size"), let futureSize = field("FutureObj.size")
        else { return nil }
        self.loop = loop
        self.callbacks = callbacks
        firstCallback = field("TaskObj.task_callback0")
        self.futureSize = futureSize
        let hasBits = layout.version.minor >= 13
        let mask: UInt32 = hasBits ? 1 << UInt32(layout["TaskObj.task_must_cancel_bit"]) : .max
        cancelRequests = field("TaskObj.task_num_cancels_requested")
        guard layout.version.minor >= 14 else {
            self.state = state
            self.waiter = waiter
            self.coroutine = coroutine
            name = field("TaskObj.task_name")
            self.mustCancel = (mustCancel, mask)
            taskSize = size
            (awaitedBy, node, thread, interpreterHead) = (nil, nil, nil, nil)
            return
        }
        guard let awaitedBy = debug?.awaitedBy ?? field("TaskObj.task_awaited_by"),
            let isSet = debug?.awaitedByIsSet ?? field("TaskObj.task_awaited_by_is_set"),
            let node = debug?.node ?? field("TaskObj.task_node"),
            let named = debug?.name ?? field("TaskObj.task_name"),
            let threadLoop = debug?.threadLoop ?? field("tstate_impl.asyncio_running_loop"),
            let threadTask = debug?.threadTask ?? field("tstate_impl.asyncio_running_task"),
            let threadHead = debug?.threadHead ?? field("tstate_impl.asyncio_tasks_head")
        else { return nil }
        // What the section does not have lies beside what it has.
        self.coroutine = debug?.coroutine ?? coroutine
        self.waiter = self.coroutine - 8
        self.state = awaitedBy + 8
        self.mustCancel = (isSet + 1, mask)
        name = named
        self.awaitedBy = (awaitedBy, isSet)
        self.node = node
        taskSize = max(debug?.taskSize ?? size, node + 16)
        thread = (threadLoop, threadTask, threadHead)
        let head = debug?.interpreterHead ?? layout["interp.asyncio_tasks_head"]
        interpreterHead = head > 0 ? head : nil
        guard self.waiter > 0, taskSize <= 1024, self.mustCancel.offset < taskSize, named < taskSize else { return nil }
    }

    /// Whether a copy of a task has the flag that it is to be cancelled, or was asked to.
    func isCancelling(_ copies: RemoteCopies, _ index: Int) -> Bool {
        let bits =
            mustCancel.mask == .max
            ? UInt32(bitPattern: copies.int(index, mustCancel.offset))
            : UInt32(copies.byte(index, mustCancel.offset)) & mustCancel.mask
        return bits != 0 || cancelRequests.map { copies.int(index, $0) > 0 } ?? false
    }
}

/// The numbers of the section `.AsyncioDebug`. Source: `Py_AsyncioModuleDebugOffsets`, CPython 3.14 and later.
struct AsyncioDebug: Sendable {
    let taskSize: Int
    let name: Int
    let awaitedBy: Int
    let awaitedByIsSet: Int
    let coroutine: Int
    let node: Int
    let interpreterHead: Int
    let threadLoop: Int
    let threadTask: Int
    let threadHead: Int
    private static let count = 13

    /// The section of a target's `_asyncio`, or of its interpreter where that has it built in; nil where there is none.
    static func read<Target: RemoteProcess & ~Copyable>(in target: inout Target) -> AsyncioDebug? {
        guard let mappings = try? target.mappings() else { return nil }
        let modules = mappings.filter { mapping in
            let name = mapping.fileName
            return mapping.fileOffset == 0 && (name.hasPrefix("_asyncio.") || name.contains("python"))
        }
        // The module of that name comes first: an interpreter has a section only where there is no module.
        for mapping in modules.sorted(by: { $0.fileName < $1.fileName }).prefix(64) {
            if let image = ElfImage(at: mapping.start, in: &target),
                let place = image.section(".AsyncioDebug", of: mapping, in: &target),
                let bytes = try? target.bytes(place, count * 8), let debug = AsyncioDebug(bytes)
            {
                return debug
            }
        }
        return nil
    }

    /// Parses the section; nil where a number cannot be an offset.
    init?(_ bytes: [UInt8]) {
        var numbers: [Int] = []
        for index in 0..<AsyncioDebug.count {
            let number = bytes.word(index * 8)
            guard number > 0, number < 1 << 24 else { return nil }
            numbers.append(Int(number))
        }
        let inTask = [1, 2, 4, 5, 6].map { numbers[$0] }
        guard numbers[0] <= 1024, inTask.allSatisfy({ $0 < numbers[0] }),
            [10, 11, 12].allSatisfy({ numbers[$0] < numbers[9] && numbers[$0] < 1 << 16 })
        else { return nil }
        taskSize = numbers[0]
        name = numbers[1]
        awaitedBy = numbers[2]
        awaitedByIsSet = numbers[4]
        coroutine = numbers[5]
        node = numbers[6]
        interpreterHead = numbers[8]
        threadLoop = numbers[10]
        threadTask = numbers[11]
        threadHead = numbers[12]
    }
}
