internal import Linux

extension ProcReader {
    /// Inodes of TCP sockets on a local port, in the reader's network namespace.
    ///
    /// - Source: `/proc/net/tcp` and `tcp6`: field 2 (local address and port, hexadecimal), 4 (state, 0A is LISTEN), 10 (inode).
    public mutating func socketInodes(localPort port: UInt16, listeningOnly: Bool) -> Set<UInt64> {
        var inodes = Set<UInt64>()
        for file: StaticString in ["net/tcp", "net/tcp6"] {
            let found = read(Self.path(file), .pages(limit: 64 << 20)) { bytes in
                bytes.socketInodes(localPort: port, listeningOnly: listeningOnly)
            }
            if case .value(let more) = found { inodes.formUnion(more) }
        }
        return inodes
    }

    /// Whether one of a process's descriptors is one of these sockets; false where they may not be read.
    ///
    /// - Source: the links `socket:[inode]` in `/proc/<pid>/fd`.
    public mutating func holdsSocket(in inodes: Set<UInt64>, pid: Int32) -> Bool {
        var descriptors: [Int32] = []
        guard listDescriptors(of: pid, into: &descriptors) else { return false }
        for descriptor in descriptors {
            var path = Self.path(pid, "fd/")
            path.append(descriptor)
            guard case .value(let link) = readLink(path) else { continue }
            let text = String(decoding: link, as: UTF8.self)
            guard text.hasPrefix("socket:["), let inode = UInt64(text.dropFirst(8).dropLast()) else { continue }
            if inodes.contains(inode) { return true }
        }
        return false
    }
}

extension Span where Element == UInt8 {
    /// Inodes of the lines whose local port fits; a line that is cut off may end in half a number and is left out.
    func socketInodes(localPort port: UInt16, listeningOnly: Bool) -> Set<UInt64> {
        var inodes = Set<UInt64>()
        // The first line is the heading.
        var start = lineEnd(from: 0) + 1
        while start < count {
            let end = lineEnd(from: start)
            if end < count, let line = socketLine(from: start), line.port == UInt64(port), line.inode != 0,
                !listeningOnly || line.state == 0x0A
            {
                inodes.insert(line.inode)
            }
            start = end + 1
        }
        return inodes
    }

    /// The fields of a line that are asked for; nil where they are not what the kernel writes.
    private func socketLine(from start: Int) -> (port: UInt64, state: UInt64, inode: UInt64)? {
        var index = start
        skipBlanks(&index)
        _ = word(&index)
        skipBlanks(&index)
        // An address of either family has no colon in it.
        while index < count, self[index] > UInt8(ascii: " "), self[index] != UInt8(ascii: ":") { index += 1 }
        guard skip(":", &index), let port = digits(radixBits: 4, &index) else { return nil }
        skipBlanks(&index)
        _ = word(&index)
        guard let state = number(.hexadecimal, &index) else { return nil }
        for _ in 5...9 {
            skipBlanks(&index)
            _ = word(&index)
        }
        guard let inode = number(.decimal, &index) else { return nil }
        return (port, state, inode)
    }
}
