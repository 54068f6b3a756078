/// Something that a thread asked of the kernel, or that the kernel did to it.
public struct SyscallEvent: Sendable {
    /// What it is.
    public enum Kind: UInt16, Sendable {
        case call = 1
        /// A signal, which is delivered or ignored.
        case signal = 2
        /// The thread ends.
        case end = 3
        /// The thread made another one.
        case birth = 4
    }

    /// What else is known.
    public struct Flags: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt16
        /// Flags of these bits.
        public init(rawValue: UInt16) { self.rawValue = rawValue }
        /// The call had begun before it was looked at.
        public static let unseenEntry = Flags(rawValue: 1)
        /// It does not come back.
        public static let final = Flags(rawValue: 2)
        /// A call of a 32-bit program.
        public static let compat = Flags(rawValue: 4)
        /// The signal is ignored.
        public static let ignored = Flags(rawValue: 8)
        /// The thread stands still because of the signal.
        public static let stops = Flags(rawValue: 64)
        /// The call goes on: what it wrote is not known yet, nor its result.
        public static let unfinished = Flags(rawValue: 16)
        /// Texts were read after the call, and may be others than it saw.
        public static let readLater = Flags(rawValue: 32)
    }

    /// What it is.
    public var kind: Kind
    /// What else is known.
    public var flags: Flags = []
    /// Moment of the entry; of an event without duration the moment itself. Clock: CLOCK_MONOTONIC; 0 where it was not seen. Unit: nanoseconds.
    public var enteredNanoseconds: UInt64 = 0
    /// Moment of the end. Clock: CLOCK_MONOTONIC. Unit: nanoseconds.
    public var leftNanoseconds: UInt64 = 0
    /// Who it is, as viv's pid namespace counts.
    public var pid: Int32 = 0, tid: Int32 = 0
    /// Number of the call, or of the signal; of a birth the process that the new thread belongs to.
    public var number: Int32 = 0
    /// What the call returned; of an end its wait status; of a birth the new tid.
    public var result: Int64 = 0
    /// Registers of the arguments.
    public var arguments: InlineArray<6, UInt64> = .init(repeating: 0)
    /// Memory that belongs to it, one piece behind the other, each with what stands before it. Shared by the events that were read together.
    var bytes: [UInt8] = []
    /// Which of the bytes are this event's.
    var range: Range<Int> = 0..<0

    /// An event without memory.
    public init(_ kind: Kind) { self.kind = kind }

    /// An event with the memory that belongs to it.
    ///
    /// - Parameters:
    ///   - bytes: pieces, laid out as ``MemoryPiece`` says.
    ///   - range: which of the bytes are meant.
    public init(_ kind: Kind, bytes: [UInt8], range: Range<Int>) {
        self.kind = kind
        self.bytes = bytes
        self.range = range.clamped(to: 0..<bytes.count)
    }

    /// How much memory it holds. Unit: bytes.
    public var size: Int { MemoryLayout<SyscallEvent>.stride + range.count }

    /// How long the call took; nil where that is not known. Unit: nanoseconds.
    public var durationNanoseconds: UInt64? {
        guard kind == .call, flags.isDisjoint(with: [.unseenEntry, .unfinished, .final]),
            leftNanoseconds >= enteredNanoseconds
        else { return nil }
        return leftNanoseconds - enteredNanoseconds
    }

    /// The error that the call ended with; nil where it did well.
    public var error: Int32? {
        kind == .call && (-4095...(-1)).contains(result) && !flags.contains(.unfinished) ? Int32(-result) : nil
    }

    /// The event with a copy of its own memory, for whoever keeps it longer than those read with it.
    public func detached() -> SyscallEvent {
        var copy = self
        copy.bytes = Array(bytes[range])
        copy.range = 0..<copy.bytes.count
        return copy
    }
}
