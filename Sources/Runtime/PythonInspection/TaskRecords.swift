/// Reads what task objects say of themselves, of many at a time.
struct TaskRecords {
    private let layout: PythonLayout
    private let asyncio: AsyncioLayout

    init(_ layout: PythonLayout, _ asyncio: AsyncioLayout) {
        self.layout = layout
        self.asyncio = asyncio
    }

    /// A task's own fields. Source: `TaskObj`, or the attributes of one that was written in Python.
    struct Record: Hashable {
        var address: RemoteAddress
        var state: State
        var isCancelling: Bool
        var loop: RemoteAddress
        var waiter: RemoteAddress?
        var coroutine: RemoteAddress?
        var name: RemoteAddress?
        var callbacks: Callbacks
        /// A task or a set of them.
        var awaitedBy: RemoteAddress?
        var isAwaitedBySet = false

        enum State: UInt8 { case pending, cancelled, finished }
    }

    /// Functions that a future calls when it is done: the first one apart, the others in a list.
    struct Callbacks: Hashable {
        var first: RemoteAddress?
        var list: RemoteAddress?
    }

    /// Records of tasks; nil for what is none any longer.
    func read<Memory: RemoteMemory & ~Copyable>(
        _ tasks: [RemoteAddress], _ objects: inout RemoteObjects, in memory: inout Memory
    ) -> [Record?] {
        let copies = objects.copies(of: tasks, length: asyncio.taskSize, in: &memory)
        return tasks.enumerated().map { index, address in
            guard let type = copies.pointer(index, layout.typePointer),
                let kind = objects.kind(ofType: type, in: &memory)
            else { return nil }
            switch kind.role {
            case .nativeTask: return native(address, copies, index)
            case .plainTask: return plain(address, copies, index, &objects, &memory)
            default: return nil
            }
        }
    }

    private func native(_ address: RemoteAddress, _ copies: RemoteCopies, _ index: Int) -> Record? {
        guard let state = UInt8(exactly: copies.int(index, asyncio.state)).flatMap(Record.State.init(rawValue:)),
            let loop = copies.pointer(index, asyncio.loop)
        else { return nil }
        return Record(
            address: address, state: state, isCancelling: asyncio.isCancelling(copies, index), loop: loop,
            waiter: copies.pointer(index, asyncio.waiter), coroutine: copies.pointer(index, asyncio.coroutine),
            name: asyncio.name.flatMap { copies.pointer(index, $0) },
            callbacks: Callbacks(
                first: asyncio.firstCallback.flatMap { copies.pointer(index, $0) },
                list: copies.pointer(index, asyncio.callbacks)),
            awaitedBy: asyncio.awaitedBy.flatMap { copies.pointer(index, $0.offset) },
            isAwaitedBySet: asyncio.awaitedBy.map { copies.byte(index, $0.isSet) != 0 } ?? false)
    }

    private static let attributes = [
        "_state", "_loop", "_coro", "_fut_waiter", "_name", "_must_cancel", "_num_cancels_requested", "_callbacks",
    ]

    private func plain<Memory: RemoteMemory & ~Copyable>(
        _ address: RemoteAddress, _ copies: RemoteCopies, _ index: Int, _ objects: inout RemoteObjects,
        _ memory: inout Memory
    ) -> Record? {
        let values = objects.attributes(TaskRecords.attributes, of: address, in: &memory)
        guard let coroutine = values["_coro"] else { return nil }
        // In 3.6 it has what every future has from the module's.
        let inherited = values["_loop"] == nil ? native(address, copies, index) : nil
        guard let loop = values["_loop"] ?? inherited?.loop else { return nil }
        // The class has the state that every future begins with.
        let word = values["_state"].flatMap { layout.text(at: $0, limit: 16, in: &memory) } ?? "PENDING"
        var waiter = values["_fut_waiter"]
        if let found = waiter, objects.kinds(of: [found], in: &memory)[0]?.isFuture != true { waiter = nil }
        let flags = ["_must_cancel", "_num_cancels_requested"].compactMap { values[$0] }
        let callbacks = Callbacks(first: nil, list: values["_callbacks"])
        return Record(
            address: address,
            state: inherited?.state ?? (word == "PENDING" ? .pending : word == "CANCELLED" ? .cancelled : .finished),
            isCancelling: flags.contains { layout.wholeNumber(at: $0, in: &memory) ?? 0 > 0 }, loop: loop,
            waiter: waiter, coroutine: coroutine, name: values["_name"],
            callbacks: inherited?.callbacks ?? callbacks, awaitedBy: nil)
    }

    // MARK: Names

    /// Names of tasks; nil where there is none. Since 3.14 a name that nobody gave is kept as its number.
    func names<Memory: RemoteMemory & ~Copyable>(
        of records: [Record], _ objects: inout RemoteObjects, in memory: inout Memory
    ) -> [String?] {
        var names = [String?](repeating: nil, count: records.count)
        let named = records.indices.filter { records[$0].name != nil }
        let addresses = named.compactMap { records[$0].name }
        var texts = [String?](repeating: nil, count: addresses.count)
        let kinds = objects.kinds(of: addresses, in: &memory)
        let isText = kinds.indices.filter { kinds[$0]?.name != "int" }
        for (place, text) in zip(isText, objects.texts(at: isText.map { addresses[$0] }, in: &memory)) {
            texts[place] = text
        }
        for place in kinds.indices where kinds[place]?.name == "int" {
            texts[place] = layout.wholeNumber(at: addresses[place], in: &memory).map { "Task-\($0)" }
        }
        for (index, text) in zip(named, texts) { names[index] = text }
        return names
    }

    // MARK: Futures

    /// Functions that futures call when they are done.
    func callbacks<Memory: RemoteMemory & ~Copyable>(
        ofFutures futures: [RemoteAddress], _ objects: inout RemoteObjects, in memory: inout Memory
    ) -> [Callbacks] {
        let copies = objects.copies(of: futures, length: asyncio.futureSize, in: &memory)
        return futures.enumerated().map { index, address in
            guard let type = copies.pointer(index, layout.typePointer),
                let kind = objects.kind(ofType: type, in: &memory)
            else { return Callbacks() }
            switch kind.role {
            case .nativeTask, .nativeFuture:
                return Callbacks(
                    first: asyncio.firstCallback.flatMap { copies.pointer(index, $0) },
                    list: copies.pointer(index, asyncio.callbacks))
            case .plainTask, .plainFuture:
                let values = objects.attributes(["_callbacks"], of: address, in: &memory)
                return Callbacks(first: nil, list: values["_callbacks"])
            default: return Callbacks()
            }
        }
    }
}
