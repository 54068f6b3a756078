internal import Linux
internal import Model
internal import Profiles
internal import PythonInspection

/// A process whose interpreter was found.
final class OpenProcess {
    private let interpreter: RecordedInterpreter
    private var tracks: [Int: RecordedThread] = [:]
    private var samples: [ThreadSample] = []
    /// Absent: unless stacks are those of tasks.
    private var tasks: RecordedTasks?
    /// Absent: unless machine code is wanted.
    private(set) var native: RecordedNative?
    /// Absent: where threads do not take their stacks themselves.
    private var clock: ClockSampler?
    /// Why they do not; nil where that was not asked for.
    private(set) var pollingReason: String?

    init(_ identity: ProcessIdentity, _ options: RecordingOptions) throws(PythonInspectionError) {
        interpreter = try RecordedInterpreter(pid: identity.pid)
        guard options.usesClocks else { return }
        do {
            clock = try ClockSampler(interpreter, options)
        } catch {
            pollingReason = "\(error)"
        }
    }

    /// Version of its CPython.
    var version: PythonVersion { interpreter.inspector.version }

    /// Whether its threads take their stacks themselves.
    var isClocked: Bool { clock != nil }

    /// Periods of its threads' clocks that went by, and those of them that were noted.
    var periods: (due: UInt64, noted: UInt64) { clock?.periods ?? (0, 0) }

    /// When there is something to read of those again.
    var nextNanoseconds: UInt64 { clock?.nextDrain ?? 0 }

    /// Samples it, or reads what its threads took since.
    ///
    /// - Parameter isLast: whether nothing is asked for any more afterwards.
    func sample(
        _ options: RecordingOptions, into profile: inout Profile, atNanoseconds now: UInt64, since start: UInt64,
        isLast: Bool
    ) throws(PythonInspectionError) -> ReadingCosts {
        if let clock {
            try clock.sample(into: &profile, atNanoseconds: now, since: start, isLast: isLast)
            guard clock.isImpossible else { return ReadingCosts() }
            pollingReason = "\(ClockSampler.SeveralStates())"
            self.clock = nil
        }
        if isLast { return ReadingCosts() }
        // A sample that is kept would have the inspector copy its stack with the next round.
        defer { samples.removeAll(keepingCapacity: true) }
        let running = try sampleTasks(options, &profile, now - start)
        // Who stops each thread for its machine code wants it to reach its stop soon.
        let joins = options.hertz <= OpenProcess.joiningHertz && !options.includesNative
        let joining: ProcessorJoining = !joins ? .never : options.ownsThread ? .untilNext : .briefly
        let costs = try interpreter.inspector.sample(
            options.mode, includesIdle: options.includesIdle, joining, mayStop: !options.neverStops,
            of: &interpreter.target,
            atNanoseconds: now
        ) { samples.append($0) }
        if options.includesNative, native == nil { native = try? RecordedNative(pid: interpreter.pid) }
        for sample in samples where !running.contains(sample.pythonThreadId) {
            let isAdded = native?.add(
                sample, thread(of: sample, in: &profile), &interpreter.inspector, &interpreter.target, to: &profile,
                atNanoseconds: now - start)
            if isAdded != true { add(sample, to: &profile, now - start) }
        }
        return costs
    }

    /// Samples asyncio tasks where that was asked for.
    ///
    /// - Returns: threads whose stack has been added as that of a task.
    private func sampleTasks(
        _ options: RecordingOptions, _ profile: inout Profile, _ nanoseconds: UInt64
    ) throws(PythonInspectionError) -> Set<UInt64> {
        guard options.byTask else { return [] }
        let found = try interpreter.inspector.tasks(of: &interpreter.target, PythonTaskOptions(includesAwaiting: false))
        var tasks = self.tasks ?? RecordedTasks(pid: interpreter.pid, areApart: options.threadsAreApart)
        self.tasks = nil
        defer { self.tasks = tasks }
        return tasks.add(found.tasks, to: &profile, atNanoseconds: nanoseconds)
    }

    private func add(_ sample: ThreadSample, to profile: inout Profile, _ nanoseconds: UInt64) {
        let thread = thread(of: sample, in: &profile)
        guard let node = tracks[sample.serial]?.follow(sample.frames, interpreter.frames(in: &profile), in: &profile)
        else { return }
        profile.add(node, thread: thread, atNanoseconds: nanoseconds)
    }

    /// The thread of the profile that a sample is of.
    private func thread(of sample: ThreadSample, in profile: inout Profile) -> ThreadId {
        if let known = tracks[sample.serial] { return known.thread }
        if tracks.count > OpenProcess.trackLimit { tracks.removeAll(keepingCapacity: true) }
        let thread = interpreter.thread(of: sample, tid: sample.tid, in: &profile)
        tracks[sample.serial] = RecordedThread(thread: thread)
        return thread
    }

    /// Up to which rate a working thread is joined on its processor, which it does not have meanwhile.
    private static let joiningHertz = 2000.0
    /// Threads whose way is known at most: all are forgotten together, and those that live are back at once.
    private static let trackLimit = 10_000
}
