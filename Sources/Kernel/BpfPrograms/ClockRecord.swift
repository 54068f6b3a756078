internal import CBpf

/// A moment of a thread, as the program in the kernel noted it.
public struct ClockRecord: Sendable {
    /// CLOCK_MONOTONIC.
    public var nanoseconds: UInt64
    /// How long the thread has run in its life; for ``Kind/clock`` up to the kernel's last tick. Unit: nanoseconds.
    public var runNanoseconds: UInt64
    /// How long the thread was ready in its life and waited for a processor. Unit: nanoseconds; 0 where the kernel does not count it.
    public var delayNanoseconds: UInt64
    /// `threading.get_ident()`.
    public var thread: UInt64
    /// Where the interpreter keeps the thread's state; 0 where no interpreter knows the thread.
    public var state: UInt64
    /// As the initial pid namespace counts.
    public var tid: Int32
    /// Why it was made.
    public var kind: Kind
    /// What else is known.
    public var flags: ClockFlags

    /// What a thread does when a record is made of it.
    public enum Kind: Sendable {
        /// It runs: its clock has gone on by a period.
        case clock
        /// It leaves its processor.
        case leaves
        /// It ends.
        case ends
    }

    /// One frame, as it stood.
    public struct Frame: Hashable, Sendable {
        /// Its code object.
        public var code: UInt64
        /// Instruction that runs, or the one before: its address; up to CPython 3.10 its place.
        public var instruction: UInt64
        /// Hash of what tells the code from the next at its address.
        public var print: UInt32
        /// Who owns its memory, as CPython counts since 3.11; up to 3.10 1 for that of a generator.
        public var owner: UInt8
    }

    /// A record of all its parts.
    public init(
        nanoseconds: UInt64, runNanoseconds: UInt64, delayNanoseconds: UInt64 = 0, thread: UInt64, state: UInt64,
        tid: Int32, kind: Kind, flags: ClockFlags
    ) {
        (self.nanoseconds, self.runNanoseconds, self.delayNanoseconds) = (nanoseconds, runNanoseconds, delayNanoseconds)
        (self.thread, self.state, self.tid, self.kind, self.flags) = (thread, state, tid, kind, flags)
    }
}

/// Takes records apart that lie one behind the other.
public struct ClockRecordReader: Sendable {
    private var frames: [ClockRecord.Frame] = []
    private var expectedPart: UInt32 = 0

    /// A reader that has read nothing.
    public init() {}

    /// Calls `body` with each record and its frames, the innermost first. Those of which a part was lost are left out.
    public mutating func read(_ bytes: [UInt8], _ body: (ClockRecord, [ClockRecord.Frame]) -> Void) {
        var place = 0
        let headSize = MemoryLayout<cs_record>.size
        let frameSize = MemoryLayout<cs_frame>.size
        while place + headSize <= bytes.count {
            let head = unsafe bytes.withUnsafeBytes {
                unsafe $0.loadUnaligned(fromByteOffset: place, as: cs_record.self)
            }
            place += headSize
            let count = min(Int(head.count), (bytes.count - place) / frameSize)
            if head.part == 0 {
                frames.removeAll(keepingCapacity: true)
                expectedPart = 0
            }
            let isNext = head.part == expectedPart
            expectedPart &+= 1
            if isNext { append(bytes, place, count) }
            place += count * frameSize
            guard isNext, head.flags & UInt32(CS_CONTINUES) == 0 else { continue }
            body(ClockRecord(head), frames)
        }
    }

    private mutating func append(_ bytes: [UInt8], _ place: Int, _ count: Int) {
        unsafe bytes.withUnsafeBytes { bytes in
            for index in 0..<count {
                let frame = unsafe bytes.loadUnaligned(
                    fromByteOffset: place + index * MemoryLayout<cs_frame>.size, as: cs_frame.self)
                frames.append(
                    ClockRecord.Frame(
                        code: frame.code, instruction: frame.instruction, print: frame.print,
                        owner: UInt8(truncatingIfNeeded: frame.owner)))
            }
        }
    }
}

extension ClockRecord {
    fileprivate init(_ head: cs_record) {
        self.init(
            nanoseconds: head.nanoseconds, runNanoseconds: head.run_nanoseconds,
            delayNanoseconds: head.delay_nanoseconds, thread: head.thread, state: head.state,
            tid: Int32(truncatingIfNeeded: head.tid),
            kind: head.kind == UInt32(CS_LEAVES) ? .leaves : head.kind == UInt32(CS_ENDS) ? .ends : .clock,
            flags: ClockFlags(rawValue: head.flags))
    }
}
