/// Interpreters and threads of a runtime, and who holds the lock of each interpreter.
struct ThreadList {
    let layout: PythonLayout
    private static let interpreterLimit = 1000
    private static let threadLimit = 20_000

    init(layout: PythonLayout) {
        self.layout = layout
    }

    /// A thread state. Source: `PyThreadState`.
    struct Thread: Hashable, Sendable {
        var address: RemoteAddress
        /// `threading.get_ident()`.
        var threadId: UInt64
        /// As the target's own pid namespace counts.
        ///
        /// - Absent: up to 3.10.
        var nativeThreadId: UInt64?
        /// Absent: with the GIL.
        var attachment: PythonThread.Attachment?

        /// What tells it from every other thread.
        struct Key: Hashable {
            var address: RemoteAddress
            var threadId: UInt64
            var nativeThreadId: UInt64?
        }
        var key: Key { Key(address: address, threadId: threadId, nativeThreadId: nativeThreadId) }
    }

    /// The global interpreter lock. Source: `struct _gil_runtime_state`.
    struct Lock: Sendable {
        var address: RemoteAddress
        var length: Int
        /// Where 3.6 keeps the thread that holds it.
        var current: RemoteAddress?

        /// Whether a word is inside: a thread that sleeps on it waits for the lock.
        func contains(_ word: RemoteAddress) -> Bool {
            word >= address && word < address + length
        }
    }

    /// Interpreters of a runtime, the newest first. Source: `_PyRuntimeState.interpreters.head`.
    func interpreters<Memory: RemoteMemory & ~Copyable>(of runtime: PythonRuntime, in memory: inout Memory)
        throws(RemoteMemoryError) -> [RemoteAddress]
    {
        var found: [RemoteAddress] = []
        var next = try memory.pointer(runtime.interpretersHead)
        while next.rawValue != 0, found.count < ThreadList.interpreterLimit, !found.contains(next) {
            found.append(next)
            next = try memory.pointer(next + layout.interpreterNext)
        }
        return found
    }

    /// Ids of interpreters, which the list has the newest first.
    func ids<Memory: RemoteMemory & ~Copyable>(of interpreters: [RemoteAddress], in memory: inout Memory) -> [Int64] {
        guard let place = layout.interpreterId else { return (0..<Int64(interpreters.count)).reversed() }
        return interpreters.map { Int64(bitPattern: (try? memory.pointer($0 + place))?.rawValue ?? 0) }
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
                    nativeThreadId: layout.threadNativeId.map { state.word($0) },
                    attachment: layout.threadAttachment.flatMap { PythonThread.Attachment(state: state.int($0)) }))
            next = RemoteAddress(state.word(layout.threadNext))
        }
        return found
    }

    /// The lock of an interpreter; nil before it exists.
    func lock<Memory: RemoteMemory & ~Copyable>(
        of interpreter: RemoteAddress, runtime: PythonRuntime, in memory: inout Memory
    ) throws(RemoteMemoryError) -> Lock? {
        switch layout.gil {
        case .none:
            // Its parts are variables of the module: a thread that sleeps on one of these waits for it.
            return runtime.data.map { Lock(address: $0.address, length: $0.length, current: runtime.currentThread) }
        case .runtime(let offset): return Lock(address: runtime.address + offset, length: layout.gilSize)
        case .interpreter(let pointer):
            let address = try memory.pointer(interpreter + pointer)
            return address.rawValue == 0 ? nil : Lock(address: address, length: layout.gilSize)
        }
    }

    /// The thread state that holds a lock now; nil when it is free.
    func holder<Memory: RemoteMemory & ~Copyable>(of lock: Lock, in memory: inout Memory) -> RemoteAddress? {
        if case .none = layout.gil {
            guard let current = lock.current, let thread = try? memory.pointer(current), thread.rawValue != 0 else {
                return nil
            }
            return thread
        }
        guard let bytes = try? memory.bytes(lock.address, layout.gilSize), bytes.int(layout.gilLocked) == 1,
            layout.gilEnabled.map({ bytes.int($0) != 0 }) ?? true
        else { return nil }
        return RemoteAddress(bytes.word(layout.gilHolder))
    }
}

extension PythonThread.Attachment {
    /// From the number that CPython keeps. Source: `_Py_THREAD_DETACHED` and those behind it, pycore_pystate.h.
    fileprivate init?(state: Int32) {
        switch state {
        case 0: self = .detached
        case 1: self = .attached
        case 2: self = .suspended
        case 3: self = .shuttingDown
        default: return nil
        }
    }
}
