internal import CLinux
internal import Linux

/// A thread's clock, and those of all threads that it will begin: a BPF program runs on the thread itself after each period that the thread has
/// run, and whenever it leaves its processor.
///
/// Source: perf_event_open(2), PERF_COUNT_SW_CPU_CLOCK, and PERF_COUNT_SW_CONTEXT_SWITCHES with a period of 1.
public struct ThreadClock: ~Copyable, Sendable {
    private let clock: FileDescriptor
    private let leaving: FileDescriptor

    /// Starts the clock of a thread.
    ///
    /// - Parameters:
    ///   - tid: the thread.
    ///   - nanoseconds: the period, more than 1.
    ///   - program: descriptor of a BPF program of the kind BPF_PROG_TYPE_PERF_EVENT.
    /// - Throws: ``PerfError``.
    public init(tid: Int32, everyNanoseconds nanoseconds: UInt64, program: Int32) throws(PerfError) {
        precondition(nanoseconds > 1, "a period of 1 is that of the other event")
        let clock = try ThreadClock.open(PERF_COUNT_SW_CPU_CLOCK, tid, period: nanoseconds, program)
        let leaving = try ThreadClock.open(PERF_COUNT_SW_CONTEXT_SWITCHES, tid, period: 1, program)
        self.clock = clock
        self.leaving = leaving
    }

    private static func open(_ event: perf_sw_ids, _ tid: Int32, period: UInt64, _ program: Int32) throws(PerfError)
        -> FileDescriptor
    {
        var attributes = perf_event_attr()
        attributes.size = UInt32(MemoryLayout<perf_event_attr>.size)
        attributes.type = PERF_TYPE_SOFTWARE.rawValue
        attributes.config = UInt64(event.rawValue)
        attributes.sample_period = period
        attributes.inherit = 1
        attributes.inherit_thread = 1
        let result = unsafe cl_perf_event_open(&attributes, tid, -1)
        guard result >= 0 else { throw error(-result) }
        let descriptor = FileDescriptor(owning: result)
        let set = cl_perf_set_program(result, program)
        guard set == 0 else { throw error(-set) }
        return descriptor
    }

    private static func error(_ errno: Int32) -> PerfError {
        switch errno {
        case ESRCH: .gone
        case EACCES, EPERM: .refused(errno: errno, remedy: "run as root, or grant CAP_PERFMON")
        case EMFILE, ENFILE:
            .refused(errno: errno, remedy: "raise the limit of open files (ulimit -n): a thread needs 2 descriptors")
        default: .unsupported(errno: errno, remedy: "it needs Linux 5.13 with CONFIG_PERF_EVENTS")
        }
    }
}
