/// Pieces of a target's memory as one reading gave them.
struct StackMemory {
    /// What was read, by address; each piece starts in `bytes` at its offset.
    private var pieces: [(address: UInt64, length: Int, offset: Int)] = []
    private let bytes: [UInt8]

    /// The pieces of a reading, which lie in `bytes` one behind the other from `start` on.
    init(_ pieces: ArraySlice<RemotePiece>, in bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        var offset = start
        for piece in pieces {
            self.pieces.append((piece.address.rawValue, piece.length, offset))
            offset += piece.length
        }
        self.pieces.sort { $0.address < $1.address }
    }

    /// Where in the bytes a stretch starts; nil unless all of it was read.
    func offset(of address: RemoteAddress, _ length: Int) -> Int? {
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].address <= address.rawValue { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let piece = pieces[low - 1]
        let inside = address.rawValue - piece.address
        guard inside <= UInt64(max(0, piece.length - length)), piece.length >= length else { return nil }
        return piece.offset + Int(inside)
    }

    /// The frame at an address; nil unless all of it was read.
    func frame(at address: RemoteAddress, _ layout: PythonLayout) -> RawFrame? {
        guard let start = offset(of: address, layout.frameSize) else { return nil }
        return RawFrame(
            code: RemoteAddress(bytes.word(start + layout.frameCode)),
            previous: RemoteAddress(bytes.word(start + layout.framePrevious)),
            instruction: bytes.word(start + layout.frameInstruction), owner: bytes.byte(start + layout.frameOwner))
    }
}

/// A frame before its code is looked up. Source: `_PyInterpreterFrame`, CPython 3.11 to 3.13.
struct RawFrame: Equatable {
    /// Code object; in 3.13 any object, for frames that are none.
    var code: RemoteAddress
    /// Frame of the caller.
    var previous: RemoteAddress
    /// Instruction that runs, or the one before.
    var instruction: UInt64
    /// Who owns its memory: thread 0, generator 1, frame object 2, the C stack 3.
    var owner: UInt8

    /// Whether nothing but the instruction differs, as in a frame that went on.
    func isSameCall(as other: RawFrame) -> Bool {
        code == other.code && previous == other.previous && owner == other.owner
    }
}
