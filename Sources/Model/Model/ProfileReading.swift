public import Profiles
public import PythonInspection

/// What of a process's profile is looked at, and how.
public struct ProfileScope: Sendable, Equatable {
    /// Which threads are sampled; the raw value is the word on the screen.
    public enum Mode: String, Sendable, CaseIterable {
        /// Those that run, wait for the GIL, or wait for a device.
        case wall
        /// All, also those that sleep.
        case idle = "wall+idle"
        /// Those on a processor or ready for one.
        case cpu
        /// The one that holds the GIL.
        case gil
    }

    /// How far back samples count.
    public enum Window: Int, Sendable, CaseIterable {
        case short = 5
        case long = 30
        case all = 0

        /// Its length. Absent: everything since the profile began. Unit: seconds.
        public var seconds: Int? { self == .all ? nil : rawValue }
    }

    /// Which threads are sampled; another one begins a new profile.
    public var mode = Mode.wall
    /// Machine code as well, for which each thread is stopped at each sample; changed, it begins a new profile.
    public var isMixed = false
    /// How far back samples count.
    public var window = Window.long
    /// Whether functions are told apart, or lines.
    public var grain = CallTreeView.Grain.function
    /// A branch for each thread instead of all threads in one.
    public var isByThread = false
    /// Leaves first, callers after them.
    public var isInverted = false
    /// The only thread that counts. Absent: all.
    public var thread: Int32?
    /// Number of the moment that is compared with. Absent: none is.
    public var pin: Int?

    /// Everything that ran in the last half minute.
    public init() {}
}

/// What a function, or a line, costs now and over all.
public struct FunctionShare: Sendable, Equatable {
    /// Which it is.
    public var frame: ProfileFrame
    /// Samples of the window that ended in it.
    public var ownNow: UInt64
    /// Samples of the window that came through it.
    public var totalNow: UInt64
    /// Samples since the profile began that ended in it.
    public var own: UInt64
    /// Samples since the profile began that came through it.
    public var total: UInt64

    /// A function from the values that its members name.
    public init(frame: ProfileFrame, ownNow: UInt64, totalNow: UInt64, own: UInt64, total: UInt64) {
        self.frame = frame
        (self.ownNow, self.totalNow, self.own, self.total) = (ownNow, totalNow, own, total)
    }
}

/// A profile at one moment, as its scope asks for it.
public struct ProfileSnapshot: Sendable {
    /// What was asked for.
    public var scope: ProfileScope
    /// Calls of the window; compared with the pinned moment where there is one.
    public var tree = CallTree()
    /// The line of each function that most samples came through, where the tree is by function.
    public var hotLines: [ProfileFrame: Int] = [:]
    /// Functions, or lines. Empty: they were not asked for.
    public var functions: [FunctionShare] = []
    /// Samples of the window that ``functions`` are shares of.
    public var totalNow: UInt64 = 0
    /// Samples since the profile began.
    public var total: UInt64 = 0
    /// How well sampling goes.
    public var statistics: RecordingStatistics
    /// Why machine code that was asked for is not there, with the remedy. Absent: it is, or was not asked for.
    public var note: String?
    /// Time that the window holds so far. Unit: seconds.
    public var windowSeconds = 0.0

    /// A profile without a sample.
    public init(scope: ProfileScope, statistics: RecordingStatistics) {
        self.scope = scope
        self.statistics = statistics
    }
}

/// What is known of a process's profile.
public enum ProfileReading: Sendable {
    /// Nobody asked, or nothing was sampled yet.
    case none
    /// A profile.
    case snapshot(ProcessIdentity, ProfileSnapshot)
    /// Its stacks cannot be read; the reason with its remedy.
    case unavailable(ProcessIdentity, PythonInspectionError)
    /// The process ended.
    case ended(ProcessIdentity)

    /// Process it is about.
    public var identity: ProcessIdentity? {
        switch self {
        case .none: nil
        case .snapshot(let identity, _), .unavailable(let identity, _), .ended(let identity): identity
        }
    }
}
