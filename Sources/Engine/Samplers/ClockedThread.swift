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
    /// How long it was ready before it came back. Unit: nanoseconds.
    private var readyNanoseconds: UInt64 = 0
    /// What it did since it came back. Times are nanoseconds since the recording began.
    private(set) var ticks: [(nanoseconds: UInt64, node: NodeId)] = []
    /// Up to when its absences were counted, and what was left then of a round; nil before the first of them.
    private var paidNanoseconds: UInt64 = 0
    private var begunNanoseconds: UInt64?
    /// How long it had run at its first record and at its last, and how many of the periods were noted.
    private var run: (first: UInt64, last: UInt64)?
    private var clockRecords: UInt64 = 0

    /// The time that a thread is away from its processor.
    struct Absence {
        /// When it began. Unit: nanoseconds since the recording began.
        var startNanoseconds: UInt64
        /// How long the thread had run then. Absent: before its first record.
        var runNanoseconds: UInt64?
        /// Of a thread that sleeps, where nobody wants to know of that: how long it had waited for a processor in its life. It is in the
        /// profile only from when it is woken, and waits again for one.
        var sleeperDelayNanoseconds: UInt64?
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
        readyNanoseconds =
            absence.sleeperDelayNanoseconds.map { record.delayNanoseconds - min($0, record.delayNanoseconds) } ?? 0
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

    /// Rounds of its absence that are not in the profile yet, where it is known to have lasted up to a moment; they are from then on.
    ///
    /// What is left of a round is carried on to the next absence, so that short ones are not lost, and none is counted twice because it goes
    /// on at the same time as the rounds. A thread's first round ends where everybody's do.
    mutating func pay(until nanoseconds: UInt64, everyNanoseconds round: UInt64) -> (
        firstNanoseconds: UInt64, count: UInt64
    ) {
        guard let absence else { return (0, 0) }
        var from = max(absence.startNanoseconds, paidNanoseconds)
        if absence.sleeperDelayNanoseconds != nil {
            guard let back = returnNanoseconds else { return (0, 0) }
            from = max(from, back - min(readyNanoseconds, back))
        }
        guard from < nanoseconds else { return (0, 0) }
        paidNanoseconds = nanoseconds
        let begun = begunNanoseconds ?? from % round
        let total = begun + (nanoseconds - from)
        begunNanoseconds = total % round
        return (from + round - begun, total / round)
    }

    /// Periods that went by while it ran, and those of them that were noted.
    func periods(ofNanoseconds period: UInt64) -> (due: UInt64, noted: UInt64) {
        // Where in a period it was at its first record nobody knows: one less may have gone by.
        let due = run.map { ($0.last - min($0.first, $0.last)) / period } ?? 0
        return (max(due, clockRecords + 1) - 1, clockRecords)
    }
}
