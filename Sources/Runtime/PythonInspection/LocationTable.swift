/// Source lines of a code object's instructions. Source: `co_linetable` in the format of PEP 626 and 657, CPython 3.11 and later.
struct LocationTable: Sendable {
    /// Entries by the code unit behind their last one.
    private var ends: [Int32] = []
    /// Line of each entry; negative for none.
    private var lines: [Int32] = []

    /// Decodes a table; what is malformed ends it.
    init(_ bytes: ArraySlice<UInt8>, firstLine: Int) {
        var reader = VariableNumbers(bytes: bytes)
        var line = Int32(clamping: firstLine)
        var unit: Int32 = 0
        while let head = reader.next(), head & 0x80 != 0 {
            unit &+= Int32(head & 7) + 1
            let form = head >> 3 & 15
            switch form {
            case 0...9: reader.skip(1)
            case 10...12:
                line &+= Int32(form) - 10
                reader.skip(2)
            case 13: line &+= reader.signed()
            case 14:
                line &+= reader.signed()
                for _ in 0..<3 { reader.unsigned() }
            default: break
            }
            // A line made of half a number would be a wrong one.
            if reader.isCut { break }
            ends.append(unit)
            lines.append(form == 15 ? -1 : line)
        }
    }

    /// Line of a code unit, counted from the first instruction; nil for one without a line.
    func line(of unit: Int) -> Int? {
        var low = 0
        var high = ends.count
        while low < high {
            let middle = (low + high) / 2
            if Int(ends[middle]) <= unit { low = middle + 1 } else { high = middle }
        }
        return low < lines.count && lines[low] >= 0 ? Int(lines[low]) : nil
    }
}

/// Numbers of six bits a byte, the lowest first; the seventh bit says that more follow.
private struct VariableNumbers {
    var bytes: ArraySlice<UInt8>
    /// Whether something was asked for behind the end.
    private(set) var isCut = false

    init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    mutating func next() -> UInt8? { bytes.popFirst() }

    mutating func skip(_ count: Int) {
        if bytes.count < count { isCut = true }
        bytes = bytes.dropFirst(count)
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
