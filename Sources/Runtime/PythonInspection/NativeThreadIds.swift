/// Native thread ids of versions that do not keep them, up to 3.10: the C library does.
///
/// `PyThreadState.thread_id` is pthread_self(3), the address of the C library's own structure for the thread, which has the
/// native id somewhere: glibc 2.31 to 2.43 at 720. Where it is somewhere else it is found by looking for a place at which
/// every thread has another one of the process's thread ids. Thread states may outlive their threads, as in the child of a fork(2)
/// that Python does not know of: they have no id, or one that is nobody's now.
struct NativeThreadIds {
    private var offset: Int?
    private static let likelyOffset = 720
    private static let searchedBytes = 1280
    /// Most structures that are looked at: one of a thread that lives is enough.
    private static let searchedThreads = 256

    /// Threads with their native ids, 0 for one that ended; without where it is not known where the ids are.
    mutating func completed<Target: RemoteProcess & ~Copyable>(
        _ threads: [ThreadList.Thread], in target: inout Target
    ) -> [ThreadList.Thread] {
        guard threads.contains(where: { $0.nativeThreadId == nil }) else { return threads }
        if offset == nil { offset = place(in: threads.map(\.threadId), &target) }
        guard let offset else { return threads }
        let pieces = threads.map { RemotePiece(RemoteAddress($0.threadId) + offset, 4) }
        var bytes: [UInt8] = []
        let isWhole = (try? target.read(pieces, into: &bytes)) != nil
        return threads.indices.map { index in
            var thread = threads[index]
            // The structure of a thread that ended is unmapped.
            let own = isWhole ? bytes[index * 4..<index * 4 + 4] : (try? target.bytes(pieces[index].address, 4))?[...]
            thread.nativeThreadId = own.map { UInt64(UInt32(bitPattern: Array($0).int(0))) } ?? 0
            return thread
        }
    }

    /// Where the structures have the ids: the first place at which the most threads have one that lives, each another.
    private func place<Target: RemoteProcess & ~Copyable>(in threads: [UInt64], _ target: inout Target) -> Int? {
        var structures: [[UInt8]] = []
        // A thread may have several states.
        for thread in Set(threads) where structures.count < NativeThreadIds.searchedThreads {
            guard let bytes = try? target.bytes(RemoteAddress(thread), NativeThreadIds.searchedBytes) else { continue }
            structures.append(bytes)
        }
        var isAlive: [Int32: Bool] = [:]
        var best: (place: Int, count: Int)?
        for place in [NativeThreadIds.likelyOffset] + stride(from: 0, to: NativeThreadIds.searchedBytes, by: 4) {
            var seen: Set<Int32> = []
            let repeats = structures.contains { bytes in
                let value = bytes.int(place)
                guard value > 0, value <= NativeThreadIds.largestId else { return false }
                let lives = isAlive[value] ?? (target.activity(ofNative: UInt64(value)) != nil)
                isAlive[value] = lives
                return lives && !seen.insert(value).inserted
            }
            if !repeats, seen.count > best?.count ?? 0 { best = (place, seen.count) }
            if best?.count == structures.count { break }
        }
        return best?.place
    }

    /// Source: `PID_MAX_LIMIT` of the kernel.
    private static let largestId: Int32 = 1 << 22
}
