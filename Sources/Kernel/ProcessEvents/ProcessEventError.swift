internal import CLinux
internal import Linux

/// Why births and deaths of processes cannot be followed.
public enum ProcessEventError: Error, Equatable, Sendable {
    /// This user may not listen.
    case refused(errno: Int32, remedy: String)
    /// This kernel, or this namespace, has no process events.
    case unsupported(errno: Int32, remedy: String)

    /// Explains what the kernel answered.
    ///
    /// - Parameter left: The host's namespaces that this process is not in; `nil` where that is unknown.
    init(errno: Int32, left: [HostNamespace]? = HostNamespace.left()) {
        switch errno {
        case EPERM, EACCES:
            self = .refused(
                errno: errno,
                remedy: left?.contains(.user) == true
                    ? HostNamespace.remedy(left ?? [])
                    : "run as root or grant CAP_NET_ADMIN; Linux 6.6 and later allow every user")
        case ECONNREFUSED:
            // The connector listens in the first network namespace only.
            self = .unsupported(errno: errno, remedy: HostNamespace.remedy([.network] + (left ?? [])))
        case ETIMEDOUT:
            // It answers nobody in another pid or user namespace, not even with an error. Nor does a kernel that has
            // the connector without its process events.
            let kernel = "the kernel needs CONFIG_PROC_EVENTS"
            let remedy =
                switch left {
                case let left? where left.isEmpty: kernel
                case let left?: HostNamespace.remedy(left)
                case nil: HostNamespace.remedy([.pid, .user]) + "; and " + kernel
                }
            self = .unsupported(errno: errno, remedy: remedy)
        default:
            self = .unsupported(errno: errno, remedy: "the kernel needs CONFIG_CONNECTOR and CONFIG_PROC_EVENTS")
        }
    }
}

extension ProcessEventError: CustomStringConvertible {
    /// What is the matter and what to do about it, in words.
    public var description: String {
        switch self {
        case .refused(_, let remedy): "the kernel refuses to tell: \(remedy)"
        case .unsupported(_, let remedy): "the kernel does not answer: \(remedy)"
        }
    }
}
