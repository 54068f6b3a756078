/// The cgroup a process is in, in one hierarchy. Source: a line of `/proc/<pid>/cgroup`, cgroups(7).
public struct CgroupMembership: Sendable, Hashable {
    /// Number of the hierarchy; 0 is that of version 2.
    public var hierarchy: UInt32
    /// Controllers of a version 1 hierarchy, such as `cpu` or `name=systemd`; empty for version 2.
    public var controllers: [String]
    /// Path below the hierarchy's root as seen from the reader's cgroup namespace; begins with `/..` outside of it.
    public var path: String

    /// Describes a membership.
    public init(hierarchy: UInt32, controllers: [String], path: String) {
        self.hierarchy = hierarchy
        self.controllers = controllers
        self.path = path
    }

    /// Parses the file; nil when a line is cut or not of the form `number:controllers:path`.
    public static func parse(_ bytes: Span<UInt8>) -> [CgroupMembership]? {
        guard bytes.endsWithNewline else { return nil }
        var memberships: [CgroupMembership] = []
        var start = 0
        while start < bytes.count {
            let end = bytes.lineEnd(from: start)
            var index = start
            guard let hierarchy = bytes.decimal(&index).flatMap({ UInt32(exactly: $0) }), bytes.skip(":", &index),
                let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: index, before: end)
            else { return nil }
            let controllers = bytes.text(index..<colon).split(separator: ",").map(String.init)
            let path = bytes.text(colon + 1..<end)
            memberships.append(CgroupMembership(hierarchy: hierarchy, controllers: controllers, path: path))
            start = end + 1
        }
        return memberships
    }
}

extension ProcReader {
    /// Reads `/proc/<pid>/cgroup`.
    public mutating func cgroups(_ pid: Int32) -> Reading<[CgroupMembership]> {
        read(Self.path(pid, "cgroup"), .onePiece, CgroupMembership.parse)
    }
}
