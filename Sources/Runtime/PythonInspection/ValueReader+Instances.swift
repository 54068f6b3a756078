extension ValueReader {
    /// Writes an exception: its class and the arguments it was made with. Source: `PyBaseExceptionObject.args`.
    mutating func writeException<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool {
        let name = Self.harmless(String(type.type.bareName))
        return inside(object, ring: "\(name)(...)", short: "\(name)(…)") { reader in
            guard let arguments = try? memory.pointer(object + reader.layout["exception.args"]),
                let items = reader.layout.items(ofTuple: arguments, limit: reader.limits.items, in: &memory)
            else { return false }
            reader.out += "\(name)("
            reader.writeItems(items, &memory)
            // Up to 3.6 the arguments are written as the tuple they are.
            if items.count == 1, reader.layout.version.minor < 7 { reader.out += "," }
            let attributes =
                type.type.isWrittenInPython
                ? reader.layout.instanceAttributes(of: object, chain: type.chain, in: &memory)
                    .filter { !$0.name.hasPrefix("__") } : []
            reader.writeAttributes(attributes, after: items.count > 0, &memory)
            reader.out += ")"
            return true
        }
    }

    /// Writes an instance of a class that is written in Python; false when it does not look like one.
    mutating func writeInstance<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool {
        let name = Self.harmless(String(type.type.bareName))
        switch type.form {
        case .native, .exception: return false
        case .object: return writeObject(object, type, &memory)
        case .member: return writeMember(object, type, &memory)
        case .namedTuple(let fields): return writeNamedTuple(object, name, fields, &memory)
        case .dataclass(let fields): return writeDataclass(object, type, fields, &memory)
        case .counter: return writeCounter(object, name, &memory)
        case .wrapped: return writeWrapped(object, type, name, &memory)
        case .fraction, .decimal, .uuid, .path: return writeKnown(object, type, name, &memory)
        }
    }

    /// An instance of a class that continues one written in C: that, with the name of the class around, and its attributes.
    private mutating func writeWrapped<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ name: String, _ memory: inout Memory
    ) -> Bool {
        switch type.native.name {
        case "int", "float", "complex", "str", "bytes", "list", "tuple", "dict":
            // Python writes these without the class.
            return inside(object, ring: "\(name)(...)", short: "\(name)(…)") { reader in
                // What it continues is the same object: it must not meet itself.
                reader.path.removeLast()
                reader.out += "\(name)("
                let isWritten = reader.writeNative(object, type, name: name, &memory)
                reader.path.append(object)
                guard isWritten else { return false }
                let attributes = reader.layout.instanceAttributes(of: object, chain: type.chain, in: &memory)
                reader.writeAttributes(attributes, after: true, &memory)
                reader.out += ")"
                return true
            }
        case "set", "frozenset", "bytearray", "collections.deque", "collections.OrderedDict", "collections.defaultdict",
            "frozendict", "types.SimpleNamespace", "decimal.Decimal", "datetime.date", "datetime.datetime",
            "datetime.time", "datetime.timedelta", "functools.partial", "_io.FileIO", "_socket.socket", "numpy.ndarray":
            // Python writes the class itself.
            return writeNative(object, type, name: name, &memory)
        default:
            return writeObject(object, type, &memory)
        }
    }

    /// A plain object with its attributes.
    private mutating func writeObject<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool {
        let attributes = layout.instanceAttributes(of: object, chain: type.chain, in: &memory)
        guard !attributes.isEmpty else {
            writePlain(object, type)
            return true
        }
        let name = type.qualifiedName
        if objectDepth >= limits.objectDepth, !path.contains(object) {
            out += "<\(name) …>"
            isTruncated = true
            return true
        }
        objectDepth += 1
        defer { objectDepth -= 1 }
        return inside(object, ring: "<\(name) ...>", short: "<\(name) …>") { reader in
            reader.out += "<\(name) "
            reader.writeAttributes(attributes, &memory)
            reader.out += ">"
            return true
        }
    }

    /// A member of an enumeration. Source: `enum.Enum.__repr__`.
    private mutating func writeMember<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool {
        let attributes = layout.instanceAttributes(of: object, chain: type.chain, in: &memory)
        guard let value = attributes.first(where: { $0.name == "_value_" }) else {
            return writeObject(object, type, &memory)
        }
        let name = attributes.first { $0.name == "_name_" }
            .flatMap { layout.text(at: $0.value, limit: 1000, in: &memory) }
        out += "<\(Self.harmless(String(type.type.bareName)))" + (name.map { ".\(Self.harmless($0))" } ?? "") + ": "
        write(value.value, &memory)
        out += ">"
        return true
    }

    private mutating func writeNamedTuple<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ name: String, _ fields: [String], _ memory: inout Memory
    ) -> Bool {
        inside(object, ring: "(...)", short: "\(name)(…)") { reader in
            guard let items = reader.layout.items(ofTuple: object, limit: 1000, in: &memory),
                items.count == fields.count
            else { return false }
            reader.out += "\(name)("
            reader.writeAttributes(
                zip(fields, items.addresses).map { RemoteAttribute(name: $0, value: $1) }, &memory)
            reader.out += ")"
            return true
        }
    }

    private mutating func writeDataclass<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ fields: [String], _ memory: inout Memory
    ) -> Bool {
        inside(object, ring: "...", short: "\(type.qualifiedName)(…)") { reader in
            let found = reader.layout.instanceAttributes(of: object, chain: type.chain, in: &memory)
            // A field that was deleted, or whose value is the class's, is none of the object.
            var attributes: [RemoteAttribute] = []
            for field in fields {
                if let own = found.first(where: { $0.name == field }) {
                    attributes.append(own)
                } else if let value = reader.layout.classAttribute(field, chain: type.chain, in: &memory) {
                    attributes.append(RemoteAttribute(name: field, value: value))
                }
            }
            reader.out += "\(type.qualifiedName)("
            reader.writeAttributes(attributes, &memory)
            reader.out += ")"
            return true
        }
    }

    /// A `collections.Counter`: the most frequent first.
    private mutating func writeCounter<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ name: String, _ memory: inout Memory
    ) -> Bool {
        inside(object, ring: "\(name)(...)", short: "\(name)(…)") { reader in
            guard var pairs = reader.layout.orderedEntries(ofDict: object, limit: 10_000, in: &memory) else {
                return false
            }
            guard pairs.count > 0 else {
                reader.out += "\(name)()"
                return true
            }
            let counts = pairs.entries.map { reader.layout.integer(at: $0.value, in: &memory)?.value }
            if !counts.contains(nil) {
                let order = zip(pairs.entries.indices, counts)
                    .sorted { ($0.1 ?? 0, $1.0) > ($1.1 ?? 0, $0.0) }.map(\.0)
                let entries = pairs.entries
                pairs.entries = order.map { entries[$0] }
            }
            reader.out += "\(name)({"
            reader.writePairs(pairs, &memory)
            reader.out += "})"
            return true
        }
    }

    /// A structure of named fields such as `time.struct_time`. Source: `PyStructSequence`, `tp_members`.
    mutating func writeStructure<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool {
        let name = Self.harmless(type.type.name)
        return inside(object, ring: "(...)", short: "\(name)(…)") { reader in
            guard let items = reader.layout.items(ofTuple: object, limit: 1000, in: &memory) else { return false }
            let count = items.addresses.count
            guard let members = try? memory.bytes(type.type.members, count * 40) else { return false }
            var attributes: [RemoteAttribute] = []
            for (index, item) in items.addresses.enumerated() {
                let name = reader.layout.name(RemoteAddress(members.word(index * 40)), in: &memory)
                // Fields without a name are there, but none of the members.
                guard let name, members.word(index * 40 + 16) == UInt64(reader.layout["tuple.ob_item"] + index * 8)
                else { break }
                attributes.append(RemoteAttribute(name: name, value: item))
            }
            guard !attributes.isEmpty else { return false }
            reader.out += "\(name)("
            reader.writeAttributes(attributes, &memory)
            if attributes.count < count { reader.out += ", …" }
            reader.out += ")"
            return true
        }
    }
}
