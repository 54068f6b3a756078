internal import CLinux

extension FileDescriptor {
    /// Reads from the current position; 0 is the end of the file.
    ///
    /// The C function is read(2), repeated when a signal interrupts it.
    public borrowing func read(into bytes: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        while true {
            let count = unsafe cl_read(rawValue, bytes.baseAddress, bytes.count)
            if count != -Int(EINTR) { return try Errno.check(count) }
        }
    }

    /// Reads into `buffer` from `start` on; 0 is the end of the file, or no room.
    public borrowing func read(into buffer: inout [UInt8], from start: Int = 0) throws(Errno) -> Int {
        try unsafe Errno.check(
            buffer.withUnsafeMutableBytes { bytes in
                guard start < bytes.count else { return 0 }
                while true {
                    let count = unsafe cl_read(rawValue, bytes.baseAddress?.advanced(by: start), bytes.count - start)
                    if count != -Int(EINTR) { return count }
                }
            })
    }

    /// Reads at a position of the file, which leaves the current position alone.
    ///
    /// The C function is pread(2), repeated when a signal interrupts it.
    public borrowing func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Errno) -> Int {
        while true {
            let count = unsafe cl_pread(rawValue, bytes.baseAddress, bytes.count, offset)
            if count != -Int(EINTR) { return try Errno.check(count) }
        }
    }

    /// Reads at a position of the file into the start of `buffer`.
    public borrowing func read(into buffer: inout [UInt8], at offset: Int64) throws(Errno) -> Int {
        try Errno.check(Self.preadRepeating(rawValue, &buffer, offset))
    }

    /// pread(2) on a descriptor kept elsewhere: `FileDescriptor` cannot live in a dictionary.
    package static func preadRepeating(_ descriptor: Int32, _ buffer: inout [UInt8], _ offset: Int64) -> Int {
        unsafe buffer.withUnsafeMutableBytes { bytes in
            while true {
                let count = unsafe cl_pread(descriptor, bytes.baseAddress, bytes.count, offset)
                if count != -Int(EINTR) { return count }
            }
        }
    }

    /// Reads the whole rest of the file, at most `limit` bytes.
    public borrowing func readToEnd(limit: Int = 1 << 20) throws(Errno) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: min(limit, 16 << 10))
        var count = 0
        while count < limit {
            if count == buffer.count {
                buffer.append(contentsOf: repeatElement(0, count: min(count, limit - count)))
            }
            let received = try read(into: &buffer, from: count)
            if received == 0 { break }
            count += received
        }
        buffer.removeLast(buffer.count - count)
        return buffer
    }

    /// Writes all bytes.
    ///
    /// The C function is write(2), repeated until nothing is left.
    public borrowing func writeAll(_ bytes: Span<UInt8>) throws(Errno) {
        var written = 0
        while written < bytes.count {
            let rest = bytes.extracting(droppingFirst: written)
            let count = unsafe rest.withUnsafeBytes { unsafe cl_write(rawValue, $0.baseAddress, $0.count) }
            if count == -Int(EINTR) { continue }
            written += try Errno.check(count)
        }
    }

    /// Writes bytes at a position of the file; returns how many were taken.
    ///
    /// The C function is pwrite(2).
    public borrowing func write(_ bytes: Span<UInt8>, at offset: Int64) throws(Errno) -> Int {
        try Errno.check(unsafe bytes.withUnsafeBytes { unsafe cl_pwrite(rawValue, $0.baseAddress, $0.count, offset) })
    }

    /// Moves to a position counted from the start.
    ///
    /// The C function is lseek(2).
    public borrowing func seek(to offset: Int64) throws(Errno) {
        _ = try Errno.check(cl_seek(rawValue, offset))
    }
}
