internal import Linux

/// `schedstat` and `syscall` of threads of one process that are asked thousands of times a second, kept open.
///
/// An open file is also proof against a reused tid: once its thread has ended it answers ESRCH. The store is bounded; beyond its limit files are
/// opened and closed each time.
public struct ThreadDescriptors: ~Copyable, Sendable {
    private let pid: Int32
    private var open: [Int32: Pair] = [:]
    private let limit: Int

    /// Descriptors of one thread; −1 for one that could not be opened.
    private struct Pair {
        var schedule: Int32
        var call: Int32
    }

    /// An empty store.
    ///
    /// - Parameter limit: threads whose files are kept at the most.
    public init(pid: Int32, limit: Int) {
        self.pid = pid
        self.limit = limit
    }

    deinit {
        for (_, pair) in open { ThreadDescriptors.close(pair) }
    }

    /// Reads `schedstat` of a thread.
    public mutating func schedule(_ tid: Int32, with reader: inout ProcReader) -> Reading<TaskSchedule> {
        guard let descriptor = pair(tid, &reader)?.schedule, descriptor >= 0 else {
            return reader.schedstat(pid, thread: tid)
        }
        return reader.read(kept: descriptor, TaskSchedule.init(parsing:))
    }

    /// Reads `syscall` of a thread.
    public mutating func call(_ tid: Int32, with reader: inout ProcReader) -> Reading<CurrentSyscall> {
        guard let descriptor = pair(tid, &reader)?.call, descriptor >= 0 else {
            return reader.syscall(pid, thread: tid)
        }
        return reader.read(kept: descriptor, CurrentSyscall.init(parsing:))
    }

    /// Closes the files of a thread.
    public mutating func drop(_ tid: Int32) {
        if let pair = open.removeValue(forKey: tid) { ThreadDescriptors.close(pair) }
    }

    private mutating func pair(_ tid: Int32, _ reader: inout ProcReader) -> Pair? {
        if let known = open[tid] { return known }
        guard open.count < limit else { return nil }
        let schedule = try? reader.root.open(ProcReader.path(pid, thread: tid, "schedstat"), .nonBlocking)
        let call = try? reader.root.open(ProcReader.path(pid, thread: tid, "syscall"), .nonBlocking)
        let pair = Pair(schedule: schedule?.release() ?? -1, call: call?.release() ?? -1)
        open[tid] = pair
        return pair
    }

    private static func close(_ pair: Pair) {
        for descriptor in [pair.schedule, pair.call] where descriptor >= 0 { _ = FileDescriptor(owning: descriptor) }
    }
}
