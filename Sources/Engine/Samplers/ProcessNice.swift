public import Linux
public import Model
internal import ProcFS

/// The nice value of a whole process: on Linux each thread has its own.
public struct ProcessNice: Sendable, Hashable {
    /// The nice value now.
    public var value: Int32
    /// Threads that have it now.
    public var threads: Int
    /// Threads that keep theirs because the kernel refused.
    public var refused: Int

    /// Gives all threads of a process the main thread's nice value, changed by a step.
    ///
    /// Threads that end meanwhile are no error; those that begin meanwhile are found by listing again.
    /// - Throws: `Errno.noSuchProcess` when it ended or its pid is another's now; a refusal when no thread could be changed.
    public static func change(_ identity: ProcessIdentity, by step: Int32) throws(Errno) -> ProcessNice {
        var reader = try ProcReader()
        try check(identity, &reader)
        var result = ProcessNice(
            value: min(19, max(-20, try nice(of: identity.pid) + step)), threads: 0, refused: 0)
        var done = Set<Int32>()
        var refusal: Errno?
        var listed: [Int32] = []
        for _ in 0..<listings {
            guard reader.threads(of: identity.pid, into: &listed) else { break }
            // Listed first and compared then: the threads are those of the process that was meant.
            try check(identity, &reader)
            let new = listed.filter { !done.contains($0) }
            guard !new.isEmpty else { break }
            for tid in new {
                done.insert(tid)
                do throws(Errno) {
                    try renice(tid, to: result.value)
                    result.threads += 1
                } catch {
                    guard error.isRefusal else { continue }
                    refusal = error
                    result.refused += 1
                }
            }
        }
        guard result.threads > 0 else { throw refusal ?? .noSuchProcess }
        return result
    }

    /// Listings at the most: who starts threads all the time is left at that.
    private static let listings = 5

    private static func check(_ identity: ProcessIdentity, _ reader: inout ProcReader) throws(Errno) {
        guard case .value(let stat) = reader.stat(identity.pid), stat.startTicks == identity.startTicks else {
            throw .noSuchProcess
        }
    }
}

extension ProcessNice: CustomStringConvertible {
    /// The value and, where there are several, the threads that have it.
    public var description: String {
        if refused > 0 {
            return "\(value) in \(threads) of \(threads + refused) threads; the others may not be changed"
        }
        return threads == 1 ? "\(value)" : "\(value) in all \(threads) threads"
    }
}
