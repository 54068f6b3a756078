/// Source lines of a code object's instructions.
///
/// Source: `co_linetable` in the format of PEP 657, CPython 3.11 and later; in that of PEP 626, 3.10; `co_lnotab` before.
struct LocationTable: Sendable {
    /// Entries by the code unit behind their last one.
    private var ends: [Int32] = []
    /// Line of each entry; negative for none.
    private var lines: [Int32] = []
    /// First column of each entry, counted from 0; negative for none. Empty up to 3.10.
    private var columns: [Int32] = []

    /// Decodes the table of a version; what is malformed ends it.
    init(_ bytes: ArraySlice<UInt8>, firstLine: Int, of version: PythonVersion) {
        if version.minor < 10 {
            self.init(steps: bytes, firstLine: firstLine)
        } else if version.minor == 10 {
            self.init(ranges: bytes, firstLine: firstLine)
        } else {
            self.init(bytes, firstLine: firstLine)
        }
    }

    /// Decodes `co_lnotab`: pairs of how many bytes of instructions go before the next line, and how far that is.
    private init(steps bytes: ArraySlice<UInt8>, firstLine: Int) {
        var line = Int32(clamping: firstLine)
        var end: Int32 = 0
        for (bytesOfCode, step) in LocationTable.pairs(bytes) {
            end &+= Int32(bytesOfCode)
            if bytesOfCode > 0 { append(line, until: end / 2) }
            line &+= Int32(step)
        }
        append(line, until: .max)
    }

    /// Decodes the table of 3.10: pairs of how many bytes of instructions a range has, and how far its line is from the last one.
    private init(ranges bytes: ArraySlice<UInt8>, firstLine: Int) {
        var line = Int32(clamping: firstLine)
        var end: Int32 = 0
        for (bytesOfCode, step) in LocationTable.pairs(bytes) {
            end &+= Int32(bytesOfCode)
            if step != -128 { line &+= Int32(step) }
            if bytesOfCode > 0 { append(step == -128 ? -1 : line, until: end / 2) }
        }
    }

    private mutating func append(_ line: Int32, until end: Int32) {
        ends.append(end)
        lines.append(line)
    }

    /// A number without and one with a sign, again and again; half a pair at the end is left out.
    private static func pairs(_ bytes: ArraySlice<UInt8>) -> some Sequence<(UInt8, Int8)> {
        stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).lazy
            .map { (bytes[$0], Int8(bitPattern: bytes[$0 + 1])) }
    }

    /// Decodes the table of 3.11 and later.
    init(_ bytes: ArraySlice<UInt8>, firstLine: Int) {
        var reader = VariableNumbers(bytes: bytes)
        var line = Int32(clamping: firstLine)
        var unit: Int32 = 0
        while let head = reader.next(), head & 0x80 != 0 {
            unit &+= Int32(head & 7) + 1
            let form = head >> 3 & 15
            var column: Int32 = -1
            switch form {
            case 0...9: column = Int32(form) * 8 + Int32(reader.byte() >> 4 & 7)
            case 10...12:
                line &+= Int32(form) - 10
                column = Int32(reader.byte())
                _ = reader.byte()
            case 13: line &+= reader.signed()
            case 14:
                line &+= reader.signed()
                reader.unsigned()
                // One more than it is; 0 stands for none.
                column = Int32(bitPattern: reader.unsigned()) &- 1
                reader.unsigned()
            default: break
            }
            // A line made of half a number would be a wrong one.
            if reader.isCut { break }
            ends.append(unit)
            lines.append(form == 15 ? -1 : line)
            columns.append(column)
        }
    }

    /// Line of a code unit, counted from the first instruction; nil for one without a line.
    func line(of unit: Int) -> Int? {
        let entry = entry(of: unit)
        return entry < lines.count && lines[entry] >= 0 ? Int(lines[entry]) : nil
    }

    /// First column of a code unit, the first is 1; nil for one without.
    func column(of unit: Int) -> Int? {
        let entry = entry(of: unit)
        return entry < columns.count && columns[entry] >= 0 && lines[entry] >= 0 ? Int(columns[entry]) + 1 : nil
    }

    /// The entry that a code unit is in; one behind the last when it is in none.
    private func entry(of unit: Int) -> Int {
        var low = 0
        var high = ends.count
        while low < high {
            let middle = (low + high) / 2
            if Int(ends[middle]) <= unit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Numbers of six bits a byte, the lowest first; the seventh bit says that more follow.
private struct VariableNumbers {
    var bytes: ArraySlice<UInt8>
    /// Whether something was asked for behind the end.
    private(set) var isCut = false

    init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    mutating func next() -> UInt8? { bytes.popFirst() }

    mutating func byte() -> UInt8 {
        if let byte = bytes.popFirst() { return byte }
        isCut = true
        return 0
    }

    @discardableResult
    mutating func unsigned() -> UInt32 {
        var value: UInt32 = 0
        for shift in stride(from: UInt32(0), to: 36, by: 6) {
            guard let byte = bytes.popFirst() else {
                isCut = true
                break
            }
            value |= UInt32(byte & 63) << shift
            if byte & 64 == 0 { break }
        }
        return value
    }

    /// The lowest bit is the sign.
    mutating func signed() -> Int32 {
        let value = unsigned()
        let magnitude = Int32(bitPattern: value >> 1)
        return value & 1 == 1 ? -magnitude : magnitude
    }
}
