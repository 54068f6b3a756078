internal import CBpf
internal import Linux
public import SystemCalls

/// The program system-calls in the kernel: it tells the calls of chosen threads one by one, or sums them up.
///
/// Source: the tracepoints sys_enter and sys_exit, signal_deliver, signal_generate and those of a process's life, with BTF (Linux 5.11).
public struct SyscallProgram: ~Copyable {
    private let object: BpfObject
    private var ring: RingBuffer
    private let attachments: [Attachment]
    private let link: FileDescriptor
    private let (targets, threads, counts, summed): (Int32, Int32, Int32, Int32)

    /// A program that runs at its tracepoint for as long as this lives.
    private final class Attachment {
        private let descriptor: FileDescriptor
        init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    }

    /// Loads the program; nothing is looked at before ``watch(_:)``.
    ///
    /// - Throws: ``BpfError``.
    public init(_ table: SystemCallTable, _ options: SyscallOptions) throws(BpfError) {
        let object = try BpfObject(systemCallsObject, length: systemCallsLength)
        try object.setConstants(SyscallProgram.plans(table))
        try object.load()
        let ring = try RingBuffer(map: object.map("records"))
        let maps = (
            try object.map("targets"), try object.map("threads"), try object.map("counts"), try object.map("sums")
        )
        let link = try object.link(iterator: try object.program("enlist_targets"))
        // Those of births first: who is taken up then and makes a thread is followed.
        var attachments: [Attachment] = []
        for name in ["on_birth", "on_exec", "on_end", "on_signal", "on_ignored_signal", "on_exit", "on_entry"] {
            attachments.append(Attachment(try object.attach(try object.program(name))))
        }
        try object.update(try object.map("controls"), to: SyscallProgram.control(options))
        self.ring = ring
        (targets, threads, counts, summed) = maps
        self.link = link
        self.attachments = attachments
        self.object = object
    }

    private static func control(_ options: SyscallOptions) -> sc_control {
        var control = sc_control()
        control.tells = options.tells ? 1 : 0
        control.sums = options.sums ? 1 : 0
        control.only_failed = options.onlyFailed ? 1 : 0
        control.follows = options.follows ? 1 : 0
        control.slower_than = options.slowerThanNanoseconds
        control.wants_unknown = options.wanted == nil ? 1 : 0
        control.data_limit = UInt32(max(0, min(options.dataLimit, Int(SC_PIECE))))
        unsafe withUnsafeMutableBytes(of: &control.wanted) { words in
            let words = unsafe words.bindMemory(to: UInt64.self)
            for word in words.indices {
                for bit in 0..<64 where options.wanted?.contains(Int32(word * 64 + bit)) ?? true {
                    unsafe words[word] |= 1 << UInt64(bit)
                }
            }
        }
        return control
    }

    /// Begins to look at processes with all of their threads, and at single threads, by the pids of viv's own namespace. Again, it takes up
    /// those threads that it missed.
    ///
    /// - Parameter fromExec: whether nothing is told of the processes before they become other programs.
    public func watch(
        processes: [Int32], threads single: [Int32] = [], fromExec: Bool = false
    ) throws(BpfError) {
        let kind = UInt32(fromExec ? SC_TARGET_HELD : SC_TARGET_PROCESS)
        for pid in processes { try object.update(targets, UInt32(bitPattern: pid), to: kind) }
        for tid in single { try object.update(targets, UInt32(bitPattern: tid), to: UInt32(SC_TARGET_THREAD)) }
        let walk = try object.iterate(link)
        var bytes = [UInt8](repeating: 0, count: 256)
        do throws(Errno) {
            while try walk.read(into: &bytes, from: 0) > 0 {}
        } catch {
            throw .unsupported(error)
        }
    }

    /// Hands the events since the last call to `receive`, in the order in which they ended.
    public mutating func drain(_ receive: (SyscallEvent) -> Void) {
        var bytes: [UInt8] = []
        ring.drain(into: &bytes)
        var offset = 0
        while let (event, next) = SyscallProgram.event(bytes, at: offset) {
            receive(event)
            offset = next
        }
    }

    /// Calls that have gone on for longer than a time, as they began.
    public func inFlight(longerThanNanoseconds limit: UInt64) -> [(sequence: UInt64, event: SyscallEvent)] {
        var found: [(sequence: UInt64, event: SyscallEvent)] = []
        let now = KernelClock.monotonicNanoseconds()
        var thread = sc_thread()
        var key: UInt32?
        var next: UInt32 = 0
        while object.key(threads, after: key, into: &next) {
            key = next
            guard object.read(threads, next, into: &thread), thread.is_inside != 0,
                now &- thread.record.entered > limit, now > thread.record.entered
            else { continue }
            let bytes = unsafe withUnsafeBytes(of: &thread) { all in
                let start = MemoryLayout<sc_thread>.offset(of: \.record) ?? 0
                return unsafe Array(all[start...])
            }
            guard var (event, _) = SyscallProgram.event(bytes, at: 0) else { continue }
            event.flags.insert(.unfinished)
            found.append((thread.sequence, event))
        }
        return found
    }

    /// Sums of calls so far, by thread and call.
    public func sums() -> [SyscallSum] {
        var found: [SyscallSum] = []
        var sum = sc_sum()
        var key: sc_sum_key?
        var next = sc_sum_key()
        while object.key(summed, after: key, into: &next) {
            key = next
            guard object.read(summed, next, into: &sum) else { continue }
            let counts = unsafe withUnsafeBytes(of: &sum.buckets) { unsafe Array($0.bindMemory(to: UInt32.self)) }
            found.append(
                SyscallSum(
                    pid: Int32(bitPattern: sum.pid), tid: Int32(bitPattern: sum.tid),
                    number: Int32(bitPattern: next.number), count: sum.count, errors: sum.errors,
                    totalNanoseconds: sum.total, longestNanoseconds: sum.longest,
                    durations: DurationHistogram(counts: counts)))
        }
        return found
    }

    /// Events that found no room, and threads that could not be taken up.
    public var lost: (events: UInt64, threads: UInt64) {
        var counted = sc_counts()
        guard object.read(counts, UInt32(0), into: &counted) else { return (0, 0) }
        return (counted.lost + counted.lost_sums, counted.lost_threads)
    }

    private static func event(_ bytes: [UInt8], at offset: Int) -> (event: SyscallEvent, next: Int)? {
        let size = MemoryLayout<sc_record>.size
        guard offset + size <= bytes.count else { return nil }
        let record = unsafe bytes.withUnsafeBytes {
            unsafe $0.loadUnaligned(fromByteOffset: offset, as: sc_record.self)
        }
        let end = offset + size + Int(record.length)
        guard end <= bytes.count, let kind = SyscallEvent.Kind(rawValue: record.kind) else { return nil }
        var event = SyscallEvent(kind, bytes: bytes, range: offset + size..<end)
        event.flags = SyscallEvent.Flags(rawValue: record.flags)
        (event.enteredNanoseconds, event.leftNanoseconds) = (record.entered, record.left)
        (event.pid, event.tid) = (Int32(bitPattern: record.pid), Int32(bitPattern: record.tid))
        (event.number, event.result) = (record.number, record.result)
        let arguments = record.arguments
        event.arguments = [arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5]
        return (event, end)
    }
}
