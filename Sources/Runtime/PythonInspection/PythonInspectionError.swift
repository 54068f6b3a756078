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
    /// Something of the process cannot be opened for a reason that is not the process's, such as no free descriptor.
    case noResources(String)
    /// The objects of this version, which is named, are on no lists.
    case noObjectLists(String)

    /// What went wrong, and what to do.
    public var description: String {
        switch self {
        case .notPython: "not a Python process: no python executable or libpython is mapped"
        case .unsupported(let name): "\(name) is not read yet; CPython 3.6 to 3.15 is, with or without the GIL"
        case .runtimeNotFound(let reason): "the Python runtime was not found: \(reason)"
        case .memory(.gone): "the process ended"
        case .memory(.refused):
            "its memory may not be read: use sudo (CAP_SYS_PTRACE), or be its owner with kernel.yama.ptrace_scope=0; "
                + "in a container, start it with --cap-add=SYS_PTRACE, and with --pid=container:NAME for another one's processes"
        case .memory(.unmapped): "its memory does not look like a Python runtime (it may be starting or ending)"
        case .noResources(let reason):
            "viv cannot open what it needs: \(reason); raise the limit of open files (`ulimit -n`), or run fewer programs"
        case .noObjectLists(let version): "the heap of CPython \(version) cannot be read: its objects are on no lists"
        }
    }
}
