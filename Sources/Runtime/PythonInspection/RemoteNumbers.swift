/// Magnitude and sign of a Python `int`.
struct RemoteInteger: Equatable {
    var isNegative: Bool
    /// Digits of 30 bits, the lowest first.
    var digits: [UInt32]
    /// How many digits it says it has; more than were read when it is too long.
    var digitCount: Int

    /// Its value where that is no more than 63 bits.
    var value: Int? {
        guard digitCount == digits.count, digits.count <= 3, digits.count < 3 || digits[2] < 8 else { return nil }
        let magnitude = digits.reversed().reduce(0) { $0 << 30 | Int($1 & 0x3fff_ffff) }
        return isNegative ? -magnitude : magnitude
    }
}

extension PythonLayout {
    /// Digits of an `int`, at most `limit` of them; nil when it does not look like one.
    ///
    /// Source: `PyLongObject`; since 3.12 the count shares its word with the sign.
    func integer<Memory: RemoteMemory & ~Copyable>(
        at address: RemoteAddress, limit: Int = 2048, in memory: inout Memory
    ) -> RemoteInteger? {
        let headSize = self["object.size"]
        guard let head = try? memory.bytes(address + headSize, 8) else { return nil }
        let word = head.word(0)
        let count: UInt64
        let isNegative: Bool
        if version.minor >= 12 {
            (count, isNegative) = (word >> 3, word & 3 == 2)
        } else {
            isNegative = Int64(bitPattern: word) < 0
            count = isNegative ? 0 &- word : word
        }
        guard count < 1 << 44 else { return nil }
        let length = min(Int(count), limit)
        guard length > 0 else { return RemoteInteger(isNegative: false, digits: [], digitCount: Int(count)) }
        guard let bytes = try? memory.bytes(address + headSize + 8, length * 4) else { return nil }
        return RemoteInteger(
            isNegative: isNegative,
            digits: (0..<length).map { UInt32(bitPattern: bytes.int($0 * 4)) & 0x3fff_ffff }, digitCount: Int(count))
    }

    /// Value of a `float`. Source: `PyFloatObject.ob_fval`.
    func double<Memory: RemoteMemory & ~Copyable>(at address: RemoteAddress, in memory: inout Memory) -> Double? {
        guard let bytes = try? memory.bytes(address + self["float.ob_fval"], 8) else { return nil }
        return Double(bitPattern: bytes.word(0))
    }
}
