internal import Linux

extension ProcReader {
    /// What a descriptor of a process leads to: a path, or `socket:[inode]`, `pipe:[inode]`, `anon_inode:[kind]`. Source: `/proc/<pid>/fd/<fd>`.
    public mutating func descriptor(_ pid: Int32, _ descriptor: Int32) -> Reading<[UInt8]> {
        var path = Self.path(pid, "fd/")
        path.append(descriptor)
        return readLink(path)
    }

    /// Sockets in the network namespace of a process by their inodes, each as one line: protocol and both addresses.
    ///
    /// - Source: `/proc/<pid>/net/tcp`, `tcp6`, `udp`, `udp6`: fields 2 and 3 (addresses), 4 (state), 10 (inode); `unix`: fields 7 and 8.
    public mutating func socketTexts(of pid: Int32) -> [UInt64: String] {
        var texts: [UInt64: String] = [:]
        let files: [(StaticString, String)] = [
            ("net/tcp", "tcp"), ("net/tcp6", "tcp"), ("net/udp", "udp"), ("net/udp6", "udp"),
        ]
        for (file, name) in files {
            let read = read(Self.path(pid, file), .pages(limit: 64 << 20)) { $0.copy(0..<$0.count) }
            guard case .value(let bytes) = read else { continue }
            for line in bytes.split(separator: 10).dropFirst() {
                let fields = line.split(separator: 32, omittingEmptySubsequences: true)
                guard fields.count > 9, let inode = UInt64(String(decoding: fields[9], as: UTF8.self)), inode != 0,
                    let local = SocketText.address(fields[1]), let remote = SocketText.address(fields[2])
                else { continue }
                let isListening = name == "tcp" && fields[3].elementsEqual("0A".utf8)
                let end = isListening ? " listening" : remote.isNone ? "" : "→" + remote.text
                texts[inode] = "\(name) \(local.text)\(end)"
            }
        }
        let read = read(Self.path(pid, "net/unix"), .pages(limit: 64 << 20)) { $0.copy(0..<$0.count) }
        if case .value(let bytes) = read {
            for line in bytes.split(separator: 10).dropFirst() {
                let fields = line.split(separator: 32, maxSplits: 7, omittingEmptySubsequences: true)
                guard fields.count > 6, let inode = UInt64(String(decoding: fields[6], as: UTF8.self)) else { continue }
                texts[inode] = fields.count > 7 ? "unix " + String(decoding: fields[7], as: UTF8.self) : "unix"
            }
        }
        return texts
    }
}

/// Addresses as /proc/net writes them: words of 32 bits in the processor's order, hexadecimal.
private enum SocketText {
    static func address(_ field: ArraySlice<UInt8>) -> (text: String, isNone: Bool)? {
        let parts = field.split(separator: UInt8(ascii: ":"))
        guard parts.count == 2, let port = UInt16(String(decoding: parts[1], as: UTF8.self), radix: 16) else {
            return nil
        }
        var bytes: [UInt8] = []
        for start in stride(from: parts[0].startIndex, to: parts[0].endIndex, by: 8) {
            let end = min(start + 8, parts[0].endIndex)
            guard let word = UInt32(String(decoding: parts[0][start..<end], as: UTF8.self), radix: 16) else {
                return nil
            }
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        let isNone = port == 0 && bytes.allSatisfy { $0 == 0 }
        switch bytes.count {
        case 4: return (bytes.map { String($0) }.joined(separator: ".") + ":\(port)", isNone)
        case 16: return ("[" + InternetAddress.text(bytes) + "]:\(port)", isNone)
        default: return nil
        }
    }
}
