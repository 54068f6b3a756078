internal import CLinux

/// Why births and deaths of processes cannot be followed.
public enum ProcessEventError: Error, Equatable, Sendable {
    /// This user may not listen.
    case refused(errno: Int32, remedy: String)
    /// This kernel, or this namespace, has no process events.
    case unsupported(errno: Int32, remedy: String)

    init(errno: Int32) {
        switch errno {
        case EPERM, EACCES:
            self = .refused(
                errno: errno, remedy: "run as root or grant CAP_NET_ADMIN; Linux 6.6 and later allow every user")
        case ETIMEDOUT:
            // The connector answers nobody in another namespace, not even with an error.
            self = .unsupported(errno: errno, remedy: "run in the host's pid and user namespaces")
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
