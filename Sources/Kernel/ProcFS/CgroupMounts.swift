/// Where the hierarchies of cgroups are mounted. Source: `/proc/self/mountinfo`, proc_pid_mountinfo(5).
public struct CgroupMounts: Sendable, Hashable {
    /// A mounted hierarchy.
    public struct Mount: Sendable, Hashable {
        /// Directory it is mounted on.
        public var directory: String
        /// Path inside the hierarchy that this directory shows: `/` on a host, a container's own in some containers.
        public var root: String
    }

    /// The hierarchy of version 2.
    public private(set) var unified: Mount?
    /// Hierarchies of version 1 by controller.
    public private(set) var controllers: [String: Mount] = [:]

    /// Parses the file; lines that are cut or of other file systems are passed over.
    public init(parsing bytes: Span<UInt8>) {
        var start = 0
        while start < bytes.count {
            let end = bytes.lineEnd(from: start)
            // A line without its end may name the wrong directory.
            if end < bytes.count { parseLine(bytes.text(start..<end)) }
            start = end + 1
        }
    }

    /// Fields: id, parent, device, root, mount point, options, tags…, `-`, type, source, options of the file system.
    private mutating func parseLine(_ line: String) {
        let fields = line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map(Substring.init)
        guard fields.count > 5, let dash = fields[5...].firstIndex(of: "-"), dash + 3 < fields.count else { return }
        let mount = Mount(directory: Self.unescape(fields[4]), root: Self.unescape(fields[3]))
        switch fields[dash + 1] {
        case "cgroup2": unified = unified ?? mount
        case "cgroup":
            for option in fields[dash + 3].split(separator: ",") where controllers[String(option)] == nil {
                controllers[String(option)] = mount
            }
        default: break
        }
    }

    /// Undoes the kernel's `\040` for a blank and its like.
    private static func unescape(_ text: Substring) -> String {
        guard text.contains("\\") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension CgroupMounts.Mount {
    /// Directories from the one of `path` up to the mount's own; nil for a path that this mount does not show.
    func directories(of path: String) -> [String]? {
        var components = path.pathComponents[...]
        let top = root.pathComponents
        guard components.starts(with: top) else { return nil }
        components = components.dropFirst(top.count)
        guard !components.contains("..") else { return nil }
        var directories: [String] = []
        while !components.isEmpty {
            directories.append(directory + "/" + components.joined(separator: "/"))
            components.removeLast()
        }
        return directories + [directory]
    }
}

extension String {
    /// What stands between the slashes.
    ///
    /// By bytes, as the kernel does: a name that begins with a combining mark makes one character with the slash before it.
    var pathComponents: [Substring] { utf8.split(separator: UInt8(ascii: "/")).map(Substring.init) }
}

extension ProcReader {
    /// Reads `/proc/self/mountinfo` for the hierarchies of cgroups.
    public mutating func cgroupMounts() -> Reading<CgroupMounts> {
        read(Self.path("self/mountinfo"), .pages(limit: 16 << 20)) { CgroupMounts(parsing: $0) }
    }
}
