internal import CLinux

/// A process held by a descriptor: it never turns into another one that got the same pid.
public struct ProcessHandle: ~Copyable, Sendable {
    /// The pidfd: readable once the process has ended.
    public let descriptor: FileDescriptor
    /// Process id.
    public let pid: Int32

    /// Takes hold of a process.
    ///
    /// The C function is pidfd_open(2). Whoever read a start time before must read it again after this call.
    /// - Throws: `Errno.noSuchProcess`; `Errno.invalidArgument` for a thread that does not lead its group.
    public init(opening pid: Int32) throws(Errno) {
        descriptor = FileDescriptor(owning: try Errno.check(cl_pidfd_open(pid, 0)))
        self.pid = pid
    }

    /// The same, spelled as a call.
    public static func open(_ pid: Int32) throws(Errno) -> ProcessHandle {
        try ProcessHandle(opening: pid)
    }

    /// Sends a signal; 0 only asks whether one may be sent.
    ///
    /// The C function is pidfd_send_signal(2).
    /// - Throws: `Errno.noSuchProcess`, `Errno.operationNotPermitted`, `Errno.invalidArgument`.
    public borrowing func sendSignal(_ number: Int32) throws(Errno) {
        _ = try Errno.check(cl_pidfd_send_signal(descriptor.rawValue, number))
    }
}
