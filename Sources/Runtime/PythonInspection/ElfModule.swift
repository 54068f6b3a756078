internal import Elf

/// The exported symbols of an executable or a library, looked up in the target's own memory, through the tables that its loader uses.
struct ElfModule {
    private let bias: UInt64
    private let symbols: RemoteAddress
    private let names: RemoteAddress
    private let hashTable: RemoteAddress
    /// Whether the table of hashes is that of GNU, or else that of System V.
    private let isGNU: Bool

    /// Longest chain of symbols of one hash that is followed.
    private static let chainLimit = 4096

    /// Finds the tables of a module; nil when it has no dynamic symbol table.
    init?<Memory: RemoteMemory & ~Copyable>(_ image: ElfImage, in memory: inout Memory) {
        guard let dynamic = image.segments.first(where: { $0.type == ElfSegment.dynamic }),
            dynamic.memoryBytes <= 1 << 16,
            let table = try? memory.bytes(RemoteAddress(image.bias &+ dynamic.address), Int(dynamic.memoryBytes))
        else { return nil }
        bias = image.bias
        let found = ElfDynamic.values(table)
        // glibc writes absolute addresses over the file's relative ones; musl leaves them.
        func address(_ tag: UInt64) -> RemoteAddress? {
            found[tag].map { RemoteAddress($0 >= image.bias ? $0 : image.bias &+ $0) }
        }
        let gnu = address(0x6fff_fef5)
        guard let names = address(5), let symbols = address(6), let hashTable = gnu ?? address(4) else { return nil }
        (self.names, self.symbols, self.hashTable, isGNU) = (names, symbols, hashTable, gnu != nil)
    }

    /// Address of an exported symbol. Source: `DT_GNU_HASH` or `DT_HASH`, `DT_SYMTAB`, `DT_STRTAB`.
    func symbol<Memory: RemoteMemory & ~Copyable>(_ name: String, in memory: inout Memory) -> RemoteAddress? {
        isGNU ? gnuSymbol(name, &memory) : systemVSymbol(name, &memory)
    }

    private func gnuSymbol<Memory: RemoteMemory & ~Copyable>(_ name: String, _ memory: inout Memory) -> RemoteAddress? {
        guard let header = try? memory.bytes(hashTable, 16) else { return nil }
        let buckets = UInt64(UInt32(bitPattern: header.int(0)))
        let firstHashed = UInt64(UInt32(bitPattern: header.int(4)))
        let bloomWords = UInt64(UInt32(bitPattern: header.int(8)))
        guard buckets > 0, buckets < 1 << 24, bloomWords < 1 << 24 else { return nil }
        let hash = name.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) }
        let bucketStart = hashTable + Int(16 + bloomWords * 8)
        let chainStart = bucketStart + Int(buckets * 4)
        guard let bucket = try? memory.bytes(bucketStart + Int(UInt64(hash) % buckets * 4), 4) else { return nil }
        var index = UInt64(UInt32(bitPattern: bucket.int(0)))
        guard index >= firstHashed else { return nil }
        for _ in 0..<ElfModule.chainLimit {
            guard let link = try? memory.bytes(chainStart + Int((index - firstHashed) * 4), 4) else { return nil }
            let stored = UInt32(bitPattern: link.int(0))
            if stored | 1 == hash | 1, let found = value(of: index, if: name, &memory) { return found }
            if stored & 1 == 1 { return nil }
            index += 1
        }
        return nil
    }

    private func systemVSymbol<Memory: RemoteMemory & ~Copyable>(
        _ name: String, _ memory: inout Memory
    ) -> RemoteAddress? {
        guard let header = try? memory.bytes(hashTable, 8) else { return nil }
        let buckets = UInt64(UInt32(bitPattern: header.int(0)))
        guard buckets > 0, buckets < 1 << 24 else { return nil }
        let hash = name.utf8.reduce(UInt32(0)) { hash, byte in
            let next = hash << 4 &+ UInt32(byte)
            let high = next & 0xf000_0000
            return (next ^ high >> 24) & ~high
        }
        var place = hashTable + Int(8 + UInt64(hash) % buckets * 4)
        for _ in 0..<ElfModule.chainLimit {
            guard let link = try? memory.bytes(place, 4) else { return nil }
            let index = UInt64(UInt32(bitPattern: link.int(0)))
            guard index != 0 else { return nil }
            if let found = value(of: index, if: name, &memory) { return found }
            place = hashTable + Int(8 + buckets * 4 + index * 4)
        }
        return nil
    }

    /// Address of a symbol by its place in the table; nil when it has another name, or is not defined here.
    private func value<Memory: RemoteMemory & ~Copyable>(
        of index: UInt64, if name: String, _ memory: inout Memory
    ) -> RemoteAddress? {
        guard let entry = try? memory.bytes(symbols + Int(index * 24), 24), entry.word(8) != 0 else { return nil }
        let wanted = Array(name.utf8) + [0]
        let text = try? memory.bytes(names + Int(UInt32(bitPattern: entry.int(0))), wanted.count)
        return text == wanted ? RemoteAddress(bias &+ entry.word(8)) : nil
    }
}
