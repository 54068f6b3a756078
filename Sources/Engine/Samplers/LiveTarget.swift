internal import Linux
public import Model
internal import ProcFS
public import PythonInspection

/// A running process as the target of an inspection: its memory is copied while it runs on.
public struct LiveTarget: RemoteProcess, ~Copyable {
    private let pid: Int32
    private let memory: ProcessMemory
    private var reader: ProcReader
    /// Thread ids here by those in the target's own pid namespace; nil when both are the same.
    private var threadIds: [UInt64: Int32] = [:]
    /// When these were found, and the ids that were asked for since and are nobody's.
    private var threadIdsNanoseconds: UInt64 = 0
    private var strangeIds: Set<UInt64> = []
    private let isNested: Bool
    private var descriptors: ThreadDescriptors
    /// Threads that slept when they were asked the last time, by their ids here.
    private var sleeps: [Int32: Sleep] = [:]
    private var ranges: [RemoteRange] = []
    /// Where the calling thread might run before it joined a thread of the target on its processor; nil while it has joined none.
    private var processors: ProcessorSet?
    /// Most bytes that one reading may ask for: lengths come from the target.
    private static let limit = 256 << 20
    /// Threads whose files are kept open: two each.
    private static let keptThreads = 256

    /// Names a running process; nothing of it is opened.
    ///
    /// - Throws: ``PythonInspectionError/noResources(_:)`` when /proc cannot be opened.
    public init(pid: Int32) throws(PythonInspectionError) {
        self.pid = pid
        memory = ProcessMemory(pid: pid)
        do throws(Errno) { reader = try ProcReader() } catch { throw .noResources("/proc: \(error)") }
        descriptors = ThreadDescriptors(pid: pid, limit: LiveTarget.keptThreads)
        isNested = (reader.status(pid).value?.namespacePids.array.count ?? 1) > 1
    }

    /// Whether the pid still names that process, and it has not ended: pids are used again.
    public mutating func isStill(_ identity: ProcessIdentity) -> Bool {
        !reader.hasEnded(identity)
    }

    /// Whether a process is known to have ended.
    static func hasEnded(_ identity: ProcessIdentity) -> Bool {
        guard var reader = try? ProcReader() else { return false }
        return reader.hasEnded(identity)
    }

    /// Copies pieces of memory with one system call. Source: process_vm_readv(2).
    public mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        var total = 0
        ranges.removeAll(keepingCapacity: true)
        for piece in pieces {
            guard piece.length >= 0, piece.length <= LiveTarget.limit, total + piece.length <= LiveTarget.limit else {
                throw .unmapped
            }
            total += piece.length
            ranges.append(RemoteRange(address: piece.address.rawValue, length: piece.length))
        }
        if bytes.capacity < total { bytes = [UInt8](repeating: 0, count: total + total / 4) }
        if bytes.count < total { bytes.append(contentsOf: repeatElement(0, count: total - bytes.count)) }
        if bytes.count > total { bytes.removeLast(bytes.count - total) }
        let result = unsafe bytes.withUnsafeMutableBytes { room in unsafe memory.readWhole(ranges, into: room) }
        if let failure = result {
            throw failure.isRefusal ? .refused : failure.isAbsence ? .gone : .unmapped
        }
    }

    /// Everything mapped into it. Source: `/proc/<pid>/maps`.
    public mutating func mappings() throws(RemoteMemoryError) -> [RemoteMapping] {
        switch reader.mappings(pid) {
        case .value(let mappings):
            return mappings.map {
                RemoteMapping(
                    start: RemoteAddress($0.start), end: RemoteAddress($0.end), fileOffset: $0.fileOffset,
                    path: $0.path,
                    device: $0.device, inode: $0.inode)
            }
        case .gone: throw .gone
        case .refused: throw .refused
        case .malformed, .unavailable: throw .unmapped
        }
    }

    /// Bytes of a mapped file: through the mapping itself where the kernel lets us, else through the target's root.
    public mutating func file(of mapping: RemoteMapping, at offset: UInt64, count: Int) -> [UInt8]? {
        let range = String(mapping.start.rawValue, radix: 16) + "-" + String(mapping.end.rawValue, radix: 16)
        for path in ["/proc/\(pid)/map_files/\(range)", "/proc/\(pid)/root\(mapping.path)"] {
            guard count > 0, count <= LiveTarget.limit, offset < 1 << 40,
                let file = try? FileDescriptor.open(path, .nonBlocking)
            else { continue }
            var bytes = [UInt8](repeating: 0, count: count)
            guard let read = try? file.read(into: &bytes, at: Int64(offset)) else { continue }
            bytes.removeLast(count - read)
            return bytes
        }
        return nil
    }

    /// What a thread does now. Source: `/proc/<pid>/task/<tid>/stat` and `syscall`.
    public mutating func activity(ofNative nativeThreadId: UInt64) -> ThreadActivity? {
        guard let tid = tid(ofNative: nativeThreadId) else { return nil }
        guard case .value(let stat) = reader.stat(pid, thread: tid) else {
            forget(tid, nativeThreadId)
            return nil
        }
        var activity = ThreadActivity(tid: tid, isMain: tid == pid, isRunning: stat.state == UInt8(ascii: "R"))
        if !activity.isRunning, case .value(.inside(let call)) = reader.syscall(pid, thread: tid), call.name == "futex"
        {
            activity.futex = RemoteAddress(call.argument(0))
        }
        return activity
    }

    /// What a thread did since it was asked the last time. Source: `/proc/<pid>/task/<tid>/schedstat`, `syscall` and `stat`.
    public mutating func motion(ofNative nativeThreadId: UInt64) -> ThreadMotion {
        guard let tid = tid(ofNative: nativeThreadId) else { return .gone }
        let now = KernelClock.monotonicNanoseconds()
        if let sleep = sleeps[tid] {
            let schedule = descriptors.schedule(tid, with: &reader)
            if schedule.isGone {
                forget(tid, nativeThreadId)
                return .gone
            }
            if schedule.value == sleep.schedule {
                if now - sleep.sinceNanoseconds >= LiveTarget.stillNanoseconds { return .still(sleep.activity) }
            } else {
                sleeps[tid] = nil
            }
        }
        var activity = ThreadActivity(tid: tid, isMain: tid == pid, isRunning: true)
        switch descriptors.call(tid, with: &reader) {
        case .gone:
            forget(tid, nativeThreadId)
            return .gone
        case .value(.running):
            sleeps[tid] = nil
            return .moved(activity)
        case .value(.inside(let call)) where call.isFutex: activity.futex = RemoteAddress(call.argument(0))
        default: break
        }
        // What it has run so far is asked first: what it runs after is then seen the next time.
        let schedule = descriptors.schedule(tid, with: &reader)
        guard case .value(let stat) = reader.stat(pid, thread: tid) else {
            forget(tid, nativeThreadId)
            return .gone
        }
        activity.isRunning = stat.state == UInt8(ascii: "R")
        activity.isUninterruptible = stat.state == UInt8(ascii: "D")
        if !activity.isRunning, let schedule = schedule.value {
            if sleeps[tid]?.schedule != schedule {
                sleeps[tid] = Sleep(schedule: schedule, sinceNanoseconds: now, activity: activity)
            }
        } else {
            sleeps[tid] = nil
        }
        return .moved(activity)
    }

    /// Forgets a thread that ended: its id in the target's namespace may be another's soon.
    private mutating func forget(_ tid: Int32, _ native: UInt64) {
        threadIds[native] = nil
        descriptors.drop(tid)
        sleeps[tid] = nil
    }

    /// Moves the calling thread to the processor of a thread, unless that one has precedence over it. Source: field 39 of
    /// `/proc/<pid>/task/<tid>/stat`, sched_setaffinity(2).
    public mutating func joinProcessor(ofNative nativeThreadId: UInt64) -> Bool {
        // SCHED_OTHER, SCHED_BATCH, SCHED_IDLE: behind any other the calling thread would wait for ever.
        guard let tid = tid(ofNative: nativeThreadId), case .value(let stat) = reader.stat(pid, thread: tid),
            [0, 3, 5].contains(stat.policy), let wanted = ProcessorSet(stat.processor)
        else { return false }
        do throws(Errno) {
            let before: ProcessorSet
            if let processors { before = processors } else { before = try ProcessorSet() }
            try wanted.useForCallingThread()
            processors = before
            return true
        } catch {
            return false
        }
    }

    /// Lets the calling thread run where it might before it joined one of the target. To be called on the thread that joined.
    public mutating func leaveProcessor() {
        guard let before = processors else { return }
        try? before.useForCallingThread()
        processors = nil
    }

    /// Lets the threads run on for a while.
    public func letRun(nanoseconds: Int64) { Pacer.sleep(nanoseconds: nanoseconds) }

    /// Does something while a thread is held still. Source: ptrace(2).
    public mutating func whileStopped(ofNative nativeThreadId: UInt64, _ body: (inout LiveTarget) -> Void) -> UInt64? {
        guard let tid = tid(ofNative: nativeThreadId) else { return nil }
        do throws(StopError) {
            let stopped = try StoppedThread(stopping: tid, of: pid)
            let since = stopped.sinceNanoseconds
            body(&self)
            _ = consume stopped
            return KernelClock.monotonicNanoseconds() - since
        } catch {
            return nil
        }
    }

    /// A thread that was seen asleep.
    private struct Sleep {
        var schedule: TaskSchedule
        var sinceNanoseconds: UInt64
        var activity: ThreadActivity
    }

    /// After how long without any run time a thread that was seen asleep is believed to have slept on. One that woke before it left its processor is
    /// not put on it anew, and its run time is counted with the next tick of the clock, every 1 to 10 ms.
    private static let stillNanoseconds: UInt64 = 20_000_000

    /// How long a thread has run in its life; nil where it is gone. Source: `/proc/<pid>/task/<tid>/schedstat`, field 1.
    mutating func runNanoseconds(of tid: Int32) -> UInt64? {
        descriptors.schedule(tid, with: &reader).value?.runNanoseconds
    }

    /// A thread's id here, from the one in the target's own pid namespace.
    mutating func tid(ofNative native: UInt64) -> Int32? {
        guard isNested else { return Int32(exactly: native) }
        if let known = threadIds[native] { return known }
        // All threads are asked for their ids: for one that is new, but not for one that is nobody's again and again.
        let age = KernelClock.monotonicNanoseconds() - threadIdsNanoseconds
        guard age > LiveTarget.strangeNanoseconds || age > LiveTarget.newNanoseconds && !strangeIds.contains(native)
        else { return nil }
        var found: [UInt64: Int32] = [:]
        var threads: [Int32] = []
        guard reader.threads(of: pid, into: &threads) else { return nil }
        for tid in threads {
            if let inner = reader.status(pid, thread: tid).value?.namespacePids.array.last, inner > 0 {
                found[UInt64(inner)] = tid
            }
        }
        if age > LiveTarget.strangeNanoseconds || strangeIds.count > LiveTarget.strangeLimit { strangeIds = [] }
        threadIds = found
        threadIdsNanoseconds = KernelClock.monotonicNanoseconds()
        if found[native] == nil { strangeIds.insert(native) }
        return found[native]
    }

    private static let newNanoseconds: UInt64 = 20_000_000
    private static let strangeNanoseconds: UInt64 = 1_000_000_000
    private static let strangeLimit = 10_000
}

extension ProcReader {
    /// Whether a process is known to have ended: one that cannot be looked up, for want of descriptors, has not.
    mutating func hasEnded(_ identity: ProcessIdentity) -> Bool {
        switch stat(identity.pid) {
        case .value(let stat): stat.startTicks != identity.startTicks || stat.state == UInt8(ascii: "Z")
        case .gone: true
        case .refused, .malformed, .unavailable: false
        }
    }
}
