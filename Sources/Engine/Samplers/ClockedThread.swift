internal import BpfPrograms
internal import Profiles
internal import PythonInspection

/// What is known of one thread that takes its own stacks: where it is, and what it did that is not in the profile yet.
struct ClockedThread {
    /// As records name it, which count in the initial pid namespace.
    ///
    /// - Absent: before its first record.
    private var tid: Int32?
    /// Where it was.
    var recorded: RecordedThread
    var stack = ClockedStack()
    /// The last time that it was away from its processor, until that is in the profile. Absent: where nobody wants to know where it waits.
    private(set) var absence: Absence?
    /// When it came back from that, as far as is known; nil while it is away.
    private(set) var returnNanoseconds: UInt64?
    /// What it did since it came back. Times are nanoseconds since the recording began.
    private(set) var ticks: [(nanoseconds: UInt64, node: NodeId)] = []
    /// Up to when its absences were counted.
    private var paidNanoseconds: UInt64 = 0
    /// How long it had run at its first record and at its last, and how many of the periods were noted.
    private var run: (first: UInt64, last: UInt64)?
    private var clockRecords: UInt64 = 0

    /// The time that a thread is away from its processor.
    struct Absence {
        /// When it began. Unit: nanoseconds since the recording began.
        var startNanoseconds: UInt64
        /// How long the thread had run then. Absent: before its first record.
        var runNanoseconds: UInt64?
        var place: Place
    }

    /// Where a thread is that is away.
    enum Place {
        /// Frames whose names were not looked up yet.
        case frames([ClockRecord.Frame])
        /// A stack of the profile.
        case node(NodeId)
        /// Its stack could not be read.
        case torn
    }

    init(tid: Int32?, thread: ThreadId) {
        self.tid = tid
        recorded = RecordedThread(thread: thread)
    }

    /// Whether a record with a tid can be of it.
    func isThread(_ other: Int32) -> Bool { tid == nil || tid == other }

    /// A record came of it: it is back.
    ///
    /// How long it has run is exact when it leaves; else it is what the kernel's last tick knew. The least of what follows from several
    /// records is the best.
    mutating func note(_ record: ClockRecord, atNanoseconds now: UInt64) {
        tid = record.tid
        run = (run?.first ?? record.runNanoseconds, record.runNanoseconds)
        if record.kind == .clock { clockRecords += 1 }
        guard let absence else { return }
        let ran = record.runNanoseconds - min(absence.runNanoseconds ?? record.runNanoseconds, record.runNanoseconds)
        let back = max(absence.startNanoseconds, now - min(ran, now))
        returnNanoseconds = min(returnNanoseconds ?? back, back)
    }

    /// It leaves its processor, and somebody wants to know where it waits. What it did before is in the profile.
    mutating func leave(_ absence: Absence?) {
        self.absence = absence
        returnNanoseconds = nil
    }

    /// It was somewhere while it ran.
    mutating func add(_ node: NodeId, atNanoseconds nanoseconds: UInt64) { ticks.append((nanoseconds, node)) }

    /// What it did since it came back is in the profile.
    mutating func clearTicks() { ticks.removeAll(keepingCapacity: true) }

    /// The place of its absence is known now.
    mutating func settle(_ place: Place) { absence?.place = place }

    /// The part of its absence that is not in the profile yet, where it is known to have lasted up to a moment; it is from then on.
    mutating func pay(until nanoseconds: UInt64) -> Range<UInt64>? {
        guard let absence else { return nil }
        let from = max(absence.startNanoseconds, paidNanoseconds)
        guard from < nanoseconds else { return nil }
        paidNanoseconds = nanoseconds
        return from..<nanoseconds
    }

    /// Periods that went by while it ran, and those of them that were noted.
    func periods(ofNanoseconds period: UInt64) -> (due: UInt64, noted: UInt64) {
        // Where in a period it was at its first record nobody knows: one less may have gone by.
        let due = run.map { ($0.last - min($0.first, $0.last)) / period } ?? 0
        return (max(due, clockRecords + 1) - 1, clockRecords)
    }
}
