/// The container a process is in, by the name of its cgroup.
public struct ContainerIdentity: Sendable, Hashable {
    /// What runs it: `docker`, `podman`, `containerd`, `cri-o`, `kubernetes`, `lxc` or, for an id without a word beside it, `container`.
    public var runtime: String
    /// Its id of 64 hexadecimal digits, or its name for lxc.
    public var id: String

    /// Describes a container.
    public init(runtime: String, id: String) {
        self.runtime = runtime
        self.id = id
    }

    /// The first twelve digits, as the runtimes' own tools show it.
    public var shortId: String { runtime == "lxc" ? id : String(id.prefix(12)) }

    /// Finds the innermost container that a path names; nil for none.
    public init?(cgroupPath path: String) {
        let components = path.pathComponents
        for (index, component) in components.enumerated().reversed() {
            if let id = Self.identifier(in: component) {
                self.init(runtime: Self.runtime(component, within: components[..<index]), id: id)
                return
            }
        }
        guard let name = Self.lxcName(in: components) else { return nil }
        self.init(runtime: "lxc", id: name)
    }

    /// A run of exactly 64 hexadecimal digits, as in `docker-<id>.scope`.
    private static func identifier(in component: Substring) -> String? {
        component.split(omittingEmptySubsequences: true) { character in
            !("0"..."9").contains(character) && !("a"..."f").contains(character)
        }
        .first { $0.utf8.count == 64 }.map(String.init)
    }

    /// Runtimes by the word in front of the id, or by a directory above.
    private static func runtime(_ component: Substring, within parents: ArraySlice<Substring>) -> String {
        let prefixes = [
            ("docker-", "docker"), ("libpod-", "podman"), ("cri-containerd-", "containerd"), ("crio-", "cri-o"),
            ("nerdctl-", "containerd"),
        ]
        if let known = prefixes.first(where: { component.hasPrefix($0.0) }) { return known.1 }
        if parents.last == "docker" { return "docker" }
        if parents.contains(where: { $0.hasPrefix("kubepods") }) { return "kubernetes" }
        if parents.contains(where: { $0.hasPrefix("libpod") || $0 == "machine.slice" }) { return "podman" }
        if parents.contains("default") || parents.contains(where: { $0.contains("containerd") }) { return "containerd" }
        return "container"
    }

    /// `/lxc/<name>`, `/lxc.payload.<name>` or `/lxc.payload/<name>`.
    private static func lxcName(in components: [Substring]) -> String? {
        for (index, component) in components.enumerated().reversed() {
            if component.hasPrefix("lxc.payload.") { return String(component.dropFirst(12)) }
            if component == "lxc" || component == "lxc.payload", index + 1 < components.count {
                return String(components[index + 1])
            }
        }
        return nil
    }

    /// The container by all cgroups of a process; a cgroup without one does not hide another's.
    public static func identify(_ memberships: [CgroupMembership]) -> ContainerIdentity? {
        for membership in memberships {
            if let found = ContainerIdentity(cgroupPath: membership.path) { return found }
        }
        return nil
    }
}
