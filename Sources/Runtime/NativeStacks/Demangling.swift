internal import CUnwind

/// Names of functions as their authors wrote them.
enum Demangling {
    /// Bytes of a name that is looked at.
    private static let lengthLimit = 2048
    /// References of a C++ name to its own parts: each two of them may double the text, and names are hostile.
    private static let referenceLimit = 40

    /// The name behind a symbol: of C++ and Rust where it is one of theirs, else the symbol itself.
    ///
    /// What compilers add for their own use (`.cold`, `.constprop.0`, `@@GLIBC_2.2.5`) stays with C symbols and goes with others.
    static func name(_ symbol: String) -> String {
        let bytes = Array(symbol.utf8)
        guard bytes.count <= lengthLimit, bytes.starts(with: "_Z".utf8) || bytes.starts(with: "_R".utf8) else {
            return symbol
        }
        if bytes[1] == UInt8(ascii: "R") { return RustName(bytes)?.text ?? symbol }
        if let rust = rustLegacy(bytes) { return rust }
        let references = bytes.indices.dropLast().count { index in
            bytes[index] == UInt8(ascii: "S")
                && (bytes[index + 1] == UInt8(ascii: "_") || (48...57).contains(bytes[index + 1])
                    || (65...90).contains(bytes[index + 1]))
                || bytes[index] == UInt8(ascii: "T")
                    && (bytes[index + 1] == UInt8(ascii: "_") || (48...57).contains(bytes[index + 1]))
        }
        guard references <= referenceLimit else { return nested(bytes) ?? symbol }
        let end = bytes.firstIndex(of: UInt8(ascii: ".")) ?? bytes.count
        let text = String(decoding: bytes[..<end], as: UTF8.self)
        guard let made = unsafe text.withCString({ unsafe cu_demangle($0) }) else { return symbol }
        defer { unsafe cu_free(made) }
        return unsafe String(cString: made)
    }

    /// `ns::Class::method` of a name with a plain list of words; nil for any other.
    private static func nested(_ bytes: [UInt8]) -> String? {
        guard bytes.starts(with: "_ZN".utf8) else { return nil }
        let parts = words(bytes, from: 3).parts
        return parts.isEmpty ? nil : parts.joined(separator: "::")
    }

    /// Words with their lengths before them, up to the first that is none.
    private static func words(_ bytes: [UInt8], from start: Int) -> (parts: [String], end: Int) {
        var parts: [String] = []
        var place = start
        while place < bytes.count, (48...57).contains(bytes[place]) {
            var (length, next) = (0, place)
            while next < bytes.count, (48...57).contains(bytes[next]), length < lengthLimit {
                length = length * 10 + Int(bytes[next] - 48)
                next += 1
            }
            guard length > 0, next + length <= bytes.count else { break }
            parts.append(String(decoding: bytes[next..<next + length], as: UTF8.self))
            place = next + length
        }
        return (parts, place)
    }

    // MARK: Rust's first scheme

    private static let escapes = [
        ("$LT$", "<"), ("$GT$", ">"), ("$LP$", "("), ("$RP$", ")"), ("$RF$", "&"), ("$BP$", "*"), ("$C$", ","),
        ("$SP$", "@"), ("$u20$", " "), ("$u22$", "\""), ("$u27$", "'"), ("$u2b$", "+"), ("$u3b$", ";"), ("$u5b$", "["),
        ("$u5d$", "]"), ("$u7b$", "{"), ("$u7d$", "}"), ("$u7e$", "~"), ("..", "::"),
    ]

    /// A name in the scheme that looks like C++ with a hash of sixteen digits as the last word; nil for any other.
    private static func rustLegacy(_ bytes: [UInt8]) -> String? {
        guard bytes.starts(with: "_ZN".utf8) else { return nil }
        let (parts, end) = words(bytes, from: 3)
        guard parts.count > 1, end < bytes.count, bytes[end] == UInt8(ascii: "E"), let hash = parts.last?.utf8,
            hash.count == 17, hash.first == UInt8(ascii: "h"),
            hash.dropFirst().allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        return parts.dropLast().map(unescaped).joined(separator: "::")
    }

    private static func unescaped(_ word: String) -> String {
        var rest = Substring(word)
        // A word cannot begin with an escape, so an underscore stands before.
        if rest.hasPrefix("_$") { rest = rest.dropFirst() }
        var text = ""
        while !rest.isEmpty {
            if let (code, character) = escapes.first(where: { rest.hasPrefix($0.0) }) {
                text += character
                rest = rest.dropFirst(code.count)
            } else {
                text.append(rest.removeFirst())
            }
        }
        return text
    }
}
