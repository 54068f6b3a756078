extension PythonLayout {
    /// Reads a `str` object; nil when it is none, or longer than `limit` characters.
    ///
    /// Source: `PyASCIIObject` and `PyCompactUnicodeObject`. Lone surrogates become U+FFFD.
    func text<Memory: RemoteMemory & ~Copyable>(
        at address: RemoteAddress, limit: Int = 4096, in memory: inout Memory
    ) -> String? {
        let asciiSize = textHead
        guard address.rawValue != 0, let head = try? memory.bytes(address, asciiSize) else { return nil }
        let length = Int(clamping: head.word(textLength))
        let state = UInt32(bitPattern: head.int(textState)) >> internedBits
        let kind = Int(state & 7)
        let isCompact = state & 8 != 0
        let isASCII = state & 16 != 0
        guard isCompact, length <= limit, kind == 1 || kind == 2 || kind == 4, !isASCII || kind == 1 else { return nil }
        guard length > 0 else { return "" }
        let data = address + (isASCII ? asciiSize : textWideHead)
        guard let bytes = try? memory.bytes(data, length * kind) else { return nil }
        switch kind {
        case 1 where isASCII: return String(decoding: bytes, as: UTF8.self)
        case 1:
            var text = ""
            text.unicodeScalars.append(contentsOf: bytes.lazy.map { UnicodeScalar($0) })
            return text
        case 2:
            var text = ""
            for index in 0..<length {
                let unit = UInt32(bytes[index * 2]) | UInt32(bytes[index * 2 + 1]) << 8
                text.unicodeScalars.append(UnicodeScalar(unit) ?? "\u{fffd}")
            }
            return text
        default:
            var text = ""
            for index in 0..<length {
                text.unicodeScalars.append(UnicodeScalar(UInt32(bitPattern: bytes.int(index * 4))) ?? "\u{fffd}")
            }
            return text
        }
    }

    /// Reads a `str` object also where its class is written in Python; the beginning of one that is long. Nil when it is none.
    func label<Memory: RemoteMemory & ~Copyable>(at address: RemoteAddress, in memory: inout Memory) -> String? {
        if let text = text(at: address, limit: PythonLayout.labelLimit, in: &memory) { return text }
        let limit = PythonLayout.labelLimit - 1
        guard address.rawValue != 0, let found = characters(at: address, limit: limit, in: &memory) else { return nil }
        var text = ""
        for point in found.points { text.unicodeScalars.append(UnicodeScalar(point) ?? "\u{fffd}") }
        return found.count > limit ? text + "…" : text
    }

    private static let labelLimit = 4096

    /// Bits before the kind of a text: whether it is interned. Those of free-threaded builds have had a byte for it since 3.14.
    var internedBits: UInt32 { version.isFreeThreaded && version.minor >= 14 ? 8 : 2 }

    /// Name of an object's type; nil when it does not look like one.
    func typeName<Memory: RemoteMemory & ~Copyable>(ofType type: RemoteAddress, in memory: inout Memory) -> String? {
        guard type.rawValue != 0, let name = try? memory.pointer(type + typeName),
            let bytes = try? memory.bytes(name, 32), let end = bytes.firstIndex(of: 0)
        else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
