/// One call of an interpreter's evaluation loop, which may stand for several frames of the interpreted language.
public struct EvaluatorCall: Sendable, Hashable {
    /// Frames that it evaluates, which is one up to CPython 3.10; none while it has just begun.
    public var frameCount: Int
    /// An address within the call's own frame of machine code.
    ///
    /// - Absent: where the interpreter keeps none, up to CPython 3.11.
    public var stackAddress: UInt64?

    /// A call from the values that its members name.
    public init(frameCount: Int, stackAddress: UInt64?) {
        self.frameCount = frameCount
        self.stackAddress = stackAddress
    }
}

/// Puts the frames of interpreted code among those of machine code, each where the evaluation loop runs it.
public enum StackSplice {
    /// A place in one of the two stacks.
    public enum Element: Sendable, Hashable {
        /// Index into the frames of machine code.
        case native(Int)
        /// Index into the frames of interpreted code, all calls together.
        case interpreted(Int)
    }

    /// The stack that both make, innermost first; every interpreted frame is in it, whatever the other stack is worth.
    ///
    /// - Parameters:
    ///   - stack: Frames of machine code.
    ///   - isEvaluator: Whether each of them is the evaluation loop, by its name.
    ///   - calls: Calls of the evaluation loop, innermost first, read while the thread stood still at the same place.
    public static func merge(_ stack: NativeStack, isEvaluator: [Bool], _ calls: [EvaluatorCall]) -> [Element] {
        var starts: [Int] = []
        var total = 0
        for call in calls {
            starts.append(total)
            total += call.frameCount
        }
        let places = self.places(of: calls, stack, isEvaluator)
        let replaced = Set(places.compactMap { $0 })
        var merged: [Element] = []
        merged.reserveCapacity(stack.frames.count + total)
        var next = 0
        func emit(through last: Int) {
            while next <= last {
                for offset in 0..<calls[next].frameCount { merged.append(.interpreted(starts[next] + offset)) }
                next += 1
            }
        }
        // Calls without a place go before the next one that has one; the last ones where the stack ends.
        var byPlace: [Int: Int] = [:]
        for (call, place) in places.enumerated() { if let place { byPlace[place] = call } }
        for index in stack.frames.indices {
            if let call = byPlace[index] {
                emit(through: call)
            } else if !isPiece(index, isEvaluator, replaced) {
                merged.append(.native(index))
            }
        }
        emit(through: calls.count - 1)
        return merged
    }

    /// Whether a frame is another piece of a call that was placed: an instruction's own function and the loop around it.
    private static func isPiece(_ index: Int, _ isEvaluator: [Bool], _ replaced: Set<Int>) -> Bool {
        isEvaluator[index] && (replaced.contains(index - 1) || replaced.contains(index + 1))
    }

    /// The native frame of each call, in their order; nil where there is none.
    private static func places(of calls: [EvaluatorCall], _ stack: NativeStack, _ isEvaluator: [Bool]) -> [Int?] {
        if calls.contains(where: { $0.stackAddress != nil }) { return placesByAddress(calls, stack) }
        var loops: [Int] = []
        for index in stack.frames.indices where isEvaluator[index] {
            // Two pieces of the loop that call each other are one call.
            if index > 0, isEvaluator[index - 1] { continue }
            loops.append(index)
        }
        var places: [Int?] = Array(repeating: nil, count: calls.count)
        let shared = min(loops.count, calls.count)
        for number in 0..<shared {
            if stack.isComplete {
                // A loop that has just been entered has no frame yet: counting begins at the thread's first.
                places[calls.count - 1 - number] = loops[loops.count - 1 - number]
            } else {
                places[number] = loops[number]
            }
        }
        return places
    }

    private static func placesByAddress(_ calls: [EvaluatorCall], _ stack: NativeStack) -> [Int?] {
        var places: [Int?] = []
        var index = 0
        for call in calls {
            guard let address = call.stackAddress else {
                places.append(nil)
                continue
            }
            // A frame's memory ends where its caller's begins.
            var candidate = index
            while candidate + 1 < stack.frames.count, stack.frames[candidate + 1].stackPointer <= address {
                candidate += 1
            }
            guard candidate + 1 < stack.frames.count, stack.frames[candidate].stackPointer <= address else {
                places.append(nil)
                continue
            }
            places.append(candidate)
            index = candidate + 1
        }
        return places
    }
}
