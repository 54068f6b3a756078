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
    /// Which of the pieces that were copied each lies in.
    private var homes: [Int] = []
    private var copies = StackCopies()
    private var kept = KeptReading()

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
            copies.layOut(
                plan, around: expected.leaf, expected.top + -layout.frameSize,
                carrier: expected.carrier.map { RemotePiece($0 + layout.cframeCurrent, 8) },
                thread: layout.threadPosition(of: thread), isStopped: isStopped, layout)
            work += copies.length + 256 * copies.pieces.count
            try memory.read(copies.pieces, into: &copies.bytes)
            guard let unchanged = judge() else { return false }
            accept(unchanged: unchanged)
            // Objects are pieces of their own: to compare them costs what it saves.
            if !layout.hasFrameObjects { kept.keep(&copies, homes: &homes) }
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

    // MARK: The verdict

    /// Finds the frames when all copies of them agree; nil when the thread moved. Remembers where it is now.
    ///
    /// - Returns: how many of the outermost are those of the last whole reading, as far as that was found out.
    private mutating func judge() -> Int? {
        found.removeAll(keepingCapacity: true)
        homes.removeAll(keepingCapacity: true)
        hasMoved = false
        let carrier = position?.carrier
        let places = copies.statePlaces
        let state = carrier == nil ? places.first : places.second
        let now = position(copies.bytes, state, carrier, copies.bytes, places.first)
        if let offset = layout.threadCFrame,
            copies.bytes.word(state + offset - layout.threadPositionStart) != carrier?.rawValue
        {
            // It is in another C frame than the one that was copied.
            position = nil
            return nil
        }
        // Where it is now is where it is looked for the next time.
        position = now
        // Frames do not overlap: a chain with more of them than were read is a ring.
        let room = copies.lengthOnce / max(1, layout.frameSize)
        var address = now.leaf
        var near = copies.firstPlanned
        var known: Int?
        while address.rawValue != 0 {
            if found.count == 1 { known = kept.unchanged(copies) }
            if let known, address == frames[known].address { return reuse(from: known) }
            guard let planned = plan.place(of: address, layout.frameSize, near: near), planned >= copies.firstPlanned
            else {
                // The chain leads to where the plan does not: a generator that is new on it, or a chunk. Objects up to
                // here have another caller than they had, the outer ones may still be in place.
                layout.hasFrameObjects ? plan.drop(found) : plan.clear()
                return nil
            }
            near = planned
            // In the plan, but not in what was read of it: the thread went far.
            guard let places = copies.places(of: address, in: planned, layout.frameSize) else { return nil }
            let frame = layout.frame(copies.bytes, places.behind, address)
            guard agrees(frame, places.before) else { return nil }
            if let window = places.window {
                guard agrees(frame, window.before), agrees(frame, window.behind) else { return nil }
            } else if copies.hasWindows, found.isEmpty {
                return nil
            }
            if copies.isTwice, found.isEmpty, !isQuiet(now) { return nil }
            // A generator that runs has a caller, since 3.12 even where C alone called it. Up to 3.11 one that C calls in a thread without any
            // other frame has none, but is not told from one that is just being resumed, where a thread may rest while it waits for a processor.
            if !frame.isRunning || frame.owner == 1 && frame.previous.rawValue == 0 { return nil }
            found.append(frame)
            homes.append(planned - copies.firstPlanned)
            guard found.count <= room else { return nil }
            address = frame.previous
        }
        return now.leaf.rawValue == 0 ? nil : 0
    }

    /// Takes the outer frames from the last whole reading.
    private mutating func reuse(from first: Int) -> Int {
        found.append(contentsOf: frames[first...])
        kept.appendHomes(from: first, copies, to: &homes)
        return frames.count - first
    }

    /// Whether the thread called nothing meanwhile: the head of the frame that would be next is as it was.
    ///
    /// Else a place where calls begin would be found whole always, and what they call seldom: whether a reading is whole must not depend on
    /// where the thread is.
    private mutating func isQuiet(_ now: Position) -> Bool {
        var next = now.top
        if layout.hasFrameObjects {
            guard let leaf = plan.place(of: now.leaf, layout.frameSize, near: copies.firstPlanned),
                leaf > copies.firstPlanned
            else { return true }
            next = plan.pieces[leaf - 1].address
        }
        guard let planned = plan.place(of: next, layout.frameSize, near: copies.firstPlanned),
            planned >= copies.firstPlanned, let places = copies.places(of: next, in: planned, layout.frameSize)
        else { return true }
        let frame = layout.frame(copies.bytes, places.behind, next)
        guard layout.frame(copies.bytes, places.before, next) == frame else { return false }
        guard let window = places.window else { return true }
        return layout.frame(copies.bytes, window.before, next) == frame
            && layout.frame(copies.bytes, window.behind, next) == frame
    }

    /// Whether another copy of a frame is the same; the innermost may have gone on within its call.
    private mutating func agrees(_ frame: RawFrame, _ start: Int) -> Bool {
        let other = layout.frame(copies.bytes, start, frame.address)
        guard found.isEmpty else { return frame == other }
        hasMoved = hasMoved || frame.instruction != other.instruction
        return frame.isSameCall(as: other)
    }
}
