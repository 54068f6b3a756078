internal import CLinux

/// One thread of another process, held still; it runs on when the value ends.
///
/// The kernel knows a tracer by its thread: the value must end on the thread that made it, so keep it in one function that
/// does not suspend (the type is not `Sendable` for that reason). Should the maker die first, even by SIGKILL, the kernel lets go:
/// no option is set that would have it do anything else. Nothing that the stopped program can see changes:
///
/// - a call that the stop cut short is repeated by the kernel, and where the kernel would not, the thread is either not
///   stopped (``StopError/blocked(systemCall:)``) or the call repeated all the same;
/// - a signal that arrives meanwhile is delivered;
/// - a process that was stopped (SIGSTOP, ^Z) stays so.
///
/// A few microseconds pass between the stop and the initializer's end. Do only what must be done before the value ends.
///
/// Where the same process also waits for the target as its child, it must not use wait(2) meanwhile, which takes the stop away, but a
/// pidfd.
@safe
public struct StoppedThread: ~Copyable {
    /// The thread.
    public let tid: Int32
    private let pid: Int32
    /// What its registers hold.
    public let registers: ThreadRegisters
    /// When it was found to stand still. Unit: nanoseconds of CLOCK_MONOTONIC.
    public let sinceNanoseconds: UInt64
    /// A signal that arrived just then, to be delivered after; 0 for none.
    private let signal: Int32
    /// How long a stop may take; and where the thread waits for a processor, which others may have.
    private static let patienceNanoseconds: UInt64 = 50_000_000
    private static let patienceWithRunnableNanoseconds: UInt64 = 1_000_000_000

    /// Stops a thread.
    ///
    /// The C functions are ptrace(2) with PTRACE_SEIZE and PTRACE_INTERRUPT, and waitid(2).
    /// - Parameters:
    ///   - tid: The thread.
    ///   - pid: The process it belongs to.
    /// - Throws: ``StopError``; the thread then runs as before.
    public init(stopping tid: Int32, of pid: Int32) throws(StopError) {
        guard Self.finish(tid), Self.hasRoom else { throw .unresponsive }
        if let call = SystemCall.blocking(tid, of: pid),
            SystemCall.neverRepeated.contains(call) || SystemCall.creatingProcesses.contains(call)
        {
            throw .blocked(systemCall: call)
        }
        try Self.seize(tid)
        _ = cl_ptrace_interrupt(tid)
        let status = Self.waitForStop(tid)
        let now = KernelClock.monotonicNanoseconds()
        if status == 0 {
            Self.remember(tid, of: pid)
            throw .unresponsive
        }
        guard status > 0 else {
            Self.giveUpEnded(tid, of: pid)
            throw .gone
        }
        let signal = Self.signal(of: status)
        var values = user_regs_struct()
        let result = unsafe cl_ptrace_get_registers(tid, &values)
        guard result == 0 else {
            Self.letGo(tid, of: pid, signal)
            throw .gone
        }
        if let mended = values.repeatingInterruptedCall {
            _ = unsafe withUnsafePointer(to: mended) { unsafe cl_ptrace_set_registers(tid, $0) }
        }
        self.tid = tid
        self.pid = pid
        sinceNanoseconds = now
        registers = ThreadRegisters(values)
        self.signal = signal
    }

    deinit {
        Self.letGo(tid, of: pid, signal)
    }

    private static func seize(_ tid: Int32) throws(StopError) {
        for attempt in 1... {
            let result = cl_ptrace_seize(tid)
            if result >= 0 { return }
            let error = StopError.seizing(tid, Errno(rawValue: -result))
            // While a program is exchanged, the kernel refuses for a moment what it allows before and after.
            guard case .refused = error, attempt < 3 else { throw error }
            _ = cl_yield()
        }
    }

    /// Waits for the stop: its status, 0 when it does not come, -ECHILD when there is nobody left to stop.
    ///
    /// Most stops come within microseconds, sooner than this thread could fall asleep and be woken.
    private static func waitForStop(_ tid: Int32) -> Int32 {
        for turn in 0..<200 {
            let status = cl_poll_stop(tid)
            if status != 0 { return status }
            // Where the thread waits for this processor, it comes to its stop only when it gets it.
            if turn >= 20 { _ = cl_yield() }
        }
        let start = KernelClock.monotonicNanoseconds()
        while true {
            let status = cl_poll_stop(tid)
            if status != 0 { return status }
            let waited = KernelClock.monotonicNanoseconds() - start
            if waited > patienceNanoseconds {
                guard waited < patienceWithRunnableNanoseconds, ThreadStatus(tid)?.isRunnable == true else { return 0 }
            }
            _ = cl_sleep(20_000)
        }
    }

    /// The signal that is to be delivered after a stop: one without an event is a signal's arrival, which is lost unless we pass it on.
    private static func signal(of status: Int32) -> Int32 { status >> 8 == 0 ? status : 0 }

    private static func letGo(_ tid: Int32, of pid: Int32, _ signal: Int32) {
        // It refuses when the thread was killed meanwhile: its process cannot end before its tracer has taken note.
        if cl_ptrace_detach(tid, signal) < 0 { takeNote(ofEnd: tid, of: pid) }
    }

    /// Reaps a thread that ends. As long as nobody did, its process can neither end nor become another program.
    private static func takeNote(ofEnd tid: Int32, of pid: Int32) {
        for turn in 0..<1000 {
            if isReaped(tid, of: pid) { return }
            _ = turn < 20 ? cl_yield() : cl_sleep(50_000)
        }
        remember(tid, of: pid)
    }

    /// Reaps a thread if it has ended; whether there is nothing left to be done.
    private static func isReaped(_ tid: Int32, of pid: Int32) -> Bool {
        // The end of our own child is for whoever started it; that of its other threads is nobody else's.
        if tid == pid, let status = ThreadStatus(tid), status.parent == getpid() { return true }
        return cl_reap_thread(tid) != 0
    }
}

// MARK: Threads that did not stop as themselves

extension StoppedThread {
    /// Gives up a thread that ended, or became another program: that one has the id of the process.
    private static func giveUpEnded(_ tid: Int32, of pid: Int32) {
        takeNote(ofEnd: tid, of: pid)
        guard pid != tid, isOurs(pid) else { return }
        let status = waitForStop(pid)
        if status > 0 { letGo(pid, of: pid, signal(of: status)) }
        if status == 0 { remember(pid, of: pid) }
    }

    /// Whether the calling thread traces another.
    private static func isOurs(_ tid: Int32) -> Bool { ThreadStatus(tid)?.tracer == cl_gettid() }

    /// Lets go of threads that did not stop in time and have stopped or ended since. Whoever stops threads for long calls it often, on the
    /// same thread: such a thread stands still until then, and the process of one that ended cannot end.
    public static func letGoOfLatecomers() {
        _ = finish(0)
    }

    /// Threads that the calling thread waits for.
    private static var unfinished: UnsafeMutableBufferPointer<cl_unfinished_stop> {
        unsafe UnsafeMutableBufferPointer(start: cl_unfinished_stops(), count: Int(CL_UNFINISHED_STOPS))
    }

    /// Whether another thread that does not stop in time could be remembered.
    private static var hasRoom: Bool {
        unsafe unfinished.contains { $0.tid == 0 }
    }

    /// Remembers a thread that sleeps too deep to stop or to end. It can be let go only once it has, which ``letGoOfLatecomers()`` and each
    /// later stop by the same thread of ours look for; at the latest the kernel lets it go, when that thread ends.
    private static func remember(_ tid: Int32, of pid: Int32) {
        let slots = unsafe unfinished
        if let free = unsafe slots.firstIndex(where: { $0.tid == 0 }) {
            unsafe slots[free] = cl_unfinished_stop(tid: tid, pid: pid)
        }
    }

    /// Lets go of those that have stopped or ended since; whether `wanted` is not among the others.
    private static func finish(_ wanted: Int32) -> Bool {
        let slots = unsafe unfinished
        var isFree = true
        for slot in slots.indices where unsafe slots[slot].tid != 0 {
            var waiting = unsafe slots[slot]
            var status = cl_poll_stop(waiting.tid)
            if status < 0, isReaped(waiting.tid, of: waiting.pid) {
                // Where it became another program it has the id of the process now.
                if waiting.tid != waiting.pid, isOurs(waiting.pid) {
                    waiting.tid = waiting.pid
                    status = cl_poll_stop(waiting.tid)
                } else {
                    waiting.tid = 0
                }
            }
            if status > 0 {
                letGo(waiting.tid, of: waiting.pid, signal(of: status))
                waiting.tid = 0
            }
            if waiting.tid != 0, waiting.tid == wanted { isFree = false }
            unsafe slots[slot] = waiting
        }
        return isFree
    }
}
