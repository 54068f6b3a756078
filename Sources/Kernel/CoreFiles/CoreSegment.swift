internal import Elf

/// A stretch of memory in a core file. Source: `Elf64_Phdr` of type `PT_LOAD`.
public struct CoreSegment: Sendable, Hashable {
    /// First address.
    public var start: UInt64
    /// Bytes of address space.
    public var memoryBytes: UInt64
    /// Where its bytes are in the file.
    public var fileOffset: UInt64
    /// Bytes that were dumped; what follows them has to come from the file that was mapped.
    public var fileBytes: UInt64
    /// Whether the process might write to it.
    public var isWritable: Bool

    init(_ header: ElfSegment) {
        start = header.address
        memoryBytes = header.memoryBytes
        fileOffset = header.fileOffset
        fileBytes = header.fileBytes
        isWritable = header.isWritable
    }

    /// Address behind the last.
    public var end: UInt64 { start &+ memoryBytes }
}

extension ElfHeader {
    #if arch(arm64)
    static let ownMachine: UInt16 = 183
    #else
    static let ownMachine: UInt16 = 62
    #endif

    /// Name of a kind of machine.
    static func machineName(_ machine: UInt16) -> String {
        switch machine {
        case 3: "i386"
        case 20: "ppc"
        case 21: "ppc64"
        case 22: "s390x"
        case 40: "arm"
        case 62: "x86_64"
        case 183: "aarch64"
        case 243: "riscv"
        case 258: "loongarch"
        default: "machine \(machine)"
        }
    }
}

extension [UInt8] {
    func half(_ offset: Int) -> UInt16 { UInt16(number(offset, 2)) }
    func int(_ offset: Int) -> UInt32 { UInt32(number(offset, 4)) }
    func word(_ offset: Int) -> UInt64 { number(offset, 8) }

    /// Text from `offset` up to a NUL, or `limit` bytes.
    func text(_ offset: Int, limit: Int) -> String {
        guard offset >= 0, offset < count else { return "" }
        return String(decoding: self[offset...].prefix(limit).prefix { $0 != 0 }, as: UTF8.self)
    }
}
