/// What memory of a call is read, and when: what every provider follows, and the texts are made of.
public struct CapturePlan: Sendable {
    /// How a piece of memory is laid out.
    public enum Shape: UInt8, Sendable {
        case text = 1
        case bytes = 2
        case textArray = 3
        case vectors = 4
        case message = 5
        /// What an address in a structure points to: eight bytes.
        case followed = 6
    }

    /// How many items there are.
    public enum Count: Sendable, Equatable {
        case one
        /// As many as an argument says.
        case argument(Int)
        /// As many as the 32-bit number says that an argument points to.
        case pointedBy(Int)
        /// As many as the call returned.
        case result
    }

    /// One piece of memory.
    public struct Step: Sendable {
        /// The argument that points to it.
        public var argument: Int
        /// How it is laid out.
        public var shape: Shape
        public var atEntry: Bool, atExit: Bool
        /// Whether also when the call failed.
        public var whenFailed: Bool
        /// How many there are.
        public var count: Count
        /// Bytes of one item; of what is followed the place of its address in the structure.
        public var size: Int
        /// Whether the limit of data applies to it.
        public var isData: Bool
    }

    /// Steps in the order of the arguments, no more than six.
    public var steps: [Step]
    /// Whether the call does not come back.
    public var isFinal: Bool
}

extension SystemCallTable {
    /// What is read of a call.
    public func plan(_ call: Call) -> CapturePlan {
        let steps = call.arguments.enumerated().flatMap { index, kind in
            index < 6 ? self.steps(index, kind) : []
        }
        return CapturePlan(
            steps: Array(steps.prefix(6)), isFinal: ["exit", "exit_group"].contains(call.name))
    }

    private func steps(_ index: Int, _ kind: ArgumentKind) -> [CapturePlan.Step] {
        guard let (shape, size) = shape(kind) else { return [] }
        let count: CapturePlan.Count =
            switch kind.count {
            case .one: .one
            case .argument(let place): .argument(place)
            case .pointedBy(let place): .pointedBy(place)
            case .result: .result
            }
        let step = CapturePlan.Step(
            argument: index, shape: shape, atEntry: kind.moments.contains(.entry), atExit: kind.moments.contains(.exit),
            whenFailed: kind.moments.contains(.failedToo), count: count, size: size,
            isData: kind.base == .data || kind.base == .random)
        guard kind.base == .cloneArguments else { return [step] }
        // The descriptor that the kernel makes.
        var descriptor = step
        (descriptor.shape, descriptor.size, descriptor.count) = (.followed, 8, .one)
        (descriptor.atEntry, descriptor.atExit) = (false, true)
        return [step, descriptor]
    }

    private func shape(_ kind: ArgumentKind) -> (CapturePlan.Shape, Int)? {
        switch kind.base {
        case .path, .text: (.text, 1)
        case .texts: (.textArray, 8)
        case .variables: (.bytes, 512)
        case .vectors: (.vectors, 16)
        case .vectorsOnly: (.bytes, 16)
        case .message: (.message, 56)
        case .messages: (.message, 64)
        case .data, .random, .sockaddr, .sigset, .cpuset, .dirents, .dirents64, .optionValue, .cloneArguments:
            (.bytes, 1)
        case .ints, .uints, .uids, .length, .timerId, .waitStatus, .schedParam: (.bytes, 4)
        case .longValue, .addressValue, .offsets, .pollfds, .capabilityHeader: (.bytes, 8)
        case .epollEvents, .epollEvent: (.bytes, 12)
        case .timevals, .utimespecs: (.bytes, 32)
        case .pselectMask: (.vectors, 16)
        case .pair, .returnedMask, .archArgument: (.bytes, 8)
        case .cloneParent: (.bytes, 4)
        case .sembufs: (.bytes, 6)
        case .fdset: (.bytes, 128)
        case .sigaction: (.bytes, 32)
        case .siginfo: (.bytes, 48)
        case .stack, .capabilities: (.bytes, 24)
        case .sigevent: (.bytes, 64)
        case .mincore: (.bytes, 8)
        case .perfAttribute: (.bytes, 64)
        case .ioUringParameters: (.bytes, 120)
        case .fcntlArgument: (.bytes, 32)
        case .ioctlArgument: (.bytes, 64)
        case .prctlArgument: (.bytes, 16)
        case .seccompArgument: (.bytes, 16)
        case .futexTimeout: (.bytes, 16)
        case .structure:
            kind.structure.map { (.bytes, structures.layouts[$0].size) }
        default: nil
        }
    }
}
