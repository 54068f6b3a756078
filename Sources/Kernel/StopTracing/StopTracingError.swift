public import Linux

/// Why the system calls of a process cannot be followed by stopping it.
public enum StopTracingError: Error, Equatable, Sendable {
    /// It ended.
    case gone(pid: Int32)
    /// Another process traces it already, and there is room for one.
    case traced(pid: Int32, by: Int32, name: String)
    /// It may not be traced; the remedy is what would change that.
    case refused(pid: Int32, remedy: String)
    /// It is viv itself, which would wait for itself.
    case own
    /// The kernel failed in another way.
    case failed(Errno)

    init(_ pid: Int32, _ error: StopError) {
        self =
            switch error {
            case .gone: .gone(pid: pid)
            case .traced(let tracer): .traced(pid: pid, by: tracer, name: StopTracingError.name(of: tracer))
            case .refused(let remedy): .refused(pid: pid, remedy: remedy)
            case .blocked, .unresponsive: .failed(.busy)
            case .failed(let error): .failed(error)
            }
    }

    private static func name(of pid: Int32) -> String {
        guard let bytes = try? FileDescriptor.open("/proc/\(pid)/comm").readToEnd() else { return "" }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}

extension StopTracingError: CustomStringConvertible {
    /// What happened and what helps, in one line.
    public var description: String {
        switch self {
        case .gone(let pid): "process \(pid) has ended"
        case .traced(let pid, let tracer, let name):
            "process \(pid) is traced already, by \(name.isEmpty ? "process" : name) \(tracer), and there is room for one tracer"
        case .refused(let pid, let remedy): "process \(pid) may not be traced: \(remedy)"
        case .own: "viv cannot stop itself to follow its own system calls"
        case .failed(let error): "\(error)"
        }
    }
}
