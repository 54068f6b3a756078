internal import Elf
internal import Linux
internal import ProcFS

/// What is mapped into a process, and the parts of it that unwinding reads, kept from one stack to the next.
///
/// Tables are read from the process's own memory: a deleted or replaced file, one in another mount namespace or without section
/// headers, and the vDSO are no different. Every number in them is hostile.
struct AddressSpace {
    private let memory: ProcessMemory
    /// By address.
    private(set) var mappings: [MemoryMapping] = []
    /// Pages of memory that is not written to, by number.
    private var pages: [UInt64: [UInt8]] = [:]
    private var modules: [UInt64: Module] = [:]
    /// Pages kept at most: all are dropped together, and what is in use is back at once.
    private static let pageLimit = 16_384

    init(pid: Int32) {
        memory = ProcessMemory(pid: pid)
    }

    /// Takes note of what is mapped now; false when that cannot be read.
    mutating func refresh(_ pid: Int32, _ reader: inout ProcReader) -> Bool {
        guard case .value(let found) = reader.mappings(pid) else { return false }
        guard found != mappings else { return true }
        mappings = found
        pages = [:]
        modules = [:]
        return true
    }

    /// The mapping that an address is in.
    func mapping(of address: UInt64) -> MemoryMapping? {
        index(of: address).map { mappings[$0] }
    }

    private func index(of address: UInt64) -> Int? {
        var low = 0
        var high = mappings.count
        while low < high {
            let middle = (low + high) / 2
            if mappings[middle].start <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, address < mappings[low - 1].end else { return nil }
        return low - 1
    }

    // MARK: Memory

    /// Eight bytes from an address on; nil where they are not mapped.
    mutating func word(_ address: UInt64) -> UInt64? {
        let inside = Int(address & 4095)
        if inside <= 4088, let page = page(address >> 12) {
            return unsafe page.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: inside, as: UInt64.self) }
        }
        var value: UInt64 = 0
        let count = unsafe withUnsafeMutableBytes(of: &value) { bytes in
            (try? unsafe memory.read(address, into: bytes)) ?? 0
        }
        return count == 8 ? value : nil
    }

    /// Bytes from an address on; fewer where the mapping ends before.
    func bytes(_ address: UInt64, _ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = unsafe bytes.withUnsafeMutableBytes { (try? unsafe memory.read(address, into: $0)) ?? 0 }
        bytes.removeLast(count - read)
        return bytes
    }

    /// A page of memory that nobody writes to; nil for any other.
    private mutating func page(_ number: UInt64) -> [UInt8]? {
        if let known = pages[number] { return known }
        guard let mapping = mapping(of: number << 12), !mapping.isWritable else { return nil }
        let bytes = bytes(number << 12, 4096)
        guard bytes.count == 4096 else { return nil }
        if pages.count >= Self.pageLimit { pages = [:] }
        pages[number] = bytes
        return bytes
    }

    // MARK: Modules

    /// Where the function begins that an address is in, as the file counts, by the module's table for unwinding; nil without one.
    mutating func functionStart(of address: UInt64, in module: Module) -> UInt64? {
        guard let table = module.table else { return nil }
        var (low, high) = (UInt64(0), table.count)
        var start: UInt64?
        while low < high {
            let middle = low + (high - low) / 2
            guard let entry = word(table.entries &+ middle &* 8) else { return nil }
            // Four bytes with a sign, counted from the header.
            let first = table.header &+ UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: entry)))
            if first <= address {
                (low, start) = (middle + 1, first)
            } else {
                high = middle
            }
        }
        return start.map { $0 &- module.bias }
    }

    /// The program or library that an address is in; nil where no file, and no vDSO, is behind it.
    mutating func module(of address: UInt64) -> Module? {
        guard let index = index(of: address) else { return nil }
        let inside = mappings[index]
        guard inside.inode != 0 || inside.path == "[vdso]" else { return nil }
        // The beginning of the file is mapped before the rest of it.
        for candidate in mappings[...index].reversed().prefix(64)
        where candidate.fileOffset == 0 && candidate.path == inside.path && candidate.inode == inside.inode {
            if let known = modules[candidate.start] { return known }
            let module = Module(candidate, self)
            modules[candidate.start] = module
            return module
        }
        return nil
    }
}

/// A program or library as it is mapped.
struct Module: Sendable {
    /// The mapping of its first page.
    let first: MemoryMapping
    /// What has to be added to an address in the file's tables.
    private(set) var bias: UInt64
    /// Table of functions with the rules to unwind them; nil where it has none of the usual form.
    private(set) var table: UnwindTable?

    /// Reads the headers; a module whose headers make no sense has no table.
    init(_ first: MemoryMapping, _ space: AddressSpace) {
        self.first = first
        bias = first.start
        let header = ElfHeader(space.bytes(first.start, ElfHeader.size))
        guard let segments = header?.segments({ space.bytes(first.start + $0, $1) }) else { return }
        for segment in segments where segment.type == ElfSegment.memory && segment.fileOffset < 4096 {
            bias = first.start &- segment.address & ~4095
        }
        let place = segments.last { $0.type == ElfSegment.unwindTable }?.address
        table = place.flatMap { UnwindTable(at: bias &+ $0, space) }
    }
}

/// The sorted table of a module's functions. Source: `.eh_frame_hdr`, Linux Standard Base.
struct UnwindTable: Sendable {
    /// Where the header is: the table counts from here.
    let header: UInt64
    /// Where the entries are.
    let entries: UInt64
    /// Functions in it.
    let count: UInt64

    /// Reads the header; nil when the table has another form than linkers give it.
    init?(at address: UInt64, _ space: AddressSpace) {
        let bytes = space.bytes(address, 20)
        guard bytes.count == 20, bytes[0] == 1 else { return nil }
        // The address of .eh_frame and the count take four bytes each in all forms but the absolute ones.
        guard bytes[1] & 0x0f == 0x0b || bytes[1] & 0x0f == 0x03, bytes[2] == 0x03, bytes[3] == 0x3b else { return nil }
        header = address
        entries = address &+ 12
        count = bytes.number(8, 4)
        guard count > 0, count < 1 << 26 else { return nil }
    }
}
