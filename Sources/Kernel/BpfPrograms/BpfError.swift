public import Linux

/// Why a program cannot run in the kernel.
public enum BpfError: Error, Equatable, Sendable {
    /// libbpf is not installed.
    case noLibrary
    /// The kernel does not let this user load programs.
    case refused(Errno)
    /// The kernel is too old for the program, or has no BTF, or was built without BPF.
    case unsupported(Errno)
}

extension BpfError: CustomStringConvertible {
    /// What is the matter and what to do about it, in words.
    public var description: String {
        switch self {
        case .noLibrary: "\(BpfLibrary.fileName) is not there: \(BpfLibrary.remedy)"
        case .refused: "BPF programs may not be loaded: run as root, or grant CAP_BPF and CAP_PERFMON"
        case .unsupported(let error):
            "the kernel does not take a program (\(error.name)): it needs Linux 5.17 with BPF and /sys/kernel/btf/vmlinux"
        }
    }

    /// What is the matter, in a few words.
    public var brief: String {
        switch self {
        case .noLibrary: "no \(BpfLibrary.fileName)"
        case .refused: "no CAP_BPF"
        case .unsupported(let error): "kernel refuses it, \(error.name)"
        }
    }

    init(_ errno: Int32) {
        let error = Errno(rawValue: abs(errno))
        self = error.isRefusal ? .refused(error) : .unsupported(error)
    }
}
