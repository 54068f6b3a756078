/// Reads the asyncio tasks of all interpreters of one target, without stopping it.
///
/// Every reading is made twice: a task counts when its own fields and each link of its chain of coroutines were the same both times.
struct TaskReader: Sendable {
    private let layout: PythonLayout
    private let asyncio: AsyncioLayout
    private var lists: TaskLists
    private var chains: CoroutineChains
    private var variables: FrameVariables
    private var stacks: [RemoteAddress: StackReader] = [:]
    /// How often tasks that changed are read again, and the stack of a thread that runs one.
    private static let attempts = 16
    private static let stackAttempts = 64
    private static let budget = ReadBudget(bytes: 256 << 20, readings: 20_000)
    /// Readings that each task may cost over that.
    private static let readingsOfTask = 64

    /// Finds out how the target lays asyncio's objects out; nil for a version whose tasks are not read.
    init?<Target: RemoteProcess & ~Copyable>(_ layout: PythonLayout, in target: inout Target) {
        let debug = layout.version.minor >= 14 ? AsyncioDebug.read(in: &target) : nil
        guard let asyncio = AsyncioLayout(layout, debug) else { return nil }
        self.layout = layout
        self.asyncio = asyncio
        lists = TaskLists(layout, asyncio)
        chains = CoroutineChains(layout)
        variables = FrameVariables(layout)
    }

    /// Reads all tasks.
    mutating func read<Target: RemoteProcess & ~Copyable>(
        _ runtime: PythonRuntime, _ codes: inout CodeCache, _ options: PythonTaskOptions, in target: inout Target
    ) throws(RemoteMemoryError) -> PythonTasks {
        let threads = ThreadList(layout: layout)
        var objects = RemoteObjects(layout, TaskReader.budget)
        var result = PythonTasks()
        for interpreter in try threads.interpreters(of: runtime, in: &target) {
            let states = try threads.threads(of: interpreter, in: &target)
            guard var found = lists.find(interpreter, states, &objects, in: &target) else { continue }
            result.isIncomplete = result.isIncomplete || found.isTorn
            objects.budget.allow(min(found.tasks.count * TaskReader.readingsOfTask, 1 << 20))
            let settled = settle(found, options, &objects, &target)
            if layout.version.minor < 7 { addLoops(of: settled, to: &found, &objects, &target) }
            append(settled, found, &codes, options, &objects, &target, &result)
        }
        result.isIncomplete = result.isIncomplete || objects.budget.isExhausted
        return result
    }

    /// Loops of tasks with the thread that each says it runs in: 3.6 has no other trace of it that can be followed.
    private func addLoops<Target: RemoteProcess & ~Copyable>(
        of settled: [Settled], to found: inout TaskLists.Found, _ objects: inout RemoteObjects, _ target: inout Target
    ) {
        for loop in Set(settled.map(\.record.loop)).sorted() {
            guard let value = objects.attributes(["_thread_id"], of: loop, in: &target)["_thread_id"],
                let identifier = layout.wholeNumber(at: value, in: &target),
                let thread = found.threads.first(where: { $0.threadId == identifier })
            else { continue }
            found.loops.append((thread.address, loop))
        }
    }

    // MARK: Whole tasks

    /// A task whose fields and chain were the same twice, or which changed each time.
    struct Settled {
        var record: TaskRecords.Record
        var chain: CoroutineChains.Chain
        var name: String?
        var isTorn = false
    }

    private mutating func settle<Target: RemoteProcess & ~Copyable>(
        _ found: TaskLists.Found, _ options: PythonTaskOptions, _ objects: inout RemoteObjects,
        _ target: inout Target
    ) -> [Settled] {
        let records = TaskRecords(layout, asyncio)
        var settled: [Settled] = []
        func read(_ tasks: [RemoteAddress], _ objects: inout RemoteObjects, _ target: inout Target)
            -> [(record: TaskRecords.Record, chain: CoroutineChains.Chain)]
        {
            let there = records.read(tasks, &objects, in: &target).compactMap { $0 }
                .filter { options.includesEnded || $0.state == .pending }
            return Array(zip(there, chains.read(from: there.map(\.coroutine), &objects, in: &target)))
        }
        var before = read(found.tasks, &objects, &target)
        for attempt in 0..<TaskReader.attempts where !before.isEmpty {
            let names = records.names(of: before.map(\.record), &objects, in: &target)
            let after = read(before.map(\.record.address), &objects, &target)
            let now = Dictionary(after.map { ($0.record.address, $0) }) { first, _ in first }
            var moved: [(record: TaskRecords.Record, chain: CoroutineChains.Chain)] = []
            for (index, (record, chain)) in before.enumerated() {
                // One that ended meanwhile is none any longer.
                guard let other = now[record.address] else { continue }
                let isLast = attempt == TaskReader.attempts - 1
                let isSame = record == other.record && chain.isSame(as: other.chain)
                if isSame || isLast {
                    settled.append(
                        Settled(
                            record: other.record, chain: other.chain, name: names[index],
                            isTorn: !isSame || chain.isCut))
                } else {
                    moved.append(other)
                }
            }
            before = moved
        }
        return settled
    }

    // MARK: Values

    private mutating func append<Target: RemoteProcess & ~Copyable>(
        _ settled: [Settled], _ found: TaskLists.Found, _ codes: inout CodeCache, _ options: PythonTaskOptions,
        _ objects: inout RemoteObjects, _ target: inout Target, _ result: inout PythonTasks
    ) {
        let loops = self.loops(settled, found, &objects, &target)
        let threadByLoop = Dictionary(found.loops.map { ($0.loop, $0.thread) }) { first, _ in first }
        let identifiers = Dictionary(found.threads.map { ($0.address, $0.threadId) }) { first, _ in first }
        var known = codes.entries(of: Set(settled.flatMap { $0.chain.links.map(\.code) }), in: &target)
        var tasks: [PythonTask] = []
        for task in settled {
            let record = task.record
            let thread = threadByLoop[record.loop]
            let isCurrent = found.current[record.loop] == record.address && thread != nil
            let frames = frames(of: task.chain, known)
            var read = PythonTask(
                id: record.address.rawValue, name: task.name, state: state(of: record), loop: record.loop.rawValue,
                pythonThreadId: thread.flatMap { identifiers[$0] }, frames: frames ?? [], awaiting: nil,
                awaitedBy: [], isTorn: task.isTorn || frames == nil)
            if record.state == .pending, task.chain.isExecuting || isCurrent {
                read.state = .running
                if let thread, let inner = innerFrames(of: task.chain, thread, &codes, &known, &target) {
                    read.frames = inner
                } else if task.chain.isExecuting {
                    read.isTorn = true
                }
            }
            tasks.append(read)
        }
        if options.includesAwaiting {
            var graph = TaskGraph(layout, asyncio)
            graph.complete(&tasks, settled, known, found.timerHandle, &variables, &objects, in: &target)
        }
        let places = Dictionary(loops.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let order = tasks.map {
            Ordered(task: $0, loop: places[$0.loop] ?? loops.count, name: NameOrder($0.name ?? ""))
        }
        let sorted = order.sorted { $0.isBefore($1) }
        result.loops += loops
        result.tasks += sorted.map(\.task)
    }

    /// A task with what its place in the order depends on.
    private struct Ordered {
        var task: PythonTask
        var loop: Int
        var name: NameOrder

        func isBefore(_ other: Ordered) -> Bool {
            if loop != other.loop { return loop < other.loop }
            if name < other.name { return true }
            if other.name < name { return false }
            return task.id < other.task.id
        }
    }

    private func state(of record: TaskRecords.Record) -> PythonTask.State {
        switch record.state {
        case .pending: record.isCancelling ? .cancelling : .pending
        case .finished: .finished
        case .cancelled: .cancelled
        }
    }

    private func loops<Target: RemoteProcess & ~Copyable>(
        _ settled: [Settled], _ found: TaskLists.Found, _ objects: inout RemoteObjects, _ target: inout Target
    ) -> [PythonEventLoop] {
        let identifiers = Dictionary(found.threads.map { ($0.address, $0.threadId) }) { first, _ in first }
        // The list has the newest thread first.
        var loops: [(RemoteAddress, UInt64?)] = found.loops.reversed().map { ($0.loop, identifiers[$0.thread]) }
        var seen = Set(loops.map(\.0))
        for task in settled where seen.insert(task.record.loop).inserted { loops.append((task.record.loop, nil)) }
        let types = objects.copies(of: loops.map(\.0), length: layout.typePointer + 8, in: &target)
        return loops.enumerated().map { index, place -> PythonEventLoop in
            let type = types.pointer(index, layout.typePointer)
            let name = type.flatMap { TypeFacts($0, layout, in: &target)?.name }
            let current = place.1 == nil ? nil : found.current[place.0]
            return PythonEventLoop(
                id: place.0.rawValue, type: name ?? "?", pythonThreadId: place.1,
                currentTask: current?.rawValue)
        }
    }

    // MARK: Frames

    /// Frames of a chain, innermost first; nil when one is none.
    private func frames(of chain: CoroutineChains.Chain, _ known: [RemoteAddress: CodeEntry]) -> [PythonFrame]? {
        var frames: [PythonFrame] = []
        frames.reserveCapacity(chain.links.count)
        for link in chain.links.reversed() {
            guard let code = known[link.code], let unit = code.unit(of: link.instruction) else { return nil }
            frames.append(PythonFrame(code, unit))
        }
        return frames
    }

    /// Frames of a thread, innermost first, up to the outermost coroutine of the task that it runs; nil when it ran another one each time.
    private mutating func innerFrames<Target: RemoteProcess & ~Copyable>(
        of chain: CoroutineChains.Chain, _ thread: RemoteAddress, _ codes: inout CodeCache,
        _ known: inout [RemoteAddress: CodeEntry], _ target: inout Target
    ) -> [PythonFrame]? {
        guard let outermost = chain.links.first?.frame else { return nil }
        var reader = stacks[thread] ?? StackReader(layout: layout)
        defer { stacks[thread] = reader }
        for _ in 0..<TaskReader.stackAttempts {
            guard (try? reader.read(thread: thread, from: &target)) == true,
                let place = reader.frames.firstIndex(where: { $0.address == outermost })
            else { continue }
            let raw = reader.frames[...place]
            let missing = Set(raw.map(\.code)).subtracting(known.keys)
            known.merge(codes.entries(of: missing, in: &target)) { $1 }
            let named = layout.named(raw, known)
            if named.isWhole { return named.frames }
        }
        return nil
    }
}

extension CoroutineChains.Chain {
    /// Whether nothing but the instruction of a link that runs differs.
    func isSame(as other: CoroutineChains.Chain) -> Bool {
        if self == other { return true }
        guard isExecuting, links.count == other.links.count, end == other.end else { return false }
        for (link, other) in zip(links, other.links) where link != other {
            guard link.state == .executing, other.state == .executing else { return false }
            guard link.generator == other.generator, link.code == other.code else { return false }
        }
        return true
    }
}

/// Names in the order people expect: `Task-9` before `Task-10`.
struct NameOrder: Comparable {
    private let text: [UInt8]

    init(_ name: String) { text = Array(name.utf8) }

    static func < (left: NameOrder, right: NameOrder) -> Bool {
        var (a, b) = (left.text[...], right.text[...])
        while let first = a.first, let second = b.first {
            let numbers = (a.prefix { (48...57).contains($0) }, b.prefix { (48...57).contains($0) })
            if !numbers.0.isEmpty, !numbers.1.isEmpty {
                let digits = (numbers.0.drop { $0 == 48 }, numbers.1.drop { $0 == 48 })
                if digits.0.count != digits.1.count { return digits.0.count < digits.1.count }
                if !digits.0.elementsEqual(digits.1) { return digits.0.lexicographicallyPrecedes(digits.1) }
                a = a.dropFirst(numbers.0.count)
                b = b.dropFirst(numbers.1.count)
                continue
            }
            if first != second { return first < second }
            a = a.dropFirst()
            b = b.dropFirst()
        }
        return a.isEmpty && !b.isEmpty
    }

    static func == (left: NameOrder, right: NameOrder) -> Bool { !(left < right) && !(right < left) }
}
