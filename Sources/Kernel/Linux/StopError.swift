/// Why a thread was not stopped.
public enum StopError: Error, Hashable, Sendable {
    /// It ended, or became another program.
    case gone
    /// Another process traces it already, and there is room for one.
    case traced(by: Int32)
    /// It may not be traced; the remedy is what would change that.
    case refused(remedy: String)
    /// It sleeps in a call that would fail with EINTR, or cannot be interrupted: it does not move, so it need not be stopped.
    case blocked(systemCall: Int)
    /// It sleeps where no stop reaches it, such as in a file system that does not answer, or gets no processor for a second.
    case unresponsive
    /// The kernel failed in another way.
    case failed(Errno)
}

extension StopError: CustomStringConvertible {
    /// What happened and what helps, in one line.
    public var description: String {
        switch self {
        case .gone: "the thread has ended"
        case .traced(let tracer): "process \(tracer) traces it already, and a thread has one tracer at most"
        case .refused(let remedy): "it may not be traced: \(remedy)"
        case .blocked(let call): "it sleeps in system call \(call), which a stop would end"
        case .unresponsive: "it sleeps where no stop reaches it, or gets no processor"
        case .failed(let error): "\(error)"
        }
    }
}

extension StopError {
    /// What an error of PTRACE_SEIZE means: EPERM has four causes, which `/proc` tells apart.
    static func seizing(_ tid: Int32, _ error: Errno) -> StopError {
        if error == .noSuchProcess { return .gone }
        guard error.isRefusal else { return .failed(error) }
        guard let status = ThreadStatus(tid) else { return .gone }
        if status.hasEnded { return .gone }
        // The kernel names the thread that traces.
        if status.tracer != 0 { return .traced(by: ThreadStatus(status.tracer)?.process ?? status.tracer) }
        return .refused(remedy: remedy)
    }

    private static var remedy: String {
        let level = try? FileDescriptor.open("/proc/sys/kernel/yama/ptrace_scope").readToEnd()
        switch level?.first {
        case UInt8(ascii: "3"): return "kernel.yama.ptrace_scope=3 forbids it to everybody until the next boot"
        case UInt8(ascii: "2"): return "run as root, or grant CAP_SYS_PTRACE (kernel.yama.ptrace_scope=2)"
        case UInt8(ascii: "1"):
            return "run as root, grant CAP_SYS_PTRACE, or as its owner: sudo sysctl -w kernel.yama.ptrace_scope=0"
        default: return "run as root or as its owner, or grant CAP_SYS_PTRACE (in a container: --cap-add=SYS_PTRACE)"
        }
    }
}

/// The lines of `/proc/<tid>/status` that tell why a thread cannot be traced.
struct ThreadStatus {
    private(set) var hasEnded = false
    private(set) var isRunnable = false
    private(set) var tracer: Int32 = 0
    private(set) var parent: Int32 = 0
    private(set) var process: Int32 = 0
    /// Signals that are blocked, ignored and handled: a bit for each, from 1 on.
    private(set) var (blocked, ignored, handled): (UInt64, UInt64, UInt64) = (0, 0, 0)

    /// Reads them; nil when the thread is gone.
    init?(_ tid: Int32) {
        guard let bytes = try? FileDescriptor.open("/proc/\(tid)/status").readToEnd(), !bytes.isEmpty else {
            return nil
        }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: "\t"))
            guard words.count > 1 else { continue }
            let value = String(decoding: words[1], as: UTF8.self)
            switch String(decoding: words[0], as: UTF8.self) {
            case "State:":
                hasEnded = value.hasPrefix("Z") || value.hasPrefix("X")
                isRunnable = value.hasPrefix("R")
            case "TracerPid:": tracer = Int32(value) ?? 0
            case "Tgid:": process = Int32(value) ?? 0
            case "PPid:": parent = Int32(value) ?? 0
            case "SigBlk:": blocked = UInt64(value, radix: 16) ?? 0
            case "SigIgn:": ignored = UInt64(value, radix: 16) ?? 0
            case "SigCgt:": handled = UInt64(value, radix: 16) ?? 0
            default: continue
            }
        }
    }
}
