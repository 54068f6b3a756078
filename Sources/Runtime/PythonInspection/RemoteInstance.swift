/// An attribute of an object.
struct RemoteAttribute: Equatable {
    var name: String
    var value: RemoteAddress
}

extension PythonLayout {
    /// Most attributes that are read of one object.
    static let attributeLimit = 1000

    /// Attributes that an object itself has, those in its `__slots__` first, then those of its `__dict__` in their order.
    ///
    /// Also what classes written in C publish as members that are objects. Methods and properties of its class are none.
    func instanceAttributes<Memory: RemoteMemory & ~Copyable>(
        of object: RemoteAddress, limit: Int = attributeLimit, in memory: inout Memory
    ) -> [RemoteAttribute] {
        guard let type = type(of: object, in: &memory) else { return [] }
        return instanceAttributes(of: object, chain: chain(of: type, in: &memory), limit: limit, in: &memory)
    }

    /// The same for an object whose class and its bases are known.
    func instanceAttributes<Memory: RemoteMemory & ~Copyable>(
        of object: RemoteAddress, chain: [RemoteType], limit: Int = attributeLimit, in memory: inout Memory
    ) -> [RemoteAttribute] {
        guard let type = chain.first else { return [] }
        var found: [RemoteAttribute] = []
        for base in chain.reversed() where base.isWrittenInPython && base.slotCount > 0 {
            for member in members(of: base, in: &memory) where found.count < limit {
                guard let value = try? memory.pointer(object + member.offset), value.rawValue != 0 else { continue }
                found.append(RemoteAttribute(name: member.name, value: value))
            }
        }
        for entry in dictEntries(of: object, type, limit: limit, in: &memory)?.entries ?? [] {
            guard found.count < limit else { break }
            if let name = text(at: entry.key, limit: 256, in: &memory) {
                found.append(RemoteAttribute(name: name, value: entry.value))
            }
        }
        return found
    }

    /// The value of an attribute that an object itself has; nil when it has none of that name.
    func attribute<Memory: RemoteMemory & ~Copyable>(
        _ name: String, of object: RemoteAddress, in memory: inout Memory
    ) -> RemoteAddress? {
        instanceAttributes(of: object, in: &memory).first { $0.name == name }?.value
    }

    /// What a class, or one whose structure it continues, has under a name in its own dictionary.
    func classAttribute<Memory: RemoteMemory & ~Copyable>(
        _ name: String, chain: [RemoteType], in memory: inout Memory
    ) -> RemoteAddress? {
        for type in chain where type.isHeap {
            if let value = value(of: name, inDict: type.dict, in: &memory) { return value }
        }
        return nil
    }

    /// Places of the objects that a class keeps in its instances, by name. Source: `PyMemberDef`.
    private func members<Memory: RemoteMemory & ~Copyable>(of type: RemoteType, in memory: inout Memory)
        -> [(name: String, offset: Int)]
    {
        let count = min(type.slotCount, 256)
        guard type.members.rawValue != 0, let bytes = try? memory.bytes(type.members, count * 40) else { return [] }
        return (0..<count).compactMap { index in
            let kind = bytes.int(index * 40 + 8)
            let offset = Int(truncatingIfNeeded: bytes.word(index * 40 + 16))
            // `T_OBJECT` and `T_OBJECT_EX`.
            guard kind == 6 || kind == 16, (0..<(1 << 20)).contains(offset),
                let name = name(RemoteAddress(bytes.word(index * 40)), in: &memory)
            else { return nil }
            return (name, offset)
        }
    }

    // MARK: __dict__

    /// Entries of an object's `__dict__`, wherever its version keeps them; nil when it has none.
    private func dictEntries<Memory: RemoteMemory & ~Copyable>(
        of object: RemoteAddress, _ type: RemoteType, limit: Int, in memory: inout Memory
    ) -> RemoteEntries? {
        if type.flags & UInt64(self["const.Py_TPFLAGS_MANAGED_DICT"]) != 0, version.minor > 10 {
            return managedEntries(of: object, type, limit: limit, in: &memory)
        }
        var offset = type.dictOffset
        if offset < 0 {
            // Behind the items of an object that has some.
            guard let count = itemCount(of: object, type, in: &memory) else { return nil }
            let size = (type.basicSize + count * type.itemSize + 7) & ~7
            offset += size
        }
        guard offset > 0, offset < 1 << 24, let dict = try? memory.pointer(object + offset), dict.rawValue != 0 else {
            return nil
        }
        return orderedEntries(ofDict: dict, limit: limit, in: &memory)
    }

    /// How many items an object has that its structure does not count.
    private func itemCount<Memory: RemoteMemory & ~Copyable>(
        of object: RemoteAddress, _ type: RemoteType, in memory: inout Memory
    ) -> Int? {
        guard (0..<4096).contains(type.itemSize), (0..<(1 << 20)).contains(type.basicSize),
            let word = try? memory.pointer(object + itemCount)
        else { return nil }
        let number = Int64(bitPattern: word.rawValue)
        let count = type.isOf(.int) && version.minor >= 12 ? number >> 3 : number.magnitude < 1 << 20 ? abs(number) : -1
        return (0..<(1 << 20)).contains(count) ? Int(count) : nil
    }

    private func managedEntries<Memory: RemoteMemory & ~Copyable>(
        of object: RemoteAddress, _ type: RemoteType, limit: Int, in memory: inout Memory
    ) -> RemoteEntries? {
        let place = version.minor < 13 ? -24 : self["const.MANAGED_DICT_OFFSET"]
        guard let word = try? memory.pointer(object + place) else { return nil }
        switch valuesPlace {
        case .wordBefore:
            guard let values = try? memory.pointer(object + -32) else { return nil }
            return values.rawValue == 0
                ? orderedEntries(ofDict: word, limit: limit, in: &memory)
                : splitEntries(type.cachedKeys, values, limit: limit, in: &memory)
        case .tagged:
            return word.rawValue & 1 == 1
                ? splitEntries(type.cachedKeys, word + 1, limit: limit, in: &memory)
                : orderedEntries(ofDict: word, limit: limit, in: &memory)
        case .inline:
            guard word.rawValue == 0 else { return orderedEntries(ofDict: word, limit: limit, in: &memory) }
            // Source: `Py_TPFLAGS_INLINE_VALUES`.
            guard type.flags & 1 << 2 != 0, (0..<(1 << 20)).contains(type.basicSize) else { return nil }
            return splitEntries(type.cachedKeys, object + type.basicSize, limit: limit, in: &memory)
        }
    }
}
