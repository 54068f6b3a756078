/// Reads one thread's chain of frames without stopping it, and knows whether the chain is whole.
///
/// A first walk finds out which memory the frames are in. Then one system call copies, in this order, the thread's state, the window around
/// its innermost frame and the frames of generators, all frames, the window again, the state again. The copies in the middle count only when
/// those on both sides agree: a thread that returned or called meanwhile shows in one of them.
struct StackReader {
    let layout: PythonLayout
    /// Frame memory of the last walk: it seldom changes from one reading to the next.
    private var plan: [RemotePiece] = []
    /// Where the thread was at the end of the last reading.
    private var position: Position?
    private var bytes: [UInt8] = []
    /// What all readings have cost: bytes, and a share for each piece.
    private(set) var work = 0

    private static let maximumFrames = 100_000
    /// Most frames outside of the thread's stack.
    private static let maximumSingles = 20_000
    private static let maximumChunk = 1 << 20
    private static let maximumTotal = 64 << 20
    private static let windowBefore = 1024
    private static let windowBehind = 512
    /// Most frames outside of the thread's stack that are compared before and after: they move first that are innermost.
    private static let maximumCompared = 64

    init(layout: PythonLayout) {
        self.layout = layout
    }

    /// Frames of a thread, innermost first; nil when the thread moved meanwhile. Throws what the memory throws, also for a thread that ended.
    ///
    /// One system call where the thread is near to where it was the last time.
    mutating func read<Memory: RemoteMemory & ~Copyable>(
        thread: RemoteAddress, from memory: inout Memory
    ) throws(RemoteMemoryError) -> [RawFrame]? {
        if position == nil { try locate(thread, &memory) }
        guard let expected = position, expected.leaf.rawValue != 0 else {
            position = nil
            return []
        }
        if !isPlanned(expected.leaf) {
            do throws(RemoteMemoryError) {
                try makePlan(expected, &memory)
            } catch {
                (position, plan) = (nil, [])
                throw error
            }
        }
        let ends = [RemotePiece(thread, layout.threadSize)] + (expected.carrier.map { [RemotePiece($0, 24)] } ?? [])
        let window = self.window(around: expected.leaf)
        // What is not in the window lies elsewhere: a generator that was left meanwhile forgets who called it.
        let frameSize = layout.frameSize
        let singles = plan.filter { $0.length == frameSize && $0.address != window.address }
        let sides = [window] + singles.prefix(StackReader.maximumCompared)
        let pieces = ends + sides + trimmedPlan(expected.leaf) + sides + ends.reversed()
        work += pieces.reduce(0) { $0 + $1.length + 256 }
        do throws(RemoteMemoryError) {
            try memory.read(pieces, into: &bytes)
        } catch {
            // A chunk of the plan may be gone, or the C frame's stack.
            (position, plan) = (nil, [])
            throw error
        }
        return judge(pieces, endCount: ends.count, sideCount: sides.count, expected.leaf)
    }

    /// Where a thread's innermost frame is.
    private struct Position {
        var leaf: RemoteAddress
        /// The C frame that points to it, up to 3.12.
        var carrier: RemoteAddress?
        /// Newest chunk of the thread's stack.
        var chunk: RemoteAddress
    }

    /// Asks the thread's state where it is.
    private mutating func locate<Memory: RemoteMemory & ~Copyable>(
        _ thread: RemoteAddress, _ memory: inout Memory
    ) throws(RemoteMemoryError) {
        let state = try memory.bytes(thread, layout.threadSize)
        let chunk = RemoteAddress(state.word(layout.threadChunk))
        guard let offset = layout.threadCFrame else {
            position = Position(leaf: RemoteAddress(state.word(layout.threadFrame)), carrier: nil, chunk: chunk)
            return
        }
        let carrier = RemoteAddress(state.word(offset))
        guard carrier.rawValue != 0 else {
            position = Position(leaf: carrier, carrier: nil, chunk: chunk)
            return
        }
        position = Position(
            leaf: try memory.pointer(carrier + layout.cframeCurrent), carrier: carrier, chunk: chunk)
    }

    private func isPlanned(_ leaf: RemoteAddress) -> Bool {
        plan.contains { $0.contains(leaf, layout.frameSize) }
    }

    /// Memory around the innermost frame that is compared before and after; within one piece of the plan.
    private func window(around leaf: RemoteAddress) -> RemotePiece {
        guard let piece = plan.first(where: { $0.contains(leaf, layout.frameSize) }) else {
            return RemotePiece(leaf, layout.frameSize)
        }
        // By lengths: the end of a hostile piece may lie behind the last address.
        let place = Int(leaf.rawValue - piece.address.rawValue)
        let before = min(StackReader.windowBefore, place)
        return RemotePiece(
            leaf + -before, min(piece.length - place + before, before + layout.frameSize + StackReader.windowBehind))
    }

    /// The plan without what lies behind the innermost frame: every page that is copied makes a tear more likely.
    private func trimmedPlan(_ leaf: RemoteAddress) -> [RemotePiece] {
        plan.map { piece in
            guard piece.contains(leaf, layout.frameSize) else { return piece }
            let used = Int(leaf.rawValue - piece.address.rawValue) + layout.frameSize + StackReader.windowBehind
            return RemotePiece(piece.address, min(piece.length, used))
        }
    }

    // MARK: The plan

    /// Finds the memory that the frames are in: the chunks of the thread's stack, and single frames of generators and of the C stack.
    private mutating func makePlan<Memory: RemoteMemory & ~Copyable>(
        _ position: Position, _ memory: inout Memory
    ) throws(RemoteMemoryError) {
        plan = []
        var contents: [UInt8] = []
        var total = 0
        var chunk = position.chunk
        while chunk.rawValue != 0, plan.count < 4096 {
            let head = try memory.bytes(chunk, 24)
            let size = Int(clamping: head.word(layout.chunkSize))
            guard size >= layout.chunkData, size <= StackReader.maximumChunk, total + size <= StackReader.maximumTotal
            else {
                break
            }
            contents += try memory.bytes(chunk, size)
            work += size
            plan.append(RemotePiece(chunk, size))
            total += size
            let previous = RemoteAddress(head.word(layout.chunkPrevious))
            if plan.contains(where: { $0.address == previous }) { break }
            chunk = previous
        }
        let chunks = StackMemory(plan[...], in: contents, from: 0)
        var frame = position.leaf
        var singles: Set<RemoteAddress> = []
        // Frames do not overlap: a chain with more of them than there is room for is a ring.
        var insideLeft = total / max(1, layout.frameSize)
        for _ in 0..<StackReader.maximumFrames where frame.rawValue != 0 {
            if let inside = chunks.frame(at: frame, layout) {
                insideLeft -= 1
                guard insideLeft >= 0 else { break }
                frame = inside.previous
                continue
            }
            guard singles.insert(frame).inserted, singles.count <= StackReader.maximumSingles else { break }
            plan.append(RemotePiece(frame, layout.frameSize))
            work += 256
            frame = try memory.pointer(frame + layout.framePrevious)
        }
    }

    // MARK: The verdict

    /// The frames in the middle when the copies on both sides agree with them; nil when the thread moved. Remembers where it is now.
    ///
    /// - Parameter center: the innermost frame that the window was laid around.
    private mutating func judge(
        _ pieces: [RemotePiece], endCount: Int, sideCount: Int, _ center: RemoteAddress
    ) -> [RawFrame]? {
        var starts: [Int] = []
        starts.reserveCapacity(pieces.count)
        var offset = 0
        for piece in pieces {
            starts.append(offset)
            offset += piece.length
        }
        let last = pieces.count - 1
        let (first, second) = (seen(starts[0], starts[endCount - 1]), seen(starts[last], starts[last - endCount + 1]))
        // Where it is now is where it is looked for the next time.
        position = second
        guard let first, let second, first.leaf == second.leaf, first.leaf.rawValue != 0 else { return nil }
        let (planned, behind) = (endCount + sideCount, pieces.count - endCount - sideCount)
        let before = StackMemory(pieces[endCount..<planned], in: bytes, from: starts[endCount])
        let middle = StackMemory(pieces[planned..<behind], in: bytes, from: starts[planned])
        let after = StackMemory(pieces[behind..<behind + sideCount], in: bytes, from: starts[behind])
        var frames: [RawFrame] = []
        // Frames do not overlap: a chain with more of them than were read is a ring.
        let room = pieces[planned..<behind].reduce(0) { $0 + $1.length } / max(1, layout.frameSize)
        var address = first.leaf
        while address.rawValue != 0 {
            guard let frame = middle.frame(at: address, layout) else {
                // The chain leads to where the plan does not: a generator that is new on it, or a chunk.
                plan = []
                return nil
            }
            for window in [before, after] {
                guard let other = window.frame(at: address, layout) else {
                    // A window that the thread has left may miss the callers as well: it is laid anew.
                    if frames.isEmpty || frames.count < 3 && first.leaf != center { return nil }
                    continue
                }
                guard frames.isEmpty ? frame.isSameCall(as: other) : frame == other else { return nil }
            }
            // A generator that runs has a caller, since 3.12 even where C alone called it. In 3.11 one that C calls in a thread without any
            // other frame has none, but is not told from one that is just being resumed, where a thread may rest while it waits for a processor.
            if frame.owner == 1, frame.previous.rawValue == 0 { return nil }
            frames.append(frame)
            guard frames.count <= room else { return nil }
            address = frame.previous
        }
        return frames
    }

    /// Where a copy of the thread's state says it is; nil when that is in another C frame than the one that was copied.
    private func seen(_ state: Int, _ cframe: Int) -> Position? {
        let chunk = RemoteAddress(bytes.word(state + layout.threadChunk))
        guard let offset = layout.threadCFrame, let carrier = position?.carrier else {
            return Position(leaf: RemoteAddress(bytes.word(state + layout.threadFrame)), carrier: nil, chunk: chunk)
        }
        guard bytes.word(state + offset) == carrier.rawValue else { return nil }
        return Position(
            leaf: RemoteAddress(bytes.word(cframe + layout.cframeCurrent)), carrier: carrier, chunk: chunk)
    }
}
