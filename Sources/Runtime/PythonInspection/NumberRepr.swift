/// Numbers as Python's `repr` writes them.
enum NumberRepr {
    /// A `float`: the shortest digits that lead back to it, an exponent from 16 digits on and below 0.0001.
    ///
    /// - Parameter isPart: whether it is part of a complex number, of which whole numbers go without `.0`.
    static func float(_ value: Double, isPart: Bool = false) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        return decimal("\(value)", isPart: isPart)
    }

    /// A `complex`.
    static func complex(_ real: Double, _ imaginary: Double) -> String {
        let second = float(imaginary, isPart: true)
        // A real part of −0 is written.
        if real == 0, real.sign == .plus { return second + "j" }
        let sign = imaginary.isNaN || imaginary.sign == .plus ? "+" : ""
        return "(" + float(real, isPart: true) + sign + second + "j)"
    }

    /// The shortest digits as Swift writes them, in Python's form.
    static func decimal(_ text: String, isPart: Bool = false) -> String {
        var isNegative = false
        var exponent = 0
        var digits: [UInt8] = []
        /// Digits before the point.
        var point: Int?
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") {
            isNegative = true
            rest = rest.dropFirst()
        }
        for (place, byte) in zip(rest.indices, rest) {
            if byte == UInt8(ascii: ".") {
                point = digits.count
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: rest[place...].dropFirst(), as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
            }
        }
        // Where the point stands, counted from the first digit that is not zero.
        var place = (point ?? digits.count) + exponent
        while digits.count > 1, digits.first == UInt8(ascii: "0") {
            digits.removeFirst()
            place -= 1
        }
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits == [UInt8(ascii: "0")] { place = 1 }
        return (isNegative ? "-" : "") + placed(digits, place, isPart)
    }

    private static func placed(_ digits: [UInt8], _ point: Int, _ isPart: Bool) -> String {
        func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
        if point > 16 || point <= -4 {
            let exponent = point - 1
            let number = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
            return text(digits[..<1]) + (digits.count > 1 ? "." + text(digits[1...]) : "")
                + "e" + (exponent < 0 ? "-" : "+") + number
        }
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + text(digits[...]) }
        if digits.count > point { return text(digits[..<point]) + "." + text(digits[point...]) }
        return text(digits[...]) + String(repeating: "0", count: point - digits.count) + (isPart ? "" : ".0")
    }

    /// A whole number from its digits of 30 bits, the lowest first.
    static func integer(_ digits: [UInt32], isNegative: Bool) -> String {
        let base: UInt64 = 1_000_000_000
        var parts: [UInt64] = []
        for digit in digits.reversed() {
            var carry = UInt64(digit)
            for index in parts.indices {
                let value = parts[index] << 30 | carry
                parts[index] = value % base
                carry = value / base
            }
            while carry > 0 {
                parts.append(carry % base)
                carry /= base
            }
        }
        guard let highest = parts.last else { return "0" }
        return (isNegative ? "-" : "") + "\(highest)" + parts.dropLast().reversed().map { padded($0, 9) }.joined()
    }

    /// A number with zeros before it.
    static func padded(_ number: UInt64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    /// A `decimal.Decimal` from its coefficient's digits. Source: `to-scientific-string` of the General Decimal Arithmetic Specification.
    static func scientific(_ digits: String, exponent: Int) -> String {
        let count = digits.utf8.count
        let adjusted = exponent.addingReportingOverflow(count - 1).partialValue
        if exponent <= 0, adjusted >= -6 {
            if exponent == 0 { return digits }
            let point = count + exponent
            guard point > 0 else { return "0." + String(repeating: "0", count: -point) + digits }
            return String(digits.prefix(point)) + "." + String(digits.dropFirst(point))
        }
        return String(digits.prefix(1)) + (count > 1 ? "." + String(digits.dropFirst()) : "") + "E"
            + (adjusted < 0 ? "" : "+") + "\(adjusted)"
    }
}
