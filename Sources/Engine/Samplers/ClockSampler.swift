internal import BpfPrograms
internal import Linux
internal import Model
internal import PerfEvents
internal import ProcFS
internal import Profiles
internal import PythonInspection

/// Samples a process whose threads take their own stacks: each in the interrupts of its own clock, and where it leaves its processor.
///
/// A thread stands still in an interrupt: what it takes is one moment of it. Nobody is woken for it; the stacks are read in batches.
final class ClockSampler {
    private let interpreter: RecordedInterpreter
    private let options: RecordingOptions
    /// Of the clocks, and of the rounds that absences are counted in.
    private let (clockNanoseconds, roundNanoseconds): (UInt64, UInt64)
    /// Moments of leaving that count whole; of the others only the wait for a processor does.
    private let wanted: ClockFlags
    private var program: ClockProgram
    private var reader: ProcReader
    private var clocks: [Int32: StartedClock] = [:]
    private var records = ClockRecordReader()
    private var bytes: [UInt8] = []
    private var interpreters: [ClockProgram.Interpreter] = []
    private var beliefNanoseconds: UInt64 = 0
    private var threads: [ClockedThread] = []
    /// Places of threads by `threading.get_ident()`.
    private var places: [UInt64: Int] = [:]
    private var known: [ClockedThreadKey: ThreadSample] = [:]
    /// How long threads had run when nothing had been heard of them yet.
    private var silentThreads: [Int32: UInt64] = [:]
    private var hasBegun = false
    /// When there is something to read again.
    private(set) var nextDrain: UInt64 = 0
    private var pace = ClockPace()
    private var replacements = 0
    private var failedLookups = 0
    /// Periods that went by while threads ran which are gone, and those of them that were noted.
    private var finished: (due: UInt64, noted: UInt64) = (0, 0)

    /// After how long the kernel has counted a thread's time anew: the longest of its ticks is 10 ms.
    private static let certainNanoseconds: UInt64 = 21_000_000
    /// For how long a thread runs at most without a record of it.
    private static let silentNanoseconds: UInt64 = 20_000_000
    private static let threadLimit = 10_000

    /// A dictionary holds no values that cannot be copied.
    private final class StartedClock {
        let clock: ThreadClock
        init(_ clock: consuming ThreadClock) { self.clock = clock }
    }

    /// Why a process is not sampled so.
    struct SeveralStates: Error, CustomStringConvertible {
        var description: String { "a thread of it is in several interpreters" }
    }

    /// Loads the program and starts the clocks of all threads.
    ///
    /// - Throws: why that is not possible, as an error that describes itself to the user.
    init(_ interpreter: RecordedInterpreter, _ options: RecordingOptions) throws {
        self.interpreter = interpreter
        self.options = options
        roundNanoseconds = UInt64(1e9 / options.hertz)
        // A little less than asked: what a program does at the very same rate is then seen at each place of it.
        clockNanoseconds = roundNanoseconds - roundNanoseconds / 1009
        reader = try ProcReader()
        let layout = ClockLayout(interpreter.inspector.layout, options)
        wanted = layout.wanted
        program = try ClockProgram(layout)
        try look(atNanoseconds: KernelClock.monotonicNanoseconds(), isUrgent: true)
        if isImpossible { throw SeveralStates() }
        var tids: [Int32] = []
        // Threads that begin meanwhile inherit the clocks of those that begin them.
        guard reader.threads(of: interpreter.pid, into: &tids) else { return }
        for tid in tids { try startClock(tid) }
    }

    private func startClock(_ tid: Int32) throws(PerfError) {
        do throws(PerfError) {
            clocks[tid] = StartedClock(
                try ThreadClock(tid: tid, everyNanoseconds: clockNanoseconds, program: program.descriptor))
        } catch {
            guard error == .gone else { throw error }
        }
    }

    /// Whether threads of the process are in several interpreters: which of their stacks is the one that runs is then not known.
    private(set) var isImpossible = false

    /// Periods that went by while threads ran, and those of them that were noted.
    var periods: (due: UInt64, noted: UInt64) {
        threads.reduce(finished) {
            let own = $1.periods(ofNanoseconds: clockNanoseconds)
            return ($0.due + own.due, $0.noted + own.noted)
        }
    }

    /// Reads what threads took since, once that is due.
    ///
    /// - Parameter isLast: whether it is due in any case.
    /// - Throws: ``PythonInspectionError`` when the process ended or may not be read any longer; what it took is in the profile then.
    func sample(
        into profile: inout Profile, atNanoseconds now: UInt64, since start: UInt64, isLast: Bool
    ) throws(PythonInspectionError) {
        guard now >= nextDrain || isLast else { return }
        let first = hasBegun ? [] : firstSamples(atNanoseconds: now)
        program.drain(into: &bytes)
        var failure: PythonInspectionError?
        do throws(PythonInspectionError) {
            try look(atNanoseconds: now, isUrgent: false)
        } catch {
            failure = error
        }
        var hasLooked = false
        records.read(bytes) { record, stack in
            // One that no interpreter knows, or not any more, does nothing of Python's.
            guard record.state != 0 || places[record.thread] != nil else { return }
            if record.state != 0, record.kind != .ends, known[record.key] == nil, !hasLooked {
                hasLooked = true
                try? look(atNanoseconds: now, isUrgent: true)
            }
            take(record, stack, &profile, start)
        }
        if !hasBegun { begin(first, &profile) }
        let elapsed = now - min(now, start)
        for place in threads.indices {
            if let back = threads[place].returnNanoseconds {
                // A tick of the kernel later it is known when it came back.
                guard isLast || back + ClockSampler.certainNanoseconds < elapsed else { continue }
                settle(place, &profile)
            } else {
                // One that came back has not run for a whole period yet, or it would have said so.
                let paid = elapsed - (isLast ? 0 : min(elapsed, roundNanoseconds + 1_000_000))
                pay(place, until: paid, &profile)
            }
        }
        pace.adapt(
            readBytes: bytes.count,
            hasSeenReplacements: failedLookups > 0 || interpreter.inspector.replacements != replacements,
            atNanoseconds: now)
        (failedLookups, replacements) = (0, interpreter.inspector.replacements)
        tell(interpreters)
        nextDrain = now + pace.drainNanoseconds
        if let failure { throw failure }
    }

    // MARK: Who is there

    private func look(atNanoseconds now: UInt64, isUrgent: Bool) throws(PythonInspectionError) {
        guard try interpreter.inspector.refreshThreads(of: &interpreter.target, atNanoseconds: now, isUrgent: isUrgent)
        else { return }
        known = interpreter.inspector.clockedThreads()
        listen()
        isImpossible = interpreter.inspector.haveThreadsSeveralStates
        tell(
            interpreter.inspector.lockedInterpreters.map {
                ClockProgram.Interpreter(
                    state: $0.state, lock: $0.lock, lockLength: UInt64($0.length), current: $0.current)
            })
    }

    /// Tells the program what has changed.
    private func tell(_ interpreters: [ClockProgram.Interpreter]) {
        guard interpreters != self.interpreters || beliefNanoseconds != pace.beliefNanoseconds else { return }
        (self.interpreters, beliefNanoseconds) = (interpreters, pace.beliefNanoseconds)
        try? program.tell(interpreters, beliefNanoseconds: beliefNanoseconds)
    }

    /// Starts the clocks of threads that run and were never heard of: one that begins while the clock of the thread which begins it is being
    /// started may inherit a part of it.
    private func listen() {
        guard hasBegun else { return }
        var silent: [Int32: UInt64] = [:]
        for (key, sample) in known where places[key.pythonThreadId] == nil {
            guard let tid = interpreter.target.tid(ofNative: sample.place.nativeThreadId ?? 0), clocks[tid] == nil,
                let run = interpreter.target.runNanoseconds(of: tid)
            else { continue }
            let before = silentThreads[tid] ?? run
            if run - min(before, run) > ClockSampler.silentNanoseconds + 2 * clockNanoseconds {
                try? startClock(tid)
            } else {
                silent[tid] = before
            }
        }
        silentThreads = silent
    }

    /// Where threads are when their clocks were started.
    private func firstSamples(atNanoseconds now: UInt64) -> [ThreadSample] {
        guard options.mode == .wall else { return [] }
        var found: [ThreadSample] = []
        _ = try? interpreter.inspector.sample(
            .wall, includesIdle: options.includesIdle, mayStop: false, of: &interpreter.target, atNanoseconds: now
        ) { found.append($0) }
        return found
    }

    /// Counts threads as away from the beginning on that did nothing since: those that run say so with their next period.
    private func begin(_ first: [ThreadSample], _ profile: inout Profile) {
        hasBegun = true
        for sample in first where places[sample.pythonThreadId] == nil {
            let place = add(sample.pythonThreadId, tid: nil, sample, &profile)
            let node = threads[place].recorded.follow(sample.frames, interpreter.frames(in: &profile), in: &profile)
            threads[place].leave(
                ClockedThread.Absence(
                    startNanoseconds: 0, runNanoseconds: interpreter.target.runNanoseconds(of: sample.tid),
                    place: .node(node)))
        }
    }

    /// The place of a thread that a record is of.
    private func place(of record: ClockRecord, _ profile: inout Profile) -> Int {
        let ident = record.thread
        if let place = places[ident] {
            // Addresses of threads that ended are used again.
            if threads[place].isThread(record.tid) { return place }
            settle(place, &profile)
            retire(place)
        }
        return add(ident, tid: record.tid, known[record.key], &profile)
    }

    private func retire(_ place: Int) {
        let own = threads[place].periods(ofNanoseconds: clockNanoseconds)
        finished.due += own.due
        finished.noted += own.noted
    }

    private func add(_ ident: UInt64, tid: Int32?, _ sample: ThreadSample?, _ profile: inout Profile) -> Int {
        let own = sample.flatMap { interpreter.target.tid(ofNative: $0.place.nativeThreadId ?? 0) } ?? tid ?? 0
        let thread = ClockedThread(tid: tid, thread: interpreter.thread(of: sample, tid: own, in: &profile))
        if let place = places[ident] {
            threads[place] = thread
            return place
        }
        if threads.count >= ClockSampler.threadLimit {
            for place in threads.indices { retire(place) }
            (threads, places) = ([], [:])
        }
        places[ident] = threads.count
        threads.append(thread)
        return threads.count - 1
    }

    // MARK: What they did

    private func take(_ record: ClockRecord, _ stack: [ClockRecord.Frame], _ profile: inout Profile, _ start: UInt64) {
        let place = place(of: record, &profile)
        let now = record.nanoseconds - min(start, record.nanoseconds)
        threads[place].note(record, atNanoseconds: now)
        let isTorn = !record.flags.isDisjoint(with: [.isTorn, .isCut])
        guard record.kind == .clock else {
            settle(place, &profile)
            guard record.flags.contains(.hasStack) else { return }
            threads[place].leave(
                ClockedThread.Absence(
                    startNanoseconds: now, runNanoseconds: record.runNanoseconds,
                    sleeperDelayNanoseconds: wanted.isDisjoint(with: record.flags)
                        ? record.delayNanoseconds : nil,
                    place: isTorn ? .torn : .frames(stack)))
            return
        }
        // Clocks are started before the recording is.
        guard record.flags.contains(.hasStack), record.nanoseconds >= start,
            options.mode != .gil || record.flags.contains(.holdsLock)
        else { return }
        guard !isTorn, let node = node(of: place, stack, &profile) else {
            profile.statistics.torn += 1
            return
        }
        // The profile takes what a thread did in the order of time.
        if threads[place].absence == nil {
            profile.add(node, thread: threads[place].recorded.thread, atNanoseconds: now)
        } else {
            threads[place].add(node, atNanoseconds: now)
        }
    }

    /// Puts what a thread was away for and what it did since into the profile.
    private func settle(_ place: Int, _ profile: inout Profile) {
        if let back = threads[place].returnNanoseconds {
            pay(place, until: back, &profile)
            threads[place].leave(nil)
        }
        for tick in threads[place].ticks {
            profile.add(tick.node, thread: threads[place].recorded.thread, atNanoseconds: tick.nanoseconds)
        }
        threads[place].clearTicks()
    }

    /// The profile's stack of frames; nil when one has no name.
    private func node(of place: Int, _ stack: [ClockRecord.Frame], _ profile: inout Profile) -> NodeId? {
        guard threads[place].stack.follow(stack, &interpreter.inspector, in: &interpreter.target) else {
            failedLookups += 1
            return nil
        }
        return threads[place].recorded.follow(
            threads[place].stack.symbols, interpreter.frames(in: &profile), in: &profile)
    }

    /// Counts a thread's absence up to a moment, one sample a round.
    private func pay(_ place: Int, until nanoseconds: UInt64, _ profile: inout Profile) {
        guard let absence = threads[place].absence else { return }
        let rounds = threads[place].pay(until: nanoseconds, everyNanoseconds: roundNanoseconds)
        guard rounds.count > 0 else { return }
        var found: NodeId?
        switch absence.place {
        case .torn: break
        case .node(let node): found = node
        case .frames(let stack):
            found = node(of: place, stack, &profile)
            threads[place].settle(found.map { .node($0) } ?? .torn)
        }
        guard let node = found else {
            profile.statistics.torn += rounds.count
            return
        }
        let thread = threads[place].recorded.thread
        for round in 0..<rounds.count {
            profile.add(node, thread: thread, atNanoseconds: rounds.firstNanoseconds + round * roundNanoseconds)
        }
    }
}

extension ClockRecord {
    /// Which thread it is of.
    fileprivate var key: ClockedThreadKey { ClockedThreadKey(state: state, pythonThreadId: thread) }
}

/// What lets threads take their own stacks: a BPF program in the interrupts of their clocks.
public enum ClockSampling {
    /// Why it is not possible here, with the remedy; nil where it is.
    public static var trouble: String? {
        do {
            guard let layout = PythonLayout(version: PythonVersion(major: 3, minor: 12)) else { return nil }
            let program = try ClockProgram(ClockLayout(layout, RecordingOptions()))
            _ = try ThreadClock(tid: 0, everyNanoseconds: 1_000_000_000, program: program.descriptor)
            return nil
        } catch {
            return "\(error)"
        }
    }
}
