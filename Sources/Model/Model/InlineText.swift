/// A short text kept inside the row: no allocation, no reference counting.
///
/// Holds at most 31 bytes, cut at that length; the bytes are those of the kernel, valid UTF-8 or not.
public struct InlineText: Sendable {
    private var storage: InlineArray<31, UInt8> = .init(repeating: 0)
    private var length: UInt8 = 0

    /// An empty text.
    public init() {}

    /// The first 31 of `count` bytes that `byte` hands out by index.
    @inlinable
    public init(count: Int, byte: (Int) -> UInt8) {
        self.init()
        for index in 0..<min(count, 31) { append(byte(index)) }
    }

    /// The UTF-8 of a string, cut at 31 bytes.
    public init(_ text: String) {
        self.init()
        for byte in text.utf8.prefix(31) { append(byte) }
    }

    /// Adds one byte; beyond 31 it is dropped.
    public mutating func append(_ byte: UInt8) {
        guard length < 31 else { return }
        storage[Int(length)] = byte
        length += 1
    }

    /// Bytes held.
    public var count: Int { Int(length) }

    /// The byte at `index`, which must be below `count`.
    public subscript(index: Int) -> UInt8 { storage[index] }

    /// Whether there is no byte.
    public var isEmpty: Bool { length == 0 }

    /// The text with invalid UTF-8 replaced; hostile characters are still in it.
    public var text: String {
        String(decoding: (0..<count).lazy.map { self[$0] }, as: UTF8.self)
    }
}

extension InlineText: Equatable, Comparable {
    /// Whether both hold the same bytes.
    public static func == (left: InlineText, right: InlineText) -> Bool {
        guard left.length == right.length else { return false }
        for index in 0..<left.count where left[index] != right[index] { return false }
        return true
    }

    /// Byte order.
    public static func < (left: InlineText, right: InlineText) -> Bool {
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return left[index] < right[index]
        }
        return left.count < right.count
    }
}
