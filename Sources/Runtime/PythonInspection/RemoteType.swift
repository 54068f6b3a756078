/// A class of the target. Source: `PyTypeObject`, and `PyHeapTypeObject` where it is made at run time.
struct RemoteType {
    let address: RemoteAddress
    /// Name as the interpreter keeps it: of a class written in C with its module, as in `collections.deque`.
    let name: String
    /// Source: `tp_flags`.
    let flags: UInt64
    /// Class of the class itself.
    let metatype: RemoteAddress
    /// Source: `tp_base`: the one whose structure its instances continue.
    let base: RemoteAddress
    /// Source: `tp_dict`; zero for a class of the interpreter itself since 3.12.
    let dict: RemoteAddress
    /// Source: `tp_members`.
    let members: RemoteAddress
    /// Names in its `__slots__`, of a class written in Python.
    let slotCount: Int
    let basicSize: Int
    let itemSize: Int
    /// Source: `tp_dictoffset`; negative where it counts from the end of the instance.
    let dictOffset: Int
    /// Source: `ht_cached_keys`; zero unless it is made at run time.
    let cachedKeys: RemoteAddress
    /// Source: `ht_qualname`, address of a text; zero unless it is made at run time.
    let qualifiedName: RemoteAddress
    /// Whether it is written in Python, not in C.
    let isWrittenInPython: Bool

    /// Whether the class is made at run time. Source: `Py_TPFLAGS_HEAPTYPE`.
    var isHeap: Bool { flags & 1 << 9 != 0 }
    /// Name without the module.
    var bareName: Substring { isWrittenInPython ? name[...] : name.split(separator: ".").last ?? "" }

    /// What instances of the class are as well, by the flags that the interpreter itself asks.
    enum Family: UInt64 {
        case int = 24, list, tuple, bytes, str, dict, exception, type
    }

    /// Whether its instances belong to a family. Source: `Py_TPFLAGS_LONG_SUBCLASS` and the bits above it.
    func isOf(_ family: Family) -> Bool { flags & 1 << family.rawValue != 0 }
}

extension PythonLayout {
    /// Most classes that are followed from a class to its bases.
    private static let chainLimit = 64

    /// Class of an object; nil when that does not look like one.
    func type<Memory: RemoteMemory & ~Copyable>(of object: RemoteAddress, in memory: inout Memory) -> RemoteType? {
        guard object.rawValue != 0, let address = try? memory.pointer(object + typePointer) else { return nil }
        return type(at: address, in: &memory)
    }

    /// The class at an address; nil when that does not look like one.
    func type<Memory: RemoteMemory & ~Copyable>(at address: RemoteAddress, in memory: inout Memory) -> RemoteType? {
        guard address.rawValue > 0xffff, let head = try? memory.bytes(address, self["type.size"]) else { return nil }
        let flags = head.word(self["type.tp_flags"])
        // A class is of use only when it is ready. Source: `Py_TPFLAGS_READY`.
        guard flags & 1 << 12 != 0, let name = name(RemoteAddress(head.word(typeName)), in: &memory) else { return nil }
        func number(_ field: String) -> Int { Int(truncatingIfNeeded: head.word(self[field])) }
        var made: [UInt8] = []
        if flags & 1 << 9 != 0 {
            guard let bytes = try? memory.bytes(address, self["heaptype.size"]) else { return nil }
            made = bytes
        }
        // `type_new` calls a class what its text is called; one that C code describes has its module before that.
        var isWrittenInPython = !made.isEmpty
        if isWrittenInPython, let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) {
            let own = text(at: RemoteAddress(made.word(self["heaptype.ht_name"])), limit: 256, in: &memory)
            isWrittenInPython = own.map { !$0.utf8.elementsEqual(name[dot...].utf8.dropFirst()) } ?? false
        }
        return RemoteType(
            address: address, name: name, flags: flags, metatype: RemoteAddress(head.word(typePointer)),
            base: RemoteAddress(head.word(self["type.tp_base"])), dict: RemoteAddress(head.word(self["type.tp_dict"])),
            members: RemoteAddress(head.word(self["type.tp_members"])), slotCount: Int(clamping: head.word(itemCount)),
            basicSize: number("type.tp_basicsize"), itemSize: number("type.tp_itemsize"),
            dictOffset: number("type.tp_dictoffset"),
            cachedKeys: RemoteAddress(made.word(self["heaptype.ht_cached_keys"])),
            qualifiedName: RemoteAddress(made.word(self["heaptype.ht_qualname"])), isWrittenInPython: isWrittenInPython)
    }

    /// A class and those whose structure it continues, up to `object`.
    func chain<Memory: RemoteMemory & ~Copyable>(of type: RemoteType, in memory: inout Memory) -> [RemoteType] {
        var chain = [type]
        var base = type.base
        while base.rawValue != 0, chain.count < PythonLayout.chainLimit, !chain.contains(where: { $0.address == base }),
            let next = self.type(at: base, in: &memory)
        {
            chain.append(next)
            base = next.base
        }
        return chain
    }

    /// Dotted name of a class, without its module.
    func qualifiedName<Memory: RemoteMemory & ~Copyable>(of type: RemoteType, in memory: inout Memory) -> String {
        guard type.isHeap, let text = text(at: type.qualifiedName, limit: 256, in: &memory) else {
            return String(type.bareName)
        }
        return text
    }

    /// Module of a class; nil when it has none. Source: `__module__`, or the part of `tp_name` before the last dot.
    func module<Memory: RemoteMemory & ~Copyable>(of type: RemoteType, in memory: inout Memory) -> String? {
        guard type.isHeap else {
            guard let dot = type.name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "builtins" }
            return String(type.name[..<dot])
        }
        return value(of: "__module__", inDict: type.dict, in: &memory).flatMap { text(at: $0, limit: 256, in: &memory) }
    }

    /// A name that C code keeps: text that is not empty and ends within 256 bytes.
    func name<Memory: RemoteMemory & ~Copyable>(_ address: RemoteAddress, in memory: inout Memory) -> String? {
        guard address.rawValue > 0xffff else { return nil }
        var bytes: [UInt8] = []
        while bytes.count < 256 {
            // Up to the next boundary: the text may end where the mapping does.
            let place = address + bytes.count
            let length = 64 - Int(place.rawValue % 64)
            guard let part = try? memory.bytes(place, length) else { return nil }
            bytes += part
            guard let end = bytes.firstIndex(of: 0) else { continue }
            return end == 0 ? nil : String(decoding: bytes[..<end], as: UTF8.self)
        }
        return nil
    }
}
