/// What a type object says of itself and of its objects.
struct TypeFacts {
    /// Its qualified name with its module, but for those of `builtins`.
    let name: String
    /// Bytes of an object without items.
    private let basicSize: Int
    /// Bytes of an item.
    private let itemSize: Int
    private static let nameLimit = 256
    /// Bit of `tp_flags` of a class that was made at run time.
    private static let heapType: UInt64 = 1 << 9
    private static let sizeLimit: Int64 = 1 << 32

    /// Reads a type; nil when there is none at that address.
    init?<Memory: RemoteMemory & ~Copyable>(
        _ address: RemoteAddress, _ layout: PythonLayout, in memory: inout Memory
    ) {
        guard let bytes = try? memory.bytes(address, layout["type.size"]),
            let plain = TypeFacts.plainName(RemoteAddress(bytes.word(layout.typeName)), &memory)
        else { return nil }
        let (basic, item) = (
            Int64(bitPattern: bytes.word(layout["type.tp_basicsize"])),
            Int64(bitPattern: bytes.word(layout["type.tp_itemsize"]))
        )
        guard (0..<TypeFacts.sizeLimit).contains(basic), (0..<TypeFacts.sizeLimit).contains(item) else { return nil }
        basicSize = Int(basic)
        // An array of a list's items lies apart, and has more room than items.
        itemSize = plain == "list" ? 8 : Int(item)
        guard bytes.word(layout["type.tp_flags"]) & TypeFacts.heapType != 0 else {
            name = plain
            return
        }
        let qualified = (try? memory.pointer(address + layout["heaptype.ht_qualname"]))
            .flatMap { layout.text(at: $0, limit: TypeFacts.nameLimit, in: &memory) }
        let dictionary = RemoteAddress(bytes.word(layout["type.tp_dict"]))
        let module = layout.value(of: "__module__", inDict: dictionary, limit: 1000, in: &memory)
            .flatMap { layout.text(at: $0, limit: TypeFacts.nameLimit, in: &memory) }
        // The full name of a class of the C API is its plain one already.
        let last = qualified ?? plain
        name = module.map { $0 == "builtins" ? last : "\($0).\(last)" } ?? plain
    }

    /// The C string at an address, read up to the end of its page at most.
    private static func plainName<Memory: RemoteMemory & ~Copyable>(_ address: RemoteAddress, _ memory: inout Memory)
        -> String?
    {
        guard address.rawValue > 0xffff else { return nil }
        var bytes: [UInt8] = []
        while bytes.count < nameLimit {
            let place = address + bytes.count
            let length = min(64 - Int(place.rawValue & 63), nameLimit - bytes.count)
            guard let part = try? memory.bytes(place, length) else { return nil }
            if let end = part.firstIndex(of: 0) {
                bytes += part[..<end]
                return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
            }
            bytes += part
        }
        return nil
    }

    /// Bytes of so many objects with so many items together; nil where that is beyond all measure.
    func shallowBytes(count: Int, items: Int64, headSize: Int) -> Int? {
        let (fixed, isOver) = count.multipliedReportingOverflow(by: basicSize + headSize)
        guard itemSize > 0 else { return isOver ? nil : fixed }
        let (variable, isTooMuch) = Int(items).multipliedReportingOverflow(by: itemSize)
        let (sum, isBeyond) = fixed.addingReportingOverflow(variable)
        return isOver || isTooMuch || isBeyond ? nil : sum
    }
}
