internal import Linux
public import Model
internal import Profiles
internal import PythonInspection
public import Sampling

/// What is asked of a profile.
public struct ProfileDemand: Sendable, Equatable {
    /// Process to sample. Absent: none.
    public var identity: ProcessIdentity?
    /// What of it is looked at.
    public var scope: ProfileScope
    /// Whether functions are asked for beside the tree.
    public var showsFunctions: Bool

    /// Asks for nothing unless a process is named.
    public init(
        identity: ProcessIdentity? = nil, scope: ProfileScope = ProfileScope(), showsFunctions: Bool = false
    ) {
        self.identity = identity
        self.scope = scope
        self.showsFunctions = showsFunctions
    }
}

/// Samples the selected process's Python stacks into a profile, and tells a few times a second what it looks like.
///
/// The target is not stopped, unless machine code is asked for. Time in which nobody looked does not count.
public struct ProfileSampler: Sampler, ~Copyable, SendableMetatype {
    /// Rounds in a second that the feed should ask for.
    public static let hertz = 100

    private static let periodNanoseconds: UInt64 = 1_000_000_000 / UInt64(hertz)
    /// A longer pause is one in which nobody looked.
    private static let pauseNanoseconds: UInt64 = 1_000_000_000
    private static let publishingNanoseconds: UInt64 = 250_000_000
    /// A publication costs at most this part of the time.
    private static let publishingShare: UInt64 = 20

    private var process: RecordedProcess?
    /// Whether its interpreter was found; what replaces it with an exec, the process looks for itself.
    private var isFound = false
    private var refusal: PythonInspectionError?
    private var profile = Profile(askedHz: Double(hertz), retention: .recent)
    private var demand = ProfileDemand()
    private var pinned: (number: Int, tree: CallTree)?
    /// Time that was sampled. Unit: nanoseconds.
    private var sampledNanoseconds: UInt64 = 0
    private var lastNanoseconds: UInt64 = 0
    private var nextPublication: UInt64 = 0
    private var nextTry: UInt64 = 0

    /// A sampler of nothing yet.
    public init() {}

    /// Takes one sample.
    ///
    /// - Returns: nil while there is nothing new to tell.
    public mutating func sample(_ wanted: ProfileDemand) throws -> ProfileReading? {
        guard let identity = wanted.identity else {
            begin(wanted)
            process = nil
            return nil
        }
        let now = KernelClock.monotonicNanoseconds()
        if process?.identity != identity {
            begin(wanted)
            process = RecordedProcess(identity, options)
            isFound = false
            nextTry = 0
        } else if wanted.scope.mode != demand.scope.mode || wanted.scope.isMixed != demand.scope.isMixed {
            begin(wanted)
        }
        if wanted != demand { nextPublication = 0 }
        demand = wanted
        guard let process else { return nil }
        if !isFound, now >= nextTry { find(process, at: now) }
        guard isFound else {
            guard now >= nextPublication, let refusal else { return nil }
            nextPublication = now + ProfileSampler.pauseNanoseconds
            return LiveTarget.hasEnded(identity) ? .ended(identity) : .unavailable(identity, refusal)
        }
        if takeRound(of: process, at: now) { return .ended(identity) }
        guard now >= nextPublication else { return nil }
        let reading = ProfileReading.snapshot(identity, snapshot())
        let cost = KernelClock.monotonicNanoseconds() - now
        nextPublication = now + max(ProfileSampler.publishingNanoseconds, cost * ProfileSampler.publishingShare)
        return reading
    }

    private mutating func find(_ process: RecordedProcess, at now: UInt64) {
        do throws(PythonInspectionError) {
            try process.find()
            isFound = true
        } catch {
            refusal = error
            nextTry = now + ProfileSampler.pauseNanoseconds
        }
    }

    /// Samples once; true when the process ended.
    private mutating func takeRound(of process: RecordedProcess, at now: UInt64) -> Bool {
        let gap = now - lastNanoseconds
        // Asked out of turn: somebody wants to see what there is.
        guard gap >= ProfileSampler.periodNanoseconds / 2 else { return false }
        let isPause = gap > ProfileSampler.pauseNanoseconds
        sampledNanoseconds += isPause ? ProfileSampler.periodNanoseconds : gap
        lastNanoseconds = now
        if !isPause {
            let beats = (gap + ProfileSampler.periodNanoseconds / 2) / ProfileSampler.periodNanoseconds
            profile.statistics.missedRounds += max(1, beats) - 1
        }
        profile.statistics.rounds += 1
        process.sample(into: &profile, atNanoseconds: now, since: now - sampledNanoseconds)
        profile.statistics.elapsedNanoseconds = sampledNanoseconds
        return process.hasEnded
    }

    private var options: RecordingOptions {
        var options = RecordingOptions()
        options.mode =
            switch demand.scope.mode {
            case .wall, .idle: .wall
            case .cpu: .cpu
            case .gil: .gil
            }
        options.includesIdle = demand.scope.mode == .idle
        options.neverStops = true
        options.includesNative = demand.scope.isMixed
        options.hertz = Double(ProfileSampler.hertz)
        return options
    }

    /// Forgets what was sampled.
    private mutating func begin(_ wanted: ProfileDemand) {
        demand = wanted
        profile = Profile(mode: options.mode.statistics, askedHz: Double(ProfileSampler.hertz), retention: .recent)
        pinned = nil
        sampledNanoseconds = 0
        lastNanoseconds = 0
        nextPublication = 0
        // The samples of a process that goes on are in terms of a profile that is gone.
        if let identity = process?.identity { process = RecordedProcess(identity, options) }
        isFound = false
    }

    // MARK: What is told

    private mutating func snapshot() -> ProfileSnapshot {
        let scope = demand.scope
        var snapshot = ProfileSnapshot(scope: scope, statistics: profile.statistics)
        let view = self.view
        snapshot.tree = profile.callTree(view)
        snapshot.note = process?.refusal
        let seconds = Double(sampledNanoseconds) / 1e9
        snapshot.windowSeconds = scope.window.seconds.map { min(Double($0), seconds) } ?? seconds
        snapshot.totalNow = snapshot.tree.total
        if scope.grain == .function { snapshot.hotLines = hotLines(view) }
        if demand.showsFunctions { addFunctions(to: &snapshot, view) }
        if let number = scope.pin {
            if pinned?.number != number { pinned = (number, snapshot.tree) }
            if let pinned { snapshot.tree = snapshot.tree.compared(with: pinned.tree, order: .name) }
        } else {
            pinned = nil
        }
        return snapshot
    }

    private var view: CallTreeView {
        let scope = demand.scope
        var view = CallTreeView(
            grain: scope.grain, isInverted: scope.isInverted, isByThread: scope.isByThread, order: .name)
        if let seconds = scope.window.seconds {
            let length = UInt64(seconds) * 1_000_000_000
            view.windowNanoseconds =
                (sampledNanoseconds - min(sampledNanoseconds, length))..<(sampledNanoseconds + 1_000)
        }
        if let tid = scope.thread {
            view.threads = Set(
                profile.threads.indices.filter { profile.threads[$0].tid == Int(tid) }.map(profile.threadId))
        }
        return view
    }

    private func hotLines(_ view: CallTreeView) -> [ProfileFrame: Int] {
        var view = view
        (view.grain, view.isByThread, view.order) = (.line, false, .firstSeen)
        var most: [ProfileFrame: UInt64] = [:]
        var lines: [ProfileFrame: Int] = [:]
        for row in profile.functionTable(view).rows {
            guard let line = row.frame.line else { continue }
            var function = row.frame
            function.line = nil
            guard row.total > most[function] ?? 0 else { continue }
            most[function] = row.total
            lines[function] = line
        }
        return lines
    }

    private func addFunctions(to snapshot: inout ProfileSnapshot, _ view: CallTreeView) {
        var view = view
        (view.isByThread, view.order) = (false, .firstSeen)
        let now = profile.functionTable(view)
        snapshot.totalNow = now.total
        view.windowNanoseconds = nil
        let overall = profile.functionTable(view)
        snapshot.total = overall.total
        let recent = Dictionary(now.rows.map { ($0.frame, $0) }) { first, _ in first }
        snapshot.functions = overall.rows.map { row in
            let known = recent[row.frame]
            return FunctionShare(
                frame: row.frame, ownNow: known?.own ?? 0, totalNow: known?.total ?? 0, own: row.own,
                total: row.total)
        }
    }
}

extension SampleMode {
    /// The same word of a profile's statistics.
    var statistics: RecordingStatistics.Mode {
        switch self {
        case .wall: .wall
        case .cpu: .cpu
        case .gil: .gil
        }
    }
}
