/// Reads all Python threads of one target, again and again, without stopping it.
///
/// It keeps what does not change between two readings: the place of the runtime, code objects, names. One value belongs to one target.
public struct PythonInspector: Sendable {
    private let runtime: PythonRuntime
    private var readers: [RemoteAddress: StackReader] = [:]
    private var codes: CodeCache
    private var names: ThreadNames
    /// How often a thread that moves is read again before it is given up.
    private static let attempts = 1000
    /// How often a chain that is whole, but leads to what is no code, is read again: each costs many readings.
    private static let lookups = 20
    /// How much memory is read of one thread, attempts together: only a hostile one asks for more.
    private static let workLimit = 256 << 20

    /// Finds the interpreter of a target.
    ///
    /// - Throws: ``PythonInspectionError`` when there is none, or one that is not read.
    public init<Target: RemoteProcess & ~Copyable>(_ target: inout Target) throws(PythonInspectionError) {
        runtime = try PythonRuntime.find(in: &target)
        codes = CodeCache(layout: runtime.layout)
        names = ThreadNames(layout: runtime.layout)
    }

    /// Version of the interpreter.
    public var version: PythonVersion { runtime.version }

    /// Reads all threads.
    ///
    /// - Throws: ``PythonInspectionError``.
    public mutating func snapshot<Target: RemoteProcess & ~Copyable>(of target: inout Target)
        throws(PythonInspectionError) -> PythonSnapshot
    {
        var failure = RemoteMemoryError.unmapped
        // The lists change under the reader when threads begin and end: a link that leads nowhere is read again.
        for _ in 0..<10 {
            do throws(RemoteMemoryError) {
                return try read(&target)
            } catch {
                guard error == .unmapped else { throw .memory(error) }
                failure = error
            }
        }
        throw .memory(failure)
    }

    private mutating func read<Target: RemoteProcess & ~Copyable>(_ target: inout Target)
        throws(RemoteMemoryError) -> PythonSnapshot
    {
        let list = ThreadList(layout: runtime.layout)
        let interpreters = try list.interpreters(of: runtime.address, in: &target)
        var snapshot = PythonSnapshot(threads: [])
        var known: Set<RemoteAddress> = []
        for interpreter in interpreters {
            let lock = try list.lock(of: interpreter, runtime: runtime.address, in: &target)
            // The list has the newest thread first.
            let threads = try list.threads(of: interpreter, in: &target).reversed()
            known.formUnion(threads.map(\.address))
            let readings = threads.map { resolve($0, from: &target) }
            // Asked once for all threads: between two questions the lock may change hands.
            let holder = lock.flatMap { list.holder(of: $0, in: &target) }
            for (thread, reading) in zip(threads, readings) {
                snapshot.tornReads += reading.torn
                guard !reading.isGone, let activity = target.activity(ofNative: thread.nativeThreadId) else { continue }
                let waits = activity.futex.flatMap { word in lock.map { $0.contains(word) } } ?? false
                snapshot.threads.append(
                    PythonThread(
                        tid: UInt64(activity.tid), pythonThreadId: thread.threadId, name: nil, isMain: activity.isMain,
                        state: activity.isRunning ? .running : waits ? .gilWait : .idle,
                        holdsGIL: holder == thread.address, frames: reading.frames, isTorn: reading.isTorn))
            }
        }
        readers = readers.filter { known.contains($0.key) }
        let names = self.names.names(
            of: snapshot.threads.map(\.pythonThreadId), interpreters: interpreters, in: &target)
        for index in snapshot.threads.indices {
            snapshot.threads[index].name = names[snapshot.threads[index].pythonThreadId]
        }
        return snapshot
    }

    // MARK: One thread

    private struct ThreadReading {
        var frames: [PythonFrame] = []
        var torn = 0
        var isTorn = false
        var isGone = false
    }

    /// Reads a thread's frames until they are whole and every code object behind them is one.
    private mutating func resolve<Target: RemoteProcess & ~Copyable>(
        _ thread: ThreadList.Thread, from target: inout Target
    ) -> ThreadReading {
        var reader = readers[thread.address] ?? StackReader(layout: runtime.layout)
        defer { readers[thread.address] = reader }
        var reading = ThreadReading()
        var failedLookups = 0
        let workBefore = reader.work
        for _ in 0..<PythonInspector.attempts {
            do throws(RemoteMemoryError) {
                if let raw = try reader.read(thread: thread.address, from: &target) {
                    if let frames = frames(raw, &target) {
                        reading.frames = frames
                        return reading
                    }
                    failedLookups += 1
                }
            } catch {
                if error != .unmapped {
                    reading.isGone = true
                    return reading
                }
            }
            reading.torn += 1
            guard failedLookups < PythonInspector.lookups, reader.work - workBefore < PythonInspector.workLimit else {
                break
            }
        }
        reading.isTorn = true
        return reading
    }

    /// Frames with their names and lines; nil when one is no whole frame.
    private mutating func frames<Target: RemoteProcess & ~Copyable>(_ raw: [RawFrame], _ target: inout Target)
        -> [PythonFrame]?
    {
        let known = codes.entries(of: Set(raw.map(\.code)), in: &target)
        var frames: [PythonFrame] = []
        frames.reserveCapacity(raw.count)
        for frame in raw {
            // The C stack's own frames only link an evaluation to its caller.
            if frame.owner == 3 { continue }
            guard frame.owner < 3, let code = known[frame.code], let unit = code.unit(of: frame.instruction) else {
                return nil
            }
            // A frame that is still being made is not yet a call; a generator's always is one.
            if frame.owner != 1, unit < code.firstTraceable { continue }
            frames.append(
                PythonFrame(
                    function: code.function, qualifiedName: code.qualifiedName, file: code.file,
                    line: code.line(of: unit)))
        }
        return frames
    }
}
