/// Reads one thread's chain of frames without stopping it, and knows whether the chain is whole.
///
/// A first walk finds out which memory the frames are in. Then one system call copies, in this order: all frames, the window around the
/// innermost, the thread's state, the window again, all frames again. The state says where the thread was at that moment; a frame counts only
/// when its copies from before and after that moment are the same: a thread that returned or called meanwhile shows in one of them.
struct StackReader: Sendable {
    let layout: PythonLayout
    /// Frame memory of the last walk: it seldom changes from one reading to the next.
    var plan = StackPlan()
    /// Where the thread was at the end of the last reading.
    private var position: Position?
    /// Frames of the last whole reading, innermost first.
    private(set) var frames: [RawFrame] = []
    /// How many outermost frames the last whole reading has in common with the one before it.
    private(set) var unchangedOuterFrames = 0
    /// Whether the thread worked while it was read last: its innermost frame went on between the copies.
    private(set) var hasMoved = false
    /// What all readings have cost: bytes, and a share for each piece.
    private(set) var work = 0

    // What a reading fills, kept so that none of it is made anew a thousand times a second.
    private var found: [RawFrame] = []
    /// Number of the plan's piece that each lies in.
    private var homes: [Int] = []
    private var kept = KeptReading()
    private var pieces: [RemotePiece] = []
    private var offsets: [Int] = []
    private var windows: [RemotePiece] = []
    private var bytes: [UInt8] = []

    private static let windowBefore = 384
    private static let windowBehind = 640

    init(layout: PythonLayout) {
        self.layout = layout
    }

    /// Reads the frames of a thread; false when it moved meanwhile. Throws what the memory throws, also for a thread that ended.
    ///
    /// One system call where the thread is near to where it was the last time.
    ///
    /// - Parameter isStopped: whether the thread cannot run meanwhile: one copy is enough.
    mutating func read<Memory: RemoteMemory & ~Copyable>(
        thread: RemoteAddress, isStopped: Bool = false, from memory: inout Memory
    ) throws(RemoteMemoryError) -> Bool {
        if position == nil { try locate(thread, &memory) }
        guard let expected = position, expected.leaf.rawValue != 0 else {
            position = nil
            found.removeAll(keepingCapacity: true)
            kept.clear()
            accept(unchanged: 0)
            return true
        }
        do throws(RemoteMemoryError) {
            if !plan.contains(expected.leaf, layout.frameSize) {
                work += try plan.make(from: expected.leaf, newest: expected.chunk, layout, &memory)
            }
            let order = isStopped ? layOutOnce(thread, expected) : layOut(thread, expected)
            work += offsets[offsets.count - 1] + 256 * pieces.count
            try memory.read(pieces, into: &bytes)
            guard let unchanged = judge(order) else { return false }
            accept(unchanged: unchanged)
            if layout.hasFrameObjects {
                kept.clear()
            } else {
                kept.keep(&bytes, pieces, offsets, order, homes: &homes)
            }
            return true
        } catch {
            // A chunk of the plan may be gone, or the C frame's stack.
            forget()
            throw error
        }
    }

    /// Forgets where the thread was.
    mutating func forget() {
        position = nil
        plan = StackPlan()
    }

    /// Makes what was found the last whole reading.
    ///
    /// - Parameter unchanged: how many of its outermost frames are known to be those of the one before.
    private mutating func accept(unchanged: Int) {
        swap(&frames, &found)
        let (now, before) = (frames.count, found.count)
        var same = unchanged
        while same < min(now, before), frames[now - 1 - same] == found[before - 1 - same] { same += 1 }
        unchangedOuterFrames = same
    }

    // MARK: Where the thread is

    /// Where a thread's innermost frame is.
    private struct Position {
        var leaf: RemoteAddress
        /// The C frame that points to it, up to 3.12.
        var carrier: RemoteAddress?
        /// Newest chunk of the thread's stack.
        var chunk: RemoteAddress
        /// Where the next frame will be.
        var top: RemoteAddress
    }

    /// Asks the thread's state where it is.
    private mutating func locate<Memory: RemoteMemory & ~Copyable>(
        _ thread: RemoteAddress, _ memory: inout Memory
    ) throws(RemoteMemoryError) {
        let piece = layout.threadPosition(of: thread)
        let state = try memory.bytes(piece.address, piece.length)
        let carrier = layout.threadCFrame.map { RemoteAddress(state.word($0 - layout.threadPositionStart)) }
        var current: [UInt8] = []
        if let carrier, carrier.rawValue != 0 {
            current = try memory.bytes(carrier + layout.cframeCurrent, 8)
        }
        position = position(state, 0, carrier, current, 0)
    }

    /// Where copies of the thread's state and of the C frame that it points to say that it is.
    private func position(
        _ state: [UInt8], _ start: Int, _ carrier: RemoteAddress?, _ current: [UInt8], _ place: Int
    ) -> Position {
        let first = start - layout.threadPositionStart
        let chunk = RemoteAddress(layout.threadChunk.map { state.word(first + $0) } ?? 0)
        let leaf = carrier == nil ? state.word(first + layout.threadFrame) : current.word(place)
        let top = RemoteAddress(layout.threadTop.map { state.word(first + $0) } ?? 0)
        return Position(leaf: RemoteAddress(leaf), carrier: carrier, chunk: chunk, top: top)
    }

    // MARK: The pieces of a reading

    /// Where in a reading the copies of each kind are: by numbers of pieces.
    struct Arrangement {
        /// Number of the plan's piece that is the first one read.
        var firstPlanned = 0
        /// How many pieces of the plan are read, each once before and once behind the state.
        var planned = 0
        /// First of the pieces that hold the state.
        var state = 0
        /// First piece of the plan behind the state.
        var behind = 0
        /// Whether there are copies from before the state: not of a thread that cannot move.
        var isTwice = true
    }

    /// Lays out what is copied by one system call: from the outermost frames inwards, the thread's state, and outwards again, so that the copies
    /// of those frames that move most are nearest to each other.
    private mutating func layOut(_ thread: RemoteAddress, _ expected: Position) -> Arrangement {
        pieces.removeAll(keepingCapacity: true)
        var order = Arrangement()
        windows.removeAll(keepingCapacity: true)
        order.firstPlanned = firstPlanned(expected)
        if !layout.hasFrameObjects {
            windows.append(window(around: expected.leaf) ?? RemotePiece(expected.leaf, layout.frameSize))
            // A generator is elsewhere in memory, and who calls it moves as fast.
            let newest = expected.top + -layout.frameSize
            if !windows[0].contains(newest, layout.frameSize), let second = window(around: newest) {
                windows.append(second)
            }
        }
        let planned = order.firstPlanned..<plan.pieces.count
        order.planned = planned.count
        for index in planned.reversed() { pieces.append(trimmed(plan.pieces[index], expected.leaf)) }
        pieces.append(contentsOf: windows.reversed())
        order.state = pieces.count
        if let carrier = expected.carrier { pieces.append(RemotePiece(carrier + layout.cframeCurrent, 8)) }
        pieces.append(layout.threadPosition(of: thread))
        pieces.append(contentsOf: windows)
        order.behind = pieces.count
        for index in planned { pieces.append(trimmed(plan.pieces[index], expected.leaf)) }
        addOffsets()
        return order
    }

    /// Lays out what is copied of a thread that cannot move.
    private mutating func layOutOnce(_ thread: RemoteAddress, _ expected: Position) -> Arrangement {
        pieces.removeAll(keepingCapacity: true)
        windows.removeAll(keepingCapacity: true)
        var order = Arrangement(isTwice: false)
        order.firstPlanned = firstPlanned(expected)
        order.planned = plan.pieces.count - order.firstPlanned
        if let carrier = expected.carrier { pieces.append(RemotePiece(carrier + layout.cframeCurrent, 8)) }
        pieces.append(layout.threadPosition(of: thread))
        order.behind = pieces.count
        for piece in plan.pieces[order.firstPlanned...] { pieces.append(trimmed(piece, expected.leaf)) }
        addOffsets()
        return order
    }

    /// Where in the plan to begin: of frames that are objects those before the innermost have returned, and the last of them tells whether it
    /// is called again meanwhile.
    private func firstPlanned(_ expected: Position) -> Int {
        guard layout.hasFrameObjects else { return 0 }
        return max(0, (plan.pieces.firstIndex { $0.address == expected.leaf } ?? 0) - 1)
    }

    private mutating func addOffsets() {
        offsets.removeAll(keepingCapacity: true)
        var offset = 0
        for piece in pieces {
            offsets.append(offset)
            offset += piece.length
        }
        offsets.append(offset)
    }

    /// A piece without what lies far behind the innermost frame.
    private func trimmed(_ piece: RemotePiece, _ leaf: RemoteAddress) -> RemotePiece {
        guard piece.contains(leaf, layout.frameSize) else { return piece }
        let used = Int(leaf.rawValue - piece.address.rawValue) + layout.frameSize + StackReader.windowBehind
        return RemotePiece(piece.address, min(piece.length, used))
    }

    /// Memory around a frame, within one piece of the plan; nil for one that is in none.
    ///
    /// It is copied twice more: a thread that calls and returns as fast as it can is back in the same place within the time of two copies.
    private func window(around leaf: RemoteAddress) -> RemotePiece? {
        guard let piece = plan.pieces.first(where: { $0.contains(leaf, layout.frameSize) }) else { return nil }
        // By lengths: the end of a hostile piece may lie behind the last address.
        let place = Int(leaf.rawValue - piece.address.rawValue)
        let before = min(place, StackReader.windowBefore)
        return RemotePiece(
            leaf + -before, min(piece.length - place + before, before + layout.frameSize + StackReader.windowBehind))
    }

    // MARK: The verdict

    /// Finds the frames when all copies of them agree; nil when the thread moved. Remembers where it is now.
    ///
    /// - Returns: how many of the outermost are those of the last whole reading, as far as that was found out.
    private mutating func judge(_ order: Arrangement) -> Int? {
        found.removeAll(keepingCapacity: true)
        homes.removeAll(keepingCapacity: true)
        hasMoved = false
        let carrier = position?.carrier
        let state = offsets[order.state + (carrier == nil ? 0 : 1)]
        let now = position(bytes, state, carrier, bytes, offsets[order.state])
        if let offset = layout.threadCFrame,
            bytes.word(state + offset - layout.threadPositionStart) != carrier?.rawValue
        {
            // It is in another C frame than the one that was copied.
            position = nil
            return nil
        }
        // Where it is now is where it is looked for the next time.
        position = now
        // Frames do not overlap: a chain with more of them than were read is a ring.
        let room = offsets[order.isTwice ? order.behind : pieces.count] / max(1, layout.frameSize)
        var address = now.leaf
        var near = order.firstPlanned
        var known: Int?
        while address.rawValue != 0 {
            if found.count == 1 { known = kept.unchanged(bytes, pieces, offsets, order, windows: windows) }
            if let known, address == frames[known].address { return reuse(from: known, order) }
            guard let planned = plan.place(of: address, layout.frameSize, near: near), planned >= order.firstPlanned
            else {
                // The chain leads to where the plan does not: a generator that is new on it, or a chunk. Objects up to
                // here have another caller than they had, the outer ones may still be in place.
                layout.hasFrameObjects ? plan.drop(found) : plan.clear()
                return nil
            }
            near = planned
            // In the plan, but not in what was read of it: the thread went far.
            guard let copies = copies(of: address, planned, order) else { return nil }
            let frame = layout.frame(bytes, copies.behind, address)
            guard agrees(frame, copies.before) else { return nil }
            if let window = copies.window {
                guard agrees(frame, window.before), agrees(frame, window.behind) else { return nil }
            } else if windows.count > 0, found.isEmpty {
                return nil
            }
            if order.isTwice, found.isEmpty, !isQuiet(now, order) { return nil }
            // A generator that runs has a caller, since 3.12 even where C alone called it. Up to 3.11 one that C calls in a thread without any
            // other frame has none, but is not told from one that is just being resumed, where a thread may rest while it waits for a processor.
            if !frame.isRunning || frame.owner == 1 && frame.previous.rawValue == 0 { return nil }
            found.append(frame)
            homes.append(planned)
            guard found.count <= room else { return nil }
            address = frame.previous
        }
        return now.leaf.rawValue == 0 ? nil : 0
    }

    /// Takes the outer frames from the last whole reading.
    private mutating func reuse(from first: Int, _ order: Arrangement) -> Int {
        found.append(contentsOf: frames[first...])
        kept.appendHomes(from: first, order, to: &homes)
        return frames.count - first
    }

    /// Where the copies of a frame are.
    private struct Copies {
        var before: Int
        var behind: Int
        /// Those nearer to the state. Absent: for a frame that is not in the window.
        var window: (before: Int, behind: Int)?
    }

    /// Finds the copies of a frame in a piece of the plan; nil where it was not read.
    private func copies(of frame: RemoteAddress, _ planned: Int, _ order: Arrangement) -> Copies? {
        let index = order.behind + planned - order.firstPlanned
        guard pieces[index].contains(frame, layout.frameSize) else { return nil }
        let place = Int(frame.rawValue - pieces[index].address.rawValue)
        let behind = offsets[index] + place
        guard order.isTwice else { return Copies(before: behind, behind: behind) }
        var copies = Copies(before: offsets[order.planned - 1 - planned + order.firstPlanned] + place, behind: behind)
        for number in 0..<windows.count {
            let before = order.state - 1 - number
            guard pieces[before].contains(frame, layout.frameSize) else { continue }
            let place = Int(frame.rawValue - pieces[before].address.rawValue)
            copies.window = (offsets[before] + place, offsets[order.behind - windows.count + number] + place)
            break
        }
        return copies
    }

    /// Whether the thread called nothing meanwhile: the head of the frame that would be next is as it was.
    ///
    /// Else a place where calls begin would be found whole always, and what they call seldom: whether a reading is whole must not depend on
    /// where the thread is.
    private mutating func isQuiet(_ now: Position, _ order: Arrangement) -> Bool {
        var next = now.top
        if layout.hasFrameObjects {
            guard let leaf = plan.place(of: now.leaf, layout.frameSize, near: order.firstPlanned),
                leaf > order.firstPlanned
            else { return true }
            next = plan.pieces[leaf - 1].address
        }
        guard let planned = plan.place(of: next, layout.frameSize, near: order.firstPlanned),
            planned >= order.firstPlanned, let copies = copies(of: next, planned, order)
        else { return true }
        let frame = layout.frame(bytes, copies.behind, next)
        guard layout.frame(bytes, copies.before, next) == frame else { return false }
        guard let window = copies.window else { return true }
        return layout.frame(bytes, window.before, next) == frame && layout.frame(bytes, window.behind, next) == frame
    }

    /// Whether another copy of a frame is the same; the innermost may have gone on within its call.
    private mutating func agrees(_ frame: RawFrame, _ start: Int) -> Bool {
        let other = layout.frame(bytes, start, frame.address)
        guard found.isEmpty else { return frame == other }
        hasMoved = hasMoved || frame.instruction != other.instruction
        return frame.isSameCall(as: other)
    }
}
