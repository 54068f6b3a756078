/// A stretch of a process's address space. Source: a line of `/proc/<pid>/maps`, proc_pid_maps(5).
public struct MemoryMapping: Sendable, Hashable {
    /// First address.
    public var start: UInt64
    /// Address behind the last.
    public var end: UInt64
    /// Whether it may be read.
    public var isReadable: Bool
    /// Whether it may be written.
    public var isWritable: Bool
    /// Whether it may be executed.
    public var isExecutable: Bool
    /// Offset of the first byte in the file.
    public var fileOffset: UInt64
    /// Device of the file: its major number in the upper, its minor one in the lower 32 bits; 0 for anonymous memory.
    public var device: UInt64
    /// Inode of the file; 0 for anonymous memory.
    public var inode: UInt64
    /// Path as the process sees it, or a name in brackets; empty for anonymous memory.
    public var path: String

    /// Parses one line; nil when it is not whole.
    init?(parsing bytes: Span<UInt8>, _ line: Range<Int>) {
        var index = line.lowerBound
        guard let start = bytes.number(.hexadecimal, &index), bytes.skip("-", &index),
            let end = bytes.number(.hexadecimal, &index), bytes.skip(" ", &index), index + 5 <= line.upperBound
        else { return nil }
        self.start = start
        self.end = end
        isReadable = bytes[index] == UInt8(ascii: "r")
        isWritable = bytes[index + 1] == UInt8(ascii: "w")
        isExecutable = bytes[index + 2] == UInt8(ascii: "x")
        index += 4
        bytes.skipBlanks(&index)
        guard let offset = bytes.number(.hexadecimal, &index) else { return nil }
        fileOffset = offset
        bytes.skipBlanks(&index)
        guard let major = bytes.number(.hexadecimal, &index), bytes.skip(":", &index),
            let minor = bytes.number(.hexadecimal, &index)
        else { return nil }
        device = major << 32 | minor
        bytes.skipBlanks(&index)
        guard let inode = bytes.decimal(&index), index <= line.upperBound else { return nil }
        self.inode = inode
        bytes.skipBlanks(&index)
        path = index < line.upperBound ? bytes.text(index..<line.upperBound) : ""
    }
}

extension ProcReader {
    /// The address space of a process, by address; a zombie has none.
    ///
    /// May wait: the kernel takes the process's memory lock. Refused without the right to trace the process.
    public mutating func mappings(_ pid: Int32) -> Reading<[MemoryMapping]> {
        read(Self.path(pid, "maps"), .pages(limit: 16 << 20)) { bytes in
            var mappings: [MemoryMapping] = []
            var start = 0
            while start < bytes.count {
                let end = bytes.lineEnd(from: start)
                guard let mapping = MemoryMapping(parsing: bytes, start..<end) else { return nil }
                mappings.append(mapping)
                start = end + 1
            }
            return mappings
        }
    }
}
