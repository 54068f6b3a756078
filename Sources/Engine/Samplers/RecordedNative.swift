internal import Linux
internal import NativeStacks
internal import Profiles
internal import PythonInspection

/// Machine code with the Python frames among it, of the threads of one process in a recording.
///
/// A thread is stopped at each of its samples, for as long as its stack is copied; one that has not run since is not stopped again.
struct RecordedNative {
    /// Why threads may not be stopped; nil while they may.
    private(set) var refusal: String?
    private let sampler: NativeStackSampler
    /// Stacks of threads at their last samples, by the sample's number of the thread.
    private var last: [Int: NodeId] = [:]
    /// Threads whose stacks are kept at most.
    private static let limit = 10_000

    /// Prepares to stop threads of a process.
    ///
    /// - Throws: when libunwind is missing, or /proc cannot be opened.
    init(pid: Int32) throws {
        sampler = try NativeStackSampler(pid: pid)
    }

    /// Adds the stack of a thread, outermost first.
    ///
    /// - Returns: false when there is none: the sample's own Python frames have to do.
    mutating func add(
        _ sample: ThreadSample, _ thread: ThreadId, _ inspector: inout PythonInspector, _ target: inout LiveTarget,
        to profile: inout Profile, atNanoseconds nanoseconds: UInt64
    ) -> Bool {
        if sample.isStill, let node = last[sample.serial] {
            profile.statistics.nativeStacks += 1
            profile.add(node, thread: thread, atNanoseconds: nanoseconds)
            return true
        }
        last[sample.serial] = nil
        do throws(StackFailure) {
            let copy = try sampler.copy(sample.tid, sample.place, inspector, from: &target)
            let stack = sampler.stack(of: copy, &inspector, from: &target)
            if stack.stoppedNanoseconds > 0 { profile.statistics.addStop(ofNanoseconds: stack.stoppedNanoseconds) }
            // Without its tables a library hides who called it, and with them the Python frames.
            guard stack.frames.contains(where: \.isPython) || sample.frames.isEmpty else {
                profile.statistics.nativeMissing += 1
                return false
            }
            profile.statistics.nativeStacks += 1
            if !stack.isComplete { profile.statistics.nativeCut += 1 }
            let node = profile.node(stack.frames.reversed().map { profile.frame(ProfileFrame($0)) })
            if last.count >= RecordedNative.limit { last = [:] }
            last[sample.serial] = node
            profile.add(node, thread: thread, atNanoseconds: nanoseconds)
            return true
        } catch {
            if case .refused(let remedy) = error.trouble { refusal = remedy }
            profile.statistics.nativeMissing += 1
            return false
        }
    }
}

extension MixedFrame {
    fileprivate var isPython: Bool {
        if case .python = self { true } else { false }
    }
}

extension ProfileFrame {
    /// A frame of a stack of both kinds; one of machine code without a name has the address in the file where it begins.
    init(_ frame: MixedFrame) {
        switch frame {
        case .python(let python): self.init(python)
        case .native(let function, let address):
            let place = function.file == nil ? address : function.fileStart
            self.init(
                kind: .native, function: function.name ?? "0x" + String(place, radix: 16), file: "",
                module: function.file)
        }
    }
}
