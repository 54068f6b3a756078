// The bytes of a file are parsed in place: an index goes forward, nothing is copied, and a wrong byte gives nil.

/// How a number of a file is written.
enum NumberForm {
    case decimal, hexadecimal, octal
    /// Decimal, in units of 1,024 bytes.
    case kibibytes
}

extension Span where Element == UInt8 {
    /// Whether the last line is whole: the kernel ends each of its text files with a newline.
    var endsWithNewline: Bool { count > 0 && self[count - 1] == UInt8(ascii: "\n") }

    /// Index of the newline at or after `start`, or the end.
    func lineEnd(from start: Int) -> Int { firstIndex(of: UInt8(ascii: "\n"), from: start) ?? count }

    /// Index of a byte at or after `start` and before `end`.
    func firstIndex(of byte: UInt8, from start: Int, before end: Int? = nil) -> Int? {
        var index = start
        let limit = end ?? count
        while index < limit {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// Whether `text` stands at `start`.
    func holds(_ text: StaticString, at start: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard start >= 0, start + length <= count else { return false }
        return text.withUTF8Buffer { buffer in
            for index in buffer.indices where unsafe buffer[index] != self[start + index] { return false }
            return true
        }
    }

    /// Steps over `text`, or stays and answers false.
    func skip(_ text: StaticString, _ index: inout Int) -> Bool {
        guard holds(text, at: index) else { return false }
        index += text.utf8CodeUnitCount
        return true
    }

    /// Steps over spaces and tabs.
    func skipBlanks(_ index: inout Int) {
        while index < count, self[index] == UInt8(ascii: " ") || self[index] == UInt8(ascii: "\t") { index += 1 }
    }

    /// Steps over anything but spaces, tabs and newlines; the range it passed.
    func word(_ index: inout Int) -> Range<Int> {
        let start = index
        while index < count, self[index] > UInt8(ascii: " ") { index += 1 }
        return start..<index
    }

    /// A run of decimal digits; nil for none, or for more than 64 bits hold.
    func decimal(_ index: inout Int) -> UInt64? {
        let start = index
        var value: UInt64 = 0
        while index < count {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            let (product, tooLong) = value.multipliedReportingOverflow(by: 10)
            let (sum, tooLarge) = product.addingReportingOverflow(UInt64(digit))
            guard !tooLong, !tooLarge else { return nil }
            value = sum
            index += 1
        }
        return index > start ? value : nil
    }

    /// Decimal digits, perhaps after a minus.
    func signedDecimal(_ index: inout Int) -> Int64? {
        guard index < count, self[index] == UInt8(ascii: "-") else {
            return decimal(&index).flatMap { Int64(exactly: $0) }
        }
        index += 1
        guard let magnitude = decimal(&index), magnitude <= UInt64(Int64.max) else { return nil }
        return -Int64(magnitude)
    }

    /// A run of hexadecimal or octal digits; nil for none, or for more than 64 bits hold.
    func digits(radixBits bits: UInt64, _ index: inout Int) -> UInt64? {
        let start = index
        var value: UInt64 = 0
        while index < count, let digit = Self.digitValue(self[index]), digit < 1 << bits {
            guard value >> (64 - bits) == 0 else { return nil }
            value = value << bits | digit
            index += 1
        }
        return index > start ? value : nil
    }

    /// A hexadecimal number after `0x`.
    func prefixedHexadecimal(_ index: inout Int) -> UInt64? {
        skip("0x", &index) ? digits(radixBits: 4, &index) : nil
    }

    private static func digitValue(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// Digits with a fraction, such as `0.25`.
    func fraction(_ index: inout Int) -> Double? {
        guard let whole = decimal(&index) else { return nil }
        guard skip(".", &index) else { return Double(whole) }
        let start = index
        guard let part = decimal(&index) else { return nil }
        var scale = 1.0
        for _ in start..<index { scale *= 10 }
        // One division of whole numbers is rounded once: 5.94 is what a literal 5.94 is.
        return (Double(whole) * scale + Double(part)) / scale
    }

    /// A number in the given form, blanks before it skipped.
    func number(_ form: NumberForm, _ index: inout Int) -> UInt64? {
        skipBlanks(&index)
        switch form {
        case .decimal: return decimal(&index)
        case .hexadecimal: return digits(radixBits: 4, &index)
        case .octal: return digits(radixBits: 3, &index)
        case .kibibytes:
            guard let value = decimal(&index) else { return nil }
            let (bytes, tooLarge) = value.multipliedReportingOverflow(by: 1024)
            return tooLarge ? nil : bytes
        }
    }

    /// Reads the number behind `name` when that is what stands at `start`; answers whether it was.
    func field(_ name: StaticString, at start: Int, into value: inout UInt64?, _ form: NumberForm = .decimal) -> Bool {
        var index = start
        guard skip(name, &index) else { return false }
        value = number(form, &index)
        return true
    }

    /// The text of a range, invalid UTF-8 replaced; control characters are still in it.
    func text(_ range: Range<Int>) -> String {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// A copy of a range.
    func copy(_ range: Range<Int>) -> [UInt8] {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Calls `body` with each line `key value` or `key: value unit`; answers false when a line has no number or is cut off.
    ///
    /// Keys of up to 15 bytes, nearly all, make no allocation.
    func forEachField(_ form: NumberForm, _ body: (_ key: String, _ value: UInt64) -> Void) -> Bool {
        guard endsWithNewline else { return false }
        var start = 0
        while start < count {
            var index = start
            var key = word(&index)
            if !key.isEmpty, self[key.upperBound - 1] == UInt8(ascii: ":") {
                key = key.lowerBound..<key.upperBound - 1
            }
            guard !key.isEmpty, let value = number(form, &index) else { return false }
            body(text(key), value)
            start = lineEnd(from: index) + 1
        }
        return true
    }
}
