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
    /// Inodes of the lines whose local port fits.
    fileprivate func socketInodes(localPort port: UInt16, listeningOnly: Bool) -> Set<UInt64> {
        var inodes = Set<UInt64>()
        for line in text(0..<count).split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count > 9, let local = fields[1].split(separator: ":").last, UInt16(local, radix: 16) == port,
                !listeningOnly || fields[3] == "0A", let inode = UInt64(fields[9]), inode != 0
            else { continue }
            inodes.insert(inode)
        }
        return inodes
    }
}
