internal import Linux

/// A piece of memory that belongs to an argument of a call, as it was at the call's entry or end.
///
/// In an event's bytes eight bytes stand before it: argument, flags, part and index, a byte each, and its length in four.
struct MemoryPiece {
    /// What it is of the argument.
    enum Part: UInt8 {
        case itself = 0
        /// A text or buffer of an array.
        case item = 1
        /// An address of a socket, of a message.
        case name = 2
        /// Control data of a message.
        case control = 3
    }

    var argument: Int
    var isFromExit: Bool
    /// It could not be read.
    var hasFailed: Bool
    /// There is more of it.
    var isCut: Bool
    var part: Part
    var index: Int
    var bytes: ArraySlice<UInt8>

    /// Bytes that stand before each.
    static let head = 8
}

extension SyscallEvent {
    /// The piece that begins at an offset, and where the next one does; nil at the end, and where the bytes make no sense.
    private func piece(at offset: Int) -> (piece: MemoryPiece, next: Int)? {
        guard offset + MemoryPiece.head <= range.upperBound else { return nil }
        let length = Int(number32(offset + 4))
        let begin = offset + MemoryPiece.head
        guard length <= range.upperBound - begin, let part = MemoryPiece.Part(rawValue: bytes[offset + 2]) else {
            return nil
        }
        let flags = bytes[offset + 1]
        let piece = MemoryPiece(
            argument: Int(bytes[offset]), isFromExit: flags & 1 != 0, hasFailed: flags & 2 != 0, isCut: flags & 4 != 0,
            part: part, index: Int(bytes[offset + 3]), bytes: bytes[begin..<begin + length])
        return (piece, begin + (length + 7) / 8 * 8)
    }

    private func number32(_ offset: Int) -> UInt32 {
        UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
            | UInt32(bytes[offset + 3]) << 24
    }

    /// A piece of an argument; the last one where there are several, as it is after the call; nil where there is none.
    func piece(_ argument: Int, _ part: MemoryPiece.Part = .itself, index: Int = 0, fromExit: Bool? = nil)
        -> MemoryPiece?
    {
        var offset = range.lowerBound
        var found: MemoryPiece?
        while let (piece, next) = piece(at: offset) {
            if piece.argument == argument, piece.part == part, piece.index == index,
                fromExit == nil || fromExit == piece.isFromExit
            {
                found = piece
            }
            offset = next
        }
        return found
    }

    /// Adds a piece to an event that has bytes of its own.
    mutating func add(_ piece: MemoryPiece) {
        let flags: UInt8 = (piece.isFromExit ? 1 : 0) | (piece.hasFailed ? 2 : 0) | (piece.isCut ? 4 : 0)
        bytes += [UInt8(piece.argument), flags, piece.part.rawValue, UInt8(piece.index)]
        let length = UInt32(piece.bytes.count)
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        bytes += piece.bytes
        while bytes.count % 8 != 0 { bytes.append(0) }
        range = 0..<bytes.count
    }
}

extension ArraySlice<UInt8> {
    /// A number in the order of bytes of the processors that viv runs on; 0 where it is not whole.
    func number(at offset: Int, bits: Int) -> UInt64 {
        guard offset >= 0, offset + bits / 8 <= count else { return 0 }
        var value: UInt64 = 0
        for byte in 0..<bits / 8 { value |= UInt64(self[startIndex + offset + byte]) << (8 * byte) }
        return value
    }

    func signed(at offset: Int, bits: Int) -> Int64 {
        let shift = 64 - bits
        return Int64(bitPattern: number(at: offset, bits: bits) << shift) >> shift
    }
}

extension SyscallEvent {
    /// The text that an argument points to, such as a path; nil where it was not read.
    public func text(of argument: Int) -> [UInt8]? {
        guard let piece = piece(argument), !piece.hasFailed else { return nil }
        return Array(piece.bytes.prefix { $0 != 0 })
    }

    /// Address and port of the internet that an argument points to, such as `127.0.0.1:80`; nil where it was not read or is another kind.
    public func internetAddress(of argument: Int) -> String? {
        guard let piece = piece(argument), !piece.hasFailed else { return nil }
        let data = piece.bytes
        let port = data.number(at: 2, bits: 8) << 8 | data.number(at: 3, bits: 8)
        switch data.number(at: 0, bits: 16) {
        case 2 where data.count >= 8:
            return (4..<8).map { String(data.number(at: $0, bits: 8)) }.joined(separator: ".") + ":\(port)"
        case 10 where data.count >= 24: return "[\(InternetAddress.text(data.dropFirst(8).prefix(16)))]:\(port)"
        default: return nil
        }
    }
}
