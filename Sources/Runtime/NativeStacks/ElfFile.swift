internal import Elf
internal import Linux

/// The symbol tables of a program or library.
///
/// Only the wanted addresses are looked up, in one pass over each table, so that nothing is sorted and little kept.
/// Every offset and length is hostile.
struct ElfFile {
    /// Bytes of the file from an offset on; fewer at its end.
    private let read: (_ offset: UInt64, _ count: Int) -> [UInt8]
    private static let entrySize = 24
    /// Bytes of all tables that are looked at, at most.
    private static let tableLimit: UInt64 = 512 << 20
    private static let nameLimit = 4096
    /// Bytes of a compressed table before and after, at most.
    private static let packedLimit: UInt64 = 16 << 20
    private static let unpackedLimit = 64 << 20

    /// A file, or a copy of one, by how it is read.
    init(reading read: @escaping (_ offset: UInt64, _ count: Int) -> [UInt8]) {
        self.read = read
    }

    /// A copy of a file in memory.
    init(_ bytes: [UInt8]) {
        read = { offset, count in
            guard offset < UInt64(bytes.count) else { return [] }
            return Array(bytes[Int(offset)...].prefix(count))
        }
    }

    /// A stretch of the file with symbols, and the one with their names.
    private struct Table {
        var offset: UInt64
        var size: UInt64
        var names: UInt64
        var namesSize: UInt64
    }

    /// A symbol that may be the one an address is in.
    private struct Candidate {
        var value: UInt64
        var hasSize: Bool
        /// Local, weak or global, the more the better.
        var binding: Int
        var name: UInt64
        var namesEnd: UInt64
    }

    /// The functions that addresses are in, as mangled names with their beginnings; without those in none.
    ///
    /// - Parameter addresses: as the file itself counts, sorted.
    func functions(of addresses: [UInt64]) -> [UInt64: (name: String, start: UInt64)] {
        var found: [[Candidate]] = Array(repeating: [], count: addresses.count)
        let sections = self.sections()
        let tables = sections.tables.isEmpty ? [dynamicTable()].compactMap { $0 } : sections.tables
        // Any number of sections may name the same table.
        var left = Self.tableLimit
        for var table in tables where left > 0 {
            table.size = min(table.size, left)
            left -= table.size
            scan(table, addresses, &found)
        }
        var result: [UInt64: (name: String, start: UInt64)] = [:]
        for (address, candidates) in zip(addresses, found) {
            if let best = best(candidates) { result[address] = best }
        }
        // A small table that distributions leave in stripped files, with the functions that others do not call.
        if result.count < addresses.count, let packed = sections.packed, let inner = unpack(packed) {
            for (address, function) in inner.functions(of: addresses.filter { result[$0] == nil }) {
                result[address] = function
            }
        }
        return result
    }

    // MARK: Where tables are

    private func sections() -> (tables: [Table], packed: ElfSection?) {
        guard let header = ElfHeader(read(0, ElfHeader.size)) else { return ([], nil) }
        let sections = header.sections(read)
        var tables: [Table] = []
        var packed: ElfSection?
        for section in sections {
            switch section.type {
            case ElfSection.symbols, ElfSection.dynamicSymbols:
                guard sections.indices.contains(section.link) else { continue }
                let names = sections[section.link]
                tables.append(
                    Table(
                        offset: section.offset, size: min(section.bytes, Self.tableLimit), names: names.offset,
                        namesSize: names.bytes))
            case ElfSection.contents where section.bytes <= Self.packedLimit && packed == nil:
                guard sections.indices.contains(header.nameSection) else { continue }
                let name = Array(".gnu_debugdata\0".utf8)
                if read(sections[header.nameSection].offset &+ UInt64(section.name), name.count) == name {
                    packed = section
                }
            default: continue
            }
        }
        return (tables, packed)
    }

    /// The table that the loader uses, through the program headers, for files without section headers.
    private func dynamicTable() -> Table? {
        guard let segments = ElfHeader(read(0, ElfHeader.size))?.segments(read),
            let dynamic = segments.last(where: { $0.type == ElfSegment.dynamic })
        else { return nil }
        let values = ElfDynamic.values(read(dynamic.fileOffset, Int(min(dynamic.fileBytes, 1 << 16))))
        func place(_ tag: UInt64) -> UInt64? {
            guard let address = values[tag] else { return nil }
            return segments.first {
                $0.type == ElfSegment.memory && address >= $0.address && address - $0.address < $0.fileBytes
            }
            .map { address - $0.address &+ $0.fileOffset }
        }
        // Nothing says how many symbols there are, but linkers put their names behind them.
        guard let symbols = place(6), let names = place(5), names > symbols else { return nil }
        return Table(
            offset: symbols, size: min(names - symbols, Self.tableLimit), names: names, namesSize: values[10] ?? 0)
    }

    private func unpack(_ packed: ElfSection) -> ElfFile? {
        let input = read(packed.offset, Int(packed.bytes))
        return Compression.unpack(input, limit: Self.unpackedLimit).map { ElfFile($0) }
    }

    // MARK: The pass over a table

    private func scan(_ table: Table, _ addresses: [UInt64], _ found: inout [[Candidate]]) {
        guard let first = addresses.first, let last = addresses.last else { return }
        let step = 1 << 20 / Self.entrySize * Self.entrySize
        let namesEnd = table.names &+ table.namesSize
        for start in stride(from: UInt64(0), to: table.size, by: step) {
            let bytes = read(table.offset &+ start, Int(min(UInt64(step), table.size - start)))
            unsafe bytes.withUnsafeBytes { bytes in
                for entry in stride(from: 0, to: bytes.count - Self.entrySize + 1, by: Self.entrySize) {
                    let value = unsafe bytes.loadUnaligned(fromByteOffset: entry + 8, as: UInt64.self)
                    guard value <= last, value != 0 else { continue }
                    let size = unsafe bytes.loadUnaligned(fromByteOffset: entry + 16, as: UInt64.self)
                    guard size == 0 || first < value &+ size else { continue }
                    let information = unsafe bytes[entry + 4]
                    let section = unsafe bytes.loadUnaligned(fromByteOffset: entry + 6, as: UInt16.self)
                    // Functions, those that choose themselves at load time, and labels of assembly without a type.
                    guard section != 0, [0, 2, 10].contains(information & 15) else { continue }
                    let name = unsafe bytes.loadUnaligned(fromByteOffset: entry, as: UInt32.self)
                    let candidate = Candidate(
                        value: value, hasSize: size > 0, binding: Self.rank(information >> 4),
                        name: table.names &+ UInt64(name), namesEnd: namesEnd)
                    Self.offer(candidate, size, addresses, &found)
                }
            }
        }
    }

    private static func rank(_ binding: UInt8) -> Int { binding == 1 ? 2 : binding == 2 ? 1 : 0 }

    /// Notes a symbol with each address that it may cover.
    private static func offer(
        _ candidate: Candidate, _ size: UInt64, _ addresses: [UInt64], _ found: inout [[Candidate]]
    ) {
        var low = 0
        var high = addresses.count
        while low < high {
            let middle = (low + high) / 2
            if addresses[middle] < candidate.value { low = middle + 1 } else { high = middle }
        }
        while low < addresses.count, size == 0 || addresses[low] - candidate.value < size {
            if let known = found[low].first {
                // What says how long it is beats what does not, then the one that begins last.
                let isBetter =
                    (candidate.hasSize ? 1 : 0, candidate.value) > (known.hasSize ? 1 : 0, known.value)
                if isBetter {
                    found[low] = [candidate]
                } else if candidate.hasSize == known.hasSize, candidate.value == known.value, found[low].count < 16 {
                    found[low].append(candidate)
                }
            } else {
                found[low] = [candidate]
            }
            low += 1
        }
    }

    /// Of several names for one function that which people use: global, without underscores, short.
    private func best(_ candidates: [Candidate]) -> (name: String, start: UInt64)? {
        var best: (rank: (Int, Int, Int), name: String, start: UInt64)?
        for candidate in candidates {
            guard candidate.name < candidate.namesEnd else { continue }
            let bytes = read(candidate.name, Int(min(UInt64(Self.nameLimit), candidate.namesEnd - candidate.name)))
            let text = bytes.prefix { $0 != 0 }
            guard !text.isEmpty else { continue }
            let underscores = text.prefix { $0 == UInt8(ascii: "_") }.count
            let rank = (candidate.binding, -underscores, -text.count)
            if let known = best, known.rank >= rank { continue }
            best = (rank, String(decoding: text, as: UTF8.self), candidate.value)
        }
        return best.map { ($0.name, $0.start) }
    }
}
