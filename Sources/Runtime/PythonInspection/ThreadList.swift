/// Interpreters and threads of a runtime, and who holds the lock of each interpreter.
struct ThreadList {
    let layout: PythonLayout
    private static let interpreterLimit = 1000
    private static let threadLimit = 20_000

    init(layout: PythonLayout) {
        self.layout = layout
    }

    /// A thread state. Source: `PyThreadState`.
    struct Thread {
        var address: RemoteAddress
        /// `threading.get_ident()`.
        var threadId: UInt64
        /// As the target's own pid namespace counts.
        var nativeThreadId: UInt64
    }

    /// The global interpreter lock. Source: `struct _gil_runtime_state`.
    struct Lock {
        var address: RemoteAddress
        var length: Int

        /// Whether a word is inside: a thread that sleeps on it waits for the lock.
        func contains(_ word: RemoteAddress) -> Bool {
            word >= address && word < address + length
        }
    }

    /// Interpreters of a runtime, the newest first. Source: `_PyRuntimeState.interpreters.head`.
    func interpreters<Memory: RemoteMemory & ~Copyable>(of runtime: RemoteAddress, in memory: inout Memory)
        throws(RemoteMemoryError) -> [RemoteAddress]
    {
        var found: [RemoteAddress] = []
        var next = try memory.pointer(runtime + layout.runtimeInterpretersHead)
        while next.rawValue != 0, found.count < ThreadList.interpreterLimit, !found.contains(next) {
            found.append(next)
            next = try memory.pointer(next + layout.interpreterNext)
        }
        return found
    }

    /// Threads of an interpreter, the newest first. Source: `PyInterpreterState.threads.head`.
    func threads<Memory: RemoteMemory & ~Copyable>(of interpreter: RemoteAddress, in memory: inout Memory)
        throws(RemoteMemoryError) -> [Thread]
    {
        var found: [Thread] = []
        var seen: Set<RemoteAddress> = []
        var next = try memory.pointer(interpreter + layout.interpreterThreadsHead)
        while next.rawValue != 0, found.count < ThreadList.threadLimit, seen.insert(next).inserted {
            let state = try memory.bytes(next, layout.threadSize)
            found.append(
                Thread(
                    address: next, threadId: state.word(layout.threadId),
                    nativeThreadId: state.word(layout.threadNativeId)))
            next = RemoteAddress(state.word(layout.threadNext))
        }
        return found
    }

    /// The lock of an interpreter; nil before it exists.
    func lock<Memory: RemoteMemory & ~Copyable>(
        of interpreter: RemoteAddress, runtime: RemoteAddress, in memory: inout Memory
    ) throws(RemoteMemoryError) -> Lock? {
        switch layout.gil {
        case .runtime(let offset): return Lock(address: runtime + offset, length: layout.gilSize)
        case .interpreter(let pointer):
            let address = try memory.pointer(interpreter + pointer)
            return address.rawValue == 0 ? nil : Lock(address: address, length: layout.gilSize)
        }
    }

    /// The thread state that holds a lock now; nil when it is free.
    func holder<Memory: RemoteMemory & ~Copyable>(of lock: Lock, in memory: inout Memory) -> RemoteAddress? {
        guard let bytes = try? memory.bytes(lock.address, layout.gilSize), bytes.int(layout.gilLocked) == 1 else {
            return nil
        }
        return RemoteAddress(bytes.word(layout.gilHolder))
    }
}
