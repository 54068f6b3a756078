/// Reads greenlets: which frames each had put aside when it gave way.
///
/// A greenlet keeps the frame object that was its innermost; from there the chain is that of any other frame. Since CPython 3.12 the package takes the
/// frames of the C stack, which others overwrite meanwhile, out of the chain while the greenlet is suspended.
struct GreenletReader {
    private let runtime: PythonRuntime
    private let layout: PythonLayout
    private var objects: RemoteObjects
    /// Whether the object is C's own structure, as in greenlet 0.4 and 1; since 2 it only points to one of C++.
    private var isPlain = false
    /// Most greenlets that are read.
    static let limit = 50_000
    private static let attempts = 16
    private static let maximumDepth = 20_000
    private static let maximumFrames = 400_000
    /// Bytes of the structure of C++ that are read: its last field that is of interest lies before.
    private static let size = 320

    init(_ runtime: PythonRuntime) {
        self.runtime = runtime
        layout = runtime.layout
        objects = RemoteObjects(layout, ReadBudget(bytes: 512 << 20, readings: 60_000))
    }

    // MARK: Types

    /// The class of greenlets and all that inherit from it; empty where the package was never imported.
    mutating func types<Memory: RemoteMemory & ~Copyable>(in memory: inout Memory)
        throws(RemoteMemoryError) -> Set<RemoteAddress>
    {
        var found: Set<RemoteAddress> = []
        for interpreter in try ThreadList(layout: layout).interpreters(of: runtime, in: &memory) {
            let modules = try memory.pointer(interpreter + layout.interpreterModules)
            let names = ["greenlet", "greenlet._greenlet"]
            let values = objects.values(of: names, inDict: modules, in: &memory)
            for name in names {
                guard let module = values[name], let dictionary = try? memory.pointer(module + objects.head),
                    let type = objects.values(of: ["greenlet"], inDict: dictionary, in: &memory)["greenlet"],
                    objects.kind(ofType: type, in: &memory)?.role == .greenlet
                else { continue }
                let size = (try? memory.pointer(type + layout["type.tp_basicsize"]))?.rawValue ?? 0
                isPlain = size > 64
                add(type, &found, &memory)
            }
        }
        return found
    }

    /// Adds a class and those below it. Source: `PyTypeObject.tp_subclasses`, weak references by address.
    private mutating func add<Memory: RemoteMemory & ~Copyable>(
        _ type: RemoteAddress, _ found: inout Set<RemoteAddress>, _ memory: inout Memory
    ) {
        var open = [type]
        while let next = open.popLast(), found.count < 10_000 {
            guard found.insert(next).inserted,
                let dictionary = try? memory.pointer(next + layout["type.tp_mro"] + 16), dictionary.rawValue != 0,
                let entries = layout.entries(ofDict: dictionary, in: &memory)
            else { continue }
            open += objects.referents(of: entries.map(\.value), in: &memory)
        }
    }

    // MARK: Greenlets

    /// What a greenlet keeps of itself.
    private struct Record: Hashable {
        var address: RemoteAddress
        var type: RemoteAddress
        var stackStart: UInt64
        var stackStop: UInt64
        var topFrame: RemoteAddress?
        /// Words behind, among which its parent is.
        var rest: [UInt64]

        var isStarted: Bool { stackStop != 0 }
        var isActive: Bool { stackStart != 0 }
        var isMain: Bool { stackStop == .max }
    }

    /// Greenlets at some addresses, but those that ended.
    mutating func read<Target: RemoteProcess & ~Copyable>(
        _ addresses: [RemoteAddress], _ codes: inout CodeCache, in target: inout Target
    ) -> [PythonGreenlet] {
        var settled: [(record: Record, frames: [RawFrame], isTorn: Bool)] = []
        var before = records(addresses, &target)
        var framesBefore = chains(before.map(\.topFrame), &target)
        for attempt in 0..<GreenletReader.attempts where !before.isEmpty {
            let after = records(before.map(\.address), &target)
            let framesAfter = chains(after.map(\.topFrame), &target)
            let now = Dictionary(zip(after, framesAfter).map { ($0.address, ($0, $1)) }) { first, _ in first }
            var moved: [(Record, Chain)] = []
            for (record, chain) in zip(before, framesBefore) {
                guard let (other, frames) = now[record.address] else { continue }
                let isSame = record == other && chain == frames
                if isSame || attempt == GreenletReader.attempts - 1 {
                    settled.append((other, frames.frames, !isSame || frames.isCut))
                } else {
                    moved.append((other, frames))
                }
            }
            before = moved.map(\.0)
            framesBefore = moved.map(\.1)
        }
        return greenlets(settled, &codes, &target)
    }

    private mutating func records<Memory: RemoteMemory & ~Copyable>(
        _ addresses: [RemoteAddress], _ memory: inout Memory
    ) -> [Record] {
        let head = objects.head
        let own = objects.copies(of: addresses, length: isPlain ? head + 80 : head + 24, in: &memory)
        let there = addresses.indices.filter { own.has($0) }
        var records: [Record] = []
        guard !isPlain else {
            for index in there {
                guard let type = own.pointer(index, layout.typePointer) else { continue }
                records.append(
                    Record(
                        address: addresses[index], type: type, stackStart: own.word(index, head) ?? 0,
                        stackStop: own.word(index, head + 8) ?? 0, topFrame: own.pointer(index, head + 56),
                        rest: [0, 0, own.word(index, head + 40) ?? 0]))
            }
            return records
        }
        let implementations = there.map { own.pointer($0, head + 16) ?? RemoteAddress(0) }
        let copies = objects.copies(of: implementations, length: GreenletReader.size, in: &memory)
        for (index, place) in there.enumerated() {
            guard copies.has(index), let type = own.pointer(place, layout.typePointer) else { continue }
            // Since 3.1 the table of virtual functions is followed by the greenlet itself.
            let base = copies.word(index, 8) == addresses[place].rawValue ? 16 : 8
            // What is kept of exceptions is a link and the state: four words up to 3.10, two since. Two arguments follow.
            let stack = base + 8 + (layout.version.minor < 11 ? 32 : 16) + 16
            // Five words of the stack, then the context.
            let frame = stack + 48
            records.append(
                Record(
                    address: addresses[place], type: type, stackStart: copies.word(index, stack) ?? 0,
                    stackStop: copies.word(index, stack + 8) ?? 0, topFrame: copies.pointer(index, frame),
                    rest: stride(from: frame + 8, to: GreenletReader.size, by: 8).map {
                        copies.word(index, $0) ?? 0
                    }))
        }
        return records
    }

    // MARK: Frames

    private struct Chain: Hashable {
        var frames: [RawFrame] = []
        var isCut = false
    }

    /// Chains of frames from frame objects on, one system call a level.
    private mutating func chains<Memory: RemoteMemory & ~Copyable>(
        _ tops: [RemoteAddress?], _ memory: inout Memory
    ) -> [Chain] {
        var chains = [Chain](repeating: Chain(), count: tops.count)
        var frontier = tops.enumerated().compactMap { index, top in top.map { (chain: index, frame: $0) } }
        if !layout.hasFrameObjects {
            let place = layout["frameobject.f_frame"]
            let copies = objects.copies(of: frontier.map(\.frame), length: place + 8, in: &memory)
            frontier = frontier.enumerated().compactMap { index, top in
                copies.pointer(index, place).map { (chain: top.chain, frame: $0) }
            }
        }
        var total = 0
        for _ in 0..<GreenletReader.maximumDepth where !frontier.isEmpty {
            total += frontier.count
            guard total <= GreenletReader.maximumFrames else { break }
            let copies = objects.copies(of: frontier.map(\.frame), length: layout.frameSize, in: &memory)
            var next: [(chain: Int, frame: RemoteAddress)] = []
            for (index, (chain, address)) in frontier.enumerated() {
                guard copies.has(index) else {
                    chains[chain].isCut = true
                    continue
                }
                let frame = layout.frame(Array(copies.bytes(index, 0..<layout.frameSize)), 0, address)
                chains[chain].frames.append(frame)
                if frame.previous.rawValue != 0 { next.append((chain, frame.previous)) }
            }
            frontier = next
        }
        for (chain, _) in frontier { chains[chain].isCut = true }
        return chains
    }

    // MARK: Values

    private mutating func greenlets<Target: RemoteProcess & ~Copyable>(
        _ settled: [(record: Record, frames: [RawFrame], isTorn: Bool)], _ codes: inout CodeCache,
        _ target: inout Target
    ) -> [PythonGreenlet] {
        let known = codes.entries(of: Set(settled.flatMap { $0.frames.map(\.code) }), in: &target)
        let threads = StackOwners(runtime, in: &target)
        let all = Set(settled.map(\.record.address.rawValue))
        let place = parentPlace(settled.lazy.map(\.record), all)
        var greenlets: [PythonGreenlet] = []
        for (record, raw, isTorn) in settled {
            if record.isStarted, !record.isActive { continue }
            let (frames, _, isWhole) = layout.named(raw, known)
            let type = TypeFacts(record.type, layout, in: &target)?.name ?? "greenlet.greenlet"
            let state: PythonGreenlet.State =
                !record.isStarted ? .unstarted : record.topFrame == nil ? .running : .suspended
            greenlets.append(
                PythonGreenlet(
                    id: record.address.rawValue, type: type, state: state, isMain: record.isMain,
                    isHub: GreenletReader.isHub(type, frames), parent: parent(of: record, at: place, all),
                    pythonThreadId: record.isMain ? nil : threads.thread(of: record.stackStop), frames: frames,
                    isTorn: isTorn || !isWhole))
        }
        GreenletReader.inheritThreads(&greenlets)
        return greenlets.sorted { $0.id < $1.id }
    }

    /// Where the parent is among the words of a greenlet: it follows the main greenlet, which only those have that were started, and
    /// the function to run. Nil where none of them tells.
    private func parentPlace(_ records: some Sequence<Record>, _ all: Set<UInt64>) -> Int? {
        if isPlain { return 2 }
        var votes: [Int: Int] = [:]
        for record in records where record.isStarted && !record.isMain && record.rest.count > 2 {
            for index in 0..<record.rest.count - 2
            where all.contains(record.rest[index]) && all.contains(record.rest[index + 2]) {
                // The greenlet itself stands before its main one in some versions.
                if record.rest[index] == record.address.rawValue { continue }
                votes[index + 2, default: 0] += 1
                break
            }
        }
        return votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    private func parent(of record: Record, at place: Int?, _ all: Set<UInt64>) -> UInt64? {
        guard !record.isMain else { return nil }
        if let place {
            guard place < record.rest.count else { return nil }
            return isPlain || all.contains(record.rest[place])
                ? (record.rest[place] == 0 ? nil : record.rest[place]) : nil
        }
        // Before the first was started the parent is the only greenlet that they refer to.
        return record.rest.first { $0 != record.address.rawValue && all.contains($0) }
    }

    private static func isHub(_ type: String, _ frames: [PythonFrame]) -> Bool {
        type == "Hub" || type.hasSuffix(".Hub")
            || frames.contains { $0.file.hasSuffix("/eventlet/hubs/hub.py") }
                && frames.last?.function == "run"
    }

    /// Main greenlets have no stack of their own: their thread is that of those below them.
    private static func inheritThreads(_ greenlets: inout [PythonGreenlet]) {
        let places = Dictionary(greenlets.enumerated().map { ($1.id, $0) }) { first, _ in first }
        for index in greenlets.indices {
            guard let thread = greenlets[index].pythonThreadId else { continue }
            var next = greenlets[index].parent
            for _ in 0..<1_000 {
                guard let id = next, let place = places[id] else { break }
                if greenlets[place].pythonThreadId == nil { greenlets[place].pythonThreadId = thread }
                next = greenlets[place].parent
            }
        }
    }
}

/// Tells which thread an address of a stack belongs to.
struct StackOwners {
    private var threads: [UInt64] = []
    private var mappings: [RemoteMapping] = []
    /// The thread whose stack the kernel made.
    private var first: UInt64?

    init<Target: RemoteProcess & ~Copyable>(_ runtime: PythonRuntime, in target: inout Target) {
        let list = ThreadList(layout: runtime.layout)
        guard let interpreters = try? list.interpreters(of: runtime, in: &target) else { return }
        var natives = NativeThreadIds()
        for interpreter in interpreters {
            guard let states = try? list.threads(of: interpreter, in: &target) else { continue }
            for state in natives.completed(states, in: &target) {
                threads.append(state.threadId)
                if let native = state.nativeThreadId, target.activity(ofNative: native)?.isMain == true {
                    first = state.threadId
                }
            }
        }
        mappings = (try? target.mappings()) ?? []
    }

    /// `threading.get_ident()` of the thread whose stack has an address.
    func thread(of address: UInt64) -> UInt64? {
        guard address != 0,
            let mapping = mappings.first(where: { $0.start.rawValue <= address && address < $0.end.rawValue })
        else { return nil }
        if mapping.path.hasPrefix("[stack") { return first }
        return threads.filter { address < $0 && $0 < mapping.end.rawValue }.min()
    }
}
