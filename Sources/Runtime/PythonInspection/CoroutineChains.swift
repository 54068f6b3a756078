/// Follows coroutines from the outermost one to what the innermost waits for, many chains at a time: one or two system calls a level.
struct CoroutineChains {
    private let layout: PythonLayout
    private let place: GeneratorLayout
    /// Objects with the instructions of code objects, up to 3.10.
    private var instructions: [RemoteAddress: RemoteAddress] = [:]
    private static let maximumDepth = 5_000
    private static let maximumLinks = 200_000

    init(_ layout: PythonLayout) {
        self.layout = layout
        place = GeneratorLayout(layout)
    }

    /// One coroutine, generator or asynchronous generator of a chain.
    struct Link: Hashable {
        enum State: Hashable { case created, suspended, awaiting, executing, finished }

        var generator: RemoteAddress
        /// The frame: within the generator since 3.11, an object before.
        var frame: RemoteAddress
        var code: RemoteAddress
        var instruction: UInt64
        var state: State
        /// First of the frame's local variables.
        var locals: RemoteAddress
    }

    /// A chain, the outermost link first.
    struct Chain: Hashable {
        var links: [Link] = []
        /// What the innermost link awaits when that has no frame.
        var end: RemoteAddress?
        /// Whether some of it could not be read.
        var isCut = false

        var isExecuting: Bool { links.contains { $0.state == .executing } }
    }

    /// Chains from some objects on.
    mutating func read<Memory: RemoteMemory & ~Copyable>(
        from starts: [RemoteAddress?], _ objects: inout RemoteObjects, in memory: inout Memory
    ) -> [Chain] {
        var chains = [Chain](repeating: Chain(), count: starts.count)
        var frontier: [(chain: Int, address: RemoteAddress)] = []
        for (index, start) in starts.enumerated() {
            if let start { frontier.append((index, start)) }
        }
        var seen: Set<Visit> = []
        var total = 0
        for _ in 0..<CoroutineChains.maximumDepth where !frontier.isEmpty {
            total += frontier.count
            guard total <= CoroutineChains.maximumLinks else { break }
            // A chain that leads back into itself is none.
            frontier = frontier.filter { visit in
                let isNew = seen.insert(Visit(chain: visit.chain, address: visit.address)).inserted
                if !isNew { chains[visit.chain].isCut = true }
                return isNew
            }
            frontier = step(frontier, &chains, &objects, &memory)
        }
        for (index, _) in frontier { chains[index].isCut = true }
        instructions = [:]
        return chains
    }

    private struct Visit: Hashable {
        var chain: Int
        var address: RemoteAddress
    }

    // MARK: One level

    /// A link whose awaited object is still to be looked up.
    private struct Candidate {
        var chain: Int
        var link: Link
        /// Where its stack has what it awaits.
        var slot: RemoteAddress?
    }

    private mutating func step<Memory: RemoteMemory & ~Copyable>(
        _ frontier: [(chain: Int, address: RemoteAddress)], _ chains: inout [Chain], _ objects: inout RemoteObjects,
        _ memory: inout Memory
    ) -> [(chain: Int, address: RemoteAddress)] {
        var next: [(chain: Int, address: RemoteAddress)] = []
        let copies = objects.copies(of: frontier.map(\.address), length: place.size, in: &memory)
        var found: [(chain: Int, address: RemoteAddress, copy: Int)] = []
        for (index, (chain, address)) in frontier.enumerated() {
            guard let type = copies.pointer(index, layout.typePointer),
                let kind = objects.kind(ofType: type, in: &memory)
            else {
                chains[chain].isCut = true
                continue
            }
            if kind.role == .wrapper {
                if let inner = copies.pointer(index, objects.head) { next.append((chain, inner)) }
            } else if kind.isGenerator {
                found.append((chain, address, index))
            } else {
                chains[chain].end = address
            }
        }
        let candidates =
            layout.hasFrameObjects
            ? frameObjects(found, copies, &objects, &memory) : embeddedFrames(found, copies)
        let awaited = awaitedObjects(candidates, &objects, &memory)
        for (index, candidate) in candidates.enumerated() {
            var link = candidate.link
            if link.state == .finished { continue }
            if let inner = awaited[index] {
                link.state = .awaiting
                next.append((candidate.chain, inner))
            }
            chains[candidate.chain].links.append(link)
        }
        return next
    }

    /// Frames that are part of their generators: since 3.11.
    private func embeddedFrames(
        _ found: [(chain: Int, address: RemoteAddress, copy: Int)], _ copies: RemoteCopies
    ) -> [Candidate] {
        found.map { chain, address, copy in
            let frame = address + place.frame
            let locals = frame + place.locals
            let raw = Int(Int8(bitPattern: copies.byte(copy, place.state)))
            let state = place.state(raw)
            var slot: RemoteAddress?
            if state == .suspended, place.mayAwait(raw) {
                if place.hasStackPointer {
                    let pointer = copies.pointer(copy, place.frame + place.stack) ?? RemoteAddress(0)
                    if pointer > locals, pointer < locals + (1 << 20) { slot = pointer + -8 * place.awaitedDepth }
                } else {
                    let depth = copies.int(copy, place.frame + place.stack)
                    if depth > 0, depth < 1 << 17 { slot = locals + (Int(depth) - 1) * 8 }
                }
            }
            let link = Link(
                generator: address, frame: frame,
                code: RemoteAddress((copies.word(copy, place.frame + layout.frameCode) ?? 0) & layout.referenceMask),
                instruction: copies.word(copy, place.frame + layout.frameInstruction) ?? 0, state: state,
                locals: locals)
            return Candidate(chain: chain, link: link, slot: slot)
        }
    }

    /// Frames that are objects of their own: up to 3.10.
    private func frameObjects<Memory: RemoteMemory & ~Copyable>(
        _ found: [(chain: Int, address: RemoteAddress, copy: Int)], _ generators: RemoteCopies,
        _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> [Candidate] {
        let frames = found.map { generators.pointer($0.copy, place.frame) ?? RemoteAddress(0) }
        let there = frames.indices.filter { frames[$0].rawValue != 0 }
        let copies = objects.copies(of: there.map { frames[$0] }, length: place.frameObjectSize, in: &memory)
        return there.enumerated().map { copy, index in
            let frame = frames[index]
            let instruction = copies.int(copy, layout.frameInstruction)
            var state = Link.State.suspended
            if !copies.has(copy) {
                state = .finished
            } else if let running = layout.frameRunning, copies.byte(copy, running.offset) == running.value {
                state = .executing
            } else if instruction < 0 {
                state = .created
            }
            var slot: RemoteAddress?
            if state == .suspended {
                if let depthPlace = place.stackDepth {
                    let depth = copies.int(copy, depthPlace)
                    if depth > 0, depth < 1 << 17, let stack = copies.pointer(copy, place.stack) {
                        slot = stack + (Int(depth) - 1) * 8
                    }
                } else {
                    slot = copies.pointer(copy, place.stack).map { $0 + -8 }
                }
            }
            let link = Link(
                generator: found[index].address, frame: frame,
                code: RemoteAddress(copies.word(copy, layout.frameCode) ?? 0),
                instruction: UInt64(bitPattern: Int64(instruction)), state: state, locals: frame + place.locals)
            return Candidate(chain: found[index].chain, link: link, slot: slot)
        }
    }

    /// What suspended links await; nil for those that stand at a `yield` of their own.
    private mutating func awaitedObjects<Memory: RemoteMemory & ~Copyable>(
        _ candidates: [Candidate], _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> [RemoteAddress?] {
        var result = [RemoteAddress?](repeating: nil, count: candidates.count)
        let asked = candidates.indices.filter { candidates[$0].slot != nil }
        guard !asked.isEmpty else { return result }
        let slots = objects.copies(
            of: asked.map { candidates[$0].slot ?? RemoteAddress(0) }, length: 8, in: &memory)
        // Since 3.13 the state tells whether something is awaited, before the instruction does.
        var isAwaiting = [Bool](repeating: true, count: asked.count)
        if layout.version.minor < 13 {
            let places = asked.map { nextInstruction(candidates[$0].link, &objects, &memory) }
            let words = objects.copies(of: places, length: 2, in: &memory)
            for index in asked.indices {
                isAwaiting[index] = place.awaits(operation: words.byte(index, 0), argument: words.byte(index, 1))
            }
        }
        for (index, candidate) in asked.enumerated() where isAwaiting[index] {
            guard let word = slots.word(index, 0), word & layout.referenceMask != 0 else { continue }
            result[candidate] = RemoteAddress(word & layout.referenceMask)
        }
        return result
    }

    /// Where the instruction is that a link runs next.
    private mutating func nextInstruction<Memory: RemoteMemory & ~Copyable>(
        _ link: Link, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> RemoteAddress {
        guard layout.hasFrameObjects else { return RemoteAddress(link.instruction) + 2 }
        var start = instructions[link.code]
        if start == nil, objects.budget.take(8) {
            start = try? memory.pointer(link.code + layout.codeInstructions)
            instructions[link.code] = start
        }
        let number = Int(truncatingIfNeeded: link.instruction)
        guard let start, number >= -1, number < 1 << 28 else { return RemoteAddress(0) }
        let bytes = layout.version.minor == 10 ? (number + 1) * 2 : number + 2
        return start + layout.bytesData + bytes
    }
}

/// Where generators keep their frames. Source: `PyGenObject`, `_PyInterpreterFrame`; up to 3.10 `PyFrameObject`.
struct GeneratorLayout: Sendable {
    /// Bytes of a generator that are read.
    let size: Int
    /// The frame within the generator; up to 3.10 the pointer to it.
    let frame: Int
    let state: Int
    /// First local variable, from the frame on.
    let locals: Int
    /// Depth of the stack, or a pointer to its top; up to 3.10 in the frame object.
    let stack: Int
    let stackDepth: Int?
    let hasStackPointer: Bool
    /// How many values below the top of the stack the awaited object is.
    let awaitedDepth: Int
    let frameObjectSize: Int
    private let minor: Int

    init(_ layout: PythonLayout) {
        minor = layout.version.minor
        awaitedDepth = minor >= 15 ? 2 : 1
        guard !layout.hasFrameObjects else {
            frame = layout["gen.gi_frame"]
            size = frame + 8
            state = 0
            locals = layout["frameobject.f_localsplus"]
            hasStackPointer = true
            stackDepth = minor == 10 ? layout["frameobject.f_stackdepth"] : nil
            stack = layout[minor == 10 ? "frameobject.f_valuestack" : "frameobject.f_stacktop"]
            frameObjectSize = max(layout.frameSize, stack + 8, (stackDepth ?? 0) + 4)
            return
        }
        frame = layout["gen.gi_iframe"]
        state = layout["gen.gi_frame_state"]
        locals = layout["iframe.localsplus"]
        hasStackPointer = minor >= 14
        stack = layout[minor >= 14 ? "iframe.stackpointer" : "iframe.stacktop"]
        stackDepth = nil
        size = frame + layout.frameSize
        frameObjectSize = 0
    }

    /// What a number of `gi_frame_state` says.
    func state(_ raw: Int) -> CoroutineChains.Link.State {
        if minor >= 15 {
            switch raw {
            case 0: return .created
            case 1, 2, 3: return .suspended
            case 4: return .executing
            default: return .finished
            }
        }
        switch raw {
        case 0: return .executing
        case -1: return .suspended
        case -2: return minor >= 13 ? .suspended : .created
        case -3: return minor >= 13 ? .created : .finished
        default: return .finished
        }
    }

    /// Whether a suspended one may await something.
    func mayAwait(_ raw: Int) -> Bool { minor < 13 || (minor < 15 ? raw == -1 : raw == 2 || raw == 3) }

    /// Whether the instruction that comes next tells that something is awaited, before 3.13.
    func awaits(operation: UInt8, argument: UInt8) -> Bool {
        // YIELD_FROM; since 3.11 RESUME after a `yield from` or an `await`, also in its quickened and its instrumented form.
        if minor < 11 { return operation == 72 }
        let isResume = operation == 151 || operation == (minor == 11 ? 150 : 240)
        return isResume && argument & 3 >= 2
    }
}
