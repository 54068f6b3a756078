internal import Linux
public import Model
internal import ProcFS
public import Profiles
public import PythonInspection

/// What a recording is of.
public struct RecordingOptions: Sendable {
    /// Which threads.
    public var mode = SampleMode.wall
    /// Also threads that sleep, in ``SampleMode/wall``.
    public var includesIdle = false
    /// Never to stop a thread, not even for microseconds, to read it whole.
    public var neverStops = false
    /// Also processes that those recorded begin.
    public var includesChildren = false
    /// Stacks of asyncio tasks, those that wait too, under their names; of threads only what they do besides.
    public var byTask = false
    /// Whether the output will tell threads apart.
    public var threadsAreApart = false
    /// Machine code as well, for which each thread is stopped at each sample.
    public var includesNative = false
    /// Threads take their stacks themselves, in the interrupts of their clocks, where the kernel lets viv ask for it; not of tasks, and without
    /// machine code.
    public var usesClocks: Bool {
        get { wantsClocks && !byTask && !includesNative }
        set { wantsClocks = newValue }
    }
    private var wantsClocks = false
    /// Rounds in a second.
    public var hertz = 100.0
    /// Whether the thread that samples does nothing else, so that it may stay on a processor of the target's.
    public var ownsThread = false

    /// The usual ones.
    public init() {}
}

/// Samples Python stacks of a process, and of those that it begins, into a profile.
///
/// It belongs to the thread that it is used on: one that is stopped to be read is let go by the thread that stopped it.
public struct Recorder: ~Copyable {
    /// What was recorded so far.
    public var profile: Profile
    /// Why no machine code can be read, with the remedy; nil while it can.
    public private(set) var refusal: String?
    private let options: RecordingOptions
    private var processes: [RecordedProcess]
    private var pacer: Pacer
    private let startNanoseconds: UInt64
    private var nextSearchNanoseconds: UInt64 = 0
    /// Whether some process was ever read in rounds.
    private var isPolled = false
    private var (pacedRounds, pacedMisses): (UInt64, UInt64) = (0, 0)
    /// For how long all processes were those whose threads take their stacks themselves.
    private var clockedNanoseconds: UInt64 = 0
    /// Periods of the clocks of processes that ended, and those of them that were noted.
    private var endedPeriods: (due: UInt64, noted: UInt64) = (0, 0)
    private var reader: ProcReader

    /// Why the first process that was not read was not.
    private var firstUnread: String?

    private static let searchNanoseconds: UInt64 = 100_000_000
    private static let stepNanoseconds: UInt64 = 50_000_000

    /// Begins a recording; the interpreter is found now.
    ///
    /// - Throws: ``PythonInspectionError`` when there is none in the process, or one that is not read.
    public init(_ identity: ProcessIdentity, _ options: RecordingOptions) throws(PythonInspectionError) {
        let process = RecordedProcess(identity, options)
        try process.find()
        do throws(Errno) { reader = try ProcReader() } catch { throw .noResources("/proc: \(error)") }
        self.options = options
        processes = [process]
        profile = Recorder.emptyProfile(identity, process.version, options)
        Pacer.sharpenCallingThread()
        startNanoseconds = KernelClock.monotonicNanoseconds()
        pacer = Pacer(hertz: options.hertz)
        profile.statistics.sampling = process.isPolled ? .polling(reason: process.pollingReason) : .clocks
    }

    private static func emptyProfile(
        _ identity: ProcessIdentity, _ version: PythonVersion?, _ options: RecordingOptions
    ) -> Profile {
        var profile = Profile(mode: options.mode.statistics, askedHz: options.hertz)
        profile.subject.pid = Int(identity.pid)
        profile.subject.pythonVersion = version.map { "\($0)" }
        profile.subject.includesIdle = options.includesIdle
        profile.subject.startedAtUnixNanoseconds = UInt64(max(0, KernelClock.realtimeSeconds()) * 1e9)
        return profile
    }

    /// Waits for the next round and takes it, or for what threads take themselves and reads it; returns at the latest after 50 ms, with or
    /// without.
    ///
    /// - Parameter end: when it returns at the latest, by the monotonic clock, where threads take their stacks themselves.
    /// - Returns: false when every process ended.
    public mutating func step(until end: UInt64 = .max) -> Bool {
        let before = KernelClock.monotonicNanoseconds()
        let polled = processes.first { $0.isPolled }
        let areClocked = polled == nil
        if let polled, !isPolled {
            isPolled = true
            profile.statistics.sampling = .polling(reason: polled.pollingReason)
        }
        if areClocked {
            let next = processes.lazy.map(\.nextNanoseconds).min() ?? 0
            let wake = min(next, end, before + Recorder.stepNanoseconds)
            Pacer.sleep(nanoseconds: Int64(wake - min(before, wake)))
        } else {
            let wait = pacer.wait()
            StoppedThread.letGoOfLatecomers()
            guard let missed = wait else { return !processes.isEmpty }
            pacedMisses += UInt64(missed)
            pacedRounds += 1
        }
        let now = KernelClock.monotonicNanoseconds()
        if options.includesChildren, now >= nextSearchNanoseconds {
            nextSearchNanoseconds = now + Recorder.searchNanoseconds
            findChildren()
        }
        sample(atNanoseconds: now, isLast: false)
        if areClocked { clockedNanoseconds += now - before }
        count(atNanoseconds: now)
        return !processes.isEmpty
    }

    private mutating func sample(atNanoseconds now: UInt64, isLast: Bool) {
        var hasEnded = false
        for process in processes {
            process.sample(into: &profile, atNanoseconds: now, since: startNanoseconds, isLast: isLast)
            hasEnded = hasEnded || process.hasEnded
            // What was recorded is not thrown away because one process refuses later.
            if profile.statistics.nativeStacks == 0 { refusal = refusal ?? process.refusal }
        }
        guard hasEnded else { return }
        for process in processes where process.hasEnded {
            note(process)
            endedPeriods.due += process.periods.due
            endedPeriods.noted += process.periods.noted
        }
        processes.removeAll { $0.hasEnded }
    }

    /// Counts the rounds that there were. Where threads take their stacks themselves there are as many as periods of their clocks are noted.
    private mutating func count(atNanoseconds now: UInt64) {
        let periods = processes.reduce(endedPeriods) { ($0.due + $1.periods.due, $0.noted + $1.periods.noted) }
        let clocked = isPolled ? clockedNanoseconds : now - startNanoseconds
        let due = UInt64(Double(clocked) / 1e9 * options.hertz)
        let missed =
            periods.due == 0 ? 0 : UInt64((Double(due) * (1 - Double(periods.noted) / Double(periods.due))).rounded())
        profile.statistics.rounds = pacedRounds + due - min(missed, due)
        profile.statistics.missedRounds = pacedMisses + missed
        profile.statistics.elapsedNanoseconds = now - startNanoseconds
    }

    /// Reads what threads took last.
    public mutating func finish() {
        let now = KernelClock.monotonicNanoseconds()
        sample(atNanoseconds: now, isLast: true)
        count(atNanoseconds: now)
    }

    /// Processes that were begun and never read, and why the first of them was not; to be asked at the end.
    public mutating func countUnread() -> String? {
        for process in processes { note(process) }
        processes = []
        return firstUnread
    }

    private mutating func note(_ process: RecordedProcess) {
        guard let failure = process.failure else { return }
        profile.statistics.unreadProcesses += 1
        firstUnread = firstUnread ?? "process \(process.identity.pid): \(failure)"
    }

    private mutating func findChildren() {
        var known = Set(processes.map(\.identity.pid))
        var next = 0
        while next < processes.count {
            for pid in reader.children(of: processes[next].identity.pid) where known.insert(pid).inserted {
                guard case .value(let stat) = reader.stat(pid) else { continue }
                processes.append(RecordedProcess(ProcessIdentity(pid: pid, startTicks: stat.startTicks), options))
            }
            next += 1
        }
    }
}
