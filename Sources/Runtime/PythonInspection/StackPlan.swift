/// Which memory a thread's frames are in.
struct StackPlan: Sendable {
    /// Since 3.11 the chunks of the thread's stack, then single frames: those of generators and of the C stack. Up to 3.10 all frames, which are
    /// objects on the heap, from the innermost on.
    private(set) var pieces: [RemotePiece] = []
    /// The pieces' numbers by address; made when it is first needed.
    private var order: [Int] = []

    private static let maximumFrames = 250_000
    /// Most frames outside of the thread's stack.
    private static let maximumSingles = 20_000
    private static let maximumChunk = 1 << 20
    private static let maximumChunks = 4096
    private static let maximumTotal = 64 << 20

    /// Whether a frame lies in the memory of the plan.
    func contains(_ frame: RemoteAddress, _ length: Int) -> Bool {
        pieces.contains { $0.contains(frame, length) }
    }

    mutating func clear() { self = StackPlan() }

    /// Drops frames that are objects.
    mutating func drop(_ frames: [RawFrame]) {
        let dropped = Set(frames.map(\.address))
        pieces.removeAll { dropped.contains($0.address) }
        order = []
    }

    /// Finds the memory that the frames are in from the innermost on; returns what that cost.
    mutating func make<Memory: RemoteMemory & ~Copyable>(
        from leaf: RemoteAddress, newest: RemoteAddress, _ layout: PythonLayout, _ memory: inout Memory
    ) throws(RemoteMemoryError) -> Int {
        order = []
        if layout.hasFrameObjects { return try link(from: leaf, layout, &memory) }
        pieces = []
        var contents: [UInt8] = []
        var starts: [Int] = []
        var total = 0
        var chunk = newest
        while chunk.rawValue != 0, pieces.count < StackPlan.maximumChunks {
            let head = try memory.bytes(chunk, layout.chunkData)
            let size = Int(clamping: head.word(layout.chunkSize))
            guard size >= layout.chunkData, size <= StackPlan.maximumChunk, total + size <= StackPlan.maximumTotal
            else {
                break
            }
            // Of the newest all is read, since the innermost frame may lie anywhere in it; of the others what is used.
            let used = Int(clamping: head.word(layout.chunkTop) & 0xffff_ffff) * 8 + layout.chunkData
            let length = pieces.isEmpty || used < layout.chunkData ? size : min(size, used + layout.frameSize)
            starts.append(contents.count)
            contents += try memory.bytes(chunk, length)
            pieces.append(RemotePiece(chunk, length))
            total += length
            let previous = RemoteAddress(head.word(layout.chunkPrevious))
            if pieces.contains(where: { $0.address == previous }) { break }
            chunk = previous
        }
        var work = total
        var frame = leaf
        var singles: Set<RemoteAddress> = []
        var singlePieces: [RemotePiece] = []
        // Frames do not overlap: a chain with more of them than there is room for is a ring.
        var insideLeft = total / max(1, layout.frameSize)
        var near = 0
        for _ in 0..<StackPlan.maximumFrames where frame.rawValue != 0 {
            if let inside = place(of: frame, layout.frameSize, near: near) {
                near = inside
                insideLeft -= 1
                guard insideLeft >= 0 else { break }
                let start = starts[inside] + Int(frame.rawValue - pieces[inside].address.rawValue)
                frame = RemoteAddress(contents.word(start + layout.framePrevious))
                continue
            }
            guard singles.insert(frame).inserted, singles.count <= StackPlan.maximumSingles else { break }
            singlePieces.append(RemotePiece(frame, layout.frameSize))
            work += 256
            frame = try memory.pointer(frame + layout.framePrevious)
        }
        pieces += singlePieces
        order = []
        return work
    }

    /// Finds frames that are objects, by their links: those that are new since the last walk, up to one that it knew.
    private mutating func link<Memory: RemoteMemory & ~Copyable>(
        from leaf: RemoteAddress, _ layout: PythonLayout, _ memory: inout Memory
    ) throws(RemoteMemoryError) -> Int {
        var known: [RemoteAddress: Int] = [:]
        for (place, piece) in pieces.enumerated() { known[piece.address] = place }
        var linked: [RemotePiece] = []
        var seen: Set<RemoteAddress> = []
        var frame = leaf
        var work = 0
        while frame.rawValue != 0, linked.count < StackPlan.maximumSingles, seen.insert(frame).inserted {
            if let place = known[frame] {
                linked += pieces[place...]
                break
            }
            linked.append(RemotePiece(frame, layout.frameSize))
            work += 256
            frame = try memory.pointer(frame + layout.framePrevious)
        }
        pieces = linked
        return work
    }

    /// The piece that a frame lies in; nil when it lies in none.
    ///
    /// - Parameter near: the piece of its callee: most frames are in the same or the next.
    mutating func place(of frame: RemoteAddress, _ length: Int, near: Int) -> Int? {
        if near < pieces.count, pieces[near].contains(frame, length) { return near }
        if near + 1 < pieces.count, pieces[near + 1].contains(frame, length) { return near + 1 }
        if order.isEmpty { order = pieces.indices.sorted { pieces[$0].address < pieces[$1].address } }
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if pieces[order[middle]].address <= frame { low = middle + 1 } else { high = middle }
        }
        guard low > 0, pieces[order[low - 1]].contains(frame, length) else { return nil }
        return order[low - 1]
    }
}
