extension PythonLayout {
    /// Most entries that are read of a dictionary.
    static let entryLimit = 100_000

    /// The first entries of a `dict`, in their order, addresses only; nil when it does not look like one.
    ///
    /// Source: `PyDictObject`, `PyDictKeysObject`, CPython 3.6 to 3.15.
    func entries<Memory: RemoteMemory & ~Copyable>(
        ofDict address: RemoteAddress, limit: Int = entryLimit, in memory: inout Memory
    ) -> [(key: RemoteAddress, value: RemoteAddress)]? {
        guard address.rawValue != 0, let head = try? memory.bytes(address, self["dict.size"]) else { return nil }
        let keys = RemoteAddress(head.word(self["dict.ma_keys"]))
        let values = RemoteAddress(head.word(self["dict.ma_values"]))
        return entries(
            ofKeys: keys, values: values.rawValue == 0 ? nil : values + self["dictvalues.values"], limit: limit,
            in: &memory)
    }

    /// The first entries of a key table; its values are in the table, or in an array apart that instances of a class keep.
    func entries<Memory: RemoteMemory & ~Copyable>(
        ofKeys keys: RemoteAddress, values: RemoteAddress?, limit: Int = entryLimit, in memory: inout Memory
    ) -> [(key: RemoteAddress, value: RemoteAddress)]? {
        guard keys.rawValue != 0, let head = try? memory.bytes(keys, self["dictkeys.size"]),
            let indices = indexBytes(ofKeys: head)
        else { return nil }
        var count = Int(clamping: head.word(self["dictkeys.dk_nentries"]))
        guard count <= PythonLayout.entryLimit else { return nil }
        count = min(count, limit)
        // Up to 3.10 every table has the hashes of its keys.
        let isGeneral = version.minor < 11 || Int(head.byte(self["dictkeys.dk_kind"])) == self["const.DK_GENERAL"]
        let size = isGeneral ? self["dictkeyentry.size"] : self["dictunicodeentry.size"]
        let keyOffset = isGeneral ? self["dictkeyentry.me_key"] : self["dictunicodeentry.me_key"]
        let valueOffset = isGeneral ? self["dictkeyentry.me_value"] : self["dictunicodeentry.me_value"]
        let first = keys + self["dictkeys.size"] + indices
        guard count > 0 else { return [] }
        guard let table = try? memory.bytes(first, count * size) else { return nil }
        var apart: [UInt8] = []
        if let values {
            guard let read = try? memory.bytes(values, count * 8) else { return nil }
            apart = read
        }
        return (0..<count).compactMap { index in
            let key = table.word(index * size + keyOffset)
            let value = values == nil ? table.word(index * size + valueOffset) : apart.word(index * 8)
            return key == 0 || value == 0 ? nil : (RemoteAddress(key), RemoteAddress(value))
        }
    }

    /// Bytes of the table of indices that lies before the entries; nil when the head is none of a key table.
    func indexBytes(ofKeys head: [UInt8]) -> Int? {
        if version.minor > 10 {
            let exponent = head.byte(self["dictkeys.dk_log2_index_bytes"])
            return exponent < 32 && head.byte(self["dictkeys.dk_kind"]) <= 2 ? 1 << Int(exponent) : nil
        }
        let size = head.word(self["dictkeys.dk_size"])
        guard size > 0, size < 1 << 31, size & (size - 1) == 0 else { return nil }
        return Int(size) * (size <= 0xff ? 1 : size <= 0xffff ? 2 : 4)
    }

    /// The value of a text key among the first entries of a `dict`: each is a reading of its own.
    func value<Memory: RemoteMemory & ~Copyable>(
        of name: String, inDict address: RemoteAddress, limit: Int = 10_000, in memory: inout Memory
    ) -> RemoteAddress? {
        let length = name.unicodeScalars.count
        return entries(ofDict: address, limit: limit, in: &memory)?
            .first { text(at: $0.key, limit: length, in: &memory) == name }?.value
    }

    /// The first attributes of a plain object, by name: those in its `__dict__`, wherever its version keeps them.
    func attributes<Memory: RemoteMemory & ~Copyable>(
        of object: RemoteAddress, limit: Int = entryLimit, in memory: inout Memory
    ) -> [(key: RemoteAddress, value: RemoteAddress)]? {
        guard let type = try? memory.pointer(object + typePointer), type.rawValue != 0,
            let typeHead = try? memory.bytes(type, self["heaptype.size"])
        else { return nil }
        let keys = RemoteAddress(typeHead.word(self["heaptype.ht_cached_keys"]))
        let flags = typeHead.word(self["type.tp_flags"])
        guard flags & UInt64(self["const.Py_TPFLAGS_MANAGED_DICT"]) != 0 else {
            let offset = Int(Int64(bitPattern: typeHead.word(self["type.tp_dictoffset"])))
            guard offset > 0, offset < 1 << 16, let dict = try? memory.pointer(object + offset) else { return nil }
            return entries(ofDict: dict, limit: limit, in: &memory)
        }
        // The word three before the object, in free-threaded builds the one before it; 3.11 keeps the array of values one
        // before that, 3.12 tags the word, 3.13 has it behind the object.
        guard let word = try? memory.pointer(object + (version.isFreeThreaded ? -8 : -24)) else { return nil }
        switch valuesPlace {
        case .wordBefore:
            guard let values = try? memory.pointer(object + -32) else { return nil }
            return values.rawValue == 0
                ? entries(ofDict: word, limit: limit, in: &memory)
                : entries(ofKeys: keys, values: values, limit: limit, in: &memory)
        case .tagged:
            return word.rawValue & 1 == 1
                ? entries(ofKeys: keys, values: word + 1, limit: limit, in: &memory)
                : entries(ofDict: word, limit: limit, in: &memory)
        case .inline:
            guard word.rawValue == 0 else { return entries(ofDict: word, limit: limit, in: &memory) }
            let values = object + Int(clamping: typeHead.word(self["type.tp_basicsize"]))
            return entries(
                ofKeys: keys, values: values + self["dictvalues.values"], limit: limit, in: &memory)
        }
    }
}
