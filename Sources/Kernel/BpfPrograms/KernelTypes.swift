public import Linux

/// Where the structures of the running kernel have their members. Source: BTF, `/sys/kernel/btf/vmlinux`; its format is that of
/// Documentation/bpf/btf.rst.
///
/// libbpf finds the same out when it loads a program, from two copies of all types: that takes four times as long and 11 MB, which is
/// more than the rest of a recording's start.
public struct KernelTypes {
    private var offsets: [String: UInt32] = [:]

    /// A member by the names of its structure and its own: `task_struct.se`. Unit: bytes; nil where the kernel has none.
    public subscript(_ name: String) -> UInt32? { offsets[name] }

    /// Looks structures up in the running kernel.
    ///
    /// - Throws: what keeps the file from being read; ``Errno/noEntry`` for a kernel without one.
    public init(ofStructures names: Set<String>) throws(Errno) {
        let file = try FileDescriptor.open("/sys/kernel/btf/vmlinux")
        self.init(parsing: try file.readToEnd(limit: KernelTypes.limit), names)
    }

    /// Looks structures up in bytes; none is found in what is no BTF.
    init(parsing bytes: [UInt8], _ names: Set<String>) {
        guard bytes.number(0, 2) == KernelTypes.magic, let head = bytes.number(4, 4),
            let typeStart = bytes.number(8, 4),
            let typeLength = bytes.number(12, 4), let textStart = bytes.number(16, 4)
        else { return }
        let texts = Int(head) + Int(textStart)
        var place = Int(head) + Int(typeStart)
        let end = min(bytes.count, place + Int(typeLength))
        // The names of types are compared by their first bytes before they are made texts: there are 100,000.
        let wanted = names.map { ($0, Array($0.utf8)) }
        while place + 12 <= end, let nameOffset = bytes.number(place, 4), let info = bytes.number(place + 4, 4) {
            let kind = info >> 24 & 31
            let count = Int(info & 0xffff)
            place += 12
            guard let size = KernelTypes.size(ofKind: kind, count) else { return }
            if kind == KernelTypes.structure,
                let name = wanted.first(where: { bytes.isText($0.1, at: texts + Int(nameOffset)) })
            {
                addMembers(of: name.0, bytes, place, count, areBitfields: info >> 31 == 1, texts)
            }
            place += size
        }
    }

    private mutating func addMembers(
        of structure: String, _ bytes: [UInt8], _ start: Int, _ count: Int, areBitfields: Bool, _ texts: Int
    ) {
        for number in 0..<count {
            let place = start + number * 12
            guard let name = bytes.number(place, 4), let offset = bytes.number(place + 8, 4) else { return }
            let bits = areBitfields ? offset & 0xff_ffff : offset
            guard bits % 8 == 0 else { continue }
            offsets[structure + "." + bytes.text(at: texts + Int(name))] = bits / 8
        }
    }

    private static let magic: UInt32 = 0xeb9f
    /// Most bytes that are read: kernels have 5 MB of types.
    private static let limit = 64 << 20
    /// BTF_KIND_STRUCT.
    private static let structure: UInt32 = 4

    /// Bytes behind the head of a type; nil for a kind that is not known, behind which nothing can be found.
    private static func size(ofKind kind: UInt32, _ count: Int) -> Int? {
        switch kind {
        case 2, 7, 8, 9, 10, 11, 12, 16, 18: 0
        case 1, 14, 17: 4
        case 3: 12
        case 6, 13: count * 8
        case 4, 5, 15, 19: count * 12
        default: nil
        }
    }
}

extension [UInt8] {
    /// A number in the machine's own order; nil where the bytes end before it does.
    fileprivate func number(_ place: Int, _ length: Int) -> UInt32? {
        guard place >= 0, place + length <= count else { return nil }
        var value: UInt32 = 0
        for index in (0..<length).reversed() { value = value << 8 | UInt32(self[place + index]) }
        return value
    }

    /// Whether a text that a zero ends is there.
    fileprivate func isText(_ text: [UInt8], at place: Int) -> Bool {
        guard place >= 0, place + text.count < count, self[place + text.count] == 0 else { return false }
        return self[place..<place + text.count].elementsEqual(text)
    }

    fileprivate func text(at place: Int) -> String {
        guard indices.contains(place) else { return "" }
        return String(decoding: self[place...].prefix { $0 != 0 }, as: UTF8.self)
    }
}
