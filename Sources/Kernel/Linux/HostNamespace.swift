/// Namespaces of the host that some kernel interfaces answer in alone, namespaces(7).
public enum HostNamespace: String, Sendable, CaseIterable {
    case network
    case pid
    case user

    /// Which of the host's namespaces this process is known not to be in.
    ///
    /// - Source: the numbers of `/proc/self/ns/pid` and `/proc/self/ns/user`, which the kernel fixes for the first ones
    ///   (`PROC_PID_INIT_INO`, `PROC_USER_INIT_INO`). That of the network has no fixed number before Linux 6.18.
    /// - Absent: `nil` where /proc does not tell.
    public static func left() -> [HostNamespace]? {
        guard let pid = try? FileStatus(path: "/proc/self/ns/pid").inode,
            let user = try? FileStatus(path: "/proc/self/ns/user").inode
        else { return nil }
        return (pid == 0xEFFF_FFFC ? [] : [.pid]) + (user == 0xEFFF_FFFD ? [] : [.user])
    }

    /// What to do about namespaces that were left, as a remedy.
    public static func remedy(_ namespaces: [HostNamespace]) -> String {
        let names = namespaces.map(\.rawValue)
        let list =
            names.count > 1
            ? names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "") + " namespaces"
            : (names.first ?? "") + " namespace"
        return "only the host's \(list) will do: run viv on the host, or in a container with "
            + namespaces.map(\.containerOption).joined(separator: " ")
    }

    /// What docker and podman call it.
    private var containerOption: String {
        switch self {
        case .network: "--net=host"
        case .pid: "--pid=host"
        case .user: "--userns=host"
        }
    }
}
