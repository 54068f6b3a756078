/// A target's memory, kept page by page while one look at many small objects lasts, and metered.
///
/// What is read twice is the same both times, even if the target changed it meanwhile: only for values that are not proven anyway.
struct PageMemory<Memory: RemoteMemory & ~Copyable>: RemoteMemory, ~Copyable {
    private var memory: Memory
    private var pages: [UInt64: [UInt8]] = [:]
    /// Bytes that may still be asked for; what asks for more reads nothing.
    var allowance: Int
    /// Bytes that were copied from the target.
    private(set) var copied = 0
    private static var page: Int { 4096 }
    /// Most pages that are kept; all are dropped together.
    private static var pageLimit: Int { 4096 }
    /// Bytes from which on a reading goes past the pages.
    private static var largeReading: Int { 64 << 10 }
    /// What each piece costs beside its bytes.
    private static var pieceCost: Int { 16 }

    init(_ memory: consuming Memory, allowance: Int) {
        self.memory = memory
        self.allowance = allowance
    }

    /// The memory itself again.
    consuming func end() -> Memory { memory }

    /// Drops what is kept: what is read from here on is as it is from here on.
    mutating func forget() { pages.removeAll(keepingCapacity: true) }

    /// Reads past what is kept, unmetered: what bounds itself.
    mutating func withMemory<Result, Failure: Error>(
        _ body: (inout Memory) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(&memory)
    }

    /// Reads from the target itself, for what is compared with an earlier reading: what it costs is missing for others, but never refused.
    mutating func readAnew(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        try memory.read(pieces, into: &bytes)
        copied += bytes.count
        allowance = max(0, allowance - bytes.count)
    }

    mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        bytes.removeAll(keepingCapacity: true)
        for piece in pieces {
            // By lengths: a hostile piece may end behind the last address.
            guard piece.length >= 0, piece.length <= allowance - PageMemory.pieceCost,
                UInt64.max - piece.address.rawValue >= UInt64(piece.length)
            else { throw .unmapped }
            allowance -= piece.length + PageMemory.pieceCost
            try append(piece, to: &bytes)
        }
    }

    private mutating func append(_ piece: RemotePiece, to bytes: inout [UInt8]) throws(RemoteMemoryError) {
        guard piece.length < PageMemory.largeReading else { return bytes += try directly(piece) }
        let size = UInt64(PageMemory.page)
        var address = piece.address.rawValue
        let end = address + UInt64(piece.length)
        while address < end {
            let start = address & ~(size - 1)
            guard let page = page(at: start) else {
                // The page is not whole, as in a file that ends: what is asked for may be.
                bytes += try directly(RemotePiece(RemoteAddress(address), Int(end - address)))
                return
            }
            let stop = min(end, start + size)
            bytes += page[Int(address - start)..<Int(stop - start)]
            address = stop
        }
    }

    private mutating func page(at start: UInt64) -> [UInt8]? {
        if let known = pages[start] { return known }
        guard let page = try? directly(RemotePiece(RemoteAddress(start), PageMemory.page)) else { return nil }
        if pages.count >= PageMemory.pageLimit { forget() }
        pages[start] = page
        return page
    }

    private mutating func directly(_ piece: RemotePiece) throws(RemoteMemoryError) -> [UInt8] {
        let read = try memory.bytes(piece.address, piece.length)
        copied += read.count
        return read
    }
}
