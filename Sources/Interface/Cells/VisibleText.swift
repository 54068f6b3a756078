/// Text from outside made harmless: what would steer a terminal is written out instead.
///
/// Control characters become `^[`, `^J` and so on, C1 controls, line and paragraph separators, bidirectional overrides and
/// other format characters become `\u202e`; invalid UTF-8, which Swift's decoding turned into U+FFFD, stays that.
public func visible(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 32 || $0 >= 0x7f }) else { return text }
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars { append(scalar, to: &result) }
    return result
}

private func append(_ scalar: Unicode.Scalar, to result: inout String) {
    let value = scalar.value
    if value < 32 || value == 127 {
        result.append("^")
        result.unicodeScalars.append(Unicode.Scalar(UInt8(value ^ 64)))
    } else if (0x80..<0xa0).contains(value) || isFormat(value) {
        result.append("\\u")
        let digits = String(value, radix: 16)
        result.append(String(repeating: "0", count: max(0, 4 - digits.count)) + digits)
    } else {
        result.unicodeScalars.append(scalar)
    }
}

/// Characters that draw nothing themselves but change what others look like.
private func isFormat(_ value: UInt32) -> Bool {
    switch value {
    case 0xad, 0x61c, 0x180e, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff, 0xfff9...0xfffb,
        0xe0000...0xe0fff:
        true
    default: false
    }
}
