/// Stretches of a target's heap around the objects that are asked for: neighbours lie together, so that one system call
/// brings hundreds of them.
///
/// What is here may be older than what the target has now; the newest is read with ``refresh(_:_:in:)``.
struct ObjectPages {
    /// Bytes of a stretch: a pool of CPython's allocator since 3.10, four of them before.
    static let chunkSize = 1 << chunkShift
    private static let chunkShift: UInt64 = 14
    private static let pageSize = 4096
    /// Stretches that are kept now: more only where the same ones are asked for again and again.
    private var capacity: Int
    /// Most stretches that may be kept.
    private let largest: Int
    private static let smallest = 2048
    private var chunks: [[UInt8]] = []
    /// Number of the stretch in each place.
    private var owners: [UInt64] = []
    /// Which pages of it could be read, a bit for each.
    private var masks: [UInt8] = []
    private var places: [UInt64: Int] = [:]
    /// Place that is given away next.
    private var hand = 0
    private var current = 0
    /// Bytes that were read from the target.
    private(set) var bytesRead = 0
    private var room: [UInt8] = []
    /// Stretches that were read and how often one was looked into: where objects lie far apart, single pages are read.
    private var fetched = 0
    private var looked = 0
    private var readsPages = false
    private static let trial = 512
    /// Stretches that were given up, and how often one of them was wanted again.
    private var forgotten: Set<UInt64> = []
    private var regretted = 0
    private static let patience = 128

    /// A cache of so many bytes at most.
    init(bytes: Int) {
        largest = max(1, bytes / ObjectPages.chunkSize)
        capacity = min(largest, ObjectPages.smallest)
    }

    /// Four words of an object's head and a fifth behind it.
    struct Words {
        var next: UInt64
        var previous: UInt64
        var type: UInt64
        var items: UInt64
    }

    /// The head of an object; nil when it cannot be read.
    ///
    /// - Throws: ``RemoteMemoryError`` when nothing can be read any more.
    mutating func words<Memory: RemoteMemory & ~Copyable>(
        _ address: UInt64, _ layout: CollectorLayout, in memory: inout Memory
    ) throws(RemoteMemoryError) -> Words? {
        let length = layout.headSize + max(layout.typePointer, layout.itemCount) + 8
        let start = Int(address & UInt64(ObjectPages.chunkSize - 1))
        guard start <= ObjectPages.chunkSize - length else { return try refresh(address, layout, in: &memory) }
        looked += 1
        let chunk = address >> ObjectPages.chunkShift
        if current >= owners.count || owners[current] != chunk {
            guard let place = try place(of: chunk, &memory) else { return nil }
            current = place
        }
        let pages = ObjectPages.pages(start, length)
        if masks[current] & pages != pages {
            // Where single pages are read, this one was not asked for yet.
            guard readsPages else { return nil }
            try fill(current, pages, &memory)
            guard masks[current] & pages == pages else { return nil }
        }
        return ObjectPages.words(chunks[current], start, layout)
    }

    /// The head of an object as the target has it now.
    ///
    /// - Throws: as ``words(_:_:in:)``.
    mutating func refresh<Memory: RemoteMemory & ~Copyable>(
        _ address: UInt64, _ layout: CollectorLayout, in memory: inout Memory
    ) throws(RemoteMemoryError) -> Words? {
        let length = layout.headSize + max(layout.typePointer, layout.itemCount) + 8
        guard try read(RemoteAddress(address), length, &memory) else { return nil }
        return ObjectPages.words(room, 0, layout)
    }

    /// Forgets everything that was read.
    mutating func forget() {
        places.removeAll(keepingCapacity: true)
        for place in owners.indices { owners[place] = .max }
    }

    // MARK: Reading

    /// Bits of the pages that a stretch of bytes touches.
    private static func pages(_ start: Int, _ length: Int) -> UInt8 {
        let first = start / pageSize
        let last = (start + length - 1) / pageSize
        return UInt8(truncatingIfNeeded: (1 << (last + 1)) - (1 << first))
    }

    private static func words(_ bytes: [UInt8], _ start: Int, _ layout: CollectorLayout) -> Words {
        let object = start + layout.headSize
        return Words(
            next: bytes.quickWord(start), previous: bytes.quickWord(start + 8),
            type: bytes.quickWord(object + layout.typePointer), items: bytes.quickWord(object + layout.itemCount))
    }

    /// Where a stretch is; nil when nothing of it can be read.
    private mutating func place<Memory: RemoteMemory & ~Copyable>(of chunk: UInt64, _ memory: inout Memory)
        throws(RemoteMemoryError) -> Int?
    {
        if let known = places[chunk] { return known }
        if fetched == ObjectPages.trial {
            // A stretch costs about as much as three single pages, but needs to be read only once where it can be kept.
            readsPages = capacity == largest && looked < 3 * fetched
            (fetched, looked) = (0, 0)
        }
        fetched += 1
        if capacity < largest, forgotten.contains(chunk) {
            regretted += 1
            if regretted >= ObjectPages.patience { (capacity, regretted) = (min(largest, capacity * 2), 0) }
        }
        let place: Int
        if chunks.count < capacity {
            place = chunks.count
            chunks.append([])
            owners.append(.max)
            masks.append(0)
        } else {
            place = hand
            hand = (hand + 1) % capacity
            if owners[place] != .max {
                places[owners[place]] = nil
                if capacity < largest { forgotten.insert(owners[place]) }
            }
        }
        owners[place] = .max
        if readsPages {
            if chunks[place].count != ObjectPages.chunkSize {
                chunks[place] = [UInt8](repeating: 0, count: ObjectPages.chunkSize)
            }
            masks[place] = 0
        } else {
            masks[place] = 0b1111
            bytesRead += ObjectPages.chunkSize
            do throws(RemoteMemoryError) {
                try memory.read(
                    [RemotePiece(RemoteAddress(chunk << ObjectPages.chunkShift), ObjectPages.chunkSize)],
                    into: &chunks[place])
            } catch {
                guard error == .unmapped else { throw error }
                masks[place] = 0
                chunks[place] = [UInt8](repeating: 0, count: ObjectPages.chunkSize)
                owners[place] = chunk
                try fill(place, 0b1111, &memory)
                owners[place] = .max
                guard masks[place] != 0 else { return nil }
            }
        }
        owners[place] = chunk
        places[chunk] = place
        return place
    }

    /// Reads single pages of a stretch, those that can be.
    private mutating func fill<Memory: RemoteMemory & ~Copyable>(_ place: Int, _ pages: UInt8, _ memory: inout Memory)
        throws(RemoteMemoryError)
    {
        let start = RemoteAddress(owners[place] << ObjectPages.chunkShift)
        for page in 0..<4 where pages & ~masks[place] & 1 << UInt8(page) != 0 {
            let offset = page * ObjectPages.pageSize
            guard try read(start + offset, ObjectPages.pageSize, &memory) else { continue }
            chunks[place].replaceSubrange(offset..<offset + ObjectPages.pageSize, with: room)
            masks[place] |= 1 << UInt8(page)
        }
    }

    /// Reads bytes into the room; whether they could be.
    private mutating func read<Memory: RemoteMemory & ~Copyable>(
        _ address: RemoteAddress, _ length: Int, _ memory: inout Memory
    ) throws(RemoteMemoryError) -> Bool {
        bytesRead += length
        do throws(RemoteMemoryError) {
            try memory.read([RemotePiece(address, length)], into: &room)
            return room.count == length
        } catch {
            guard error == .unmapped else { throw error }
            return false
        }
    }
}

extension [UInt8] {
    /// Eight bytes in one load; 0 where the array ends before.
    @inline(__always)
    func quickWord(_ offset: Int) -> UInt64 {
        guard offset >= 0, offset <= count - 8 else { return 0 }
        return unsafe withUnsafeBytes {
            UInt64(littleEndian: unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }
}
