internal import Linux
public import NativeStacks
public import PythonInspection

/// A frame of a stack of both kinds.
public enum MixedFrame: Sendable, Hashable {
    /// Of Python code.
    case python(PythonFrame)
    /// Of machine code: what is known of it, and its address in the process.
    case native(NativeFunction, address: UInt64)
}

/// A thread's stack, machine code and Python in their order.
public struct MixedStack: Sendable, Hashable {
    /// Thread id.
    public var tid: Int32
    /// Innermost first.
    public var frames: [MixedFrame]
    /// Whether the machine code's last frame is the thread's first.
    public var isComplete: Bool
    /// How long the thread stood still for it; 0 where it was not stopped. Unit: nanoseconds.
    public var stoppedNanoseconds: UInt64
    /// Why there is no machine code in it; nil when there is.
    public var trouble: StackTrouble?

    /// A stack from the values that its members name.
    public init(
        tid: Int32, frames: [MixedFrame], isComplete: Bool, stoppedNanoseconds: UInt64, trouble: StackTrouble? = nil
    ) {
        self.tid = tid
        self.frames = frames
        self.isComplete = isComplete
        self.stoppedNanoseconds = stoppedNanoseconds
        self.trouble = trouble
    }
}

/// Why a thread has no native frames.
public enum StackTrouble: Sendable, Hashable {
    /// It ended meanwhile.
    case gone
    /// It may not be stopped; the text is the remedy.
    case refused(remedy: String)
    /// Another process traces it, or it sleeps where no stop reaches it; the text says which.
    case unreachable(String)
}

/// Reads stacks of machine code with the Python frames among them, thread by thread.
///
/// Each thread is stopped for as long as it takes to copy its stack, some tens of microseconds; all else happens while it runs on.
/// To be used by one thread of ours, see ``Linux/StoppedThread``.
public final class NativeStackSampler {
    private let pid: Int32
    private let unwinder: Unwinder

    /// A thread's stack as it was copied, to be unwound later.
    public struct Copy: Sendable {
        /// Thread id.
        public let tid: Int32
        let capture: StackCapture
        let chain: PythonChain?
        /// Whether its Python frames could be copied with it.
        public var hasPythonFrames: Bool { chain != nil }
    }

    /// Prepares to read the threads of a process.
    ///
    /// - Throws: when /proc cannot be opened.
    public init(pid: Int32) throws {
        self.pid = pid
        unwinder = try Unwinder(pid: pid)
    }

    /// Copies the stack of a thread, and its Python frames at the same moment; nothing is unwound yet, no name looked up.
    ///
    /// - Parameter state: the thread's state in the interpreter; nil for a thread that runs no Python.
    public func copy(
        _ tid: Int32, _ state: PythonThreadState?, _ inspector: PythonInspector, from target: inout LiveTarget
    ) throws(StackFailure) -> Copy {
        do throws(StopError) {
            let taken = try StackCapture.take(tid, of: pid) {
                state.flatMap { inspector.chain(of: $0, in: &target) }
            }
            return Copy(tid: tid, capture: taken.capture, chain: taken.result)
        } catch {
            throw StackFailure(trouble: StackTrouble(error))
        }
    }

    /// Unwinds a copy; Python frames stand where the evaluation loop ran them.
    public func stack(
        of copy: Copy, _ inspector: inout PythonInspector, from target: inout LiveTarget
    ) -> MixedStack {
        let native = unwinder.stack(of: copy.capture)
        let functions = unwinder.functions(of: native.frames.lazy.map(\.lookupAddress))
        let calls = copy.chain.map { inspector.evaluations(of: $0, in: &target) } ?? []
        let known = native.frames.map { functions[$0.lookupAddress] }
        let order = StackSplice.merge(
            native, isEvaluator: known.map { $0?.isEvaluator == true },
            calls.map { EvaluatorCall(frameCount: $0.frames.count, stackAddress: $0.stackAddress) })
        let python = calls.flatMap(\.frames)
        let frames = order.compactMap { element -> MixedFrame? in
            switch element {
            case .interpreted(let index): .python(python[index])
            case .native(let index): known[index].map { .native($0, address: native.frames[index].address) }
            }
        }
        return MixedStack(
            tid: copy.tid, frames: frames, isComplete: native.isComplete,
            stoppedNanoseconds: copy.capture.stoppedNanoseconds)
    }
}

/// A thread's stack could not be copied.
public struct StackFailure: Error, Sendable, Hashable {
    /// Why.
    public let trouble: StackTrouble

    /// A failure for that reason.
    public init(trouble: StackTrouble) { self.trouble = trouble }
}

extension StackTrouble {
    init(_ error: StopError) {
        self =
            switch error {
            case .gone: .gone
            case .refused(let remedy): .refused(remedy: remedy)
            default: .unreachable("\(error)")
            }
    }
}
