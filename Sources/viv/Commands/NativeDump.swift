internal import Linux
internal import ProcFS
internal import PythonInspection
internal import Samplers

/// What `viv dump --native` adds: the machine code of every thread, with the Python frames in their places.
struct NativeDump {
    /// A thread that no interpreter knows.
    struct Worker {
        var tid: Int32
        /// The kernel's name of it.
        var name: String
        var isRunning: Bool
        /// Whether it is the thread that the process began with, as where a program that is not Python's embeds it.
        var isMain: Bool
    }

    /// By thread id.
    private(set) var stacks: [UInt64: MixedStack] = [:]
    /// Threads that run no Python, by thread id.
    private(set) var workers: [Worker] = []

    /// Reads each thread of a process while it stands still for a moment.
    ///
    /// - Throws: `Failure` where none may be stopped.
    init(_ pid: Int32, _ snapshot: PythonSnapshot, _ target: inout LiveTarget) throws {
        var inspector = try PythonInspector(&target)
        var states: [UInt64: PythonThreadState] = [:]
        // The first of several states of one thread is that which is in use, as far as that can be told.
        for state in try inspector.states(in: &target) where states[state.pythonThreadId] == nil {
            states[state.pythonThreadId] = state
        }
        let sampler = try NativeStackSampler(pid: pid)
        var python: [UInt64: PythonThread] = [:]
        for thread in snapshot.threads { python[thread.tid] = thread }
        var reader = try ProcReader()
        var tids: [Int32] = []
        _ = reader.threads(of: pid, into: &tids)
        var remedy: String?
        for tid in tids {
            let known = python[UInt64(tid)]
            var stack: MixedStack
            do throws(StackFailure) {
                let copy = try sampler.copy(
                    tid, known.flatMap { states[$0.pythonThreadId] }, inspector, from: &target)
                stack = sampler.stack(of: copy, &inspector, from: &target)
                if let known, !known.frames.isEmpty, !copy.hasPythonFrames {
                    throw StackFailure(
                        trouble: .unreachable("its Python frames were not whole where it stood; these are from before"))
                }
                if let known { stack.addLocals(known.frames) }
            } catch {
                if error.trouble == .gone { continue }
                if case .refused(let words) = error.trouble { remedy = words }
                stack = MixedStack(
                    tid: tid, frames: (known?.frames ?? []).map { .python($0) }, isComplete: false,
                    stoppedNanoseconds: 0, trouble: error.trouble)
            }
            stacks[UInt64(tid)] = stack
            if known == nil, case .value(let stat) = reader.stat(pid, thread: tid) {
                workers.append(
                    Worker(
                        tid: tid, name: stat.command.text, isRunning: stat.state == UInt8(ascii: "R"),
                        isMain: tid == pid))
            }
        }
        if let remedy, stacks.values.allSatisfy({ $0.trouble != nil }) {
            throw Failure(.refused, "process \(pid): its threads may not be stopped for native frames: \(remedy)")
        }
    }
}

extension MixedStack {
    /// Gives the Python frames the variables that were read before, where the thread has not moved since.
    fileprivate mutating func addLocals(_ known: [PythonFrame]) {
        guard known.contains(where: { $0.locals != nil }) else { return }
        var places: [Int] = []
        for (place, frame) in frames.enumerated() {
            guard case .python(let python) = frame else { continue }
            guard places.count < known.count else { return }
            let other = known[places.count]
            guard other.function == python.function, other.file == python.file, other.line == python.line else {
                return
            }
            places.append(place)
        }
        guard places.count == known.count else { return }
        for (place, frame) in zip(places, known) { frames[place] = .python(frame) }
    }
}
