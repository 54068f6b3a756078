/// An address in a target's memory.
public struct RemoteAddress: Hashable, Comparable, Sendable {
    /// The address as the target sees it.
    public var rawValue: UInt64

    /// Wraps an address.
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// The lower address comes first.
    public static func < (left: RemoteAddress, right: RemoteAddress) -> Bool { left.rawValue < right.rawValue }

    /// The address that many bytes on; wraps around, as hostile addresses may.
    public static func + (address: RemoteAddress, offset: Int) -> RemoteAddress {
        RemoteAddress(address.rawValue &+ UInt64(bitPattern: Int64(offset)))
    }
}

/// A stretch of a target's memory.
public struct RemotePiece: Hashable, Sendable {
    /// Where it starts.
    public var address: RemoteAddress
    /// Bytes.
    public var length: Int

    /// A stretch of `length` bytes.
    public init(_ address: RemoteAddress, _ length: Int) {
        self.address = address
        self.length = length
    }

    /// Whether `length` bytes from an address on lie inside.
    func contains(_ other: RemoteAddress, _ length: Int) -> Bool {
        other >= address && self.length >= length
            && other.rawValue - address.rawValue <= UInt64(self.length - length)
    }
}

/// Why a target's memory cannot be read.
public enum RemoteMemoryError: Error, Hashable, Sendable {
    /// Nothing is mapped there, or not all of it.
    case unmapped
    /// The process ended.
    case gone
    /// The kernel refuses.
    case refused
}

/// A target's memory: a live process, a recording, a core file.
public protocol RemoteMemory: ~Copyable {
    /// Reads several pieces in their order, one behind the other into `bytes`, in one system call where there is one.
    ///
    /// - Throws: ``RemoteMemoryError`` when any byte cannot be read; `bytes` is then of no use.
    mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError)
}

extension RemoteMemory where Self: ~Copyable {
    /// Reads one piece.
    mutating func bytes(_ address: RemoteAddress, _ length: Int) throws(RemoteMemoryError) -> [UInt8] {
        var bytes: [UInt8] = []
        try read([RemotePiece(address, length)], into: &bytes)
        return bytes
    }

    /// Reads one pointer.
    mutating func pointer(_ address: RemoteAddress) throws(RemoteMemoryError) -> RemoteAddress {
        RemoteAddress(try bytes(address, 8).word(0))
    }
}

extension [UInt8] {
    /// Eight bytes from `offset` on, little-endian; 0 where the array ends before.
    @inline(__always)
    func word(_ offset: Int) -> UInt64 { UInt64(littleEndian: load(offset) ?? 0) }

    /// Four bytes from `offset` on, as a signed number.
    @inline(__always)
    func int(_ offset: Int) -> Int32 { Int32(littleEndian: load(offset) ?? 0) }

    /// One byte.
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 { load(offset) ?? 0 }

    /// Whether a stretch is the same as one of another copy; false where either ends before.
    func isSame(_ start: Int, _ count: Int, as other: [UInt8], _ otherStart: Int) -> Bool {
        guard count >= 0, start >= 0, otherStart >= 0, start <= self.count - count, otherStart <= other.count - count
        else { return false }
        let words = count / 8
        return unsafe withUnsafeBytes { mine in
            unsafe other.withUnsafeBytes { theirs in
                // No word is looked at by itself, so that several are compared at once.
                var difference: UInt64 = 0
                for place in 0..<words {
                    difference |=
                        unsafe mine.loadUnaligned(fromByteOffset: start + place * 8, as: UInt64.self)
                        ^ theirs.loadUnaligned(fromByteOffset: otherStart + place * 8, as: UInt64.self)
                }
                for place in words * 8..<count {
                    difference |= unsafe UInt64(mine[start + place] ^ theirs[otherStart + place])
                }
                return difference == 0
            }
        }
    }

    /// The only place where bytes of a target become numbers; nil where the array ends before.
    @inline(__always)
    private func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Number? {
        guard offset >= 0, offset <= count - MemoryLayout<Number>.size else { return nil }
        return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
    }
}
