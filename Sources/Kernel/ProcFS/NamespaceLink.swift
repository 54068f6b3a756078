internal import Linux

/// A namespace a process is in, namespaces(7). Source: a link of `/proc/<pid>/ns`.
public struct NamespaceLink: Sendable, Hashable {
    /// Kind, such as `net`.
    public var name: String
    /// Number of the namespace: two processes with the same one share it.
    public var inode: UInt64

    /// Describes a link.
    public init(name: String, inode: UInt64) {
        self.name = name
        self.inode = inode
    }

    /// The number in what a link leads to, `net:[4026531840]`; nil for another form.
    static func inode(_ target: Span<UInt8>) -> UInt64? {
        guard let bracket = target.firstIndex(of: UInt8(ascii: "["), from: 0) else { return nil }
        var index = bracket + 1
        guard let inode = target.decimal(&index), target.holds("]", at: index) else { return nil }
        return inode
    }

    /// Kinds of namespaces; those for children, which differ only while one is being made, are left out.
    static let kinds: [(name: String, path: StaticString)] = [
        ("cgroup", "ns/cgroup"), ("ipc", "ns/ipc"), ("mnt", "ns/mnt"), ("net", "ns/net"), ("pid", "ns/pid"),
        ("time", "ns/time"), ("user", "ns/user"), ("uts", "ns/uts"),
    ]
}

extension ProcReader {
    /// The namespaces of a process; refused without the right to trace it, gone when it has none any more.
    public mutating func namespaces(_ pid: Int32) -> Reading<[NamespaceLink]> {
        var links: [NamespaceLink] = []
        var failure: Reading<[NamespaceLink]> = .gone
        for kind in NamespaceLink.kinds {
            let reading = readLink(Self.path(pid, kind.path)).map { NamespaceLink.inode($0.span) }
            switch reading {
            case .value(let inode): links.append(NamespaceLink(name: kind.name, inode: inode))
            case .gone: continue  // A kind that this kernel does not have.
            case .refused, .malformed, .unavailable: failure = reading.map { _ in [] }
            }
        }
        return links.isEmpty ? failure : .value(links)
    }
}
