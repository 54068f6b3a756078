/// One thread that is read again and again.
struct TrackedThread: Sendable {
    /// What the interpreter knows it by.
    var thread: ThreadList.Thread
    /// Another number for each thread that was ever seen: addresses and ids are used again.
    let serial: Int
    private(set) var reader: StackReader
    /// Numbers of its frames, the outermost first, as ``FrameSymbols`` has them.
    private(set) var symbols: [Int32] = []
    /// Whether the last reading was whole.
    private(set) var isWhole = false
    /// Whether the thread ended, or its memory may not be read any longer.
    private(set) var isGone = false
    /// Whether the kernel knew no such thread when a recording asked.
    var isMissing = false
    private var round = 0
    /// How often code had been replaced when its frames were looked up.
    private var replacements = 0
    /// Whether the thread could be stopped when that was tried last.
    private var canStop = true
    /// Whether the thread had not run since the reading before, so that nothing was read.
    private(set) var wasStill = false
    /// Whether the thread slept when the last whole reading began.
    private var wasAsleep = false

    /// How often a thread is read after it was joined on its processor.
    private static let besides = 3
    /// For how long a thread that was held while it was between two frames is let run before it is held anew.
    private static let pauseNanoseconds: Int64 = 200_000
    /// How often a chain that is whole, but leads to what is no code, is read again: each costs many readings.
    private static let lookups = 20
    /// How much memory is read of one thread, attempts together: only a hostile one asks for more.
    private static let workLimit = 256 << 20
    /// The same of all threads together, and how many frames these have: a thread may be listed again and again.
    private static let totalWorkLimit = 4 << 30
    private static let totalFrameLimit = 2_000_000

    init(_ thread: ThreadList.Thread, serial: Int, layout: PythonLayout) {
        self.thread = thread
        self.serial = serial
        reader = StackReader(layout: layout)
    }

    /// Reads the frames until they are whole and every code object behind them is one; not at all where the thread slept on.
    ///
    /// - Parameter motion: what the thread did, asked just before.
    mutating func read<Target: RemoteProcess & ~Copyable>(
        _ motion: ThreadMotion, _ symbols: inout FrameSymbols, _ patience: ReadingPatience, _ costs: inout ReadingCosts,
        from target: inout Target
    ) {
        guard costs.work < TrackedThread.totalWorkLimit, costs.frames < TrackedThread.totalFrameLimit else {
            reader = StackReader(layout: reader.layout)
            self.symbols = []
            (isWhole, wasStill) = (false, false)
            costs.torn += 1
            return
        }
        defer { costs.frames += self.symbols.count }
        // While a thread sleeps its frames stay, and the code behind them lives.
        wasStill = motion.isStill && isWhole && wasAsleep
        if wasStill { return }
        isWhole = false
        wasAsleep = !motion.isRunning
        var failedLookups = 0
        var stops = 0
        canStop = true
        let workBefore = reader.work
        defer { costs.work += reader.work - workBefore }
        let stopsAtOnce = patience.stopsAtOnce && motion.isRunning
        var joins = motion.isRunning ? patience.joins : 0
        var besides = 0
        for attempt in 0..<patience.attempts {
            if attempt > 0, besides == 0, joins > 0, let native = thread.nativeThreadId {
                if joins < patience.joins { target.letRun(nanoseconds: TrackedThread.pauseNanoseconds) }
                besides = target.joinProcessor(ofNative: native) ? TrackedThread.besides : 0
                joins = besides > 0 ? joins - 1 : 0
            }
            let limit = stopsAtOnce ? 1 : patience.attemptsBeforeStop
            if besides == 0, let limit, attempt >= limit, stops < patience.stops, canStop {
                // One that has only just been let go may stop where it stood.
                if stops > 0 { target.letRun(nanoseconds: TrackedThread.pauseNanoseconds) }
                stops += 1
                readStopped(&symbols, &costs, &target)
            } else {
                readOnce(&symbols, &failedLookups, &target)
                // That a thread which works is caught whole says something of where it was.
                if isWhole, reader.hasMoved, joins > 0 || attempt == 0 && stopsAtOnce {
                    isWhole = false
                    besides = 0
                } else if besides > 0 {
                    besides -= 1
                }
            }
            if isWhole || isGone { return }
            costs.retries += 1
            guard failedLookups < TrackedThread.lookups, reader.work - workBefore < TrackedThread.workLimit else {
                break
            }
        }
        costs.torn += 1
    }

    private mutating func readOnce<Target: RemoteProcess & ~Copyable>(
        _ symbols: inout FrameSymbols, _ failedLookups: inout Int, _ target: inout Target
    ) {
        do throws(RemoteMemoryError) {
            guard try reader.read(thread: thread.address, from: &target) else { return }
            isWhole = resolve(&symbols, &target)
            if !isWhole { failedLookups += 1 }
        } catch {
            isGone = error != .unmapped
        }
    }

    /// Reads while the thread does not run.
    private mutating func readStopped<Target: RemoteProcess & ~Copyable>(
        _ symbols: inout FrameSymbols, _ costs: inout ReadingCosts, _ target: inout Target
    ) {
        guard let native = thread.nativeThreadId else { return }
        var isRead = false
        let stopped = target.whileStopped(ofNative: native) { target in
            // It may have moved before it stopped: the first reading finds out where it is. Where what is remembered of its outer frames leads astray
            // as well, they are all found anew.
            for turn in 0..<4 where !isRead {
                if turn == 2 { reader.forget() }
                isRead = (try? reader.read(thread: thread.address, isStopped: true, from: &target)) ?? false
            }
        }
        guard let stopped else {
            canStop = false
            return
        }
        costs.stops += 1
        costs.stopNanoseconds += stopped
        costs.longestStopNanoseconds = max(costs.longestStopNanoseconds, stopped)
        // Names are looked up while it runs on.
        isWhole = isRead && resolve(&symbols, &target)
    }

    /// Looks up what changed since the last whole reading; false when a frame is no whole one.
    private mutating func resolve<Target: RemoteProcess & ~Copyable>(
        _ symbols: inout FrameSymbols, _ target: inout Target
    ) -> Bool {
        let chain = reader.frames
        if round != symbols.round { symbols.lookUp(chain, innermost: chain.count, in: &target) }
        var same = min(reader.unchangedOuterFrames, self.symbols.count)
        if replacements != symbols.replacements { same = 0 }
        self.symbols.removeLast(self.symbols.count - same)
        guard symbols.append(chain, innermost: chain.count - same, to: &self.symbols, in: &target) else {
            self.symbols.removeAll(keepingCapacity: true)
            return false
        }
        (round, replacements) = (symbols.round, symbols.replacements)
        return true
    }
}

/// How long a thread that moves is tried for.
struct ReadingPatience: Sendable {
    /// How often it is read.
    var attempts: Int
    /// After how many it is stopped for the next; nil for never.
    var attemptsBeforeStop: Int?
    /// How often it is stopped.
    var stops = 4
    /// How often a thread that works is joined on its processor, after one reading, to be read while it waits for us: before it is stopped.
    var joins = 0
    /// Whether a thread that works is stopped after one reading.
    ///
    /// One that calls as fast as it can is seldom caught while it is deep in its calls, and always where they begin: what is found whole
    /// among many readings is not what it does. Where it stands when it is stopped is left to chance.
    var stopsAtOnce = false
}

/// What readings have cost the target and the truth.
public struct ReadingCosts: Sendable, Hashable {
    /// Readings that were thrown away because the thread moved meanwhile.
    public var retries = 0
    /// Threads that were given up because each of their readings was.
    public var torn = 0
    /// Times that a thread was stopped to be read.
    public var stops = 0
    /// How long threads were stopped, together.
    public var stopNanoseconds: UInt64 = 0
    /// The longest of these.
    public var longestStopNanoseconds: UInt64 = 0
    /// What the readings have cost the reader, and the frames that they found.
    var work = 0
    var frames = 0

    /// Nothing was read yet.
    public init() {}
}
