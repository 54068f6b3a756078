public import PythonInspection

/// What is known of a process's Python stacks.
public enum StackReading: Sendable, Equatable {
    /// Nobody asked, or the first walk is not done yet.
    case none
    /// All threads.
    case snapshot(ProcessIdentity, PythonVersion, PythonSnapshot)
    /// They cannot be read; the reason with its remedy.
    case unavailable(ProcessIdentity, PythonInspectionError)
    /// The process ended.
    case ended(ProcessIdentity)

    /// Process it is about.
    public var identity: ProcessIdentity? {
        switch self {
        case .none: nil
        case .snapshot(let identity, _, _), .unavailable(let identity, _), .ended(let identity): identity
        }
    }

    /// Whether a reading a moment later may say something else: the interpreter can be read.
    public var moves: Bool {
        if case .snapshot = self { true } else { false }
    }
}
