/// The kernel's name of a process or thread, kept in place: no allocation.
///
/// Up to 15 bytes for a program's thread, up to 63 for a kernel thread; any bytes but NUL, valid UTF-8 or not.
public struct CommandName: Sendable, BitwiseCopyable {
    private var storage = InlineArray<64, UInt8>(repeating: 0)
    private var length: UInt8 = 0

    /// The empty name.
    public init() {}

    /// The first 64 bytes of a string.
    public init(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    /// The first 64 of the bytes of a range.
    package init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        for index in range { append(bytes[index]) }
    }

    private mutating func append(_ byte: UInt8) {
        guard length < 64 else { return }
        storage[Int(length)] = byte
        length += 1
    }

    /// Bytes held.
    public var count: Int { Int(length) }

    /// The byte at `index`, which must be below `count`.
    public subscript(index: Int) -> UInt8 { storage[index] }

    /// The name with invalid UTF-8 replaced; control characters are still in it.
    public var text: String { storage.span.text(0..<count) }
}

extension CommandName: Hashable {
    /// Whether both hold the same bytes.
    public static func == (left: CommandName, right: CommandName) -> Bool {
        guard left.length == right.length else { return false }
        for index in 0..<left.count where left.storage[index] != right.storage[index] { return false }
        return true
    }

    /// Feeds the bytes.
    public func hash(into hasher: inout Hasher) {
        for index in 0..<count { hasher.combine(storage[index]) }
    }
}
