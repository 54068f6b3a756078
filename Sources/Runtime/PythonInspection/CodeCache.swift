/// What is known of a code object. Source: `PyCodeObject`, CPython 3.11 to 3.13.
struct CodeEntry: Sendable {
    let function: String
    let qualifiedName: String?
    let file: String
    let firstLine: Int
    /// Address of the first instruction.
    let instructions: UInt64
    /// Instructions, in units of two bytes.
    let unitCount: Int
    /// First unit that belongs to the function's own text: before it a frame is still being made.
    let firstTraceable: Int
    let locations: LocationTable

    /// Unit that a frame's instruction pointer stands on, -1 before the first; nil when it is outside of the code.
    func unit(of instruction: UInt64) -> Int? {
        let distance = Int64(bitPattern: instruction &- instructions)
        guard distance >= -2, distance % 2 == 0, distance / 2 < unitCount else { return nil }
        return Int(distance / 2)
    }

    /// Line of an instruction; that of the definition before the first one runs.
    func line(of unit: Int) -> Int? { unit < 0 ? firstLine : locations.line(of: unit) }
}

/// Code objects by address, each believed only while its fields are what they were: code dies, and its address is used again.
struct CodeCache {
    private let layout: PythonLayout
    private var entries: [RemoteAddress: (fingerprint: [UInt64], entry: CodeEntry)] = [:]
    /// Address of `PyCode_Type`, once it was seen.
    private var codeType: RemoteAddress?
    /// Entries that are kept at most; all are dropped together, and what is in use is back at once.
    private static let limit = 20_000

    init(layout: PythonLayout) {
        self.layout = layout
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
        for (index, address) in ordered.enumerated() {
            var object = bytes
            var start = index * layout.codeSize
            if !isWhole {
                guard let single = try? memory.bytes(address, layout.codeSize) else { continue }
                (object, start) = (single, 0)
            }
            let fingerprint = self.fingerprint(object, start)
            if let known = entries[address], known.fingerprint == fingerprint {
                found[address] = known.entry
            } else if let entry = make(address, fingerprint, object, start, &memory) {
                entries[address] = (fingerprint, entry)
                found[address] = entry
            } else {
                entries[address] = nil
            }
        }
        return found
    }

    /// The fields that tell one code object from the next at its address.
    private func fingerprint(_ object: [UInt8], _ start: Int) -> [UInt64] {
        [
            layout.typePointer, layout.itemCount, layout.codeFilename, layout.codeName, layout.codeQualifiedName,
            layout.codeLineTable, layout.codeFirstTraceable, layout.codeFirstLine,
        ].map { object.word(start + $0) }
    }

    private mutating func make<Memory: RemoteMemory & ~Copyable>(
        _ address: RemoteAddress, _ fingerprint: [UInt64], _ object: [UInt8], _ start: Int, _ memory: inout Memory
    ) -> CodeEntry? {
        let type = RemoteAddress(fingerprint[0])
        if type != codeType {
            guard layout.typeName(ofType: type, in: &memory) == "code" else { return nil }
            codeType = type
        }
        let unitCount = Int(clamping: fingerprint[1])
        let table = RemoteAddress(fingerprint[5])
        guard unitCount < 1 << 28,
            let function = layout.text(at: RemoteAddress(fingerprint[3]), in: &memory),
            let file = layout.text(at: RemoteAddress(fingerprint[2]), in: &memory),
            let tableHead = try? memory.bytes(table, layout.bytesData)
        else { return nil }
        let tableLength = Int(clamping: tableHead.word(layout.itemCount))
        // No entry stands for less than a unit, none is longer than 25 bytes: what is not so is no code object.
        guard tableLength < 1 << 24, tableLength <= unitCount * 25,
            let locations = try? memory.bytes(table + layout.bytesData, tableLength)
        else {
            return nil
        }
        let firstLine = Int(object.int(start + layout.codeFirstLine))
        return CodeEntry(
            function: function, qualifiedName: layout.text(at: RemoteAddress(fingerprint[4]), in: &memory), file: file,
            firstLine: firstLine, instructions: (address + layout.codeInstructions).rawValue, unitCount: unitCount,
            firstTraceable: Int(object.int(start + layout.codeFirstTraceable)),
            locations: LocationTable(locations[...], firstLine: firstLine))
    }
}
