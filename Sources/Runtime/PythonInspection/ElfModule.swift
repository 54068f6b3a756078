/// An executable or a library as it is mapped into a target.
///
/// Symbols are looked up in the target's own memory, through the tables that its loader uses: a deleted or replaced file, a stripped one,
/// one in another mount namespace or without section headers is no different. Every number read is hostile.
struct ElfModule {
    /// What has to be added to an address in the file's tables.
    private let bias: UInt64
    private let symbols: RemoteAddress
    private let names: RemoteAddress
    private let hashTable: RemoteAddress

    /// Reads the headers of a module; nil when there is no dynamic symbol table at that address.
    init?<Memory: RemoteMemory & ~Copyable>(at start: RemoteAddress, in memory: inout Memory) {
        guard let bias = ElfModule.loadBias(at: start, in: &memory),
            let headers = ElfModule.programHeaders(at: start, in: &memory),
            let dynamic = headers.first(where: { $0.type == 2 }), dynamic.memorySize <= 1 << 16,
            let table = try? memory.bytes(RemoteAddress(bias &+ dynamic.address), Int(dynamic.memorySize))
        else { return nil }
        self.bias = bias
        var found: [UInt64: UInt64] = [:]
        for offset in stride(from: 0, to: table.count - 15, by: 16) where table.word(offset) != 0 {
            found[table.word(offset)] = table.word(offset + 8)
        }
        // glibc writes absolute addresses over the file's relative ones; musl leaves them.
        func address(_ tag: UInt64) -> RemoteAddress? {
            found[tag].map { RemoteAddress($0 >= bias ? $0 : bias &+ $0) }
        }
        guard let names = address(5), let symbols = address(6), let hashTable = address(0x6fff_fef5) else { return nil }
        (self.names, self.symbols, self.hashTable) = (names, symbols, hashTable)
    }

    /// Address of an exported symbol. Source: `DT_GNU_HASH`, `DT_SYMTAB`, `DT_STRTAB`.
    func symbol<Memory: RemoteMemory & ~Copyable>(_ name: String, in memory: inout Memory) -> RemoteAddress? {
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
        let wanted = Array(name.utf8) + [0]
        for _ in 0..<4096 {
            guard let link = try? memory.bytes(chainStart + Int((index - firstHashed) * 4), 4) else { return nil }
            let stored = UInt32(bitPattern: link.int(0))
            if stored | 1 == hash | 1, let entry = try? memory.bytes(symbols + Int(index * 24), 24) {
                let place = names + Int(UInt32(bitPattern: entry.int(0)))
                if let text = try? memory.bytes(place, wanted.count), text == wanted, entry.word(8) != 0 {
                    return RemoteAddress(bias &+ entry.word(8))
                }
            }
            if stored & 1 == 1 { return nil }
            index += 1
        }
        return nil
    }
}

/// A program header. Source: `Elf64_Phdr`, elf(5).
struct ElfSegment {
    var type: UInt32
    var fileOffset: UInt64
    var address: UInt64
    var memorySize: UInt64
}

extension ElfModule {
    /// The program headers behind the ELF header that is mapped at `start`; nil when there is none of 64 bits, little-endian.
    static func programHeaders<Memory: RemoteMemory & ~Copyable>(at start: RemoteAddress, in memory: inout Memory)
        -> [ElfSegment]?
    {
        guard let header = try? memory.bytes(start, 64), header.prefix(6) == [0x7f, 0x45, 0x4c, 0x46, 2, 1] else {
            return nil
        }
        let offset = header.word(32)
        let size = Int(header.byte(54)) | Int(header.byte(55)) << 8
        let count = Int(header.byte(56)) | Int(header.byte(57)) << 8
        guard size == 56, count > 0, count <= 256, offset < 1 << 20,
            let table = try? memory.bytes(start + Int(offset), size * count)
        else { return nil }
        return (0..<count).map { index in
            let place = index * 56
            return ElfSegment(
                type: UInt32(bitPattern: table.int(place)), fileOffset: table.word(place + 8),
                address: table.word(place + 16), memorySize: table.word(place + 40))
        }
    }

    /// What has to be added to the addresses of a module's tables: 0 for a program at a fixed address.
    static func loadBias<Memory: RemoteMemory & ~Copyable>(at start: RemoteAddress, in memory: inout Memory) -> UInt64?
    {
        programHeaders(at: start, in: &memory)?
            .first { $0.type == 1 && $0.fileOffset < 4096 }
            .map { start.rawValue &- ($0.address & ~4095) }
    }

    /// Address of a section by name, through the section headers in the file: for a module whose symbols are not exported.
    static func section<Target: RemoteProcess & ~Copyable>(
        _ name: String, of mapping: RemoteMapping, in target: inout Target
    ) -> RemoteAddress? {
        guard let bias = loadBias(at: mapping.start, in: &target),
            let header = target.file(of: mapping, at: 0, count: 64), header.count == 64
        else { return nil }
        let count = Int(header.byte(60)) | Int(header.byte(61)) << 8
        let nameTable = Int(header.byte(62)) | Int(header.byte(63)) << 8
        guard count > 0, nameTable < count,
            let table = target.file(of: mapping, at: header.word(40), count: count * 64), table.count == count * 64
        else { return nil }
        let length = min(table.word(nameTable * 64 + 32), 1 << 16)
        guard let names = target.file(of: mapping, at: table.word(nameTable * 64 + 24), count: Int(length)) else {
            return nil
        }
        let wanted = Array(name.utf8) + [0]
        for index in 0..<count {
            let place = Int(UInt32(bitPattern: table.int(index * 64)))
            guard place <= names.count - wanted.count, Array(names[place..<place + wanted.count]) == wanted else {
                continue
            }
            return RemoteAddress(bias &+ table.word(index * 64 + 16))
        }
        return nil
    }
}
