internal import CLinux

/// What became of a traced thread, as the kernel tells the thread that traces it.
public enum TraceStop: Sendable {
    /// A system call begins or ends.
    case call
    /// A signal is about to arrive, which has to be passed on.
    case signal(Int32)
    /// Its process is stopped by a signal.
    case group(Int32)
    /// It was asked to stop, was just born, or its process goes on after a stop.
    case trap
    /// It made a thread or a child, which ``TracedThread/message`` names.
    case birth
    /// It became another program; the message says which thread it was.
    case program
    /// It is about to end with the wait status that the message says.
    case ending
    /// It has ended, with a wait status.
    case ended(Int32)
    /// Nothing that was asked for.
    case other

    /// Waits for the next stop of any thread that the calling thread traces, or of one of them; nil where nobody stands still.
    ///
    /// A stop is told again until the thread is resumed: the kernel does not forget it, so that the signal of a tracer that dies is not lost.
    /// An end is told once, and so is another program.
    ///
    /// The C function is waitid(2) with __WNOTHREAD: others of our own threads can wait for their children meanwhile.
    /// - Throws: `Errno.interrupted`; ECHILD where no thread is traced.
    public static func next(of tid: Int32 = 0, waits: Bool) throws(Errno) -> (tid: Int32, stop: TraceStop)? {
        var stop = cl_trace_stop()
        _ = try Errno.check(unsafe cl_wait_traced(tid, WNOWAIT | (waits ? 0 : WNOHANG), &stop))
        guard stop.tid != 0 else { return nil }
        let result = TraceStop(stop)
        switch result {
        // A thread that took over another's number answers only who has noted that.
        case .ended, .program: acknowledge(stop.tid)
        default: break
        }
        return (stop.tid, result)
    }

    /// Notes that a thread stands still, so that it is not told again before it is resumed.
    public static func acknowledge(_ tid: Int32) {
        var stop = cl_trace_stop()
        _ = unsafe cl_wait_traced(tid, WNOHANG, &stop)
    }

    private init(_ stop: cl_trace_stop) {
        switch Int(stop.code) {
        case 1: self = .ended(stop.status << 8)
        case 2: self = .ended(stop.status)
        case 3: self = .ended(stop.status | 0x80)
        default:
            let (event, signal) = (stop.status >> 8, stop.status & 0xff)
            switch (event, signal) {
            case (0, SIGTRAP | 0x80): self = .call
            case (0, _): self = .signal(signal)
            // PTRACE_EVENT_FORK, PTRACE_EVENT_VFORK, PTRACE_EVENT_CLONE
            case (1...3, _): self = .birth
            // PTRACE_EVENT_EXEC
            case (4, _): self = .program
            // PTRACE_EVENT_EXIT
            case (6, _): self = .ending
            // PTRACE_EVENT_STOP
            case (128, SIGTRAP): self = .trap
            case (128, _): self = .group(signal)
            default: self = .other
            }
        }
    }
}
