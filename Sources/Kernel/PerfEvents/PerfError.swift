/// Why the counters of a process cannot be opened.
public enum PerfError: Error, Equatable, Sendable {
    /// The kernel does not let this user count that process, or a limit is reached.
    case refused(errno: Int32, remedy: String)
    /// This kernel has no performance events.
    case unsupported(errno: Int32, remedy: String)
    /// None of the threads exists any more.
    case gone
}

extension PerfError: CustomStringConvertible {
    /// What is the matter and what to do about it, in words.
    public var description: String {
        switch self {
        case .refused(_, let remedy): "the kernel refuses to count: \(remedy)"
        case .unsupported(_, let remedy): "the kernel cannot count: \(remedy)"
        case .gone: "the process ended"
        }
    }
}
