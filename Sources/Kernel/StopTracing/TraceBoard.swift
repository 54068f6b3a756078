internal import Linux
internal import Synchronization
internal import SystemCalls

/// What the thread that traces and those who ask it tell each other.
final class TraceBoard: Sendable {
    /// Whom to look at.
    struct Request: Sendable {
        var id: Int
        var processes: [Int32]
        var threads: [Int32]
        var fromExec: Bool
    }

    /// A call that goes on.
    struct OpenCall: Sendable {
        var sequence: UInt64
        var event: SyscallEvent
        var capture: Capture
    }

    struct State {
        var requests: [Request] = []
        var answers: [Int: StopTracingError?] = [:]
        var lastRequest = 0
        var events: [SyscallEvent] = []
        /// Bytes that the events hold.
        var bytes = 0
        var lost: UInt64 = 0
        /// By thread.
        var open: [Int32: OpenCall] = [:]
        var sequence: UInt64 = 0
    }

    let state = Mutex(State())
    /// Whether a request waits.
    let isAsked = Atomic<Bool>(false)
    /// Whether the tracing ends.
    let isEnding = Atomic<Bool>(false)
    /// Threads that were seized and have not stopped since: what they do is not told yet.
    let unsettled = Atomic<Int>(0)
    let stops = Atomic<UInt64>(0)
    let stoppedNanoseconds = Atomic<UInt64>(0)
    /// Most bytes that are kept for who does not fetch them: as many as the BPF program keeps.
    private static let mostBytes = 16 << 20

    /// Adds an event.
    func tell(_ event: SyscallEvent) {
        state.withLock { state in
            let size = event.size
            guard state.bytes + size <= Self.mostBytes else {
                state.lost += 1
                return
            }
            state.bytes += size
            state.events.append(event)
        }
    }

    /// Keeps a call that has begun until it ends.
    func begin(_ event: SyscallEvent, _ capture: Capture) {
        state.withLock { state in
            state.sequence += 1
            state.open[event.tid] = OpenCall(sequence: state.sequence, event: event, capture: capture)
        }
    }

    /// Takes away the call that a thread is in.
    func end(_ tid: Int32) -> OpenCall? {
        state.withLock { $0.open.removeValue(forKey: tid) }
    }

    /// A thread has another number now.
    func rename(_ former: Int32, _ tid: Int32) {
        state.withLock { state in
            guard var open = state.open.removeValue(forKey: former) else { return }
            open.event.tid = tid
            state.open[tid] = open
        }
    }

    /// A request that nobody has taken up.
    func nextRequest() -> Request? {
        guard isAsked.load(ordering: .acquiring) else { return nil }
        return state.withLock { state in
            if state.requests.count < 2 { isAsked.store(false, ordering: .releasing) }
            return state.requests.isEmpty ? nil : state.requests.removeFirst()
        }
    }

    /// Counts a stop that has lasted since a moment.
    func count(stopSince begin: UInt64) {
        stops.add(1, ordering: .relaxed)
        stoppedNanoseconds.add(KernelClock.monotonicNanoseconds() &- begin, ordering: .relaxed)
    }
}
