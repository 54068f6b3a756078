internal import CLinux

/// A piece of another process's memory.
public struct RemoteRange: Sendable, Hashable {
    /// Where it starts in that process.
    public var address: UInt64
    /// Bytes.
    public var length: Int

    /// Describes a piece.
    public init(address: UInt64, length: Int) {
        self.address = address
        self.length = length
    }
}

/// The memory of a running process, read without stopping it.
public struct ProcessMemory: Sendable {
    /// The process, or one of its threads.
    public let pid: Int32

    /// Names a process; nothing is opened, nothing is checked.
    public init(pid: Int32) {
        self.pid = pid
    }

    /// Reads bytes that lie together; fewer than asked for where a mapping ends inside them.
    ///
    /// The C function is process_vm_readv(2).
    /// - Throws: `Errno.badAddress` when not even the first is mapped; `Errno.operationNotPermitted`; `Errno.noSuchProcess`.
    @discardableResult
    public func read(_ address: UInt64, into bytes: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        guard let start = unsafe UnsafeMutableRawPointer(bitPattern: UInt(address)) else { throw .badAddress }
        var local = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        var remote = unsafe iovec(iov_base: start, iov_len: bytes.count)
        return try Errno.check(unsafe cl_process_vm_readv(pid, &local, 1, &remote, 1))
    }

    /// Up to so many bytes that lie together; nil where there are none.
    public func bytes(_ address: UInt64, _ count: Int) -> [UInt8]? {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            let place = unsafe UnsafeMutableRawBufferPointer(start: room.baseAddress, count: count)
            filled = unsafe (try? read(address, into: place)) ?? 0
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// Reads bytes that lie together into a span; returns how many.
    @discardableResult
    public func read(_ address: UInt64, into span: inout MutableRawSpan) throws(Errno) -> Int {
        var failure: Errno?
        let count = unsafe span.withUnsafeMutableBytes { bytes in
            do throws(Errno) {
                return try unsafe read(address, into: bytes)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return count
    }

    /// Reads many pieces with as few calls as the kernel allows, one behind the other into `bytes`.
    ///
    /// A piece that is not mapped costs a call and is left out; the others are read all the same. Piece `i` starts in `bytes` where
    /// the lengths of the pieces before it add up to, and `received[i]` says how many of its bytes are there.
    ///
    /// The C function is process_vm_readv(2) with up to IOV_MAX pieces.
    /// - Precondition: `bytes` holds the sum of the lengths.
    /// - Throws: `Errno.operationNotPermitted`, `Errno.noSuchProcess`; never `Errno.badAddress`.
    public func read(
        scattered pieces: [RemoteRange], into bytes: UnsafeMutableRawBufferPointer, received: inout [Int]
    ) throws(Errno) {
        precondition(pieces.reduce(0) { $0 + $1.length } <= bytes.count, "the pieces do not fit the buffer")
        received.removeAll(keepingCapacity: true)
        var offset = 0
        while received.count < pieces.count {
            let batch = pieces[received.count...].prefix(Int(IOV_MAX))
            let wanted = batch.reduce(0) { $0 + $1.length }
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + wanted])
            let result = unsafe readBatch(batch, into: room)
            if result < 0, result != -Int(EFAULT) { throw Errno(rawValue: Int32(-result)) }
            offset += Self.share(max(0, result), among: batch, received: &received)
        }
    }

    /// Reads pieces one behind the other into `bytes`; nil when every byte of them is there, else why not.
    ///
    /// The C function is process_vm_readv(2) with up to IOV_MAX pieces.
    /// - Precondition: `bytes` holds the sum of the lengths.
    public func readWhole(_ pieces: [RemoteRange], into bytes: UnsafeMutableRawBufferPointer) -> Errno? {
        var offset = 0
        var first = 0
        while first < pieces.count {
            let batch = pieces[first...].prefix(Int(IOV_MAX))
            let wanted = batch.reduce(0) { $0 + $1.length }
            precondition(offset + wanted <= bytes.count, "the pieces do not fit the buffer")
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + wanted])
            let result = unsafe readBatch(batch, into: room)
            if result < 0 { return Errno(rawValue: Int32(-result)) }
            if result < wanted { return .badAddress }
            offset += wanted
            first = batch.endIndex
        }
        return nil
    }

    /// Books what one call transferred; the piece it stopped in is short, and what follows it is left for the next call.
    private static func share(_ transferred: Int, among batch: ArraySlice<RemoteRange>, received: inout [Int]) -> Int {
        var left = transferred
        var passed = 0
        for piece in batch {
            let count = min(left, piece.length)
            received.append(count)
            left -= count
            passed += piece.length
            if count < piece.length { break }
        }
        return passed
    }

    private func readBatch(_ batch: ArraySlice<RemoteRange>, into room: UnsafeMutableRawBufferPointer) -> Int {
        unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: batch.count) { remote in
            for (index, piece) in batch.enumerated() {
                let start = unsafe UnsafeMutableRawPointer(bitPattern: UInt(piece.address))
                unsafe remote.initializeElement(at: index, to: iovec(iov_base: start, iov_len: piece.length))
            }
            var local = unsafe iovec(iov_base: room.baseAddress, iov_len: room.count)
            return unsafe cl_process_vm_readv(pid, &local, 1, remote.baseAddress, remote.count)
        }
    }
}
