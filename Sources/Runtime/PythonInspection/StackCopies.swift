/// What one reading of a thread's stack copies, and where in the bytes each copy is.
///
/// In this order: the pieces of the plan from the outermost frames inwards, windows around the innermost, the thread's state, the windows again,
/// and the pieces outwards again, so that the copies of those frames that move most are nearest to each other. Of a thread that cannot move
/// the state and the pieces once.
struct StackCopies: Sendable {
    /// What is copied, where the bytes of each piece begin, with the end of the last, and the bytes.
    private(set) var pieces: [RemotePiece] = []
    private var offsets: [Int] = []
    var bytes: [UInt8] = []
    /// Stretches that are copied more often; the one with the innermost frame first.
    private var windows: [RemotePiece] = []
    /// Number of the plan's piece that is the first one copied.
    private(set) var firstPlanned = 0
    /// How many pieces of the plan are copied.
    private(set) var planned = 0
    /// Numbers of the first piece of the state, and of the first piece of the plan behind it.
    private var state = 0
    private var behind = 0
    /// Whether there are copies from before the state.
    private(set) var isTwice = true

    fileprivate static let windowBefore = 384
    fileprivate static let windowBehind = 640

    /// How many bytes are copied.
    var length: Int { offsets.last ?? 0 }
    /// Bytes of all pieces, each of them once.
    var lengthOnce: Int { isTwice ? offsets[behind] : length }
    /// Whether there are windows.
    var hasWindows: Bool { !windows.isEmpty }
    /// Where the first piece of the state begins, and the second.
    var statePlaces: (first: Int, second: Int) { (offsets[state], offsets[state + 1]) }

    /// Lays out what is to be copied.
    ///
    /// - Parameters:
    ///   - leaf: where the innermost frame is expected.
    ///   - newest: where the newest frame of the thread's own stack is: it is another one below a generator.
    ///   - carrier: the word that points to the innermost frame, up to 3.12.
    ///   - thread: the thread's state.
    ///   - isStopped: whether the thread cannot move.
    mutating func layOut(
        _ plan: StackPlan, around leaf: RemoteAddress, _ newest: RemoteAddress, carrier: RemotePiece?,
        thread: RemotePiece, isStopped: Bool, _ layout: PythonLayout
    ) {
        pieces.removeAll(keepingCapacity: true)
        windows.removeAll(keepingCapacity: true)
        isTwice = !isStopped
        firstPlanned = 0
        if layout.hasFrameObjects {
            // Those before the innermost have returned, and the last of them tells whether it is called again meanwhile.
            firstPlanned = max(0, (plan.pieces.firstIndex { $0.address == leaf } ?? 0) - 1)
        } else if isTwice {
            let size = layout.frameSize
            windows.append(plan.window(around: leaf, size) ?? RemotePiece(leaf, size))
            if !windows[0].contains(newest, size), let second = plan.window(around: newest, size) {
                windows.append(second)
            }
        }
        planned = plan.pieces.count - firstPlanned
        let wanted = plan.pieces[firstPlanned...]
        if isTwice {
            for piece in wanted.reversed() { pieces.append(StackCopies.trimmed(piece, leaf, layout.frameSize)) }
            pieces.append(contentsOf: windows.reversed())
        }
        state = pieces.count
        if let carrier { pieces.append(carrier) }
        pieces.append(thread)
        pieces.append(contentsOf: windows)
        behind = pieces.count
        for piece in wanted { pieces.append(StackCopies.trimmed(piece, leaf, layout.frameSize)) }
        offsets.removeAll(keepingCapacity: true)
        var offset = 0
        for piece in pieces {
            offsets.append(offset)
            offset += piece.length
        }
        offsets.append(offset)
    }

    /// Where the copies of a frame are.
    struct Places {
        var before: Int
        var behind: Int
        /// Those nearer to the state. Absent: for a frame that is in no window.
        var window: (before: Int, behind: Int)?
    }

    /// Finds the copies of a frame in a piece of the plan; nil where it was not copied.
    func places(of frame: RemoteAddress, in number: Int, _ length: Int) -> Places? {
        let copied = copied(number - firstPlanned)
        guard copied.piece.contains(frame, length) else { return nil }
        let place = Int(frame.rawValue - copied.piece.address.rawValue)
        var places = Places(before: copied.before + place, behind: copied.behind + place)
        for (number, window) in windows.enumerated() where window.contains(frame, length) {
            let place = Int(frame.rawValue - window.address.rawValue)
            places.window = (offsets[state - 1 - number] + place, offsets[behind - windows.count + number] + place)
            break
        }
        return places
    }

    /// Whether all copies of a piece are, byte for byte, what another reading copied. Never of one with a window.
    ///
    /// - Parameter number: counted from the first piece that was copied; `otherNumber` in the other reading.
    func isSame(_ number: Int, as other: StackCopies, _ otherNumber: Int) -> Bool {
        let (mine, theirs) = (copied(number), other.copied(otherNumber))
        guard mine.piece == theirs.piece, !windows.contains(where: { mine.piece.contains($0.address, 1) }) else {
            return false
        }
        let length = mine.piece.length
        return bytes.isSame(mine.behind, length, as: other.bytes, theirs.behind)
            && (!isTwice || bytes.isSame(mine.before, length, as: other.bytes, theirs.behind))
    }

    /// A piece of the plan and its copies.
    private func copied(_ number: Int) -> (piece: RemotePiece, before: Int, behind: Int) {
        let place = offsets[behind + number]
        return (pieces[behind + number], isTwice ? offsets[planned - 1 - number] : place, place)
    }

    /// A piece without what lies far behind the innermost frame.
    private static func trimmed(_ piece: RemotePiece, _ leaf: RemoteAddress, _ frameSize: Int) -> RemotePiece {
        guard piece.contains(leaf, frameSize) else { return piece }
        let used = Int(leaf.rawValue - piece.address.rawValue) + frameSize + StackCopies.windowBehind
        return RemotePiece(piece.address, min(piece.length, used))
    }
}

extension StackPlan {
    /// Memory around a frame, within one piece of the plan; nil for one that is in none.
    ///
    /// It is copied twice more: a thread that calls and returns as fast as it can is back in the same place within the time of two copies.
    fileprivate func window(around leaf: RemoteAddress, _ frameSize: Int) -> RemotePiece? {
        guard let piece = pieces.first(where: { $0.contains(leaf, frameSize) }) else { return nil }
        // By lengths: the end of a hostile piece may lie behind the last address.
        let place = Int(leaf.rawValue - piece.address.rawValue)
        let before = min(place, StackCopies.windowBefore)
        return RemotePiece(
            leaf + -before, min(piece.length - place + before, before + frameSize + StackCopies.windowBehind))
    }
}
