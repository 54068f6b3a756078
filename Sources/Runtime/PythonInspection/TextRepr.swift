/// Texts and bytes as Python's `repr` writes them.
enum TextRepr {
    /// A `str` from its code points, lone surrogates among them.
    static func string(_ points: [UInt32]) -> String {
        let quote = quote(points.contains(39), points.contains(34))
        var text = String(quote)
        for point in points { append(point, quote, to: &text) }
        text.unicodeScalars.append(quote)
        return text
    }

    /// `bytes`, without the `b` before them.
    static func bytes(_ bytes: [UInt8], escapesApostrophe: Bool = false) -> String {
        let quote = quote(bytes.contains(39), bytes.contains(34))
        var text = String(quote)
        for byte in bytes {
            if byte == 39, escapesApostrophe {
                text += "\\'"
            } else if byte < 0x7f {
                append(UInt32(byte), quote, to: &text)
            } else {
                text += "\\x" + hexadecimal(UInt32(byte), 2)
            }
        }
        text.unicodeScalars.append(quote)
        return text
    }

    private static func quote(_ hasApostrophe: Bool, _ hasQuote: Bool) -> Unicode.Scalar {
        hasApostrophe && !hasQuote ? "\"" : "'"
    }

    private static func append(_ point: UInt32, _ quote: Unicode.Scalar, to text: inout String) {
        switch point {
        case 9: text += "\\t"
        case 10: text += "\\n"
        case 13: text += "\\r"
        case 92: text += "\\\\"
        case quote.value:
            text += "\\"
            text.unicodeScalars.append(quote)
        default:
            if let scalar = Unicode.Scalar(point), isPrintable(scalar) {
                text.unicodeScalars.append(scalar)
            } else if point <= 0xff {
                text += "\\x" + hexadecimal(point, 2)
            } else if point <= 0xffff {
                text += "\\u" + hexadecimal(point, 4)
            } else {
                text += "\\U" + hexadecimal(point, 8)
            }
        }
    }

    /// Source: `str.isprintable`: neither a control, format, private, unassigned or separating character, but for the space.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7f { return scalar.value >= 32 }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    /// Digits of base 16 with zeros before them.
    static func hexadecimal(_ number: UInt32, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
