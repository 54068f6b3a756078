/// Copies of many objects of one length, made with as few system calls as there can be.
///
/// An object that cannot be read is left out, the others are there all the same.
struct RemoteCopies {
    /// Bytes of each.
    let length: Int
    private var bytes: [UInt8] = []
    private var isThere: [Bool] = []

    /// How many were asked for.
    var count: Int { isThere.count }

    /// Whether one was read.
    func has(_ index: Int) -> Bool { isThere[index] }

    /// Eight bytes of one copy; nil where it was not read.
    func word(_ index: Int, _ offset: Int) -> UInt64? {
        isThere[index] && offset >= 0 && offset <= length - 8 ? bytes.word(index * length + offset) : nil
    }

    /// Four bytes of one copy, as a signed number; 0 where it was not read.
    func int(_ index: Int, _ offset: Int) -> Int32 {
        isThere[index] && offset >= 0 && offset <= length - 4 ? bytes.int(index * length + offset) : 0
    }

    /// One byte of one copy; 0 where it was not read.
    func byte(_ index: Int, _ offset: Int) -> UInt8 {
        isThere[index] && offset >= 0 && offset < length ? bytes.byte(index * length + offset) : 0
    }

    /// Some bytes of one copy, those that there are.
    func bytes(_ index: Int, _ range: Range<Int>) -> ArraySlice<UInt8> {
        guard isThere[index], range.lowerBound >= 0, range.upperBound <= length else { return [] }
        return bytes[index * length + range.lowerBound..<index * length + range.upperBound]
    }

    /// A pointer in one copy; nil where it was not read, or is none.
    func pointer(_ index: Int, _ offset: Int) -> RemoteAddress? {
        word(index, offset).flatMap { $0 == 0 ? nil : RemoteAddress($0) }
    }

    /// Copies objects; of one that ends at the end of what is mapped, the rest is zero.
    init<Memory: RemoteMemory & ~Copyable>(
        of addresses: [RemoteAddress], length: Int, in memory: inout Memory, _ budget: inout ReadBudget
    ) {
        self.length = length
        guard length > 0 else { return }
        bytes.reserveCapacity(addresses.count * length)
        isThere.reserveCapacity(addresses.count)
        var start = 0
        let most = max(1, (4 << 20) / length)
        while start < addresses.count {
            let end = min(addresses.count, start + most)
            read(addresses[start..<end], &memory, &budget)
            start = end
        }
    }

    /// Reads a part in one call; where that fails, its halves.
    private mutating func read<Memory: RemoteMemory & ~Copyable>(
        _ addresses: ArraySlice<RemoteAddress>, _ memory: inout Memory, _ budget: inout ReadBudget
    ) {
        let total = addresses.count * length
        if budget.take(total) {
            var copy: [UInt8] = []
            if (try? memory.read(addresses.map { RemotePiece($0, length) }, into: &copy)) != nil, copy.count >= total {
                bytes += copy.prefix(total)
                isThere += [Bool](repeating: true, count: addresses.count)
                return
            }
            if addresses.count > 1 {
                let middle = addresses.startIndex + addresses.count / 2
                read(addresses[..<middle], &memory, &budget)
                read(addresses[middle...], &memory, &budget)
                return
            }
            // What was asked for may be longer than the object, and what lies behind that not mapped.
            if let address = addresses.first, let head = pageRest(address, &memory, &budget) {
                bytes += head + [UInt8](repeating: 0, count: length - head.count)
                isThere.append(true)
                return
            }
        }
        bytes += [UInt8](repeating: 0, count: total)
        isThere += [Bool](repeating: false, count: addresses.count)
    }

    /// What there is of an object up to the end of its page; nil where all of it is in one page.
    private func pageRest<Memory: RemoteMemory & ~Copyable>(
        _ address: RemoteAddress, _ memory: inout Memory, _ budget: inout ReadBudget
    ) -> [UInt8]? {
        let rest = 4096 - Int(address.rawValue & 4095)
        guard rest < length, rest >= 16, budget.take(rest) else { return nil }
        return try? memory.bytes(address, rest)
    }
}

/// How much may still be read: lengths and links come from the target, and a hostile one has no end of them.
struct ReadBudget {
    private(set) var bytes: Int
    private(set) var readings: Int

    /// Whether something was refused.
    private(set) var isExhausted = false

    init(bytes: Int, readings: Int) {
        self.bytes = bytes
        self.readings = readings
    }

    /// Allows so many readings more.
    mutating func allow(_ more: Int) { readings += more }

    /// Books one reading; false where it may not be made.
    mutating func take(_ count: Int) -> Bool {
        guard readings > 0, count >= 0, count <= bytes else {
            isExhausted = true
            return false
        }
        readings -= 1
        bytes -= count
        return true
    }
}
