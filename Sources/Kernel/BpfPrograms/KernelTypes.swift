public import Linux

/// Where the structures of the running kernel have their members. Source: BTF, `/sys/kernel/btf/vmlinux`.
///
/// libbpf finds the same out when it loads a program, from two copies of all types: that takes four times as long and 11 MB, which is
/// more than the rest of a recording's start.
public struct KernelTypes {
    private var offsets: [String: UInt32] = [:]

    /// A member by the names on the way to it: `task_struct.se.vruntime`; members of a structure without a name belong to the one around it.
    /// Unit: bytes; nil where the kernel has none, and for a bit field that begins within a byte.
    public subscript(_ path: String) -> UInt32? { offsets[path] }

    /// Looks members up in the running kernel.
    ///
    /// - Throws: what keeps the file from being read; ``Errno/noEntry`` for a kernel without one.
    public init(ofMembers paths: [String]) throws(Errno) {
        try self.init(ofMembers: paths, in: "/sys/kernel/btf/vmlinux")
    }

    /// Looks members up in a file; none is found in what is no BTF.
    init(ofMembers paths: [String], in path: String) throws(Errno) {
        guard var file = try TypeFile(path) else { return }
        let ways = paths.map { $0.split(separator: ".").map { Array($0.utf8) } }
        let names = file.places(ofTexts: Set(ways.joined()))
        let roots = file.index(structuresNamed: Set(ways.compactMap { $0.first.flatMap { names[$0] } }))
        for (path, way) in zip(paths, ways) {
            let steps = way.compactMap { names[$0] }
            guard steps.count == way.count, let first = steps.first else { continue }
            // A name may be that of several structures.
            offsets[path] = (roots[first] ?? []).lazy.compactMap { file.offset(of: steps[1...], in: $0) }.first
        }
    }
}

extension TypeFile {
    /// The offset of what a way of members leads to. Unit: bytes.
    fileprivate mutating func offset(of steps: ArraySlice<UInt32>, in type: UInt32) -> UInt32? {
        var (bits, type): (UInt32, UInt32) = (0, type)
        for step in steps {
            guard let member = member(step, of: type, depth: 0) else { return nil }
            bits &+= member.bits
            type = member.type
        }
        return bits % 8 == 0 ? bits / 8 : nil
    }

    /// A member of a structure, or of those without a name in it.
    private mutating func member(_ name: UInt32, of type: UInt32, depth: Int) -> (bits: UInt32, type: UInt32)? {
        guard depth < TypeFile.depthLimit, let members = members(of: type) else { return nil }
        for member in members where member.name == name { return (member.bits, member.type) }
        for member in members where member.name == 0 {
            guard let inner = self.member(name, of: member.type, depth: depth + 1) else { continue }
            return (member.bits &+ inner.bits, inner.type)
        }
        return nil
    }

    /// Structures within each other that are looked into.
    private static let depthLimit = 8
}
