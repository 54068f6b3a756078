extension ValueReader {
    /// Classes of the standard library that are written in Python and have a text of their own.
    mutating func writeKnown<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ name: String, _ memory: inout Memory
    ) -> Bool {
        let attributes = layout.instanceAttributes(of: object, chain: type.chain, in: &memory)
        var found: [String: RemoteAddress] = [:]
        for attribute in attributes { found[attribute.name] = attribute.value }
        switch type.form {
        case .fraction:
            guard let numerator = found["_numerator"], let denominator = found["_denominator"] else { return false }
            out += "\(name)("
            write(numerator, &memory)
            out += ", "
            write(denominator, &memory)
            out += ")"
        case .decimal: return writePlainDecimal(found, name, &memory)
        case .uuid:
            guard let number = found["int"].flatMap({ layout.integer(at: $0, in: &memory) }), number.digits.count <= 5,
                number.digitCount == number.digits.count
            else { return false }
            out += "\(name)('\(Self.uuid(number.digits))')"
        case .path:
            guard let path = pathText(found, &memory) else { return false }
            out += "\(name)(" + TextRepr.string(path) + ")"
        default: return false
        }
        return true
    }

    /// The 128 bits in groups of hexadecimal digits.
    private static func uuid(_ digits: [UInt32]) -> String {
        var (high, low): (UInt64, UInt64) = (0, 0)
        for digit in digits.reversed() {
            high = high << 30 | low >> 34
            low = low << 30 | UInt64(digit)
        }
        let text = [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
        var parts: [Substring] = []
        var rest = text[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    /// A `Decimal` of the module that is written in Python.
    private mutating func writePlainDecimal<Memory: RemoteMemory & ~Copyable>(
        _ attributes: [String: RemoteAddress], _ name: String, _ memory: inout Memory
    ) -> Bool {
        func text(_ name: String) -> String? {
            attributes[name].flatMap { layout.text(at: $0, limit: limits.digits, in: &memory) }
        }
        guard let digits = text("_int"), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let sign = attributes["_sign"].flatMap({ layout.integer(at: $0, in: &memory)?.value }),
            let exponent = attributes["_exp"]
        else { return false }
        let minus = sign == 1 ? "-" : ""
        if let kind = text("_exp") {
            // F is infinity, n and N are no numbers, which may have digits.
            out += "\(name)('\(minus)" + (kind == "F" ? "Infinity" : (kind == "N" ? "sNaN" : "NaN") + digits) + "')"
            return true
        }
        guard let places = layout.integer(at: exponent, in: &memory)?.value, places.magnitude < 1 << 60 else {
            return false
        }
        out += "\(name)('\(minus)" + NumberRepr.scientific(digits, exponent: places) + "')"
        return true
    }

    /// The path of a `pathlib` path in the form of POSIX, from what its version keeps.
    private func pathText<Memory: RemoteMemory & ~Copyable>(
        _ attributes: [String: RemoteAddress], _ memory: inout Memory
    ) -> [UInt32]? {
        func text(_ address: RemoteAddress?) -> [UInt32]? {
            guard let address, layout.type(of: address, in: &memory)?.isOf(.str) == true else { return nil }
            return layout.characters(at: address, limit: 4096, in: &memory)?.points
        }
        func texts(_ address: RemoteAddress?) -> [[UInt32]]? {
            guard let address, layout.type(of: address, in: &memory)?.isOf(.list) == true,
                let items = layout.items(ofList: address, limit: 1000, in: &memory), items.count <= 1000
            else { return nil }
            return items.addresses.compactMap { text($0) }
        }
        let slash = UInt32(UInt8(ascii: "/"))
        if let whole = text(attributes["_str"]) { return whole.map { $0 == 92 && isWindows(attributes) ? slash : $0 } }
        let head = (text(attributes["_drv"]) ?? []) + (text(attributes["_root"]) ?? [])
        if var parts = texts(attributes["_parts"]) ?? texts(attributes["_tail_cached"]).map({ [head] + $0 }) {
            // Up to 3.11 the first of the parts is the root itself.
            if !head.isEmpty || parts.first?.isEmpty == true { parts.removeFirst() }
            let path = head + parts.joined(separator: [slash])
            return path.isEmpty ? [46] : path
        }
        guard let raw = texts(attributes["_raw_paths"]) else { return nil }
        return Self.normalized(raw, slash)
    }

    private func isWindows(_ attributes: [String: RemoteAddress]) -> Bool { attributes["_drv"] == nil }

    /// Paths joined to one: an absolute one begins anew, empty parts and points are dropped.
    private static func normalized(_ paths: [[UInt32]], _ slash: UInt32) -> [UInt32] {
        var joined: [UInt32] = []
        for path in paths {
            if path.first == slash { joined = [] }
            if !joined.isEmpty, joined.last != slash { joined.append(slash) }
            joined += path
        }
        let slashes = joined.prefix { $0 == slash }.count
        let parts = joined.split(separator: slash).filter { $0 != [46] }
        // Two slashes mean something else than one or three.
        let root = slashes == 0 ? [] : Array(repeating: slash, count: slashes == 2 ? 2 : 1)
        let path = root + parts.joined(separator: [slash])
        return path.isEmpty ? [46] : path
    }
}
