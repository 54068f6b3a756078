/// A thread's state in an interpreter, to be read by itself.
public struct PythonThreadState: Sendable, Hashable {
    /// Where it is in the target.
    let address: RemoteAddress
    /// `threading.get_ident()`.
    public let pythonThreadId: UInt64
    /// Thread id as the target's own pid namespace counts.
    public let nativeThreadId: UInt64?
}

/// A thread's frames as they are linked, before names and lines are looked up: quickly read while the thread stands still.
public struct PythonChain: Sendable {
    var frames: [RawFrame]
    /// Of each frame, whether the evaluation loop was entered for it; empty where the version does not say.
    var isEntry: [Bool]
}

/// One call of the evaluation loop.
public struct PythonEvaluation: Sendable, Hashable {
    /// Innermost first: since CPython 3.11 one call of the loop runs the Python functions that its own function calls.
    public var frames: [PythonFrame]
    /// An address in the machine's stack that is within the loop's own frame.
    ///
    /// - Source: the frame that links an evaluation to its caller, CPython 3.12 and later.
    public var stackAddress: UInt64?
}

extension PythonInspector {
    /// States of all threads, to be read one by one; since CPython 3.13 those of the newest interpreter first: a thread that entered it from
    /// another one is there. Before, an interpreter's first state has the id of the thread that made it, whoever runs it, and the main
    /// interpreter comes first.
    ///
    /// - Throws: ``PythonInspectionError`` when the lists cannot be read.
    public mutating func states<Target: RemoteProcess & ~Copyable>(in target: inout Target)
        throws(PythonInspectionError) -> [PythonThreadState]
    {
        try look(at: &target)
        return (version.minor > 12 ? interpreters.reversed() : interpreters).flatMap { interpreter in
            interpreter.threads.map {
                PythonThreadState(
                    address: $0.thread.address, pythonThreadId: $0.thread.threadId,
                    nativeThreadId: $0.thread.nativeThreadId)
            }
        }
    }

    /// Frames of a thread that stands still; nil when it stands where they are not whole.
    public func chain<Target: RemoteProcess & ~Copyable>(of state: PythonThreadState, in target: inout Target)
        -> PythonChain?
    {
        let layout = runtime.layout
        // One that has read the thread before knows where its frames lie, which saves half of the time that the thread stands still.
        var reader = reader(of: state) ?? StackReader(layout: layout)
        // The first reading tells a reader that knows another place where the frames are now.
        var isWhole = false
        for _ in 0..<3 where !isWhole {
            isWhole = (try? reader.read(thread: state.address, from: &target)) ?? false
        }
        guard isWhole else { return nil }
        var chain = PythonChain(frames: reader.frames, isEntry: [])
        if layout.version.minor == 11 {
            var bytes: [UInt8] = []
            let pieces = chain.frames.map { RemotePiece($0.address + layout["iframe.is_entry"], 1) }
            guard (try? target.read(pieces, into: &bytes)) != nil else { return nil }
            chain.isEntry = bytes.prefix(pieces.count).map { $0 != 0 }
        }
        return chain
    }

    private func reader(of state: PythonThreadState) -> StackReader? {
        for interpreter in interpreters {
            for tracked in interpreter.threads where tracked.thread.address == state.address { return tracked.reader }
        }
        return nil
    }

    /// The calls of the evaluation loop that a chain of frames stands for, innermost first.
    public mutating func evaluations<Target: RemoteProcess & ~Copyable>(of chain: PythonChain, in target: inout Target)
        -> [PythonEvaluation]
    {
        var calls: [PythonEvaluation] = []
        var open = PythonEvaluation(frames: [])
        var isOpen = false
        for (index, raw) in chain.frames.enumerated() {
            isOpen = true
            if runtime.layout.isShim(owner: raw.owner) {
                open.stackAddress = raw.address.rawValue
                calls.append(open)
                (open, isOpen) = (PythonEvaluation(frames: []), false)
                continue
            }
            // A thread may stand where its innermost frame is being made; the others are whole.
            var numbers: [Int32] = []
            if symbols.append([raw], innermost: 1, to: &numbers, in: &target), let number = numbers.first,
                number != FrameSymbols.hidden
            {
                open.frames.append(symbols.frames[Int(number)])
            }
            let endsCall =
                runtime.layout.hasFrameObjects || index < chain.isEntry.count && chain.isEntry[index]
            if endsCall {
                calls.append(open)
                (open, isOpen) = (PythonEvaluation(frames: []), false)
            }
        }
        if isOpen { calls.append(open) }
        return calls
    }
}
