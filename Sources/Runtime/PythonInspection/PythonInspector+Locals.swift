extension PythonInspector {
    /// How often a thread whose variables changed while they were read is read again.
    private static let localsAttempts = 5
    /// How often a thread's stack is read until it is whole.
    private static let stackAttempts = 200
    /// What reading a thread's stack may cost over all attempts, in bytes.
    private static let stackBytes = 256 << 20

    /// Adds the variables of its frames to a snapshot.
    ///
    /// The stack of each thread is read once more, and its variables behind that: where a thread has moved on since the snapshot, its frames
    /// are replaced by those that the variables belong to. Nothing of the target runs, and no more of its memory is read than is asked for.
    public func addLocals<Target: RemoteProcess & ~Copyable>(
        _ demand: LocalsDemand, to snapshot: inout PythonSnapshot, of target: inout Target
    ) {
        let ids = threadIds(in: &target)
        // The values are looked at through a memory that remembers and meters; the process is lent to it meanwhile.
        var memory = PageMemory(target, allowance: demand.limits.totalBytes)
        var reader = LocalsReader(layout: runtime.layout, limits: demand.limits)
        var codes = CodeCache(layout: runtime.layout)
        for index in snapshot.threads.indices {
            let thread = snapshot.threads[index]
            // One thread of the system is in several interpreters in turn, with a state in each: the id alone does not tell which.
            guard let state = thread.address, ids[state] == thread.pythonThreadId else { continue }
            guard demand.tid == nil || demand.tid == thread.tid, !thread.frames.isEmpty else { continue }
            if let frames = frames(of: state, isMoving: thread.state != .idle, demand, &reader, &codes, &memory) {
                snapshot.threads[index].frames = frames
                snapshot.threads[index].isTorn = false
            }
        }
        target = memory.end()
    }

    /// Ids of the threads that are there now, by the addresses of their states.
    private func threadIds<Target: RemoteProcess & ~Copyable>(in target: inout Target) -> [RemoteAddress: UInt64] {
        let list = ThreadList(layout: runtime.layout)
        var found: [RemoteAddress: UInt64] = [:]
        for interpreter in (try? list.interpreters(of: runtime, in: &target)) ?? [] {
            for thread in (try? list.threads(of: interpreter, in: &target)) ?? [] {
                found[thread.address] = thread.threadId
            }
        }
        return found
    }

    /// A thread's frames with their variables: of several readings that of which most is proven; nil when none was whole.
    private func frames<Memory: RemoteMemory & ~Copyable>(
        of thread: RemoteAddress, isMoving: Bool, _ demand: LocalsDemand, _ reader: inout LocalsReader,
        _ codes: inout CodeCache,
        _ memory: inout PageMemory<Memory>
    ) -> [PythonFrame]? {
        var best: (frames: [PythonFrame], torn: Int)?
        var stack = StackReader(layout: runtime.layout)
        for _ in 0..<PythonInspector.localsAttempts {
            guard var found = wholeStack(of: thread, &stack, &codes, &memory) else { break }
            let wanted = demand.frame.map { found.raw.indices.contains($0) ? $0..<$0 + 1 : 0..<0 } ?? found.raw.indices
            let call = LocalsReader.Call(
                thread: thread, innermost: stack.frames.first?.address ?? RemoteAddress(0))
            let (locals, isProven) = reader.locals(
                of: Array(found.raw[wanted]), in: call, isMoving: isMoving, in: &memory)
            for (index, own) in zip(wanted, locals) { found.frames[index].locals = own }
            if isProven { return found.frames }
            let torn = locals.reduce(0) { $0 + ($1?.count { $0.isTorn } ?? 1) }
            if torn < best?.torn ?? .max { best = (found.frames, torn) }
            guard memory.allowance > 0 else { break }
        }
        return best?.frames
    }

    /// A thread's frames as they are now, and where they are; nil when it moves too fast or ended.
    private func wholeStack<Memory: RemoteMemory & ~Copyable>(
        of thread: RemoteAddress, _ stack: inout StackReader, _ codes: inout CodeCache,
        _ memory: inout PageMemory<Memory>
    ) -> (frames: [PythonFrame], raw: [RawFrame])? {
        for _ in 0..<PythonInspector.stackAttempts where stack.work < PythonInspector.stackBytes {
            do throws(RemoteMemoryError) {
                guard try memory.readStack(of: thread, with: &stack) else { continue }
            } catch {
                guard error == .unmapped else { return nil }
                continue
            }
            if let frames = memory.frames(stack.frames, runtime.layout, &codes) { return frames }
        }
        return nil
    }
}

extension PageMemory where Memory: ~Copyable {
    /// Reads a thread's stack, past what is kept.
    fileprivate mutating func readStack(of thread: RemoteAddress, with reader: inout StackReader)
        throws(RemoteMemoryError) -> Bool
    {
        try withMemory { memory throws(RemoteMemoryError) in try reader.read(thread: thread, from: &memory) }
    }

    /// Frames with their names and lines, and where they are, without those that are not shown; nil when one is no whole frame.
    fileprivate mutating func frames(_ chain: [RawFrame], _ layout: PythonLayout, _ codes: inout CodeCache)
        -> (frames: [PythonFrame], raw: [RawFrame])?
    {
        let shown = chain.filter { !layout.isShim(owner: $0.owner) }
        let known = withMemory { codes.entries(of: Set(shown.map(\.code)), in: &$0) }
        let named = layout.named(shown, known)
        return named.isWhole ? (named.frames, named.raw) : nil
    }
}
