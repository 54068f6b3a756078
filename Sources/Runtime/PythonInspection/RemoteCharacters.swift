/// Code points of a Python `str`, lone surrogates among them.
struct RemoteCharacters: Equatable {
    /// The first of them.
    var points: [UInt32]
    /// How many it says it has.
    var count: Int
}

extension PythonLayout {
    /// The first characters of a `str`, also of one whose class is written in Python; nil when it does not look like one.
    ///
    /// Source: `PyASCIIObject`, `PyCompactUnicodeObject`, `PyUnicodeObject`.
    func characters<Memory: RemoteMemory & ~Copyable>(
        at address: RemoteAddress, limit: Int, in memory: inout Memory
    ) -> RemoteCharacters? {
        let asciiSize = self["unicode_ascii.size"]
        guard let head = try? memory.bytes(address, asciiSize) else { return nil }
        let count = head.word(self["unicode_ascii.length"])
        let word = UInt32(bitPattern: head.int(self["unicode_ascii.state"]))
        let state = word >> internedBits
        let kind = Int(state & 7)
        let (isCompact, isASCII) = (state & 8 != 0, state & 16 != 0)
        guard count < 1 << 44, kind == 1 || kind == 2 || kind == 4, !isASCII || kind == 1 else { return nil }
        let wanted = min(Int(count), limit)
        guard wanted > 0 else { return RemoteCharacters(points: [], count: Int(count)) }
        var data = address + (isASCII ? asciiSize : self["unicode_compact.size"])
        if !isCompact {
            guard let pointer = try? memory.pointer(address + self["unicode.data"]) else { return nil }
            data = pointer
        }
        guard let bytes = try? memory.bytes(data, wanted * kind) else { return nil }
        let points: [UInt32] = (0..<wanted).map { index in
            switch kind {
            case 1: UInt32(bytes[index])
            case 2: UInt32(bytes[index * 2]) | UInt32(bytes[index * 2 + 1]) << 8
            default: UInt32(bitPattern: bytes.int(index * 4))
            }
        }
        return RemoteCharacters(points: points, count: Int(count))
    }

    /// The first bytes of a `bytes` object, and how many it says it has; nil when it does not look like one.
    func contents<Memory: RemoteMemory & ~Copyable>(
        ofBytes address: RemoteAddress, limit: Int, in memory: inout Memory
    ) -> (bytes: [UInt8], count: Int)? {
        guard let count = try? memory.pointer(address + itemCount).rawValue, count < 1 << 44 else { return nil }
        return contents(address + bytesData, Int(count), limit: limit, in: &memory)
    }

    /// The first of `count` bytes.
    func contents<Memory: RemoteMemory & ~Copyable>(
        _ address: RemoteAddress, _ count: Int, limit: Int, in memory: inout Memory
    ) -> (bytes: [UInt8], count: Int)? {
        let wanted = max(0, min(count, limit))
        guard wanted > 0 else { return ([], count) }
        return (try? memory.bytes(address, wanted)).map { ($0, count) }
    }
}
