internal import CLinux
internal import Linux

/// Why the kernel's accounts of tasks cannot be read.
public enum AccountingError: Error, Equatable, Sendable {
    /// This user may not ask.
    case refused(errno: Int32, remedy: String)
    /// This kernel, or this namespace, has no such accounts.
    case unsupported(errno: Int32, remedy: String)
    /// The kernel could not deliver the answers, for want of memory.
    case lost(errno: Int32)

    /// Explains what the kernel answered.
    ///
    /// - Parameter left: The host's namespaces that this process is not in; `nil` where that is unknown.
    init(errno: Int32, left: [HostNamespace]? = HostNamespace.left()) {
        switch errno {
        case EPERM, EACCES:
            // Root of another user namespace has the capability only there.
            self = .refused(
                errno: errno,
                remedy: left?.contains(.user) == true
                    ? HostNamespace.remedy([.user]) : "run as root or grant CAP_NET_ADMIN")
        case ENOBUFS, ENOMEM, EAGAIN, EMSGSIZE:
            self = .lost(errno: errno)
        case EINVAL:
            self = .unsupported(errno: errno, remedy: HostNamespace.remedy([.pid, .user]))
        default:
            self = .unsupported(errno: errno, remedy: "the kernel needs CONFIG_TASKSTATS")
        }
    }
}

extension AccountingError: CustomStringConvertible {
    /// What is the matter and what to do about it, in words.
    public var description: String {
        switch self {
        case .refused(_, let remedy): "the kernel refuses to tell: \(remedy)"
        case .unsupported(_, let remedy): "the kernel does not answer: \(remedy)"
        case .lost: "the kernel had no memory for its answers"
        }
    }
}
