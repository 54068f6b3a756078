/// Objects that a container holds, addresses only.
struct RemoteItems: Equatable {
    /// The first of them, in the container's order.
    var addresses: [RemoteAddress]
    /// How many the container says it has.
    var count: Int
}

extension PythonLayout {
    /// Most items that are read of a container unless less is asked for.
    static let itemLimit = 100_000

    /// Items of a `list`; nil when it does not look like one. Source: `PyListObject`.
    func items<Memory: RemoteMemory & ~Copyable>(
        ofList address: RemoteAddress, limit: Int = itemLimit, in memory: inout Memory
    ) -> RemoteItems? {
        let place = self["list.ob_item"]
        guard let head = try? memory.bytes(address, place + 8), let count = size(head) else { return nil }
        return references(RemoteAddress(head.word(place)), count: count, limit: limit, in: &memory)
    }

    /// Items of a `tuple`; nil when it does not look like one. Source: `PyTupleObject`.
    func items<Memory: RemoteMemory & ~Copyable>(
        ofTuple address: RemoteAddress, limit: Int = itemLimit, in memory: inout Memory
    ) -> RemoteItems? {
        guard let head = try? memory.bytes(address, itemCount + 8), let count = size(head) else { return nil }
        return references(address + self["tuple.ob_item"], count: count, limit: limit, in: &memory)
    }

    /// Members of a `set` or `frozenset`, in the order in which it is iterated; nil when it does not look like one.
    ///
    /// Source: `PySetObject`, `setentry`: a table of which an entry without an object, or with the hash −1, is empty.
    func items<Memory: RemoteMemory & ~Copyable>(
        ofSet address: RemoteAddress, limit: Int = itemLimit, in memory: inout Memory
    ) -> RemoteItems? {
        guard let head = try? memory.bytes(address, self["set.table"] + 8) else { return nil }
        let used = Int(clamping: head.word(self["set.used"]))
        let mask = head.word(self["set.mask"])
        guard mask < 1 << 40, mask & (mask + 1) == 0, used <= Int(mask) else { return nil }
        let table = RemoteAddress(head.word(self["set.table"]))
        var items = RemoteItems(addresses: [], count: used)
        let wanted = min(used, limit)
        var place = 0
        // A table has at most five entries for one member after it grew; after most were removed it has more.
        let end = min(Int(mask) + 1, 64 + limit * 64)
        while items.addresses.count < wanted, place < end {
            let length = min(256, end - place)
            guard let entries = try? memory.bytes(table + place * 16, length * 16) else { return nil }
            for index in 0..<length where items.addresses.count < wanted {
                let key = entries.word(index * 16)
                if key != 0, entries.word(index * 16 + 8) != .max { items.addresses.append(RemoteAddress(key)) }
            }
            place += length
        }
        return items
    }

    /// Items of a `collections.deque`; nil when it does not look like one. Source: `dequeobject`, blocks of 64 items.
    func items<Memory: RemoteMemory & ~Copyable>(
        ofDeque address: RemoteAddress, limit: Int = itemLimit, in memory: inout Memory
    ) -> RemoteItems? {
        guard let head = try? memory.bytes(address, self["deque.maxlen"] + 8), let count = size(head) else {
            return nil
        }
        var block = RemoteAddress(head.word(self["deque.leftblock"]))
        var index = Int(clamping: head.word(self["deque.leftindex"]))
        guard index <= 64 else { return nil }
        var items = RemoteItems(addresses: [], count: count)
        let wanted = min(count, limit)
        while items.addresses.count < wanted {
            // The link to the left, the items, the link to the right.
            guard let bytes = try? memory.bytes(block, 66 * 8) else { return nil }
            while index < 64, items.addresses.count < wanted {
                items.addresses.append(RemoteAddress(bytes.word(8 + index * 8)))
                index += 1
            }
            index = 0
            block = RemoteAddress(bytes.word(65 * 8))
        }
        return items
    }

    /// Object that a `weakref` refers to; nil when it died, or when it is none. Source: `PyWeakReference.wr_object`.
    func target<Memory: RemoteMemory & ~Copyable>(
        ofWeakReference address: RemoteAddress, in memory: inout Memory
    ) -> RemoteAddress? {
        guard let target = try? memory.pointer(address + self["weakref.wr_object"]), target.rawValue != 0,
            // One that died refers to None.
            let type = try? memory.pointer(target + typePointer), typeName(ofType: type, in: &memory) != "NoneType"
        else { return nil }
        return target
    }

    /// The object's count of items; nil when it is negative or cannot be. Source: `ob_size`.
    private func size(_ head: [UInt8]) -> Int? {
        let count = head.word(itemCount)
        return count < 1 << 44 ? Int(count) : nil
    }

    /// References that lie one behind the other.
    func references<Memory: RemoteMemory & ~Copyable>(
        _ first: RemoteAddress, count: Int, limit: Int, in memory: inout Memory
    ) -> RemoteItems? {
        let wanted = max(0, min(count, limit))
        guard wanted > 0 else { return RemoteItems(addresses: [], count: count) }
        guard let bytes = try? memory.bytes(first, wanted * 8) else { return nil }
        return RemoteItems(addresses: (0..<wanted).map { RemoteAddress(bytes.word($0 * 8)) }, count: count)
    }
}
