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
    } else if isSteering(scalar) {
        result.append("\\u")
        let digits = String(value, radix: 16)
        result.append(String(repeating: "0", count: max(0, 4 - digits.count)) + digits)
    } else {
        result.unicodeScalars.append(scalar)
    }
}

/// C1 controls, separators of lines, and characters that draw nothing themselves but change what others look like.
private func isSteering(_ scalar: Unicode.Scalar) -> Bool {
    // Most of those are of no category yet, so that Swift's table does not know them.
    if (0xe0000...0xe0fff).contains(scalar.value) { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return true
    default: return false
    }
}
