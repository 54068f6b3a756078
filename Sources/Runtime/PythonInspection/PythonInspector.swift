/// Reads all Python threads of one target, again and again, without stopping it.
///
/// It keeps what does not change between two readings: the place of the runtime, code objects, names. One value belongs to one target.
public struct PythonInspector: Sendable {
    let runtime: PythonRuntime
    /// Interpreters with their locks, the main one first, as of the last look at them.
    var interpreters: [TrackedInterpreter] = []
    var symbols: FrameSymbols
    var names: ThreadNames
    private var nativeIds = NativeThreadIds()
    /// What is known of asyncio, once somebody asked for tasks.
    var taskReader: TaskReader?
    private var seenThreads = 0
    /// When a recording looks again which interpreters and threads there are.
    var nextLook: UInt64 = 0
    /// When it looks whether there are new threads.
    var nextGlance: UInt64 = 0
    var stops = StopBudget()
    var headPieces: [RemotePiece] = []
    var headBytes: [UInt8] = []

    /// Looking once, at leisure: a thread that moves is read until it is whole.
    private static let leisure = ReadingPatience(attempts: 1000, joins: joins)
    /// The same, but stopped at last: so many readings take a millisecond or two.
    private static let leisureWithStop = ReadingPatience(attempts: 1000, attemptsBeforeStop: 200, joins: joins)
    /// How often a thread that works is joined on its processor.
    static let joins = 3
    /// In a core file nothing moves: more attempts than it takes to find out how long a stack is change nothing.
    private static let frozen = ReadingPatience(attempts: 8)

    /// Finds the interpreter of a target.
    ///
    /// - Parameter cache: where it was in other processes that run the same file.
    /// - Throws: ``PythonInspectionError`` when there is none, or one that is not read.
    public init<Target: RemoteProcess & ~Copyable>(_ target: inout Target, cache: RuntimeCache = .shared)
        throws(PythonInspectionError)
    {
        runtime = try PythonRuntime.find(in: &target, cache: cache)
        symbols = FrameSymbols(layout: runtime.layout)
        names = ThreadNames(layout: runtime.layout)
    }

    /// Version of the interpreter.
    public var version: PythonVersion { runtime.version }

    /// Reads all threads.
    ///
    /// - Parameter mayStop: Whether a thread that stays torn is stopped for some microseconds.
    /// - Throws: ``PythonInspectionError``.
    public mutating func snapshot<Target: RemoteProcess & ~Copyable>(of target: inout Target, mayStop: Bool = false)
        throws(PythonInspectionError) -> PythonSnapshot
    {
        let moving = mayStop ? PythonInspector.leisureWithStop : PythonInspector.leisure
        let patience = target.isFrozen ? PythonInspector.frozen : moving
        symbols.begin()
        try look(at: &target)
        defer { target.leaveProcessor() }
        var costs = ReadingCosts()
        var snapshot = PythonSnapshot(threads: [])
        for index in interpreters.indices {
            let first = snapshot.threads.count
            var addresses: [RemoteAddress] = []
            for place in interpreters[index].threads.indices {
                let thread = interpreters[index].threads[place].thread
                guard let native = thread.nativeThreadId else {
                    costs.torn += 1
                    snapshot.threads.append(
                        PythonThread(
                            tid: 0, pythonThreadId: thread.threadId, name: nil, isMain: false, state: .idle,
                            holdsGIL: false, frames: [], isTorn: true, interpreter: interpreters[index].id))
                    addresses.append(thread.address)
                    continue
                }
                let motion = target.motion(ofNative: native)
                guard let activity = motion.activity else { continue }
                interpreters[index].threads[place].read(motion, &symbols, patience, &costs, from: &target)
                let tracked = interpreters[index].threads[place]
                guard !tracked.isGone else { continue }
                addresses.append(tracked.thread.address)
                snapshot.threads.append(
                    PythonThread(
                        tid: UInt64(UInt32(bitPattern: activity.tid)), pythonThreadId: tracked.thread.threadId,
                        name: nil,
                        isMain: activity.isMain, state: interpreters[index].state(of: activity), holdsGIL: false,
                        frames: tracked.isWhole ? frames(tracked.symbols) : [], isTorn: !tracked.isWhole,
                        interpreter: interpreters[index].id, attachment: tracked.thread.attachment))
                snapshot.threads[snapshot.threads.count - 1].address = tracked.thread.address
            }
            // Asked once for all threads: between two questions the lock may change hands.
            guard let lock = interpreters[index].lock, let holder = list.holder(of: lock, in: &target) else { continue }
            for (place, address) in addresses.enumerated() where address == holder {
                snapshot.threads[first + place].holdsGIL = true
            }
        }
        snapshot.tornReads = costs.retries
        (snapshot.stops, snapshot.stoppedNanoseconds) = (costs.stops, costs.stopNanoseconds)
        names.complete(&snapshot.threads, of: interpreters.map { ($0.id, $0.address) }, in: &target)
        return snapshot
    }

    /// Frames of a thread, innermost first, without those that are not shown.
    private func frames(_ numbers: [Int32]) -> [PythonFrame] {
        var frames: [PythonFrame] = []
        frames.reserveCapacity(numbers.count)
        for number in numbers.reversed() where number != FrameSymbols.hidden {
            frames.append(symbols.frames[Int(number)])
        }
        return frames
    }

    // MARK: Who is there

    private var list: ThreadList { ThreadList(layout: runtime.layout) }

    /// Looks which interpreters and threads there are. What is known of a thread that is still there is kept.
    mutating func look<Target: RemoteProcess & ~Copyable>(at target: inout Target) throws(PythonInspectionError) {
        var failure = RemoteMemoryError.unmapped
        // The lists change under the reader when threads begin and end: a link that leads nowhere is read again.
        for _ in 0..<10 {
            do throws(RemoteMemoryError) {
                return try readLists(&target)
            } catch {
                guard error == .unmapped else { throw .memory(error) }
                failure = error
            }
        }
        throw .memory(failure)
    }

    private mutating func readLists<Target: RemoteProcess & ~Copyable>(_ target: inout Target) throws(RemoteMemoryError)
    {
        var found: [TrackedInterpreter] = []
        let addresses = try list.interpreters(of: runtime, in: &target)
        // The list has the newest interpreter first, and the main one last.
        for (address, id) in zip(addresses, list.ids(of: addresses, in: &target)).reversed() {
            let lock = try list.lock(of: address, runtime: runtime, in: &target)
            let listed = try list.threads(of: address, in: &target)
            var known: [ThreadList.Thread.Key: TrackedThread] = [:]
            for tracked in interpreters.first(where: { $0.address == address })?.threads ?? [] {
                known[tracked.thread.key] = tracked
            }
            var interpreter = TrackedInterpreter(address: address, id: id, head: listed.first?.address, lock: lock)
            // The list has the newest thread first.
            for thread in nativeIds.completed(listed.reversed(), in: &target) {
                if var tracked = known[thread.key] {
                    tracked.thread = thread
                    interpreter.threads.append(tracked)
                    continue
                }
                seenThreads += 1
                interpreter.threads.append(TrackedThread(thread, serial: seenThreads, layout: runtime.layout))
            }
            found.append(interpreter)
        }
        interpreters = found
    }
}

/// One interpreter whose threads are read again and again.
struct TrackedInterpreter: Sendable {
    let address: RemoteAddress
    /// 0 for the main one.
    let id: Int64
    /// The newest thread when the list was read: another one when threads began since.
    let head: RemoteAddress?
    /// Absent: before it exists.
    let lock: ThreadList.Lock?
    var threads: [TrackedThread] = []

    /// The word for what a thread does.
    func state(of activity: ThreadActivity) -> PythonThread.State {
        if activity.isRunning { return .running }
        guard let futex = activity.futex, let lock, lock.contains(futex) else { return .idle }
        return .gilWait
    }
}
