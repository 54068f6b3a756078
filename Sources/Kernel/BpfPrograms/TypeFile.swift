internal import Linux

/// A file of types in the format BTF, of which only a part is in memory at a time: kernels have 5 MB of them. Its format is that of
/// Documentation/bpf/btf.rst in Linux; what it says of itself is not believed further than the file goes.
struct TypeFile: ~Copyable {
    private let file: FileDescriptor
    private var window = [UInt8](repeating: 0, count: 64 << 10)
    /// Which bytes of the file the window has.
    private var range = 0..<0
    private let (types, texts): (Range<Int>, Range<Int>)
    /// Where each type is, by its number.
    private var places: [UInt32] = []

    /// A member of a structure or union.
    struct Member {
        /// Place of its name among the texts; 0 where it has none.
        var name: UInt32
        var type: UInt32
        var bits: UInt32
    }

    /// Opens a file; nil where it has another format.
    init?(_ path: String) throws(Errno) {
        let file = try FileDescriptor.open(path)
        var head = [UInt8](repeating: 0, count: 24)
        let count = try file.read(into: &head, at: 0)
        func word(_ place: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(head[place + $1]) << (8 * $1) }
        }
        guard count == head.count, word(0) & 0xffff == TypeFile.magic else { return nil }
        let start = word(4)
        types = start + word(8)..<start + word(8) + word(12)
        texts = start + word(16)..<start + word(16) + word(20)
        self.file = file
    }

    /// Where texts are, which are there once each. Absent: those that are not in the file.
    mutating func places(ofTexts wanted: Set<[UInt8]>) -> [[UInt8]: UInt32] {
        var hashes: [UInt64: [UInt8]] = [:]
        for text in wanted { hashes[TypeFile.hash(text)] = text }
        var found: [[UInt8]: UInt32] = [:]
        var (place, start, hash) = (texts.lowerBound, texts.lowerBound, TypeFile.hash([]))
        while place < texts.upperBound, load(place, 1) {
            let end = min(range.upperBound, texts.upperBound)
            for (offset, byte) in window[place - range.lowerBound..<end - range.lowerBound].enumerated() {
                if byte != 0 {
                    hash = TypeFile.next(hash, byte)
                    continue
                }
                if let text = hashes[hash], text.count == place + offset - start {
                    found[text] = UInt32(truncatingIfNeeded: start - texts.lowerBound)
                }
                (start, hash) = (place + offset + 1, TypeFile.hash([]))
            }
            place = end
        }
        return found
    }

    private static func hash(_ text: [UInt8]) -> UInt64 { text.reduce(0xcbf2_9ce4_8422_2325, next) }

    /// FNV-1a.
    private static func next(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

    /// Finds out where each type is, and the numbers of structures by the places of their names.
    mutating func index(structuresNamed names: Set<UInt32>) -> [UInt32: [UInt32]] {
        var found: [UInt32: [UInt32]] = [:]
        places = [0]
        var place = types.lowerBound
        while place + 12 <= types.upperBound, load(place, 12) {
            let info = word(place + 4)
            // Behind a kind that is not known nothing can be found.
            guard let size = TypeFile.size(ofKind: info >> 24 & 31, Int(info & 0xffff)) else { break }
            if info >> 24 & 31 == TypeFile.structure, names.contains(word(place)) {
                found[word(place), default: []].append(UInt32(places.count))
            }
            places.append(UInt32(truncatingIfNeeded: place))
            place += 12 + size
        }
        return found
    }

    /// Members of a structure or union, also of one that is called by another name; nil for anything else.
    mutating func members(of type: UInt32) -> [Member]? {
        var type = type
        for _ in 0..<TypeFile.nameLimit {
            guard places.indices.contains(Int(type)), type > 0, case let place = Int(places[Int(type)]), load(place, 12)
            else { return nil }
            let info = word(place + 4)
            switch info >> 24 & 31 {
            case TypeFile.structure, TypeFile.union: return members(place + 12, info)
            case TypeFile.name, 9, 10, 11, 18: type = word(place + 8)
            default: return nil
            }
        }
        return nil
    }

    private mutating func members(_ start: Int, _ info: UInt32) -> [Member] {
        var found: [Member] = []
        for number in 0..<Int(info & 0xffff) {
            let place = start + number * 12
            guard load(place, 12) else { break }
            // Of a bit field the upper bits say how wide it is.
            let bits = info >> 31 == 1 ? word(place + 8) & 0xff_ffff : word(place + 8)
            found.append(Member(name: word(place), type: word(place + 4), bits: bits))
        }
        return found
    }

    /// Has bytes in the window; false where the file ends before.
    private mutating func load(_ place: Int, _ count: Int) -> Bool {
        if place >= range.lowerBound, place + count <= range.upperBound { return true }
        guard let read = try? file.read(into: &window, at: Int64(place)) else { return false }
        range = place..<place + read
        return count <= read
    }

    /// A word that is in the window, in the machine's own order.
    private func word(_ place: Int) -> UInt32 {
        unsafe window.withUnsafeBytes {
            unsafe $0.loadUnaligned(fromByteOffset: place - range.lowerBound, as: UInt32.self)
        }
    }

    private static let magic = 0xeb9f
    /// BTF_KIND_STRUCT, BTF_KIND_UNION and BTF_KIND_TYPEDEF.
    private static let (structure, union, name): (UInt32, UInt32, UInt32) = (4, 5, 8)
    /// Names for a name that are followed.
    private static let nameLimit = 16

    /// Bytes behind the head of a type; nil for a kind that is not known.
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
