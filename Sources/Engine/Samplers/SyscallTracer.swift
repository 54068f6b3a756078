internal import BpfPrograms
public import SystemCalls

/// Follows the system calls of processes, by the best provider that there is.
public struct SyscallTracer: ~Copyable {
    /// What is told.
    public struct Options: Sendable {
        /// Whether each call is told, and whether calls are summed up.
        public var tells = true, sums = false
        /// Whether processes that the targets make are followed, too.
        public var follows = true
        /// Whether only calls are told that failed.
        public var onlyFailed = false
        /// Calls that took less are not told. Unit: nanoseconds.
        public var slowerThanNanoseconds: UInt64 = 0
        /// Most bytes of data that are told of a buffer.
        public var dataLimit = 32
        /// Numbers of the calls that are wanted; nil for all.
        public var wanted: Set<Int32>?

        /// All calls, one by one.
        public init() {}
    }

    private var program: SyscallProgram
    /// Calls that were told while they went on, by thread: which one it was.
    private var told: [Int32: UInt64] = [:]

    /// Loads what traces; nobody is looked at yet.
    ///
    /// - Throws: what keeps it from being loaded, with a remedy.
    public init(_ options: Options) throws {
        program = try SyscallProgram(.native, SyscallTracer.asked(options))
    }

    private static func asked(_ options: Options) -> SyscallProgram.Options {
        var asked = SyscallProgram.Options()
        (asked.tells, asked.sums, asked.follows) = (options.tells, options.sums, options.follows)
        (asked.onlyFailed, asked.slowerThanNanoseconds) = (options.onlyFailed, options.slowerThanNanoseconds)
        (asked.dataLimit, asked.wanted) = (options.dataLimit, options.wanted)
        return asked
    }

    /// Name of what traces.
    public var provider: String { "BPF" }

    /// Begins to look at processes, with all their threads.
    public func watch(processes: [Int32], threads: [Int32] = []) throws {
        try program.watch(processes: processes, threads: threads)
    }

    /// Hands over what happened since the last call; then calls that go on for longer than a time, each once, as unfinished.
    public mutating func drain(unfinishedAfterNanoseconds limit: UInt64? = nil, _ receive: (SyscallEvent) -> Void) {
        program.drain { event in
            receive(event)
            if event.kind == .call || event.kind == .end { told[event.tid] = nil }
        }
        guard let limit else { return }
        for (sequence, event) in program.inFlight(longerThanNanoseconds: limit) where told[event.tid] != sequence {
            told[event.tid] = sequence
            receive(event)
        }
    }

    /// Sums of calls so far, by thread and call.
    public func sums() -> [SyscallSum] { program.sums() }

    /// Events that found no room, and threads that could not be taken up.
    public var lost: (events: UInt64, threads: UInt64) { program.lost }
}
