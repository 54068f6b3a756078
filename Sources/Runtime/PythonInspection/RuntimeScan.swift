internal import Elf

/// The memory that a module writes to, searched for the runtime: for one whose symbols are gone.
struct RuntimeScan {
    /// Where it lies, the piece that is read last.
    let data: RemotePiece?
    private var pieces: [(address: RemoteAddress, bytes: [UInt8])] = []
    private var pages = PageCache()
    private static let limit = 32 << 20

    /// Copies the memory that a module writes to. Source: its program headers of type `PT_LOAD` with the flag `PF_W`.
    ///
    /// - Parameter isInitializedOnly: leaves out what the file does not have, and what is large: for a program that may be any.
    init<Memory: RemoteMemory & ~Copyable>(of image: ElfImage, isInitializedOnly: Bool = false, in memory: inout Memory)
    {
        var left = isInitializedOnly ? RuntimeScan.limit / 8 : RuntimeScan.limit
        var last: RemotePiece?
        for segment in image.segments where segment.type == ElfSegment.memory && segment.isWritable {
            let size = isInitializedOnly ? segment.fileBytes : segment.memoryBytes
            guard size <= UInt64(left) else { continue }
            left -= Int(size)
            let piece = RemotePiece(RemoteAddress(image.bias &+ segment.address & ~7), Int(size))
            pieces.append((piece.address, RuntimeScan.bytes(of: piece, in: &memory)))
            last = piece
        }
        data = last
    }

    /// All of a piece; a page that is not there must not hide the others.
    private static func bytes<Memory: RemoteMemory & ~Copyable>(of piece: RemotePiece, in memory: inout Memory)
        -> [UInt8]
    {
        if let whole = try? memory.bytes(piece.address, piece.length) { return whole }
        var bytes: [UInt8] = []
        while bytes.count < piece.length {
            // Up to the end of a page of the target.
            let place = piece.address + bytes.count
            let length = min(PageCache.page - Int(place.rawValue % UInt64(PageCache.page)), piece.length - bytes.count)
            bytes += (try? memory.bytes(place, length)) ?? [UInt8](repeating: 0, count: length)
        }
        return bytes
    }

    /// A runtime that describes itself, as those of 3.13 and later do.
    func describedRuntime<Memory: RemoteMemory & ~Copyable>(in memory: inout Memory) -> (RemoteAddress, DebugOffsets)? {
        let first = UInt8(ascii: "x")
        let cookie = UInt64(littleEndian: Array("xdebugpy".utf8).word(0))
        for (address, bytes) in pieces {
            for place in stride(from: 0, to: bytes.count - 7, by: 8)
            where bytes[place] == first && bytes.word(place) == cookie {
                if let debug = DebugOffsets.read(at: address + place, in: &memory), !debug.offsets.isEmpty {
                    return (address + place, debug)
                }
            }
        }
        return nil
    }

    /// The runtime of a version; nil when no word here leads to an interpreter whose first thread leads back.
    ///
    /// For 3.6 the address of the pointer itself, that from which the most interpreters are reached.
    mutating func runtime<Memory: RemoteMemory & ~Copyable>(of layout: PythonLayout, in memory: inout Memory)
        -> RemoteAddress?
    {
        var known: [UInt64: Int] = [:]
        var best: (place: RemoteAddress, reached: Int)?
        var unproven: RemoteAddress?
        for (address, bytes) in pieces {
            for place in stride(from: 0, to: bytes.count - 15, by: 8) {
                // Most words are none: a look at two bytes of an address tells.
                guard bytes[place] & 7 == 0, bytes[place + 7] == 0, bytes[place + 6] == 0 else { continue }
                let word = bytes.word(place)
                guard word > 0xffff else { continue }
                let next = bytes.word(place + 8)
                if let head = layout.runtimeInterpretersHead {
                    // The first interpreter follows the newest; most programs have but one.
                    guard next & 7 == 0, next > 0xffff, next < 1 << 48, place >= head else { continue }
                }
                let reached = interpreters(from: RemoteAddress(word), layout, &known, &memory)
                guard reached > 0 else { continue }
                if let head = layout.runtimeInterpretersHead {
                    guard word == next || interpreters(from: RemoteAddress(next), layout, &known, &memory) > 0
                    else { continue }
                    // The same two words may stand elsewhere: the right ones have the lock at its place.
                    let found = address + (place - head)
                    if holderLeads(to: [word, next], found, layout, &memory) { return found }
                    unproven = unproven ?? found
                    continue
                }
                if reached > best?.reached ?? 0 { best = (address + place, reached) }
            }
        }
        return best?.place ?? unproven
    }

    /// Whether the thread that held the lock last is one of an interpreter of these.
    private mutating func holderLeads<Memory: RemoteMemory & ~Copyable>(
        to interpreters: [UInt64], _ runtime: RemoteAddress, _ layout: PythonLayout, _ memory: inout Memory
    ) -> Bool {
        let lock: RemoteAddress?
        switch layout.gil {
        case .none: return true
        case .runtime(let offset): lock = runtime + offset
        case .interpreter(let pointer): lock = pages.pointer(RemoteAddress(interpreters[1]) + pointer, &memory)
        }
        guard let lock, let holder = pages.pointer(lock + layout.gilHolder, &memory),
            let owner = pages.pointer(holder + layout.threadInterpreter, &memory)
        else { return false }
        return interpreters.contains(owner.rawValue)
    }

    /// How many interpreters are linked from one on; 0 when it is none. Kept for each of them: any word may lead into a long chain.
    private mutating func interpreters<Memory: RemoteMemory & ~Copyable>(
        from first: RemoteAddress, _ layout: PythonLayout, _ known: inout [UInt64: Int], _ memory: inout Memory
    ) -> Int {
        var chain: [(address: RemoteAddress, count: Int)] = []
        var reached = 0
        var address = first
        while address.rawValue != 0, chain.count < 1000 {
            if let behind = known[address.rawValue] {
                reached = behind
                break
            }
            // So that a ring ends.
            known[address.rawValue] = 0
            guard let thread = pages.pointer(address + layout.interpreterThreadsHead, &memory),
                let next = pages.pointer(address + layout.interpreterNext, &memory),
                // One that nobody is in has no thread.
                thread.rawValue == 0
                    || pages.pointer(thread + layout.threadInterpreter, &memory) == address
            else { break }
            chain.append((address, thread.rawValue == 0 ? 0 : 1))
            address = next
        }
        for (address, count) in chain.reversed() {
            reached += count
            known[address.rawValue] = reached
        }
        return reached
    }
}

/// Pages of a target, each read once: a search asks for many words of few pages.
private struct PageCache {
    static let page = 4096
    private static let limit = 8192
    /// Nil for one that cannot be read.
    private var pages: [UInt64: [UInt8]?] = [:]

    mutating func pointer<Memory: RemoteMemory & ~Copyable>(_ address: RemoteAddress, _ memory: inout Memory)
        -> RemoteAddress?
    {
        let inside = Int(address.rawValue % UInt64(PageCache.page))
        // Structures are aligned: none of their words lies in two pages.
        guard inside % 8 == 0 else { return nil }
        let start = address.rawValue - UInt64(inside)
        if pages[start] == nil {
            guard pages.count < PageCache.limit else { return nil }
            pages[start] = .some(try? memory.bytes(RemoteAddress(start), PageCache.page))
        }
        guard let page = pages[start] ?? nil else { return nil }
        return RemoteAddress(page.word(inside))
    }
}
