internal import Elf

/// What is in the file alone, which no loader maps: sections, and symbols that are not exported.
extension ElfImage {
    /// Largest table of symbols or of their names.
    private static let tableLimit: UInt64 = 16 << 20

    /// Address of a section by name.
    func section<Target: RemoteProcess & ~Copyable>(
        _ name: String, of mapping: RemoteMapping, in target: inout Target
    ) -> RemoteAddress? {
        guard let (header, sections) = sections(of: mapping, in: &target), sections.indices.contains(header.nameSection)
        else { return nil }
        let place = sections[header.nameSection]
        guard let names = target.file(of: mapping, at: place.offset, count: Int(min(place.bytes, 1 << 16))) else {
            return nil
        }
        return sections.first {
            $0.address != 0 && names.dropFirst(Int($0.name)).prefix { $0 != 0 }.elementsEqual(name.utf8)
        }
        .map { RemoteAddress(bias &+ $0.address) }
    }

    /// Address of a symbol that is not exported. Source: `SHT_SYMTAB`.
    func localSymbol<Target: RemoteProcess & ~Copyable>(
        _ name: String, of mapping: RemoteMapping, in target: inout Target
    ) -> RemoteAddress? {
        guard let (_, sections) = sections(of: mapping, in: &target),
            let table = sections.first(where: { $0.type == ElfSection.symbols }),
            sections.indices.contains(table.link), table.bytes <= ElfImage.tableLimit,
            sections[table.link].bytes <= ElfImage.tableLimit,
            let symbols = target.file(of: mapping, at: table.offset, count: Int(table.bytes)),
            let names = target.file(
                of: mapping, at: sections[table.link].offset, count: Int(sections[table.link].bytes))
        else { return nil }
        let wanted = Array(name.utf8) + [0]
        for place in stride(from: 0, to: symbols.count - 23, by: 24) where symbols.word(place + 8) != 0 {
            let start = Int(UInt32(bitPattern: symbols.int(place)))
            if start <= names.count - wanted.count, names[start..<start + wanted.count].elementsEqual(wanted) {
                return RemoteAddress(bias &+ symbols.word(place + 8))
            }
        }
        return nil
    }

    /// The sections of the file behind a mapping; nil when it has none, or is another file than the one that was mapped.
    private func sections<Target: RemoteProcess & ~Copyable>(
        of mapping: RemoteMapping, in target: inout Target
    ) -> (ElfHeader, [ElfSection])? {
        // Where the mapping itself may not be opened its path is, and by now that may be another version.
        guard let page = target.file(of: mapping, at: 0, count: firstPage.count), page.count >= ElfHeader.size,
            firstPage.prefix(page.count).elementsEqual(page), let header = ElfHeader(page)
        else { return nil }
        let sections = header.sections { target.file(of: mapping, at: $0, count: $1) ?? [] }
        return sections.isEmpty ? nil : (header, sections)
    }
}
