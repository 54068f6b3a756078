/// Which threads a sample is of.
public enum SampleMode: String, Sendable, CaseIterable {
    /// Those that run, wait for the interpreter's lock, or wait for a device.
    case wall
    /// Those on a processor or ready for one.
    case cpu
    /// The one that holds the interpreter's lock.
    case gil
}

/// Whether the calling thread may move to the processor of a thread that works, which does not have it meanwhile.
public enum ProcessorJoining: Sendable {
    /// It stays where it is.
    case never
    /// It moves there and may be anywhere again when the thread was read.
    case briefly
    /// It stays there for the next sample, which is cheaper than to come back for each.
    case untilNext
}

/// One thread at one moment of a recording.
public struct ThreadSample: Sendable {
    /// Another number for each thread that was ever seen.
    public let serial: Int
    /// Interpreter that it is in; 0 for the main one.
    public let interpreter: Int64
    /// As the reader's pid namespace counts.
    public let tid: Int32
    /// `threading.get_ident()`.
    public let pythonThreadId: UInt64
    /// Whether it is the thread that the process began with.
    public let isMain: Bool
    /// What it did.
    public let state: PythonThread.State
    /// Where the interpreter keeps its state, for ``PythonInspector/chain(of:in:)``.
    public let place: PythonThreadState
    /// Whether it has not run since its sample before.
    public let isStill: Bool
    /// Numbers of its frames for ``PythonInspector/frame(_:)``, the outermost first; negative for one that is not shown.
    public let frames: [Int32]
}

extension PythonInspector {
    /// How many different frames were seen so far: their numbers are below.
    public var frameCount: Int { symbols.frames.count }

    /// A frame by its number.
    public func frame(_ number: Int32) -> PythonFrame { symbols.frames[Int(number)] }

    /// A thread's Python-level name, its ids as in a sample.
    public mutating func name<Target: RemoteProcess & ~Copyable>(of sample: ThreadSample, in target: inout Target)
        -> String?
    {
        names.name(
            of: sample.pythonThreadId, sample.interpreter, interpreters.map { ($0.id, $0.address) }, in: &target)
    }

    /// Takes one sample of the threads that a mode asks for, cheaply enough for thousands a second.
    ///
    /// - Parameters:
    ///   - mode: which threads.
    ///   - includesIdle: also those that sleep, in ``SampleMode/wall``.
    ///   - joining: whether the calling thread may move to the processor of one that works.
    ///   - mayStop: whether a thread that stays torn is stopped for some microseconds.
    ///   - now: the time, in nanoseconds of a clock that only goes on.
    ///   - visit: called for each thread that was read whole.
    /// - Returns: what it cost.
    /// - Throws: ``PythonInspectionError`` when the process ended or may not be read any longer.
    public mutating func sample<Target: RemoteProcess & ~Copyable>(
        _ mode: SampleMode, includesIdle: Bool, _ joining: ProcessorJoining = .never, mayStop: Bool,
        of target: inout Target,
        atNanoseconds now: UInt64,
        visit: (ThreadSample) -> Void
    ) throws(PythonInspectionError) -> ReadingCosts {
        symbols.begin(atNanoseconds: now)
        if now >= nextLook || now >= nextGlance && haveThreadsBegun(in: &target) {
            try look(at: &target)
            nextLook = now + PythonInspector.lookNanoseconds
            nextGlance = now + PythonInspector.glanceNanoseconds
        }
        var patience = mayStop ? PythonInspector.briefly : PythonInspector.withoutStop
        // Where each frame is an object a reading costs thrice as much.
        if mayStop, runtime.layout.hasFrameObjects { patience.attemptsBeforeStop = 8 }
        if joining != .never { patience.joins = PythonInspector.joins }
        patience.stopsAtOnce = mayStop && stops.hasRoom(atNanoseconds: now)
        var costs = ReadingCosts()
        var isWorking = false
        defer {
            stops.add(costs.stopNanoseconds)
            if joining == .briefly || !isWorking { target.leaveProcessor() }
        }
        for index in interpreters.indices {
            var holder: RemoteAddress?
            if mode == .gil {
                holder = interpreters[index].lock.flatMap {
                    ThreadList(layout: runtime.layout).holder(of: $0, in: &target)
                }
                if holder == nil { continue }
            }
            for place in interpreters[index].threads.indices {
                let thread = interpreters[index].threads[place].thread
                guard holder == nil || thread.address == holder else { continue }
                guard let native = thread.nativeThreadId else {
                    costs.torn += 1
                    continue
                }
                let motion = target.motion(ofNative: native)
                guard let activity = motion.activity else {
                    // A state may outlive its thread: the list is looked at once for each.
                    if !interpreters[index].threads[place].isMissing { hastenLook(now) }
                    interpreters[index].threads[place].isMissing = true
                    continue
                }
                let state = interpreters[index].state(of: activity)
                let isWanted =
                    switch mode {
                    case .wall: includesIdle || state != .idle || activity.isUninterruptible
                    case .cpu: activity.isRunning
                    case .gil: true
                    }
                guard isWanted else { continue }
                isWorking = isWorking || activity.isRunning
                interpreters[index].threads[place].read(motion, &symbols, patience, &costs, from: &target)
                let tracked = interpreters[index].threads[place]
                if tracked.isGone { hastenLook(now) }
                guard tracked.isWhole else { continue }
                visit(
                    ThreadSample(
                        serial: tracked.serial, interpreter: interpreters[index].id, tid: activity.tid,
                        pythonThreadId: thread.threadId,
                        isMain: activity.isMain, state: state,
                        place: PythonThreadState(
                            address: thread.address, pythonThreadId: thread.threadId, nativeThreadId: native),
                        isStill: tracked.wasStill, frames: tracked.symbols))
            }
        }
        return costs
    }

    /// How long threads may be stopped, so that the process is hardly slower for it.
    struct StopBudget: Sendable {
        private var startNanoseconds: UInt64?
        private var stoppedNanoseconds: UInt64 = 0
        /// 0.7 % of the time.
        private static let share: UInt64 = 143

        /// Whether there is some left.
        mutating func hasRoom(atNanoseconds now: UInt64) -> Bool {
            let start = startNanoseconds ?? now
            startNanoseconds = start
            // What a stop takes longer than usual is paid for by the next ones.
            return stoppedNanoseconds <= (now - min(start, now)) / StopBudget.share + 100_000
        }

        /// Books a stop.
        mutating func add(_ nanoseconds: UInt64) { stoppedNanoseconds += nanoseconds }
    }

    static let lookNanoseconds: UInt64 = 1_000_000_000
    private static let glanceNanoseconds: UInt64 = 4_000_000
    /// In a recording a thread that moves is stopped before it is given up. So many readings cost what a stop does, and they cost the thread
    /// nothing: that is for where it was stopped long enough already.
    private static let briefly = ReadingPatience(attempts: 60, attemptsBeforeStop: 24)
    private static let withoutStop = ReadingPatience(attempts: 100)

    /// Looks at the list soon, but not with every sample.
    private mutating func hastenLook(_ now: UInt64) {
        nextLook = min(nextLook, now + PythonInspector.glanceNanoseconds)
    }

    /// Whether a list of threads begins with another one than it did.
    mutating func haveThreadsBegun<Target: RemoteProcess & ~Copyable>(in target: inout Target) -> Bool {
        nextGlance += PythonInspector.glanceNanoseconds
        headPieces.removeAll(keepingCapacity: true)
        for interpreter in interpreters {
            headPieces.append(RemotePiece(interpreter.address + runtime.layout.interpreterThreadsHead, 8))
        }
        guard (try? target.read(headPieces, into: &headBytes)) != nil else { return true }
        for (index, interpreter) in interpreters.enumerated()
        where headBytes.word(index * 8) != interpreter.head?.rawValue ?? 0 { return true }
        return interpreters.isEmpty
    }
}
