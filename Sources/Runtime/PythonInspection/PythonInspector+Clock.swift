package import BpfPrograms

/// Which thread a stack is of: states and ids of threads that ended are used again, but hardly both together.
package struct ClockedThreadKey: Hashable, Sendable {
    /// Where the interpreter keeps its state.
    package var state: UInt64
    /// `threading.get_ident()`.
    package var pythonThreadId: UInt64

    package init(state: UInt64, pythonThreadId: UInt64) {
        (self.state, self.pythonThreadId) = (state, pythonThreadId)
    }
}

/// The stack of one thread as it was the last time, so that only what changed is looked up.
package struct ClockedStack: Sendable {
    private var frames: [ClockRecord.Frame] = []
    /// Numbers of its frames for ``PythonInspector/frame(_:)``, the outermost first; negative for one that is not shown.
    package private(set) var symbols: [Int32] = []
    private var replacements = 0

    package init() {}

    /// Takes a stack over, innermost frame first; false when a frame is none that can be named, and nothing is known then.
    package mutating func follow<Target: RemoteProcess & ~Copyable>(
        _ stack: [ClockRecord.Frame], _ inspector: inout PythonInspector, in target: inout Target
    ) -> Bool {
        var same = 0
        if replacements == inspector.symbols.replacements {
            let most = min(stack.count, frames.count)
            while same < most, stack[stack.count - 1 - same] == frames[frames.count - 1 - same] { same += 1 }
        }
        symbols.removeLast(symbols.count - min(same, symbols.count))
        guard inspector.symbols.append(stack, innermost: stack.count - same, to: &symbols, in: &target) else {
            self = ClockedStack()
            return false
        }
        frames = stack
        replacements = inspector.symbols.replacements
        return true
    }
}

extension PythonInspector {
    /// Where the structures of this version have their fields.
    package var layout: PythonLayout { runtime.layout }

    /// How often code was found gone or replaced by other code.
    package var replacements: Int { symbols.replacements }

    /// What is known of interpreters: where each has its state, its lock, and the word that names the lock's holder where it is no part of it.
    package var lockedInterpreters: [(state: UInt64, lock: UInt64, length: Int, current: UInt64)] {
        interpreters.map {
            (
                $0.address.rawValue, $0.lock?.address.rawValue ?? 0, $0.lock?.length ?? 0,
                $0.lock?.current?.rawValue ?? 0
            )
        }
    }

    /// Looks which threads there are, where that is due.
    ///
    /// - Parameter isUrgent: whether it is due in any case.
    /// - Returns: whether it was.
    /// - Throws: ``PythonInspectionError`` when the process ended or may not be read any longer.
    package mutating func refreshThreads<Target: RemoteProcess & ~Copyable>(
        of target: inout Target, atNanoseconds now: UInt64, isUrgent: Bool
    ) throws(PythonInspectionError) -> Bool {
        guard isUrgent || now >= nextLook || haveThreadsBegun(in: &target) else { return false }
        try look(at: &target)
        nextLook = now + PythonInspector.lookNanoseconds
        return true
    }

    /// Whether a thread is in several interpreters, or in one several times.
    package var haveThreadsSeveralStates: Bool {
        var seen: Set<UInt64> = []
        for interpreter in interpreters {
            for tracked in interpreter.threads where !seen.insert(tracked.thread.threadId).inserted { return true }
        }
        return false
    }

    /// All threads that there were at the last look, each with a sample that has no frames.
    package func clockedThreads() -> [ClockedThreadKey: ThreadSample] {
        var found: [ClockedThreadKey: ThreadSample] = [:]
        for interpreter in interpreters {
            for tracked in interpreter.threads {
                let thread = tracked.thread
                let key = ClockedThreadKey(state: thread.address.rawValue, pythonThreadId: thread.threadId)
                found[key] = ThreadSample(
                    serial: tracked.serial, interpreter: interpreter.id,
                    tid: Int32(truncatingIfNeeded: thread.nativeThreadId ?? 0), pythonThreadId: thread.threadId,
                    isMain: false, state: .running,
                    place: PythonThreadState(
                        address: thread.address, pythonThreadId: thread.threadId,
                        nativeThreadId: thread.nativeThreadId),
                    isStill: false, frames: [])
            }
        }
        return found
    }
}

extension PythonLayout {
    /// The layout of a version as its releases have it; nil for one that is not known.
    package init?(version: PythonVersion) {
        self.init(version: version, architecture: PythonLayout.architecture)
    }
}
