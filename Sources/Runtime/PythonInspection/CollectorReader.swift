/// Finds the collectors of a runtime and reads their state: one small read for each, so cheap enough for once a second.
///
/// One value belongs to one target.
public struct CollectorReader: Sendable {
    let runtime: PythonRuntime
    private(set) var layout: CollectorLayout
    /// Where the generations of 3.6 are, which has no structure around them.
    private var generations: RemoteAddress?
    private static let pointerFloor: UInt64 = 0x1000

    /// Where the collector of one interpreter is.
    struct Place {
        /// Its id, 0 for the main one, and where all share one collector.
        var interpreter: Int64
        var address: RemoteAddress
        /// The interpreter's own structure; nil where all share one collector.
        var owner: RemoteAddress?
    }

    /// A reader for the target that was inspected.
    ///
    /// - Throws: ``PythonInspectionError`` when the objects of this build are on no lists, or the lists are not found.
    public init<Target: RemoteProcess & ~Copyable>(_ inspector: PythonInspector, _ target: inout Target)
        throws(PythonInspectionError)
    {
        try self.init(runtime: inspector.runtime, &target)
    }

    init<Target: RemoteProcess & ~Copyable>(runtime: PythonRuntime, _ target: inout Target)
        throws(PythonInspectionError)
    {
        guard let layout = CollectorLayout(runtime.layout) else {
            guard runtime.version.isFreeThreaded else {
                throw .unsupported("the collector of CPython \(runtime.version)")
            }
            throw .noObjectLists("\(runtime.version)")
        }
        self.runtime = runtime
        self.layout = layout
        if runtime.version.minor < 7 {
            guard let found = generations(&target) else {
                throw .runtimeNotFound("the lists of its collector are not where they are in CPython 3.6")
            }
            generations = found
        } else if let place = try? places(&target).first, !hasLists(layout, place.address, &target),
            hasLists(layout.withPackedGenerations, place.address, &target)
        {
            self.layout = layout.withPackedGenerations
        }
    }

    /// State of every collector, that of the main interpreter first.
    ///
    /// - Throws: ``RemoteMemoryError``.
    public func states<Target: RemoteProcess & ~Copyable>(of target: inout Target)
        throws(RemoteMemoryError) -> [CollectorState]
    {
        var states: [CollectorState] = []
        for place in try places(&target) {
            let bytes = try target.bytes(place.address, layout.size)
            states.append(try state(of: place, bytes, &target))
        }
        return states
    }

    /// Where the collectors are.
    func places<Target: RemoteProcess & ~Copyable>(_ target: inout Target) throws(RemoteMemoryError) -> [Place] {
        if let generations { return [Place(interpreter: 0, address: generations)] }
        if runtime.version.minor < 9 {
            return [Place(interpreter: 0, address: runtime.address + runtime.layout["runtime.gc"])]
        }
        let list = ThreadList(layout: runtime.layout)
        let interpreters = try list.interpreters(of: runtime, in: &target)
        // The newest interpreter is the first of the list.
        return zip(interpreters, list.ids(of: interpreters, in: &target)).reversed().map { interpreter, id in
            Place(interpreter: id, address: interpreter + runtime.layout["interp.gc"], owner: interpreter)
        }
    }

    // MARK: State

    private func state<Target: RemoteProcess & ~Copyable>(
        of place: Place, _ bytes: [UInt8], _ target: inout Target
    ) throws(RemoteMemoryError) -> CollectorState {
        let figures = try statistics(bytes, &target)
        let generations = (0..<CollectorLayout.generationCount).map { index in
            let start = (layout.list(index) ?? 0) + layout.headSize
            var generation = CollectorState.Generation(
                threshold: Int(bytes.int(start)), count: Int(bytes.int(start + 4)))
            if let figures {
                let figure = figures[index]
                generation.collections = figure.collections
                generation.collected = figure.collected
                generation.uncollectable = figure.uncollectable
                generation.seconds = figure.seconds
            }
            return generation
        }
        var state = CollectorState(
            interpreter: place.interpreter, isEnabled: layout.enabled.map { bytes.int($0) != 0 },
            isRunning: layout.collecting.map { bytes.int($0) != 0 }, isIncremental: layout.isIncremental,
            generations: generations)
        if let permanent = layout.permanent {
            let head = place.address + permanent
            state.hasFrozen = bytes.word(permanent) & ~7 != head.rawValue
        }
        if state.isRunning == true, let frame = layout.frame, let owner = place.owner {
            state.runningThread = thread(of: RemoteAddress(bytes.word(frame)), owner, &target)
        }
        return state
    }

    /// What `gc.get_stats()` says of one generation.
    private struct Figures {
        var collections: Int
        var collected: Int
        var uncollectable: Int
        var seconds: Double?
    }

    /// Figures of the generations; nil where the version has none, or the interpreter did not make them yet.
    private func statistics<Target: RemoteProcess & ~Copyable>(_ bytes: [UInt8], _ target: inout Target)
        throws(RemoteMemoryError) -> [Figures]?
    {
        guard let place = layout.statistics else { return nil }
        guard layout.hasRings else {
            return (0..<CollectorLayout.generationCount).map { index in
                Figures(
                    collections: Int(truncatingIfNeeded: bytes.word(place + index * 24)),
                    collected: Int(truncatingIfNeeded: bytes.word(place + index * 24 + 8)),
                    uncollectable: Int(truncatingIfNeeded: bytes.word(place + index * 24 + 16)))
            }
        }
        let rings = RemoteAddress(bytes.word(place))
        guard rings.rawValue > CollectorReader.pointerFloor else { return nil }
        let whole = try target.bytes(rings, StatisticsRings.size)
        return (0..<CollectorLayout.generationCount).map { index in
            let item = StatisticsRings.newest(of: index, in: whole)
            return Figures(
                collections: Int(truncatingIfNeeded: whole.word(item + 16)),
                collected: Int(truncatingIfNeeded: whole.word(item + 24)),
                uncollectable: Int(truncatingIfNeeded: whole.word(item + 32)),
                seconds: Double(bitPattern: whole.word(item + 48)))
        }
    }

    /// Id, in the reader's pid namespace, of the thread whose chain of frames has the one that the collection began in.
    private func thread<Target: RemoteProcess & ~Copyable>(
        of frame: RemoteAddress, _ interpreter: RemoteAddress, _ target: inout Target
    ) -> UInt64? {
        let list = ThreadList(layout: runtime.layout)
        guard frame.rawValue > CollectorReader.pointerFloor,
            let threads = try? list.threads(of: interpreter, in: &target)
        else { return nil }
        for thread in threads {
            var next = try? target.pointer(thread.address + runtime.layout.threadFrame)
            // Finalizers that run in the collection lie above the frame; more than that many are not searched.
            for _ in 0..<1_000 {
                guard let current = next, current.rawValue != 0 else { break }
                if current == frame {
                    let activity = thread.nativeThreadId.flatMap { target.activity(ofNative: $0) }
                    return activity.map { UInt64(UInt32(bitPattern: $0.tid)) }
                }
                next = try? target.pointer(current + runtime.layout.framePrevious)
            }
        }
        return nil
    }

    // MARK: Proof

    /// Whether the heads of the generations' lists are where a layout has them.
    ///
    /// The list that is collected at the moment is in disorder, the others never are.
    private func hasLists<Memory: RemoteMemory & ~Copyable>(
        _ layout: CollectorLayout, _ address: RemoteAddress, _ memory: inout Memory
    ) -> Bool {
        let lists = (0..<CollectorLayout.generationCount).compactMap { layout.list($0) }
        return lists.filter { isList(address + $0, &memory) }.count >= CollectorLayout.generationCount - 1
    }

    /// The array of generations of 3.6, searched for in the memory that the module writes to.
    private func generations<Memory: RemoteMemory & ~Copyable>(_ memory: inout Memory) -> RemoteAddress? {
        guard let data = runtime.data, let bytes = try? memory.bytes(data.address, data.length) else { return nil }
        let size = layout.generationSize
        for place in stride(from: 0, through: bytes.count - 3 * size, by: 8) {
            let isPlausible = (0..<3).allSatisfy { index in
                let start = place + index * size
                let (next, previous) = (bytes.word(start), bytes.word(start + 8))
                return next > CollectorReader.pointerFloor && next & 7 == 0 && previous > CollectorReader.pointerFloor
                    && previous & 7 == 0 && bytes.int(start + 32) >= 0
            }
            guard isPlausible else { continue }
            let address = data.address + place
            // Nowhere else three heads of lists lie one behind the other.
            if (0..<3).allSatisfy({ isList(address + $0 * size, &memory) }) { return address }
        }
        return nil
    }

    /// Whether the neighbours of a head on both sides lead back to it.
    private func isList<Memory: RemoteMemory & ~Copyable>(_ head: RemoteAddress, _ memory: inout Memory) -> Bool {
        // The youngest list changes all the time.
        for _ in 0..<20 {
            guard let links = try? memory.bytes(head, 16),
                let back = try? memory.pointer(RemoteAddress(links.word(0)) + 8),
                let forth = try? memory.pointer(RemoteAddress(links.word(8)))
            else { return false }
            if back == head, forth == head { return true }
        }
        return false
    }
}

/// The rings in which 3.15 keeps the figures of its last collections. Source: `struct gc_stats`.
enum StatisticsRings {
    /// Bytes of the whole.
    static let size = 1120
    private static let itemSize = 64
    /// Eleven of the youngest generation, then three of each older one, each ring with the place of its newest behind it.
    private static let rings = [(start: 0, items: 11), (start: 712, items: 3), (start: 912, items: 3)]

    /// Where the newest figures of a generation are: they add up, so the newest are those of all collections.
    static func newest(of generation: Int, in bytes: [UInt8]) -> Int {
        let ring = rings[generation]
        let index = Int(bytes.byte(ring.start + ring.items * itemSize))
        return ring.start + min(index, ring.items - 1) * itemSize
    }
}
