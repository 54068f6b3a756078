/// Why a process's Python state cannot be read, with the remedy.
public enum PythonInspectionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No interpreter is in the process.
    case notPython
    /// An interpreter that is not read yet, by name and version.
    case unsupported(String)
    /// An interpreter is there, but its runtime was not found or does not look like one.
    case runtimeNotFound(String)
    /// The memory cannot be read.
    case memory(RemoteMemoryError)
    /// The target moved too fast: every attempt was torn.
    case torn

    /// What went wrong, and what to do.
    public var description: String {
        switch self {
        case .notPython: "not a Python process: no python executable or libpython is mapped"
        case .unsupported(let name): "\(name) is not read yet; CPython 3.11, 3.12 and 3.13 are"
        case .runtimeNotFound(let reason): "the Python runtime was not found: \(reason)"
        case .memory(.gone): "the process ended"
        case .memory(.refused):
            "its memory may not be read: be its owner with kernel.yama.ptrace_scope=0, or use sudo (CAP_SYS_PTRACE)"
        case .memory(.unmapped): "its memory does not look like a Python runtime (it may be starting or ending)"
        case .torn: "the target changed faster than it could be read; try again"
        }
    }
}
