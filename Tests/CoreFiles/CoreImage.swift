import Elf
/// A core file that a test writes.
struct CoreImage {
    struct Segment {
        var start: UInt64
        var memoryBytes: UInt64
        var bytes: [UInt8] = []
        var isWritable = false
    }

    var segments: [Segment] = []
    var notes: [UInt8] = []
    var type: UInt16 = 4
    #if arch(arm64)
    var machine: UInt16 = 183
    #else
    var machine: UInt16 = 62
    #endif
    /// Whether the number of segments is in a section header, as for more than 65,534.
    var countsInSection = false

    /// Puts a note of the kernel behind those that are there.
    mutating func add(_ kind: UInt32, _ content: [UInt8]) {
        notes += CoreImage.number(5, 4) + CoreImage.number(UInt64(content.count), 4) + CoreImage.number(UInt64(kind), 4)
        notes += Array("CORE".utf8) + [0, 0, 0, 0] + content
        while notes.count % 4 != 0 { notes.append(0) }
    }

    /// A thread's status with its id and signal.
    mutating func addThread(_ tid: UInt64, signal: UInt64) {
        var status = [UInt8](repeating: 0, count: 392)
        status.replaceSubrange(12..<14, with: CoreImage.number(signal, 2))
        status.replaceSubrange(32..<36, with: CoreImage.number(tid, 4))
        add(1, status)
    }

    /// A signal with its code and the word behind it.
    mutating func addSignal(_ number: UInt64, code: Int32, _ word: UInt64) {
        let code = UInt64(UInt32(bitPattern: code))
        let content =
            CoreImage.number(number, 4) + CoreImage.number(0, 4) + CoreImage.number(code, 8) + CoreImage.number(word, 8)
        add(0x5349_4749, content + [UInt8](repeating: 0, count: 128 - content.count))
    }

    /// Files that were mapped.
    mutating func addMappings(_ mappings: [(start: UInt64, end: UInt64, page: UInt64, path: String)]) {
        var content = CoreImage.number(UInt64(mappings.count), 8) + CoreImage.number(4096, 8)
        for mapping in mappings {
            for value in [mapping.start, mapping.end, mapping.page] { content += CoreImage.number(value, 8) }
        }
        for mapping in mappings { content += Array(mapping.path.utf8) + [0] }
        add(0x4649_4c45, content)
    }

    /// The file.
    var bytes: [UInt8] {
        let count = UInt64(segments.count + 1)
        let sections: UInt64 = countsInSection ? 64 : 0
        let table = 64 + sections
        var offset = table + count * 56
        var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        for (value, size) in [
            (UInt64(type), 2), (UInt64(machine), 2), (1, 4), (0, 8), (table, 8), (sections > 0 ? 64 : 0, 8), (0, 4),
            (64, 2),
            (56, 2), (countsInSection ? 0xffff : count, 2), (64, 2), (sections > 0 ? 1 : 0, 2), (0, 2),
        ] { file += CoreImage.number(value, size) }
        if countsInSection {
            file += [UInt8](repeating: 0, count: 44) + CoreImage.number(count, 4) + [UInt8](repeating: 0, count: 16)
        }
        func header(_ type: UInt64, _ flags: UInt64, _ start: UInt64, _ fileBytes: UInt64, _ memoryBytes: UInt64) {
            file += CoreImage.number(type, 4) + CoreImage.number(flags, 4)
            for value in [offset, start, 0, fileBytes, memoryBytes, 1] { file += CoreImage.number(value, 8) }
            offset += fileBytes
        }
        header(4, 0, 0, UInt64(notes.count), 0)
        for segment in segments {
            header(1, segment.isWritable ? 6 : 4, segment.start, UInt64(segment.bytes.count), segment.memoryBytes)
        }
        return file + notes + segments.flatMap(\.bytes)
    }

    static func number(_ value: UInt64, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: value >> (UInt64($0) * 8)) }
    }
}
