/// Entries of a dictionary, addresses only.
struct RemoteEntries {
    /// The first of them, in the order in which Python prints them.
    var entries: [(key: RemoteAddress, value: RemoteAddress)]
    /// How many it says it has.
    var count: Int
}

extension PythonLayout {
    /// The first entries of a `dict`, in its order; nil when it does not look like one. Source: `PyDictObject`.
    func orderedEntries<Memory: RemoteMemory & ~Copyable>(
        ofDict address: RemoteAddress, limit: Int = itemLimit, in memory: inout Memory
    ) -> RemoteEntries? {
        guard address.rawValue != 0, let head = try? memory.bytes(address, self["dict.size"]) else { return nil }
        let keys = RemoteAddress(head.word(self["dict.ma_keys"]))
        let values = RemoteAddress(head.word(self["dict.ma_values"]))
        let used = Int(clamping: head.word(self["dict.ma_used"]) & ~(1 << 63))
        if values.rawValue != 0, version.minor > 10 { return splitEntries(keys, values, limit: limit, in: &memory) }
        // Up to 3.10 an array of values is in the order of the keys.
        let apart = values.rawValue == 0 ? nil : values
        guard var found = tableEntries(keys, values: apart, limit: limit, in: &memory) else { return nil }
        found.count = max(used, found.entries.count)
        return found
    }

    /// Attributes whose values lie apart from their names, in the order in which they were set: since 3.11.
    ///
    /// Source: `PyDictValues`; the order is a byte each, before the values in 3.11 and 3.12, behind all of them since.
    func splitEntries<Memory: RemoteMemory & ~Copyable>(
        _ keys: RemoteAddress, _ values: RemoteAddress, limit: Int, in memory: inout Memory
    ) -> RemoteEntries? {
        guard let table = keyTable(keys, in: &memory) else { return nil }
        var order: [UInt8] = []
        let first = values + self["dictvalues.values"]
        var used = 0
        if version.minor < 13 {
            guard let head = try? memory.bytes(values + -2, 2) else { return nil }
            used = Int(head.byte(0))
            // The byte before the values is the size of what lies before them, that before it the count.
            guard let bytes = try? memory.bytes(values + (-2 - used), used) else { return nil }
            order = bytes.reversed()
        } else {
            guard let head = try? memory.bytes(values, 8) else { return nil }
            let capacity = Int(head.byte(0))
            used = Int(head.byte(self["dictvalues.size"]))
            guard used <= capacity, let bytes = try? memory.bytes(first + capacity * 8, used) else { return nil }
            order = bytes
        }
        guard used <= table.count, order.allSatisfy({ Int($0) < table.count }),
            let names = try? memory.bytes(table.first, table.count * table.entrySize),
            let objects = try? memory.bytes(first, (order.max().map { Int($0) + 1 } ?? 0) * 8)
        else { return nil }
        var found = RemoteEntries(entries: [], count: 0)
        for place in order {
            let key = names.word(Int(place) * table.entrySize + table.keyOffset)
            let value = objects.word(Int(place) * 8)
            guard key != 0, value != 0 else { continue }
            found.count += 1
            if found.entries.count < limit { found.entries.append((RemoteAddress(key), RemoteAddress(value))) }
        }
        return found
    }

    /// Where the entries of a table of keys are.
    private struct KeyTable {
        var first: RemoteAddress
        var count: Int
        var entrySize: Int
        var keyOffset: Int
        var valueOffset: Int
    }

    private func keyTable<Memory: RemoteMemory & ~Copyable>(_ keys: RemoteAddress, in memory: inout Memory)
        -> KeyTable?
    {
        guard keys.rawValue != 0, let head = try? memory.bytes(keys, self["dictkeys.size"]),
            let indices = indexBytes(ofKeys: head)
        else { return nil }
        let count = head.word(self["dictkeys.dk_nentries"])
        guard count < 1 << 40 else { return nil }
        let isGeneral = version.minor < 11 || Int(head.byte(self["dictkeys.dk_kind"])) == self["const.DK_GENERAL"]
        let group = isGeneral ? "dictkeyentry" : "dictunicodeentry"
        return KeyTable(
            first: keys + self["dictkeys.size"] + indices, count: Int(count), entrySize: self[group + ".size"],
            keyOffset: self[group + ".me_key"], valueOffset: self[group + ".me_value"])
    }

    /// Entries in the order of their table, read piece by piece until there are enough.
    private func tableEntries<Memory: RemoteMemory & ~Copyable>(
        _ keys: RemoteAddress, values: RemoteAddress?, limit: Int, in memory: inout Memory
    ) -> RemoteEntries? {
        guard let table = keyTable(keys, in: &memory) else { return nil }
        var found = RemoteEntries(entries: [], count: 0)
        var place = 0
        // Entries that were removed leave holes: a table that was emptied from its start has many.
        let end = min(table.count, 4096 + limit * 64)
        while place < end, found.entries.count < limit {
            let length = min(128, end - place)
            guard let bytes = try? memory.bytes(table.first + place * table.entrySize, length * table.entrySize) else {
                return nil
            }
            var apart: [UInt8] = []
            if let values {
                guard let read = try? memory.bytes(values + place * 8, length * 8) else { return nil }
                apart = read
            }
            for index in 0..<length where found.entries.count < limit {
                let key = bytes.word(index * table.entrySize + table.keyOffset)
                let value =
                    values == nil ? bytes.word(index * table.entrySize + table.valueOffset) : apart.word(index * 8)
                if key != 0, value != 0 { found.entries.append((RemoteAddress(key), RemoteAddress(value))) }
            }
            place += length
        }
        found.count = found.entries.count
        return found
    }
}
