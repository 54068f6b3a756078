internal import BpfPrograms
internal import Linux
internal import ProcFS
internal import StopTracing
public import SystemCalls

/// Follows the system calls of processes, by the best provider that there is.
public struct SyscallTracer: ~Copyable {
    /// What traces.
    public enum Provider: Sendable {
        /// A program in the kernel: what costs the targets least.
        case bpf
        /// Stops at each call, by ptrace(2).
        case ptrace
    }

    private var program: SyscallProgram?
    private let stops: StopTracer?
    /// Calls that were told while they went on, by thread: which one it was.
    private var told: [Int32: UInt64] = [:]
    /// Sums where no program counts them, by thread and number.
    private var counted: [UInt64: SyscallSum] = [:]
    /// Calls that were going on when they were first looked at.
    private var inProgress: [SyscallEvent] = []

    /// Loads what traces; nobody is looked at yet.
    ///
    /// - Throws: what keeps it from being loaded, with a remedy.
    public init(_ options: SyscallOptions, provider: Provider = .bpf) throws {
        switch provider {
        case .bpf:
            program = try SyscallProgram(.native, options)
            stops = nil
        case .ptrace:
            program = nil
            stops = try StopTracer(.native, options)
        }
    }

    /// Why calls cannot be followed here, with the remedy; nil where they can be.
    public static var trouble: String? {
        do {
            _ = try SyscallTracer(SyscallOptions())
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Whether an error says that this user may not.
    public static func isRefusal(_ error: any Error) -> Bool {
        if case .refused? = error as? BpfError { return true }
        if case .refused? = error as? StopTracingError { return true }
        return false
    }

    /// Whether an error says that there is no such process any more.
    public static func isAbsence(_ error: any Error) -> Bool {
        if case .gone? = error as? StopTracingError { true } else { false }
    }

    /// Name of what traces.
    public var provider: String { stops == nil ? "BPF" : "ptrace" }

    /// What the tracing costs its targets: how often they were stopped, and for how long; nil where they are not stopped.
    public var overhead: (stops: UInt64, stoppedNanoseconds: UInt64)? {
        stops.map { ($0.overhead.stops, $0.overhead.stoppedNanoseconds) }
    }

    /// Begins to look at processes, with all their threads.
    ///
    /// - Parameter fromExec: whether nothing is told of them before they become other programs.
    public mutating func watch(processes: [Int32], threads: [Int32] = [], fromExec: Bool = false) throws {
        // Before they are stopped: what they are in then is the tracer's doing.
        for pid in processes where !fromExec { addInProgress(pid) }
        try program?.watch(processes: processes, threads: threads, fromExec: fromExec)
        try stops?.watch(processes: processes, threads: threads, fromExec: fromExec)
    }

    /// Calls that the threads of a process are in already: nothing is known of their memory, and when they began.
    private mutating func addInProgress(_ pid: Int32) {
        guard var reader = try? ProcReader() else { return }
        var tids: [Int32] = []
        _ = reader.threads(of: pid, into: &tids)
        for tid in tids {
            guard case .value(.inside(let frame)) = reader.syscall(pid, thread: tid) else { continue }
            var event = SyscallEvent(.call)
            event.flags = [.unfinished, .unseenEntry]
            (event.pid, event.tid, event.number) = (pid, tid, frame.number)
            event.leftNanoseconds = KernelClock.monotonicNanoseconds()
            for index in 0..<6 { event.arguments[index] = frame.argument(index) }
            inProgress.append(event)
        }
    }

    /// Hands over what happened since the last call; then calls that go on for longer than a time, each once, as unfinished.
    public mutating func drain(unfinishedAfterNanoseconds limit: UInt64? = nil, _ receive: (SyscallEvent) -> Void) {
        for event in inProgress where limit != nil { receive(event) }
        inProgress.removeAll()
        var ended: Set<Int32> = []
        let note = { (event: SyscallEvent) in
            receive(event)
            if event.kind == .call || event.kind == .end { ended.insert(event.tid) }
        }
        program?.drain(note)
        stops?.drain(note)
        for tid in ended { told[tid] = nil }
        guard let limit else { return }
        let inFlight =
            program?.inFlight(longerThanNanoseconds: limit) ?? stops?.inFlight(longerThanNanoseconds: limit) ?? []
        for (sequence, event) in inFlight where told[event.tid] != sequence {
            told[event.tid] = sequence
            receive(event)
        }
    }

    /// Sums of calls so far, by thread and call.
    public mutating func sums() -> [SyscallSum] {
        if let sums = program?.sums() { return sums }
        stops?.drain { event in
            guard let duration = event.durationNanoseconds else { return }
            let key = UInt64(UInt32(bitPattern: event.tid)) << 32 | UInt64(UInt32(bitPattern: event.number))
            counted[key, default: SyscallSum(of: event)].add(event, nanoseconds: duration)
        }
        return Array(counted.values)
    }

    /// Events that found no room, and threads that could not be taken up.
    public var lost: (events: UInt64, threads: UInt64) {
        switch program {
        case .some(let program): program.lost
        case nil: (stops?.lost ?? 0, 0)
        }
    }
}
