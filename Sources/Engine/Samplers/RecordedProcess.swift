internal import Linux
internal import Model
internal import Profiles
internal import PythonInspection

/// One process of a recording, which may have no interpreter yet, or another one after an exec.
final class RecordedProcess {
    let identity: ProcessIdentity
    private(set) var hasEnded = false
    /// Why it was never read; nil when it was.
    private(set) var failure: PythonInspectionError?
    private var wasRead = false
    private var open: OpenProcess?
    private var nextTryNanoseconds: UInt64 = 0

    /// After how long a process that is no Python, or not yet, is looked at again.
    private static let retryNanoseconds: UInt64 = 200_000_000

    init(_ identity: ProcessIdentity) {
        self.identity = identity
    }

    /// Why its threads may not be stopped for machine code; nil while they may.
    var refusal: String? { open?.native?.refusal }

    /// Absent: before the interpreter was found.
    var version: PythonVersion? { open?.inspector.version }

    /// Finds the interpreter.
    func find() throws(PythonInspectionError) {
        do throws(PythonInspectionError) {
            open = try OpenProcess(identity)
            (wasRead, failure) = (true, nil)
        } catch {
            if !wasRead { failure = error }
            throw error
        }
    }

    /// Samples the process once; what it cost and what failed goes into the profile's statistics.
    func sample(
        _ options: RecordingOptions, into profile: inout Profile, atNanoseconds now: UInt64, since start: UInt64
    ) {
        do throws(PythonInspectionError) {
            if open == nil {
                guard now >= nextTryNanoseconds else { return }
                try find()
            }
            guard let costs = try open?.sample(options, into: &profile, atNanoseconds: now, since: start) else {
                return
            }
            profile.statistics.retries += UInt64(costs.retries)
            profile.statistics.torn += UInt64(costs.torn)
            profile.statistics.stops += UInt64(costs.stops)
            profile.statistics.stoppedNanoseconds += costs.stopNanoseconds
            profile.statistics.longestStopNanoseconds = max(
                profile.statistics.longestStopNanoseconds, costs.longestStopNanoseconds)
        } catch {
            hasEnded = LiveTarget.hasEnded(identity)
            guard !hasEnded else { return }
            // An exec replaces the interpreter under the same identity: everything is looked up anew.
            if open != nil { profile.statistics.errors += 1 }
            open = nil
            nextTryNanoseconds = now + RecordedProcess.retryNanoseconds
        }
    }
}

extension ProfileFrame {
    /// A frame of a Python stack.
    init(_ frame: PythonFrame) {
        self.init(function: frame.function, qualifiedName: frame.qualifiedName, file: frame.file, line: frame.line)
    }
}

/// A process whose interpreter was found.
private final class OpenProcess {
    private let pid: Int32
    private var target: LiveTarget
    private(set) var inspector: PythonInspector
    private var tracks: [Int: RecordedThread] = [:]
    /// Frames of the profile by the inspector's numbers.
    private var frames: [FrameId] = []
    private var samples: [ThreadSample] = []
    /// Absent: unless stacks are those of tasks.
    private var tasks: RecordedTasks?
    /// Absent: unless machine code is wanted.
    private(set) var native: RecordedNative?

    init(_ identity: ProcessIdentity) throws(PythonInspectionError) {
        pid = identity.pid
        target = try LiveTarget(pid: identity.pid)
        inspector = try PythonInspector(&target)
    }

    func sample(
        _ options: RecordingOptions, into profile: inout Profile, atNanoseconds now: UInt64, since start: UInt64
    ) throws(PythonInspectionError) -> ReadingCosts {
        // A sample that is kept would have the inspector copy its stack with the next round.
        defer { samples.removeAll(keepingCapacity: true) }
        let running = try sampleTasks(options, &profile, now - start)
        // Who stops each thread for its machine code wants it to reach its stop soon.
        let joins = options.hertz <= OpenProcess.joiningHertz && !options.includesNative
        let joining: ProcessorJoining = !joins ? .never : options.ownsThread ? .untilNext : .briefly
        let costs = try inspector.sample(
            options.mode, includesIdle: options.includesIdle, joining, mayStop: !options.neverStops, of: &target,
            atNanoseconds: now
        ) { samples.append($0) }
        if options.includesNative, native == nil { native = try? RecordedNative(pid: pid) }
        for sample in samples where !running.contains(sample.pythonThreadId) {
            let isAdded = native?.add(
                sample, thread(of: sample, in: &profile), &inspector, &target, to: &profile, atNanoseconds: now - start)
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
        let found = try inspector.tasks(of: &target, PythonTaskOptions(includesAwaiting: false))
        var tasks = self.tasks ?? RecordedTasks(pid: pid, areApart: options.threadsAreApart)
        self.tasks = nil
        defer { self.tasks = tasks }
        return tasks.add(found.tasks, to: &profile, atNanoseconds: nanoseconds)
    }

    private func add(_ sample: ThreadSample, to profile: inout Profile, _ nanoseconds: UInt64) {
        while frames.count < inspector.frameCount {
            frames.append(profile.frame(ProfileFrame(inspector.frame(Int32(frames.count)))))
        }
        _ = thread(of: sample, in: &profile)
        tracks[sample.serial]?.follow(sample, frames, in: &profile, atNanoseconds: nanoseconds)
    }

    /// The thread of the profile that a sample is of.
    private func thread(of sample: ThreadSample, in profile: inout Profile) -> ThreadId {
        if let known = tracks[sample.serial] { return known.thread }
        if tracks.count > OpenProcess.trackLimit { tracks.removeAll(keepingCapacity: true) }
        let name = inspector.name(of: sample, in: &target)
        let thread = profile.thread(pid: Int(pid), tid: Int(sample.tid), name: name)
        tracks[sample.serial] = RecordedThread(thread: thread)
        return thread
    }

    /// Up to which rate a working thread is joined on its processor, which it does not have meanwhile.
    private static let joiningHertz = 2000.0
    /// Threads whose way is known at most: all are forgotten together, and those that live are back at once.
    private static let trackLimit = 10_000
}
