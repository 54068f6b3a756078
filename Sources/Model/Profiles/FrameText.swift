extension ProfileFrame {
    /// `Service.block (api/views.py:12)`, what would steer a terminal or a page written out.
    public var text: String {
        let place = self.place
        return place.isEmpty ? visible(name) : "\(visible(name)) (\(place))"
    }

    /// `api/views.py:12`, or the binary's name for native code; empty where nothing is known.
    public var place: String {
        if !file.isEmpty { return visible(shortened(file)) + (line.map { ":\($0)" } ?? "") }
        guard let module, !module.isEmpty else { return line.map { "line \($0)" } ?? "" }
        return visible(module.split(separator: "/").last.map(String.init) ?? module)
    }

    /// What the frame belongs to, for its colour: the package of Python code, the binary of native code.
    public var owner: String {
        switch kind {
        case .group: return ""
        case .kernel: return "kernel"
        case .native: return module.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? "native"
        case .python:
            let short = shortened(file)
            if short.hasPrefix("<") { return short }
            let parts = short.split(separator: "/")
            if short.hasPrefix("/") { return parts.count > 1 ? String(parts[parts.count - 2]) : short }
            return parts.first.map { part in part.hasSuffix(".py") ? String(part.dropLast(3)) : String(part) } ?? ""
        }
    }
}

/// A Python file's path from its package on: what is before `site-packages/` and `lib/python3.x/` is the same for all.
func shortened(_ path: String) -> String {
    for marker in ["/site-packages/", "/dist-packages/"] {
        if let end = path.endOfLast(marker) { return String(path[end...]) }
    }
    if let end = path.endOfLast("/lib/python") {
        // `/lib/python3.11/asyncio/events.py`, `/lib/python311.zip/…`
        let rest = path[end...]
        if let slash = rest.firstIndex(of: "/"), rest.first?.isNumber ?? false {
            return String(rest[rest.index(after: slash)...])
        }
    }
    return path
}

extension String {
    fileprivate func endOfLast(_ marker: String) -> String.Index? {
        let text = utf8
        let wanted = Array(marker.utf8)
        guard text.count > wanted.count else { return nil }
        var place = text.index(text.endIndex, offsetBy: -wanted.count)
        while true {
            if text[place...].starts(with: wanted) { return text.index(place, offsetBy: wanted.count) }
            guard place > text.startIndex else { return nil }
            text.formIndex(before: &place)
        }
    }
}

/// Text from a target, with what would steer a terminal, break a line or draw nothing written out: `\n`, `\x1b`, `\u202e`.
func visible(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 32 || $0 >= 0x7f }) else { return text }
    guard text.unicodeScalars.contains(where: isSteering) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where isSteering(scalar):
            let digits = String(scalar.value, radix: 16)
            let length = scalar.value < 0x100 ? 2 : 4
            result +=
                (length == 2 ? "\\x" : "\\u") + String(repeating: "0", count: max(0, length - digits.count)) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

private func isSteering(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7f { return scalar.value < 32 }
    // Tags, of which most have no category yet, and noncharacters, which no XML may hold.
    if (0xe0000...0xe0fff).contains(scalar.value) || scalar.value & 0xfffe == 0xfffe { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return true
    default: return false
    }
}

/// A number with a fixed count of decimals, a point before them.
func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "·" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int64((abs(value) * scale).rounded())
    let whole = scaled / Int64(scale)
    let rest = String(scaled % Int64(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(whole) }
    return sign + String(whole) + "." + String(repeating: "0", count: decimals - rest.count) + rest
}
