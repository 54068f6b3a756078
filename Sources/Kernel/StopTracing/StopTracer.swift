internal import Glibc
internal import Linux
internal import Synchronization
public import SystemCalls

/// Follows system calls by stopping their threads at the begin and the end of each: what is left where no program may be loaded into the kernel.
///
/// Events are those of the program system-calls. The targets pay for it: each call costs two stops, in each of which the target waits for viv.
/// Whoever is looked at can have no other tracer, as a debugger; and a program that changes its user when it starts does so only where viv
/// may trace anybody.
///
/// Nobody stays stopped: when the value ends, or viv does, by whatever cause, the kernel lets go of every thread, in whatever it does.
///
/// A target that is viv's own child must not be waited for by wait(2) meanwhile, which takes its stops away, but by a pidfd.
///
/// Source: ptrace(2) with PTRACE_SEIZE, PTRACE_SYSCALL, PTRACE_GET_SYSCALL_INFO (Linux 5.3).
public final class StopTracer: Sendable {
    /// What the tracing costs its targets.
    public struct Overhead: Sendable {
        /// How often a thread was stopped.
        public var stops: UInt64
        /// How long threads stood still, all together, from when viv learned of it: that it does takes some microseconds each time. Unit: nanoseconds.
        public var stoppedNanoseconds: UInt64
    }

    private let board = TraceBoard()
    private let thread: PinnedThread

    /// How long is waited for threads that sleep too deep to stop. Unit: nanoseconds.
    private static let patienceNanoseconds: UInt64 = 1_000_000_000

    /// Starts the thread that traces; nobody is looked at before ``watch(processes:threads:)``.
    public init(_ table: SystemCallTable, _ options: SyscallOptions) throws {
        let board = board
        thread = try PinnedThread {
            let loop = StopLoop(board, table, options)
            loop.run()
        }
    }

    deinit {
        stop()
    }

    /// Lets go of every thread. What was told until then can be fetched afterwards.
    public func stop() {
        board.isEnding.store(true, ordering: .releasing)
        thread.end()
    }

    /// Begins to look at processes with all of their threads, and at single threads. Again, it takes up those threads that it missed.
    ///
    /// Where some are refused, the others are looked at nevertheless. What they do from now on is told, except by threads that sleep too deep
    /// to stop: those follow when they wake.
    ///
    /// - Parameter fromExec: whether no calls of the processes are told before they become other programs.
    public func watch(
        processes: [Int32], threads: [Int32] = [], fromExec: Bool = false
    ) throws(StopTracingError) {
        let id = board.state.withLock { state in
            state.lastRequest += 1
            state.requests.append(
                TraceBoard.Request(
                    id: state.lastRequest, processes: processes, threads: threads, fromExec: fromExec))
            return state.lastRequest
        }
        board.isAsked.store(true, ordering: .releasing)
        var answer: StopTracingError??
        var pause: UInt32 = 20
        while !board.isEnding.load(ordering: .acquiring) {
            thread.interrupt()
            usleep(pause)
            pause = min(pause * 2, 1000)
            answer = board.state.withLock { $0.answers.removeValue(forKey: id) }
            if answer != nil { break }
        }
        let begin = KernelClock.monotonicNanoseconds()
        while board.unsettled.load(ordering: .acquiring) > 0, !board.isEnding.load(ordering: .acquiring),
            KernelClock.monotonicNanoseconds() - begin < Self.patienceNanoseconds
        {
            usleep(100)
        }
        if let error = answer ?? nil { throw error }
    }

    /// Hands the events since the last call to `receive`, in the order in which they ended.
    public func drain(_ receive: (SyscallEvent) -> Void) {
        let events = board.state.withLock { state in
            let events = state.events
            state.events = []
            state.bytes = 0
            return events
        }
        for event in events { receive(event) }
    }

    /// Calls that have gone on for longer than a time, as they began, each with a number that no other call has; not those that began unseen.
    public func inFlight(longerThanNanoseconds limit: UInt64) -> [(sequence: UInt64, event: SyscallEvent)] {
        let now = KernelClock.monotonicNanoseconds()
        return board.state.withLock { state in
            state.open.values.filter { call in
                let entered = call.event.enteredNanoseconds
                return entered > 0 && now > entered && now - entered > limit
            }
            .map { call in
                var event = call.event
                event.flags.insert(.unfinished)
                return (call.sequence, event)
            }
        }
    }

    /// What it has cost so far.
    public var overhead: Overhead {
        Overhead(
            stops: board.stops.load(ordering: .relaxed),
            stoppedNanoseconds: board.stoppedNanoseconds.load(ordering: .relaxed))
    }

    /// Events that found no room because nobody fetched those before them.
    public var lost: UInt64 { board.state.withLock { $0.lost } }
}
