/// Why the counters of a process cannot be opened.
public enum PerfError: Error, Equatable, Sendable {
    /// The kernel does not let this user count that process, or a limit is reached.
    case refused(errno: Int32, remedy: String)
    /// This kernel has no performance events.
    case unsupported(errno: Int32, remedy: String)
    /// None of the threads exists any more.
    case gone
}
