/// What is known of a code object. Source: `PyCodeObject`, CPython 3.6 to 3.15.
struct CodeEntry: Sendable {
    /// Another number for each code object that was looked up: tells one from the next at its address.
    let serial: Int
    /// The fields that tell it from the next at its address.
    let fingerprint: SIMD8<UInt64>
    /// Hash of its name: the next at its address may have all it points to at the same addresses as well.
    let nameHash: UInt64
    let function: String
    let qualifiedName: String?
    let file: String
    let firstLine: Int
    let counting: InstructionCounting
    /// Instructions, in units of two bytes.
    let unitCount: Int
    /// First unit that belongs to the function's own text: before it a frame is still being made. Nil up to 3.10, whose frames are whole
    /// from the start.
    let firstTraceable: Int?
    let locations: LocationTable
    let routine: PythonFrame.Routine
    /// Addresses of the copies of the instructions that threads of a build without the GIL run, the common one left out.
    var copies: [UInt64] = []

    /// Hash of all that tells it from the next, as the program in the kernel makes it.
    var print: UInt32 {
        var hash = nameHash
        for index in 0..<8 {
            hash = (hash ^ fingerprint[index]) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
        }
        return UInt32(hash >> 32)
    }

    /// Unit that a frame's instruction pointer stands on, -1 before the first; nil when it is outside of the code.
    func unit(of instruction: UInt64) -> Int? {
        let number = Int64(bitPattern: instruction)
        let unit: Int64
        switch counting {
        case .addresses(let first):
            // One unit before the first is where a frame stands that has not begun.
            let start = copies.first { instruction &- $0 &+ 2 < UInt64(unitCount + 1) * 2 } ?? first
            let distance = Int64(bitPattern: instruction &- start)
            guard distance % 2 == 0 else { return nil }
            unit = distance / 2
        case .bytes:
            guard number == -1 || number % 2 == 0 else { return nil }
            unit = number == -1 ? -1 : number / 2
        case .units: unit = number
        }
        return unit >= -1 && unit < unitCount ? Int(unit) : nil
    }

    /// Whether a frame is still being made and not yet a call; a generator's always is one.
    func isBeingMade(_ frame: RawFrame, at unit: Int) -> Bool {
        frame.owner != 1 && firstTraceable.map { unit < $0 } ?? false
    }

    /// Line of an instruction; that of the definition before the first one runs.
    func line(of unit: Int) -> Int? { unit < 0 ? firstLine : locations.line(of: unit) }

    /// Column of an instruction, the first is 1.
    func column(of unit: Int) -> Int? { unit < 0 ? nil : locations.column(of: unit) }
}

/// How a frame tells which instruction it is at.
enum InstructionCounting: Sendable {
    /// By its address: since 3.11.
    case addresses(first: UInt64)
    /// By its place in bytes: up to 3.9.
    case bytes
    /// By its place in units of two bytes: 3.10.
    case units
}

/// Code objects by address, each believed only while its fields are what they were: code dies, and its address is used again.
struct CodeCache {
    private let layout: PythonLayout
    private var entries: [RemoteAddress: CodeEntry] = [:]
    /// Where in a code object the fields of its fingerprint are.
    private let fields: [Int]
    // What a look at code objects fills, kept so that it is not made anew with each.
    private var pieces: [RemotePiece] = []
    private var bytes: [UInt8] = []
    /// Address of `PyCode_Type`, once it was seen.
    private var codeType: RemoteAddress?
    /// Entries that are kept at most; all are dropped together, and what is in use is back at once.
    static let limit = 20_000
    private var made = 0
    /// Bytes that the entries made since the last reset take, also those that others replaced.
    private var size = 0
    /// Bytes from which on a reading begins with a reset, and from which on nothing more is made.
    private static let sizeLimit = 64 << 20
    /// Bytes that a byte of a table takes at most when it is decoded.
    private static let decodedBytes = 6
    /// Bytes of a longer table that are decoded: code behind it has no lines.
    private static let tableLimit = 4 << 20
    /// Most copies of instructions that are looked at together; of one code object there are as many as threads lived at once.
    private static let copyLimit = 1_000_000

    init(layout: PythonLayout) {
        self.layout = layout
        fields = layout.codePrint
    }

    /// Whether all code objects at some addresses are those that somebody knows; at no cost but the reading of them. Never in builds without
    /// the GIL, where threads make copies of the instructions.
    ///
    /// - Parameter known: what is known of the one at a place of the list.
    mutating func areUnchanged<Memory: RemoteMemory & ~Copyable>(
        _ addresses: [RemoteAddress], in memory: inout Memory, known: (Int) -> CodeEntry?
    ) -> Bool {
        guard layout.codeCopies == nil else { return false }
        pieces.removeAll(keepingCapacity: true)
        for address in addresses { pieces.append(RemotePiece(address, layout.codeSize)) }
        for index in addresses.indices {
            guard let entry = known(index) else { return false }
            pieces.append(hashPiece(ofName: entry.fingerprint))
        }
        guard (try? memory.read(pieces, into: &bytes)) != nil else { return false }
        let hashes = addresses.count * layout.codeSize
        for index in addresses.indices {
            guard let entry = known(index), entry.fingerprint == fingerprint(bytes, index * layout.codeSize),
                entry.nameHash == bytes.word(hashes + index * 8)
            else { return false }
        }
        return true
    }

    /// Hashes of the names of code; nil when one of them cannot be read.
    private func nameHashes<Memory: RemoteMemory & ~Copyable>(of codes: [SIMD8<UInt64>], _ memory: inout Memory)
        -> [UInt64]?
    {
        var hashes: [UInt8] = []
        guard (try? memory.read(codes.map(hashPiece), into: &hashes)) != nil else { return nil }
        return codes.indices.map { hashes.word($0 * 8) }
    }

    /// Where the text that is the name of code keeps its hash.
    private func hashPiece(ofName fingerprint: SIMD8<UInt64>) -> RemotePiece {
        RemotePiece(RemoteAddress(fingerprint[3]) + layout.textHash, 8)
    }

    /// Drops what was made where that takes much; whether it did. What is in use is back at once.
    mutating func dropIfLarge() -> Bool {
        guard size > CodeCache.sizeLimit || entries.count > CodeCache.limit else { return false }
        entries = [:]
        size = 0
        return true
    }

    /// Looks code objects up; those that are none, or not whole, are left out.
    mutating func entries<Memory: RemoteMemory & ~Copyable>(
        of addresses: Set<RemoteAddress>, in memory: inout Memory
    ) -> [RemoteAddress: CodeEntry] {
        if entries.count > CodeCache.limit { entries = [:] }
        let ordered = Array(addresses)
        var found: [RemoteAddress: CodeEntry] = [:]
        found.reserveCapacity(ordered.count)
        var bytes: [UInt8] = []
        // One object that is gone makes the whole reading fail; each is then read alone.
        let isWhole = (try? memory.read(ordered.map { RemotePiece($0, layout.codeSize) }, into: &bytes)) != nil
        let names =
            isWhole ? nameHashes(of: ordered.indices.map { fingerprint(bytes, $0 * layout.codeSize) }, &memory) : nil
        for (index, address) in ordered.enumerated() {
            var object = bytes
            var start = index * layout.codeSize
            if !isWhole {
                guard let single = try? memory.bytes(address, layout.codeSize) else { continue }
                (object, start) = (single, 0)
            }
            let fingerprint = self.fingerprint(object, start)
            guard let nameHash = names?[index] ?? nameHashes(of: [fingerprint], &memory)?[0] else {
                entries[address] = nil
                continue
            }
            if let known = entries[address], known.fingerprint == fingerprint, known.nameHash == nameHash {
                found[address] = known
            } else if let entry = make(address, fingerprint, nameHash, object, start, &memory) {
                entries[address] = entry
                found[address] = entry
            } else {
                entries[address] = nil
            }
        }
        if let place = layout.codeCopies { addCopies(at: place, to: &found, &memory) }
        return found
    }

    /// Finds the copies of the instructions that threads made since: asked every time, a thread makes one with its first call.
    ///
    /// Source: `PyCodeObject.co_tlbc`, a `_PyCodeArray`: a count, then the addresses by `_PyThreadStateImpl.tlbc_index`.
    private func addCopies<Memory: RemoteMemory & ~Copyable>(
        at place: Int, to found: inout [RemoteAddress: CodeEntry], _ memory: inout Memory
    ) {
        var left = CodeCache.copyLimit
        for address in found.keys {
            guard let array = try? memory.pointer(address + place), array.rawValue != 0,
                let size = try? memory.pointer(array).rawValue, size > 1, size <= UInt64(left),
                let addresses = try? memory.bytes(array + 8, Int(size) * 8)
            else { continue }
            left -= Int(size)
            found[address]?.copies = (1..<Int(size)).map { addresses.word($0 * 8) }.filter { $0 != 0 }
        }
    }

    /// The fields that tell one code object from the next at its address.
    private func fingerprint(_ object: [UInt8], _ start: Int) -> SIMD8<UInt64> {
        var fingerprint = SIMD8<UInt64>()
        for (index, field) in fields.enumerated() { fingerprint[index] = object.word(start + field) }
        return fingerprint
    }

    private mutating func make<Memory: RemoteMemory & ~Copyable>(
        _ address: RemoteAddress, _ fingerprint: SIMD8<UInt64>, _ nameHash: UInt64, _ object: [UInt8], _ start: Int,
        _ memory: inout Memory
    ) -> CodeEntry? {
        let type = RemoteAddress(fingerprint[0])
        if type != codeType {
            guard layout.typeName(ofType: type, in: &memory) == "code" else { return nil }
            codeType = type
        }
        func field(_ offset: Int) -> RemoteAddress { RemoteAddress(object.word(start + offset)) }
        var unitCount = Int(clamping: fingerprint[1])
        if layout.hasFrameObjects {
            // The instructions are a bytes object of their own.
            let size = (try? memory.pointer(field(layout.codeInstructions) + layout.itemCount))?.rawValue ?? 0
            unitCount = Int(clamping: size) / 2
        }
        guard unitCount < 1 << 28, size < 2 * CodeCache.sizeLimit,
            let function = layout.label(at: field(layout.codeName), in: &memory),
            let file = layout.label(at: field(layout.codeFilename), in: &memory),
            let tableHead = try? memory.bytes(field(layout.codeLineTable), layout.bytesData)
        else { return nil }
        let tableLength = Int(clamping: tableHead.word(layout.itemCount))
        // No entry stands for less than a unit, none is longer than 25 bytes: what is not so is no code object. The older
        // tables have more entries than units where lines are far apart.
        guard tableLength < 1 << 24, layout.hasFrameObjects || tableLength <= unitCount * 25,
            let locations = try? memory.bytes(
                field(layout.codeLineTable) + layout.bytesData, min(tableLength, CodeCache.tableLimit))
        else { return nil }
        size += 512 + (function.utf8.count + file.utf8.count) * 2 + locations.count * CodeCache.decodedBytes
        let firstLine = Int(object.int(start + layout.codeFirstLine))
        let counting: InstructionCounting =
            !layout.hasFrameObjects
            ? .addresses(first: (address + layout.codeInstructions).rawValue)
            : layout.version.minor == 10 ? .units : .bytes
        made += 1
        return CodeEntry(
            serial: made, fingerprint: fingerprint, nameHash: nameHash, function: function,
            qualifiedName: layout.codeQualifiedName.flatMap { layout.label(at: field($0), in: &memory) }, file: file,
            firstLine: firstLine, counting: counting, unitCount: unitCount,
            firstTraceable: layout.codeFirstTraceable.map { Int(object.int(start + $0)) },
            locations: LocationTable(locations[...], firstLine: firstLine, of: layout.version),
            routine: PythonFrame.Routine(flags: object.int(start + layout["code.co_flags"])))
    }
}

extension PythonFrame.Routine {
    /// From the flags of code. Source: `CO_GENERATOR`, `CO_COROUTINE`, `CO_ASYNC_GENERATOR`.
    fileprivate init(flags: Int32) {
        self =
            flags & 0x200 != 0
            ? .asyncGenerator : flags & 0x80 != 0 ? .coroutine : flags & 0x20 != 0 ? .generator : .function
    }
}
