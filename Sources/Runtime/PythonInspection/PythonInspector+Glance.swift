extension PythonInspector {
    /// Finds out which interpreters and threads there are, for the glances that follow.
    ///
    /// - Throws: ``PythonInspectionError`` when the process ended or may not be read.
    public mutating func lookAround<Target: RemoteProcess & ~Copyable>(in target: inout Target)
        throws(PythonInspectionError)
    {
        symbols.begin()
        try look(at: &target)
    }

    /// Whether some thread holds the lock of an interpreter now: a few bytes are read for each of them.
    ///
    /// - Returns: nil in builds without the lock, and before ``lookAround(in:)``.
    public func isLocked<Target: RemoteProcess & ~Copyable>(in target: inout Target) -> Bool? {
        guard !version.isFreeThreaded else { return nil }
        let list = ThreadList(layout: runtime.layout)
        let locks = interpreters.prefix(PythonInspector.glancedInterpreters).compactMap(\.lock)
        guard !locks.isEmpty else { return nil }
        return locks.contains { list.holder(of: $0, in: &target) != nil }
    }

    /// The innermost frame of the thread that ran Python last, or else of the main one: nothing is read of the other threads.
    ///
    /// - Returns: nil where that thread has no frame, or moves too fast.
    public mutating func currentFrame<Target: RemoteProcess & ~Copyable>(in target: inout Target) -> PythonFrame? {
        for index in interpreters.indices.prefix(PythonInspector.glancedInterpreters) {
            let last = interpreters[index].lock.flatMap { lastHolder(of: $0, in: &target) }
            let threads = interpreters[index].threads
            guard let place = threads.firstIndex(where: { $0.thread.address == last }) ?? threads.indices.first,
                let native = threads[place].thread.nativeThreadId
            else { continue }
            var costs = ReadingCosts()
            interpreters[index].threads[place].read(
                target.motion(ofNative: native), &symbols, PythonInspector.glancePatience, &costs, from: &target)
            let tracked = interpreters[index].threads[place]
            guard tracked.isWhole, let number = tracked.symbols.last(where: { $0 != FrameSymbols.hidden }) else {
                continue
            }
            return symbols.frames[Int(number)]
        }
        return nil
    }

    /// The thread that holds a lock, or held it last.
    private func lastHolder<Target: RemoteProcess & ~Copyable>(of lock: ThreadList.Lock, in target: inout Target)
        -> RemoteAddress?
    {
        // 3.6 keeps who holds it, and nothing of who did.
        if case .none = runtime.layout.gil { return ThreadList(layout: runtime.layout).holder(of: lock, in: &target) }
        guard let bytes = try? target.bytes(lock.address, runtime.layout.gilSize) else { return nil }
        return RemoteAddress(bytes.word(runtime.layout.gilHolder))
    }

    /// Of a program that made thousands of interpreters only the first ones are glanced at.
    private static let glancedInterpreters = 16
    private static let glancePatience = ReadingPatience(attempts: 50)
}
