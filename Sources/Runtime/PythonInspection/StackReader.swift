/// Reads one thread's chain of frames without stopping it, and knows whether the chain is whole.
///
/// A first walk finds out which memory the frames are in. Then one system call copies, in this order, the thread's state, the window around
/// its innermost frame, all frames, the window again, the state again. The copies in the middle count only when those on both sides agree: a
/// thread that returned or called meanwhile shows in one of them.
struct StackReader {
    let layout: PythonLayout
    /// Frame memory of the last walk: it seldom changes from one reading to the next.
    private var plan: [RemotePiece] = []
    private var bytes: [UInt8] = []

    private static let maximumFrames = 100_000
    private static let maximumChunk = 1 << 20
    private static let maximumTotal = 64 << 20
    private static let windowBefore = 1024
    private static let windowBehind = 512

    init(layout: PythonLayout) {
        self.layout = layout
    }

    /// Frames of a thread, innermost first; nil when the thread moved meanwhile. Throws what the memory throws, also for a thread that ended.
    mutating func read<Memory: RemoteMemory & ~Copyable>(
        thread: RemoteAddress, from memory: inout Memory
    ) throws(RemoteMemoryError) -> [RawFrame]? {
        let state = try memory.bytes(thread, layout.threadSize)
        let carrier = layout.threadCFrame.map { RemoteAddress(state.word($0)) }
        guard let leaf = try leaf(of: state, carrier, &memory) else { return [] }
        if !isPlanned(leaf) { try makePlan(state, leaf, &memory) }
        for isSecond in [false, true] {
            let window = self.window(around: leaf)
            let ends = [RemotePiece(thread, layout.threadSize)] + (carrier.map { [RemotePiece($0, 24)] } ?? [])
            let pieces = ends + [window] + plan + [window] + ends.reversed()
            do throws(RemoteMemoryError) {
                try memory.read(pieces, into: &bytes)
            } catch {
                // A chunk of the plan may be gone, or a window reach over an edge.
                guard error == .unmapped, !isSecond else { throw error }
                try makePlan(state, leaf, &memory)
                continue
            }
            switch judge(pieces, leaf: leaf, carrier: carrier, endCount: ends.count) {
            case .whole(let frames): return frames
            case .torn: return nil
            case .outsidePlan:
                if isSecond { return nil }
                try makePlan(state, leaf, &memory)
            }
        }
        return nil
    }

    /// Innermost frame by the thread's state; nil when it runs no Python.
    private func leaf<Memory: RemoteMemory & ~Copyable>(
        of state: [UInt8], _ carrier: RemoteAddress?, _ memory: inout Memory
    ) throws(RemoteMemoryError) -> RemoteAddress? {
        let leaf: RemoteAddress
        if let carrier {
            guard carrier.rawValue != 0 else { return nil }
            leaf = try memory.pointer(carrier + layout.cframeCurrent)
        } else {
            leaf = RemoteAddress(state.word(layout.threadFrame))
        }
        return leaf.rawValue == 0 ? nil : leaf
    }

    private func isPlanned(_ leaf: RemoteAddress) -> Bool {
        plan.contains {
            $0.address <= leaf && leaf.rawValue - $0.address.rawValue <= UInt64(max(0, $0.length - layout.frameSize))
        }
    }

    /// Memory around the innermost frame that is compared before and after; within one piece of the plan.
    private func window(around leaf: RemoteAddress) -> RemotePiece {
        for piece in plan where piece.address <= leaf && leaf.rawValue < (piece.address + piece.length).rawValue {
            let before = min(StackReader.windowBefore, Int(leaf.rawValue - piece.address.rawValue))
            let start = leaf + -before
            let rest = Int((piece.address + piece.length).rawValue - start.rawValue)
            return RemotePiece(start, min(rest, before + layout.frameSize + StackReader.windowBehind))
        }
        return RemotePiece(leaf, layout.frameSize)
    }

    // MARK: The plan

    /// Finds the memory that the frames are in: the chunks of the thread's stack, and single frames of generators and of the C stack.
    private mutating func makePlan<Memory: RemoteMemory & ~Copyable>(
        _ state: [UInt8], _ leaf: RemoteAddress, _ memory: inout Memory
    ) throws(RemoteMemoryError) {
        plan = []
        var contents: [UInt8] = []
        var total = 0
        var chunk = RemoteAddress(state.word(layout.threadChunk))
        while chunk.rawValue != 0, plan.count < 4096 {
            let head = try memory.bytes(chunk, 24)
            let size = Int(clamping: head.word(layout.chunkSize))
            guard size >= layout.chunkData, size <= StackReader.maximumChunk, total + size <= StackReader.maximumTotal
            else {
                break
            }
            contents += try memory.bytes(chunk, size)
            plan.append(RemotePiece(chunk, size))
            total += size
            let previous = RemoteAddress(head.word(layout.chunkPrevious))
            if plan.contains(where: { $0.address == previous }) { break }
            chunk = previous
        }
        let chunks = StackMemory(plan[...], in: contents, from: 0)
        var frame = leaf
        var singles: Set<RemoteAddress> = []
        for _ in 0..<StackReader.maximumFrames where frame.rawValue != 0 {
            if let inside = chunks.frame(at: frame, layout) {
                frame = inside.previous
                continue
            }
            guard singles.insert(frame).inserted else { break }
            plan.append(RemotePiece(frame, layout.frameSize))
            frame = try memory.pointer(frame + layout.framePrevious)
        }
    }

    // MARK: The verdict

    private enum Verdict {
        case whole([RawFrame])
        case torn
        case outsidePlan
    }

    private func judge(_ pieces: [RemotePiece], leaf: RemoteAddress, carrier: RemoteAddress?, endCount: Int) -> Verdict
    {
        var starts: [Int] = []
        var offset = 0
        for piece in pieces {
            starts.append(offset)
            offset += piece.length
        }
        let last = pieces.count - 1
        guard seenLeaf(starts[0], starts[endCount - 1], carrier) == leaf,
            seenLeaf(starts[last], starts[last - endCount + 1], carrier) == leaf
        else { return .torn }
        let firstWindow = endCount, secondWindow = last - endCount
        let before = StackMemory(pieces[firstWindow...firstWindow], in: bytes, from: starts[firstWindow])
        let after = StackMemory(pieces[secondWindow...secondWindow], in: bytes, from: starts[secondWindow])
        let middle = StackMemory(pieces[(firstWindow + 1)..<secondWindow], in: bytes, from: starts[firstWindow + 1])
        var frames: [RawFrame] = []
        var address = leaf
        while address.rawValue != 0 {
            guard let frame = middle.frame(at: address, layout) else { return .outsidePlan }
            for window in [before, after] {
                guard let other = window.frame(at: address, layout) else {
                    if frames.isEmpty { return .torn }
                    continue
                }
                guard frames.isEmpty ? frame.isSameCall(as: other) : frame == other else { return .torn }
            }
            frames.append(frame)
            guard frames.count < StackReader.maximumFrames else { return .torn }
            address = frame.previous
        }
        return .whole(frames)
    }

    /// Innermost frame that a copy of the thread's state names; nil when its C frame is another one than the one that was read.
    private func seenLeaf(_ state: Int, _ cframe: Int, _ carrier: RemoteAddress?) -> RemoteAddress? {
        guard let carrier, let offset = layout.threadCFrame else {
            return RemoteAddress(bytes.word(state + layout.threadFrame))
        }
        guard bytes.word(state + offset) == carrier.rawValue else { return nil }
        return RemoteAddress(bytes.word(cframe + layout.cframeCurrent))
    }
}
