internal import CBpf
internal import PythonInspection

/// A moment of a thread, as the program in the kernel noted it.
struct ClockRecord {
    /// CLOCK_MONOTONIC.
    var nanoseconds: UInt64
    /// How long the thread has run since its clock was started. Unit: nanoseconds.
    var runNanoseconds: UInt64
    var key: ClockedThreadKey
    /// As the initial pid namespace counts.
    var tid: Int32
    /// As the target's own pid namespace counts; 0 up to CPython 3.10.
    var nativeThreadId: UInt32
    /// Why it was made.
    var kind: Kind
    var flags: UInt32

    /// What a thread does when a record is made of it.
    enum Kind {
        /// It runs: its clock has gone on by a period.
        case clock
        case leaves
        case ends
    }

    func has(_ flag: Int) -> Bool { flags & UInt32(flag) != 0 }
}

/// Takes records apart that lie one behind the other.
struct ClockRecordReader {
    private var part = ClockRecord(
        nanoseconds: 0, runNanoseconds: 0, key: ClockedThreadKey(state: 0, pythonThreadId: 0), tid: 0,
        nativeThreadId: 0, kind: .clock, flags: 0)
    private var frames: [ClockFrame] = []
    private var expectedPart: UInt32 = 0

    /// Calls `body` with each record and its frames, the innermost first. Those of which a part was lost are left out.
    mutating func read(_ bytes: [UInt8], _ body: (ClockRecord, [ClockFrame]) -> Void) {
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
                    ClockFrame(
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
            key: ClockedThreadKey(state: head.state, pythonThreadId: head.thread),
            tid: Int32(truncatingIfNeeded: head.tid), nativeThreadId: head.native_id,
            kind: head.kind == UInt32(CS_LEAVES) ? .leaves : head.kind == UInt32(CS_ENDS) ? .ends : .clock,
            flags: head.flags)
    }
}
