/// The bytes that tell one build of a program or library from any other.
///
/// Source: the note `NT_GNU_BUILD_ID` of the owner `GNU`, elf(5).
public enum ElfBuildId {
    /// Most bytes of notes that are searched.
    private static let noteLimit: UInt64 = 1 << 16

    /// The build-id of a file, through what reads it; nil without one.
    public static func find(_ read: ElfHeader.Reading) -> [UInt8]? {
        guard let segments = ElfHeader(read(0, ElfHeader.size))?.segments(read) else { return nil }
        for segment in segments where segment.type == ElfSegment.notes {
            let notes = read(segment.fileOffset, Int(min(segment.fileBytes, noteLimit)))
            if let found = find(inNotes: notes) { return found }
        }
        return nil
    }

    /// The build-id among the notes of a segment; nil without one.
    public static func find(inNotes notes: [UInt8]) -> [UInt8]? {
        var offset = 0
        while offset <= notes.count - 12 {
            let (name, length) = (Int(notes.number(offset, 4)), Int(notes.number(offset + 4, 4)))
            let content = offset + 12 + (name + 3) & ~3
            guard length <= notes.count, content <= notes.count - length else { return nil }
            if notes.number(offset + 8, 4) == 3, name == 4, notes.number(offset + 12, 4) == 0x55_4e47, length > 0 {
                return Array(notes[content..<content + length])
            }
            offset = content + (length + 3) & ~3
        }
        return nil
    }
}

extension [UInt8] {
    /// A number of up to eight bytes from `offset` on, little-endian; 0 where the array ends before.
    public func number(_ offset: Int, _ size: Int) -> UInt64 {
        guard offset >= 0, offset <= count - size else { return 0 }
        var value: UInt64 = 0
        for index in (0..<size).reversed() { value = value << 8 | UInt64(self[offset + index]) }
        return value
    }
}
