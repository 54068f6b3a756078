internal import Elf

/// An executable or a library as it is mapped into a target: what its own headers say of it.
///
/// It is read from the target's memory: a deleted or replaced file, or one in another mount namespace, is no different. Every number
/// read is hostile.
struct ElfImage {
    /// Where its first byte is mapped.
    let start: RemoteAddress
    /// What has to be added to an address in the file's tables: 0 for a program at a fixed address.
    let bias: UInt64
    let segments: [ElfSegment]
    /// Bytes that tell this build from any other: its build-id, or all of its headers where it has none.
    let identity: [UInt8]
    /// What lies in the file's first page.
    let firstPage: [UInt8]

    private static let page = 4096

    /// Reads the headers of a module; nil when there is none of 64 bits, little-endian, at that address.
    init?<Memory: RemoteMemory & ~Copyable>(at start: RemoteAddress, in memory: inout Memory) {
        var table: [UInt8] = []
        guard let page = try? memory.bytes(start, ElfImage.page),
            let segments = ElfHeader(page)?.segments({ offset, count in
                table = (try? memory.bytes(start + Int(offset), count)) ?? []
                return table
            }),
            let first = segments.first(where: {
                $0.type == ElfSegment.memory && $0.fileOffset < UInt64(ElfImage.page)
            })
        else { return nil }
        self.start = start
        self.segments = segments
        bias = start.rawValue &- (first.address & ~UInt64(ElfImage.page - 1))
        firstPage = page
        identity = ElfImage.buildId(segments, bias, page, &memory) ?? Array(page.prefix(64)) + table
    }

    /// The build-id in the notes, which are in the first page nearly always; nil without one.
    private static func buildId<Memory: RemoteMemory & ~Copyable>(
        _ segments: [ElfSegment], _ bias: UInt64, _ page: [UInt8], _ memory: inout Memory
    ) -> [UInt8]? {
        for segment in segments
        where segment.type == ElfSegment.notes && segment.memoryBytes <= UInt64(ElfImage.page) {
            let length = Int(segment.memoryBytes)
            var notes: [UInt8]?
            if segment.fileOffset <= UInt64(page.count - length) {
                notes = Array(page[Int(segment.fileOffset)..<Int(segment.fileOffset) + length])
            } else {
                notes = try? memory.bytes(RemoteAddress(bias &+ segment.address), length)
            }
            if let found = notes.flatMap(ElfBuildId.find(inNotes:)) { return found }
        }
        return nil
    }
}
