/// How well a recording went. Every output carries it, so that nobody takes a bad recording for a good one.
public struct RecordingStatistics: Sendable, Equatable {
    /// Which threads count.
    public enum Mode: String, Sendable, CaseIterable {
        /// All, or all that are not idle.
        case wall
        /// Those on a CPU.
        case cpu
        /// The one that holds the GIL.
        case gil
    }

    /// Who takes the stacks of a recording.
    public enum Sampling: Sendable, Equatable {
        /// The threads themselves, in the interrupts of their clocks and where they leave their processors.
        case clocks
        /// Somebody else, in rounds; at least of some processes. The reason is why it is not the threads, nil where that was not asked for.
        case polling(reason: String?)

        /// For an output.
        var text: String {
            switch self {
            case .clocks: "by the clocks of the threads (BPF)"
            case .polling(let reason?): "by polling: \(visible(reason))"
            case .polling(nil): "by polling"
            }
        }
    }

    /// Which threads count.
    public var mode: Mode
    /// Rounds in a second that were asked for.
    public var askedHz: Double
    /// From the first round to the end of the last.
    public var elapsedNanoseconds: UInt64 = 0
    /// Rounds in which all threads were looked at.
    public var rounds: UInt64 = 0
    /// Rounds that were due and did not happen, because the one before took too long or nobody woke the sampler in time.
    public var missedRounds: UInt64 = 0
    /// Stacks that were taken, the Python frames of each proven whole.
    public var samples: UInt64 = 0
    /// Reads thrown away because the thread moved meanwhile; each was tried again.
    public var retries: UInt64 = 0
    /// Stacks given up after all tries.
    public var torn: UInt64 = 0
    /// Times a thread was stopped to be read.
    public var stops: UInt64 = 0
    /// All these stops together.
    public var stoppedNanoseconds: UInt64 = 0
    /// The longest of them.
    public var longestStopNanoseconds: UInt64 = 0
    /// Stacks with machine code.
    public var nativeStacks: UInt64 = 0
    /// Of those the ones whose outermost frames are not known: the tables or the copied memory ended before.
    public var nativeCut: UInt64 = 0
    /// Stacks that have Python frames alone, though machine code was asked for: the thread could not be stopped, or stood where its
    /// Python frames are not whole.
    public var nativeMissing: UInt64 = 0
    /// Processes that were begun and never read: no Python, or refused.
    public var unreadProcesses: UInt64 = 0
    /// Reads that failed for any other reason.
    public var errors: UInt64 = 0
    /// Who took the stacks.
    public var sampling = Sampling.polling(reason: nil)
    /// Samples whose stack did not fit into the profile any more and was cut; see ``Profile``.
    public var cutSamples: UInt64 = 0
    /// Samples that the profile had to forget; see ``Profile``.
    public var forgottenSamples: UInt64 = 0

    /// Statistics of a recording that has not begun.
    public init(mode: Mode = .wall, askedHz: Double) {
        self.mode = mode
        self.askedHz = askedHz.isFinite && askedHz > 0 ? askedHz : 1
    }

    /// Counts one time that a thread was stopped.
    public mutating func addStop(ofNanoseconds nanoseconds: UInt64) {
        stops += 1
        stoppedNanoseconds += nanoseconds
        longestStopNanoseconds = max(longestStopNanoseconds, nanoseconds)
    }

    /// Rounds in a second that there were. Absent: no time went by.
    public var achievedHz: Double? {
        elapsedNanoseconds == 0 ? nil : Double(rounds) * 1e9 / Double(elapsedNanoseconds)
    }

    /// What one sample stands for: the time between two rounds as they were, or as they were asked for where there is none.
    public var nanosecondsPerSample: Double {
        rounds > 1 && elapsedNanoseconds > 0 ? Double(elapsedNanoseconds) / Double(rounds) : 1e9 / askedHz
    }
}

/// What was recorded: the heading of every output.
public struct RecordingSubject: Sendable, Equatable {
    /// Name of the program that recorded: `viv 1.2`.
    public var recorder = "viv"
    /// Process that was asked for. Absent: none in particular.
    public var pid: Int?
    /// Its command line, as one text.
    public var command = ""
    /// `3.11.2`. Absent: not known.
    public var pythonVersion: String?
    /// When the recording began, since 1970. Absent: not known.
    public var startedAtUnixNanoseconds: UInt64?
    /// Whether idle threads count too.
    public var includesIdle = false

    /// A subject of which nothing is known yet.
    public init() {}
}
