extension ValueReader {
    /// A list, tuple, set or deque; false when it does not look like one.
    mutating func writeCollection<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, name: String, _ memory: inout Memory
    ) -> Bool {
        switch type.native.name {
        case "list": writeSequence(object, isList: true, &memory)
        case "tuple": writeSequence(object, isList: false, &memory)
        case "collections.deque": writeDeque(object, type.type.bareName, &memory)
        default: writeSet(object, type, &memory)
        }
    }

    /// A list or tuple.
    mutating func writeSequence<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, isList: Bool, _ memory: inout Memory
    ) -> Bool {
        inside(object, ring: isList ? "[...]" : "(...)", short: isList ? "[…]" : "(…)") { reader in
            let limit = reader.limits.items
            let found =
                isList
                ? reader.layout.items(ofList: object, limit: limit, in: &memory)
                : reader.layout.items(ofTuple: object, limit: limit, in: &memory)
            guard let found else { return false }
            reader.out += isList ? "[" : "("
            reader.writeItems(found, &memory)
            reader.out += isList ? "]" : found.count == 1 ? ",)" : ")"
            return true
        }
    }

    private mutating func writeSet<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool {
        let name = ValueReader.harmless(String(type.type.bareName))
        let isBare = type.type.name == "set"
        return inside(object, ring: "\(name)(...)", short: "\(name)(…)") { reader in
            guard let items = reader.layout.items(ofSet: object, limit: reader.limits.items, in: &memory) else {
                return false
            }
            guard items.count > 0 else {
                reader.out += "\(name)()"
                return true
            }
            reader.out += isBare ? "{" : "\(name)({"
            reader.writeItems(items, &memory)
            reader.out += isBare ? "}" : "})"
            return true
        }
    }

    private mutating func writeDeque<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ bareName: Substring, _ memory: inout Memory
    ) -> Bool {
        let name = ValueReader.harmless(String(bareName))
        return inside(object, ring: "[...]", short: "\(name)([…])") { reader in
            guard let items = reader.layout.items(ofDeque: object, limit: reader.limits.items, in: &memory),
                let longest = try? memory.pointer(object + reader.layout["deque.maxlen"])
            else { return false }
            reader.out += "\(name)(["
            reader.writeItems(items, &memory)
            let maximum = Int64(bitPattern: longest.rawValue)
            reader.out += maximum >= 0 ? "], maxlen=\(maximum))" : "])"
            return true
        }
    }

    // MARK: Mappings

    /// A dictionary of any kind, or a view of one; false when it does not look like one.
    mutating func writeMapping<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, name: String, _ memory: inout Memory
    ) -> Bool {
        let bareName = ValueReader.harmless(String(type.type.bareName))
        switch type.native.name {
        case "dict":
            return inside(object, ring: "{...}", short: "{…}") { $0.writeDict(object, &memory) }
        case "collections.defaultdict":
            return inside(object, ring: "\(bareName)(...)", short: "\(bareName)(…)") { reader in
                guard let factory = try? memory.pointer(object + reader.layout["defaultdict.default_factory"]) else {
                    return false
                }
                reader.out += "\(bareName)("
                // The place is empty when there is none.
                if factory.rawValue == 0 { reader.out += "None" } else { reader.write(factory, &memory) }
                reader.out += ", "
                defer { reader.out += ")" }
                return reader.writeDict(object, &memory)
            }
        case "frozendict":
            return inside(object, ring: "\(bareName)({...})", short: "\(bareName)(…)") { reader in
                guard
                    let entries = reader.layout.orderedEntries(
                        ofDict: object, limit: reader.limits.items, in: &memory)
                else { return false }
                reader.out += "\(bareName)("
                defer { reader.out += ")" }
                return entries.count == 0 || reader.writeDict(object, &memory)
            }
        case "collections.OrderedDict":
            return inside(object, ring: "...", short: "\(bareName)(…)") { $0.writeOrdered(object, bareName, &memory) }
        case "mappingproxy":
            guard let inner = try? memory.pointer(object + layout["mappingproxy.mapping"]) else { return false }
            return inside(object, ring: "mappingproxy(...)", short: "mappingproxy(…)") { reader in
                reader.out += "mappingproxy("
                reader.write(inner, &memory)
                reader.out += ")"
                return true
            }
        case "types.SimpleNamespace": return writeNamespace(object, type, &memory)
        default: return writeDictView(object, type.native.name, &memory)
        }
    }

    mutating func writeDict<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ memory: inout Memory
    ) -> Bool {
        guard let entries = layout.orderedEntries(ofDict: object, limit: limits.items, in: &memory) else {
            return false
        }
        out += "{"
        writePairs(entries, &memory)
        out += "}"
        return true
    }

    /// An `OrderedDict`: its order is that of a list of its own. Source: `PyODictObject`, `_odictnode`.
    private mutating func writeOrdered<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ name: String, _ memory: inout Memory
    ) -> Bool {
        guard let table = layout.orderedEntries(ofDict: object, in: &memory),
            var node = try? memory.pointer(object + layout["odict.od_first"])
        else { return false }
        var values: [RemoteAddress: RemoteAddress] = [:]
        for entry in table.entries { values[entry.key] = entry.value }
        var ordered = RemoteEntries(entries: [], count: table.count)
        while node.rawValue != 0, ordered.entries.count < min(limits.items, table.count) {
            // The key, its hash, the next node.
            guard let bytes = try? memory.bytes(node, 24) else { return false }
            let key = RemoteAddress(bytes.word(0))
            guard let value = values[key] else { return false }
            ordered.entries.append((key, value))
            node = RemoteAddress(bytes.word(16))
        }
        guard table.count > 0 else {
            out += "\(name)()"
            return true
        }
        if layout.version.minor >= 12 {
            out += "\(name)({"
            writePairs(ordered, &memory)
            out += "})"
            return true
        }
        out += "\(name)(["
        var written = 0
        for entry in ordered.entries {
            if isFull { break }
            out += written > 0 ? ", (" : "("
            write(entry.key, &memory)
            out += ", "
            write(entry.value, &memory)
            out += ")"
            written += 1
        }
        if written < ordered.count {
            out += ", "
            leaveOut(ordered.count - written)
        }
        out += "])"
        return true
    }

    /// A `types.SimpleNamespace`.
    private mutating func writeNamespace<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool {
        let name = type.type.isWrittenInPython ? ValueReader.harmless(String(type.type.bareName)) : "namespace"
        return inside(object, ring: "\(name)(...)", short: "\(name)(…)") { reader in
            guard let dict = try? memory.pointer(object + reader.layout["namespace.ns_dict"]),
                let entries = reader.layout.orderedEntries(ofDict: dict, in: &memory)
            else { return false }
            var attributes = entries.entries.compactMap { entry in
                reader.layout.text(at: entry.key, limit: 256, in: &memory)
                    .map { RemoteAttribute(name: $0, value: entry.value) }
            }
            // Up to 3.8 they are sorted.
            if reader.layout.version.minor < 9 { attributes.sort { $0.name < $1.name } }
            reader.out += "\(name)("
            reader.writeAttributes(attributes, &memory)
            reader.out += ")"
            return true
        }
    }

    /// The keys, values or items of a dictionary.
    private mutating func writeDictView<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ name: String, _ memory: inout Memory
    ) -> Bool {
        guard let dict = try? memory.pointer(object + layout["dictview.dv_dict"]) else { return false }
        return inside(object, ring: "...", short: "\(name)([…])") { reader in
            guard let pairs = reader.layout.orderedEntries(ofDict: dict, limit: reader.limits.items, in: &memory) else {
                return false
            }
            reader.out += "\(name)(["
            if name.hasSuffix("items") {
                var written = 0
                for pair in pairs.entries {
                    if reader.isFull { break }
                    reader.out += written > 0 ? ", (" : "("
                    reader.write(pair.key, &memory)
                    reader.out += ", "
                    reader.write(pair.value, &memory)
                    reader.out += ")"
                    written += 1
                }
                if written < pairs.count {
                    if written > 0 { reader.out += ", " }
                    reader.leaveOut(pairs.count - written)
                }
            } else {
                let items = pairs.entries.map { name.hasSuffix("keys") ? $0.key : $0.value }
                reader.writeItems(RemoteItems(addresses: items, count: pairs.count), &memory)
            }
            reader.out += "])"
            return true
        }
    }
}
