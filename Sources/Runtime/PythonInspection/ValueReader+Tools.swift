extension ValueReader {
    /// Objects of the standard library's modules in C; nil for what is none, false when it does not look like one.
    mutating func writeTool<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool? {
        switch type.native.name {
        case "decimal.Decimal": return writeDecimal(object, ValueReader.harmless(String(type.type.bareName)), &memory)
        case "_thread.lock", "_thread.RLock": return writeLock(object, type, &memory)
        case "functools.partial": return writePartial(object, &memory)
        case "re.Pattern", "_sre.SRE_Pattern": return writePattern(object, &memory)
        case "cell":
            guard let content = try? memory.pointer(object + layout["cell.ob_ref"]) else { return false }
            out += "<cell at \(Self.hexadecimal(object)): "
            let name = knownClass(of: content, &memory).map { $0.type.name } ?? "?"
            out += content.rawValue == 0 ? "empty>" : "\(Self.harmless(name)) object at \(Self.hexadecimal(content))>"
        case "weakref", "weakref.ReferenceType", "weakproxy", "weakcallableproxy", "weakref.ProxyType",
            "weakref.CallableProxyType":
            return writeWeakReference(object, type, &memory)
        case "_io.FileIO", "_socket.socket":
            guard let number = try? memory.bytes(object + layout["fileio.fd"], 4) else { return false }
            out += "<\(type.fullName) fd=\(number.int(0)) at \(Self.hexadecimal(object))>"
        default: return nil
        }
        return true
    }

    /// Source: `PyDecObject` and `mpd_t`: digits of 19 decimal places, the lowest first.
    private mutating func writeDecimal<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ name: String, _ memory: inout Memory
    ) -> Bool {
        guard let head = try? memory.bytes(object, layout["decimal.data"] + 8) else { return false }
        let flags = head.byte(layout["decimal.flags"])
        let sign = flags & 1 != 0 ? "-" : ""
        guard flags & 2 == 0 else {
            out += "\(name)('\(sign)Infinity')"
            return true
        }
        let count = head.word(layout["decimal.digits"])
        let length = head.word(layout["decimal.len"])
        guard count < 1 << 44, length <= count / 19 + 1 else { return false }
        guard count <= UInt64(limits.digits) else {
            out += "<\(name) of \(count) digits>"
            isTruncated = true
            return true
        }
        let data = RemoteAddress(head.word(layout["decimal.data"]))
        guard let words = try? memory.bytes(data, Int(length) * 8) else { return false }
        var digits = ""
        for index in (0..<Int(length)).reversed() {
            let word = words.word(index * 8)
            digits += digits.isEmpty ? (word == 0 ? "" : String(word)) : NumberRepr.padded(word, 19)
        }
        if flags & 12 != 0 {
            out += "\(name)('\(sign)\(flags & 8 != 0 ? "s" : "")NaN\(digits)')"
            return true
        }
        let exponent = Int64(bitPattern: head.word(layout["decimal.exp"]))
        guard exponent.magnitude < 1 << 60, digits.utf8.count <= limits.digits else { return false }
        out += "\(name)('\(sign)" + NumberRepr.scientific(digits.isEmpty ? "0" : digits, exponent: Int(exponent)) + "')"
        return true
    }

    /// Source: `lockobject`, `rlockobject` in Modules/_threadmodule.c.
    private mutating func writeLock<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool {
        let name = type.native.name
        guard let bytes = try? memory.bytes(object, layout["rlock.count"] + 8) else { return false }
        let isLocked: Bool
        var detail = ""
        if name == "_thread.lock" {
            // A mutex of one byte is all that it is since a patch of 3.13.
            let isMutex = type.native.basicSize <= layout["object.size"] + 8
            isLocked = bytes.byte(isMutex ? layout["lock.mutex"] : layout["lock.locked"]) & 1 != 0
        } else {
            let owner = bytes.word(layout["rlock.owner"])
            var count = bytes.word(layout["rlock.count"])
            // Since 3.14 it is counted how often it was taken once more.
            if layout.version.minor >= 14 {
                isLocked = bytes.byte(layout["lock.mutex"]) & 1 != 0
                if isLocked { count &+= 1 }
            } else {
                isLocked = count != 0
            }
            detail = " owner=\(owner) count=\(count)"
        }
        out += "<\(isLocked ? "locked" : "unlocked") \(name) object\(detail) at \(Self.hexadecimal(object))>"
        return true
    }

    /// Source: `partialobject`.
    private mutating func writePartial<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ memory: inout Memory
    ) -> Bool {
        guard let bytes = try? memory.bytes(object + layout["partial.fn"], 24),
            let arguments = layout.items(
                ofTuple: RemoteAddress(bytes.word(8)), limit: limits.items, in: &memory),
            let keywords = layout.orderedEntries(
                ofDict: RemoteAddress(bytes.word(16)), limit: limits.items, in: &memory)
        else { return false }
        let function = RemoteAddress(bytes.word(0))
        return inside(object, ring: "...", short: "functools.partial(…)") { reader in
            reader.out += "functools.partial("
            reader.write(function, &memory)
            if arguments.count > 0 {
                reader.out += ", "
                reader.writeItems(arguments, &memory)
            }
            let named = keywords.entries.compactMap { entry in
                reader.layout.text(at: entry.key, limit: 256, in: &memory)
                    .map { RemoteAttribute(name: $0, value: entry.value) }
            }
            reader.writeAttributes(named, after: true, &memory)
            reader.out += ")"
            return true
        }
    }

    /// Source: `PatternObject`; flags in the order of `pattern_repr`.
    private mutating func writePattern<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ memory: inout Memory
    ) -> Bool {
        guard let head = try? memory.bytes(object, layout["pattern.flags"] + 4) else { return false }
        let pattern = RemoteAddress(head.word(layout["pattern.pattern"]))
        guard let type = knownClass(of: pattern, &memory), type.type.isOf(.str) || type.type.isOf(.bytes) else {
            return false
        }
        var flags = UInt32(bitPattern: head.int(layout["pattern.flags"]))
        // A text is matched as Unicode unless something else was asked for.
        if type.type.isOf(.str), flags & (4 | 32 | 256) == 32 { flags &= ~32 }
        out += "re.compile("
        let start = out.utf8.count
        write(pattern, &memory)
        if out.utf8.count - start > 200 {
            out = String(out.unicodeScalars.prefix(out.unicodeScalars.count - max(0, longer(start) - 200)))
        }
        var names: [String] = []
        for (bit, name) in [
            (1, "TEMPLATE"), (2, "IGNORECASE"), (4, "LOCALE"), (8, "MULTILINE"), (16, "DOTALL"), (32, "UNICODE"),
            (64, "VERBOSE"), (128, "DEBUG"), (256, "ASCII"),
        ] as [(UInt32, String)] where flags & bit != 0 {
            names.append("re.\(name)")
        }
        out += names.isEmpty ? ")" : ", " + names.joined(separator: "|") + ")"
        return true
    }

    /// Characters of the text behind a place in it.
    private func longer(_ start: Int) -> Int {
        out.unicodeScalars[out.utf8.index(out.startIndex, offsetBy: start)...].count
    }

    /// Source: `PyWeakReference`: one whose object died refers to None.
    private mutating func writeWeakReference<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool {
        guard let target = try? memory.pointer(object + layout["weakref.wr_object"]) else { return false }
        let kind =
            type.native.name.hasSuffix("roxy") || type.native.name.hasSuffix("ProxyType") ? "weakproxy" : "weakref"
        guard let referent = knownClass(of: target, &memory), referent.type.name != "NoneType" else {
            out += "<\(kind) at \(Self.hexadecimal(object)); dead>"
            return true
        }
        let name = Self.harmless(referent.type.name)
        out += "<\(kind) at \(Self.hexadecimal(object)); to '\(name)' at \(Self.hexadecimal(target))"
        if kind == "weakref", let own = ownName(of: target, referent, &memory) { out += " (\(own))" }
        out += ">"
        return true
    }

    /// What a class or function is called; nil for what has no name.
    private func ownName<Memory: RemoteMemory & ~Copyable>(
        of object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> String? {
        if type.type.isOf(.type) {
            return layout.type(at: object, in: &memory).map { Self.harmless(String($0.bareName)) }
        }
        guard type.native.name == "function",
            let name = try? memory.pointer(object + layout["function.func_name"])
        else { return nil }
        return layout.text(at: name, limit: 1000, in: &memory).map(Self.harmless)
    }
}
