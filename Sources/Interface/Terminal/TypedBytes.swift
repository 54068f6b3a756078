internal import CNcurses

/// Bytes that were typed, until they are characters of the locale.
///
/// ncurses reads on after a byte that begins no character until there is nothing left to read, and gives none of it.
struct TypedBytes {
    private var bytes: [UInt8] = []

    /// Takes one byte more.
    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Forgets what was not whole.
    mutating func clear() { bytes = [] }

    /// The first character, once all of it is there; bytes that can begin none are dropped, each by itself.
    mutating func next() -> UInt32? {
        while !bytes.isEmpty {
            var wide: wchar_t = 0
            var state = mbstate_t()
            let used = unsafe bytes.withUnsafeBytes { buffer in
                unsafe mbrtowc(&wide, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, &state)
            }
            switch used {
            case -2: return nil
            case -1: bytes.removeFirst()
            default:
                // The byte 0 is a character, and mbrtowc calls its length 0.
                bytes.removeFirst(max(1, used))
                return UInt32(bitPattern: wide)
            }
        }
        return nil
    }
}
