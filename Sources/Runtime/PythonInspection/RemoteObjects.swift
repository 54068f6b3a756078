/// Reads the objects that asyncio and greenlets are made of, many at a time, and remembers what their types are.
struct RemoteObjects {
    let layout: PythonLayout
    var budget: ReadBudget
    /// Bytes of the head that every object has.
    let head: Int
    private let listItems: Int
    private let tupleItems: Int
    private let set: (table: Int, mask: Int)
    private let weakReferent: Int
    private let base: Int
    private var kinds: [RemoteAddress: ObjectKind] = [:]
    /// Most items that are taken of one container.
    private static let itemLimit = 1 << 20
    /// How often a set is read that gets another table meanwhile.
    private static let setAttempts = 8

    init(_ layout: PythonLayout, _ budget: ReadBudget) {
        self.layout = layout
        self.budget = budget
        head = layout["object.size"]
        listItems = layout["list.ob_item"]
        tupleItems = layout["tuple.ob_item"]
        set = (layout["set.table"], layout["set.mask"])
        weakReferent = layout["module_weakref.wr_object"]
        base = layout["type.tp_base"]
    }

    // MARK: Types

    /// What the objects at some addresses are; nil for what looks like none.
    mutating func kinds<Memory: RemoteMemory & ~Copyable>(
        of addresses: [RemoteAddress], in memory: inout Memory
    ) -> [ObjectKind?] {
        let copies = copies(of: addresses, length: layout.typePointer + 8, in: &memory)
        return addresses.indices.map {
            copies.pointer($0, layout.typePointer).flatMap { kind(ofType: $0, in: &memory) }
        }
    }

    /// What objects of a type are; nil where it does not look like a type.
    mutating func kind<Memory: RemoteMemory & ~Copyable>(
        ofType type: RemoteAddress, in memory: inout Memory
    ) -> ObjectKind? {
        if let known = kinds[type] { return known }
        guard kinds.count < 10_000 else { return nil }
        var names: [String] = []
        var next = type
        while next.rawValue != 0, names.count < 32 {
            guard budget.take(base + 40), let head = try? memory.bytes(next, base + 8),
                let text = try? memory.bytes(RemoteAddress(head.word(layout.typeName)), 64)
            else { break }
            names.append(String(decoding: text.prefix { $0 != 0 }, as: UTF8.self))
            next = RemoteAddress(head.word(base))
        }
        guard let name = names.first else { return nil }
        let kind = ObjectKind(name: name, role: ObjectKind.Role(types: names))
        kinds[type] = kind
        return kind
    }

    // MARK: Many at a time

    /// Copies of many objects.
    mutating func copies<Memory: RemoteMemory & ~Copyable>(
        of addresses: [RemoteAddress], length: Int, in memory: inout Memory
    ) -> RemoteCopies {
        RemoteCopies(of: addresses, length: length, in: &memory, &budget)
    }

    /// Texts of many `str` objects; nil for what is none.
    mutating func texts<Memory: RemoteMemory & ~Copyable>(
        at addresses: [RemoteAddress], in memory: inout Memory
    ) -> [String?] {
        let start = layout["unicode_ascii.size"]
        let copies = copies(of: addresses, length: start + 40, in: &memory)
        return addresses.indices.map { index in
            guard let length = copies.word(index, layout["unicode_ascii.length"]) else { return nil }
            // Compact, and nothing but ASCII.
            if isPlain(copies, index), length <= 40 {
                return String(decoding: copies.bytes(index, start..<start + Int(length)), as: UTF8.self)
            }
            return budget.take(4096) ? layout.text(at: addresses[index], in: &memory) : nil
        }
    }

    /// Whether the copy of a `str` is compact and nothing but ASCII: one byte a character, right behind the head.
    private func isPlain(_ copies: RemoteCopies, _ index: Int) -> Bool {
        let state = UInt32(bitPattern: copies.int(index, layout["unicode_ascii.state"]))
        return state >> layout.internedBits & 0x1f == 0x19
    }

    // MARK: Containers

    /// Items of a `set`, in no order; nil where it does not look like one, or got another table each time that it was read.
    mutating func items<Memory: RemoteMemory & ~Copyable>(
        ofSet address: RemoteAddress, in memory: inout Memory
    ) -> [RemoteAddress]? {
        for _ in 0..<RemoteObjects.setAttempts {
            guard budget.take(64), let copy = try? memory.bytes(address, set.table + 8) else { return nil }
            let mask = copy.word(set.mask)
            guard mask < UInt64(RemoteObjects.itemLimit), mask & (mask + 1) == 0 else { continue }
            let length = Int(mask + 1) * 16
            guard budget.take(length) else { return nil }
            // A set that grows or shrinks gets a new table, and the old one is freed.
            guard let table = try? memory.bytes(RemoteAddress(copy.word(set.table)), length), budget.take(64),
                let after = try? memory.bytes(address, set.table + 8),
                after.word(set.mask) == mask, after.word(set.table) == copy.word(set.table)
            else { continue }
            return (0...Int(mask)).compactMap { index in
                let key = table.word(index * 16)
                // What was taken out leaves a mark: a key whose hash is −1, which no other has.
                return key == 0 || table.word(index * 16 + 8) == .max ? nil : RemoteAddress(key)
            }
        }
        return nil
    }

    /// Items of a `list`; nil where it does not look like one.
    mutating func items<Memory: RemoteMemory & ~Copyable>(
        ofList address: RemoteAddress, in memory: inout Memory
    ) -> [RemoteAddress]? {
        guard budget.take(64), let copy = try? memory.bytes(address, listItems + 8) else { return nil }
        return items(copy.word(layout.itemCount), at: RemoteAddress(copy.word(listItems)), in: &memory)
    }

    /// Items of a `tuple`; nil where it does not look like one.
    mutating func items<Memory: RemoteMemory & ~Copyable>(
        ofTuple address: RemoteAddress, in memory: inout Memory
    ) -> [RemoteAddress]? {
        guard budget.take(64), let copy = try? memory.bytes(address, layout.itemCount + 8) else { return nil }
        return items(copy.word(layout.itemCount), at: address + tupleItems, in: &memory)
    }

    private mutating func items<Memory: RemoteMemory & ~Copyable>(
        _ count: UInt64, at address: RemoteAddress, in memory: inout Memory
    ) -> [RemoteAddress]? {
        guard count < UInt64(RemoteObjects.itemLimit), budget.take(Int(count) * 8) else { return nil }
        guard count > 0 else { return [] }
        guard let bytes = try? memory.bytes(address, Int(count) * 8) else { return nil }
        return (0..<Int(count)).compactMap { bytes.word($0 * 8) == 0 ? nil : RemoteAddress(bytes.word($0 * 8)) }
    }

    /// What weak references lead to, those that lead somewhere.
    mutating func referents<Memory: RemoteMemory & ~Copyable>(
        of references: [RemoteAddress], in memory: inout Memory
    ) -> [RemoteAddress] {
        let copies = copies(of: references, length: weakReferent + 8, in: &memory)
        return references.indices.compactMap { copies.pointer($0, weakReferent) }
    }

    // MARK: By name

    /// Values of some keys of a `dict`.
    mutating func values<Memory: RemoteMemory & ~Copyable>(
        of names: [String], inDict address: RemoteAddress, in memory: inout Memory
    ) -> [String: RemoteAddress] {
        guard budget.take(4096), let entries = layout.entries(ofDict: address, in: &memory) else { return [:] }
        return values(of: names, entries, in: &memory)
    }

    /// Values of some attributes of an object.
    mutating func attributes<Memory: RemoteMemory & ~Copyable>(
        _ names: [String], of object: RemoteAddress, in memory: inout Memory
    ) -> [String: RemoteAddress] {
        guard budget.take(4096), let entries = layout.attributes(of: object, in: &memory) else { return [:] }
        return values(of: names, entries, in: &memory)
    }

    private mutating func values<Memory: RemoteMemory & ~Copyable>(
        of names: [String], _ entries: [(key: RemoteAddress, value: RemoteAddress)], in memory: inout Memory
    ) -> [String: RemoteAddress] {
        var found: [String: RemoteAddress] = [:]
        let start = layout["unicode_ascii.size"]
        let longest = names.reduce(0) { max($0, $1.utf8.count) }
        let wanted = names.map { Array($0.utf8) }
        let copies = copies(of: entries.map(\.key), length: start + longest, in: &memory)
        for (index, entry) in entries.enumerated() {
            guard let length = copies.word(index, layout["unicode_ascii.length"]), length <= UInt64(longest),
                isPlain(copies, index)
            else { continue }
            let key = copies.bytes(index, start..<start + Int(length))
            if let place = wanted.firstIndex(where: { key.elementsEqual($0) }) { found[names[place]] = entry.value }
        }
        return found
    }

    /// Where instances of a class keep a slot of a name. Source: `PyMemberDescrObject.d_member`, `PyMemberDef.offset`.
    mutating func offset<Memory: RemoteMemory & ~Copyable>(
        ofSlot name: String, inType type: RemoteAddress, in memory: inout Memory
    ) -> Int? {
        guard budget.take(64), let dictionary = try? memory.pointer(type + layout["type.tp_dict"]),
            let descriptor = values(of: [name], inDict: dictionary, in: &memory)[name],
            let member = try? memory.pointer(descriptor + head + 24),
            let offset = try? memory.bytes(member + 16, 8).word(0), offset < 1 << 12
        else { return nil }
        return Int(offset)
    }

    /// A `float`, or a small `int`; nil for any other.
    mutating func number<Memory: RemoteMemory & ~Copyable>(at address: RemoteAddress, in memory: inout Memory)
        -> Double?
    {
        switch kinds(of: [address], in: &memory)[0]?.name {
        case "float":
            guard budget.take(8), let word = try? memory.bytes(address + head, 8).word(0) else { return nil }
            return Double(bitPattern: word)
        case "int": return layout.wholeNumber(at: address, in: &memory).map { Double($0) }
        default: return nil
        }
    }
}

/// What an object is, as far as a reader of tasks is concerned.
struct ObjectKind: Hashable, Sendable {
    /// Name of its type, without the module for one that was written in Python.
    let name: String
    let role: Role

    enum Role: Hashable, Sendable {
        /// A task or a future of the module `_asyncio`.
        case nativeTask, nativeFuture
        /// One that was written in Python.
        case plainTask, plainFuture
        case coroutine, generator, asyncGenerator
        /// One whose first field is what is awaited in its place.
        case wrapper
        case function, method, builtin, partial
        case greenlet
        case other

        /// From the names of a type and of its bases.
        init(types names: [String]) {
            if names.contains("_asyncio.Task") {
                self = .nativeTask
            } else if names.contains("_asyncio.Future") {
                // In 3.6 also the class of tasks that is written in Python inherits from the other one's futures.
                self = names.contains("Task") ? .plainTask : .nativeFuture
            } else if names.contains("greenlet.greenlet") {
                self = .greenlet
            } else if names.contains("Future") {
                self = names.contains("Task") ? .plainTask : .plainFuture
            } else {
                self = Role.byName[names[0]] ?? .other
            }
        }

        private static let byName: [String: Role] = [
            "coroutine": .coroutine, "generator": .generator, "async_generator": .asyncGenerator,
            "async_generator_asend": .wrapper, "async_generator_athrow": .wrapper, "coroutine_wrapper": .wrapper,
            "anext_awaitable": .wrapper, "_asyncio.FutureIter": .wrapper, "function": .function, "method": .method,
            "builtin_function_or_method": .builtin, "functools.partial": .partial,
            "TaskWakeupMethWrapper": .wrapper,
        ]
    }

    var isTask: Bool { role == .nativeTask || role == .plainTask }
    var isFuture: Bool { isTask || role == .nativeFuture || role == .plainFuture }
    /// Whether it has a frame of its own.
    var isGenerator: Bool { role == .coroutine || role == .generator || role == .asyncGenerator }
}
