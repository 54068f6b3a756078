/// The header of an ELF file of 64 bits, little-endian: of a program, a library or a core file.
///
/// Every number in it is hostile. Source: `Elf64_Ehdr`, elf(5).
public struct ElfHeader: Sendable {
    /// Bytes of a header.
    public static let size = 64
    /// `ET_CORE`.
    public static let core: UInt16 = 4

    /// Bytes of a file, or of its copy in memory, from an offset on; fewer where it ends.
    public typealias Reading = (_ offset: UInt64, _ count: Int) -> [UInt8]

    /// What kind of file it is.
    public let type: UInt16
    /// Kind of machine that it is for.
    public let machine: UInt16
    /// Where the program headers are.
    public let segmentTable: UInt64
    /// Which section has the names of sections.
    public let nameSection: Int
    private let segmentCount: Int
    private let sectionTable: UInt64
    private let sectionCount: Int

    /// Number of program headers of a file that has more than 16 bits hold. Source: `PN_XNUM`, elf(5).
    private static let manySegments = 0xffff
    /// Program headers of a program or library at most, and of a core file: mappings are limited to 65,530 by default.
    private static let segmentLimit = 256
    private static let coreSegmentLimit = 1 << 20

    /// Parses the start of a file; nil when it is none of 64 bits, little-endian.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= ElfHeader.size, bytes.prefix(6).elementsEqual([0x7f, 0x45, 0x4c, 0x46, 2, 1]) else {
            return nil
        }
        type = UInt16(bytes.number(16, 2))
        machine = UInt16(bytes.number(18, 2))
        segmentTable = bytes.number(32, 8)
        segmentCount = bytes.number(54, 2) == ElfSegment.size ? Int(bytes.number(56, 2)) : 0
        sectionTable = bytes.number(40, 8)
        sectionCount = bytes.number(58, 2) == ElfSection.size && sectionTable > 0 ? Int(bytes.number(60, 2)) : 0
        nameSection = Int(bytes.number(62, 2))
    }

    /// The program headers of a program or a library; nil when they are not all there, or make no sense.
    public func segments(_ read: Reading) -> [ElfSegment]? {
        guard segmentCount > 0, segmentCount <= ElfHeader.segmentLimit, segmentTable < 1 << 20 else { return nil }
        let table = read(segmentTable, segmentCount * ElfSegment.size)
        guard table.count == segmentCount * ElfSegment.size else { return nil }
        return (0..<segmentCount).map { ElfSegment(table, at: $0 * ElfSegment.size) }
    }

    /// Hands over every program header of a core file, and reads no more than there can be.
    public func forEachSegment(_ read: Reading, _ body: (ElfSegment) -> Void) {
        var count = segmentCount
        if count == ElfHeader.manySegments, sectionTable > 0 {
            // Then the first section header has the number.
            count = Int(read(sectionTable, ElfSection.size).number(44, 4))
        }
        count = min(count, ElfHeader.coreSegmentLimit)
        let batch = 1024
        for first in stride(from: 0, to: count, by: batch) {
            let (offset, isOver) = segmentTable.addingReportingOverflow(UInt64(first * ElfSegment.size))
            guard !isOver else { return }
            let wanted = min(batch, count - first) * ElfSegment.size
            let table = read(offset, wanted)
            for place in stride(from: 0, through: table.count - ElfSegment.size, by: ElfSegment.size) {
                body(ElfSegment(table, at: place))
            }
            // The table is cut off here.
            if table.count < wanted { return }
        }
    }

    /// The section headers that are there.
    public func sections(_ read: Reading) -> [ElfSection] {
        let table = read(sectionTable, sectionCount * ElfSection.size)
        return (0..<min(sectionCount, table.count / ElfSection.size)).map {
            ElfSection(table, at: $0 * ElfSection.size)
        }
    }
}

/// A program header. Source: `Elf64_Phdr`, elf(5).
public struct ElfSegment: Sendable {
    static let size = 56
    /// `PT_LOAD`, `PT_DYNAMIC`, `PT_NOTE`, `PT_GNU_EH_FRAME`.
    public static let memory: UInt32 = 1
    /// See ``memory``.
    public static let dynamic: UInt32 = 2
    /// See ``memory``.
    public static let notes: UInt32 = 4
    /// See ``memory``.
    public static let unwindTable: UInt32 = 0x6474_e550

    /// What it is for.
    public var type: UInt32
    /// Whether the process may write to it.
    public var isWritable: Bool
    /// Where its bytes are in the file.
    public var fileOffset: UInt64
    /// First address, as the file itself counts.
    public var address: UInt64
    /// Bytes in the file.
    public var fileBytes: UInt64
    /// Bytes of address space.
    public var memoryBytes: UInt64

    init(_ table: [UInt8], at place: Int) {
        type = UInt32(table.number(place, 4))
        isWritable = table.number(place + 4, 4) & 2 != 0
        fileOffset = table.number(place + 8, 8)
        address = table.number(place + 16, 8)
        fileBytes = table.number(place + 32, 8)
        memoryBytes = table.number(place + 40, 8)
    }
}

/// A section header. Source: `Elf64_Shdr`, elf(5).
public struct ElfSection: Sendable {
    static let size = 64
    /// `SHT_SYMTAB` and `SHT_DYNSYM`: symbols.
    public static let symbols: UInt32 = 2
    /// See ``symbols``.
    public static let dynamicSymbols: UInt32 = 11
    /// `SHT_PROGBITS`: what only the program itself can make sense of.
    public static let contents: UInt32 = 1

    /// Where its name is in the section of names.
    public var name: UInt32
    /// What it holds.
    public var type: UInt32
    /// Where it is in memory; 0 where it is not.
    public var address: UInt64
    /// Where it is in the file.
    public var offset: UInt64
    /// Its length. Unit: bytes.
    public var bytes: UInt64
    /// Number of the section that goes with it; of symbols that of their names.
    public var link: Int

    init(_ table: [UInt8], at place: Int) {
        name = UInt32(table.number(place, 4))
        type = UInt32(table.number(place + 4, 4))
        address = table.number(place + 16, 8)
        offset = table.number(place + 24, 8)
        bytes = table.number(place + 32, 8)
        link = Int(table.number(place + 40, 4))
    }
}

/// What a program or library tells its loader. Source: `Elf64_Dyn`, elf(5).
public enum ElfDynamic {
    /// Values by their tags, up to the end of the table.
    public static func values(_ table: [UInt8]) -> [UInt64: UInt64] {
        var values: [UInt64: UInt64] = [:]
        for place in stride(from: 0, to: table.count - 15, by: 16) {
            let tag = table.number(place, 8)
            if tag == 0 { break }
            values[tag] = table.number(place + 8, 8)
        }
        return values
    }
}
