internal import Linux
internal import Model
internal import ProcFS
internal import ProcessEvents
internal import Sampling
internal import Synchronization

/// Births and deaths as they happen: what lives and dies between two readings of the table is kept here until the next.
public final class ProcessEventLog: Sendable {
    /// What happened since it was last asked.
    struct Batch {
        var exits: [Int32: Exit] = [:]
        var births: [Int32: Birth] = [:]
        var lost: UInt64 = 0
        /// Whether any process was born or ended.
        var isEventful = false

        /// Births and exits kept at the most between two readings, each; beyond, they are counted as lost.
        static let limit = 20_000
        /// How long a birth waits for its exit. The kernel drops exits when it runs out of room, so some wait in vain.
        /// Unit: nanoseconds.
        static let patienceNanoseconds: UInt64 = 60_000_000_000

        mutating func note(_ birth: Birth, of pid: Int32) {
            isEventful = true
            if !births.keep(birth, for: pid, limit: Batch.limit) { lost += 1 }
        }

        mutating func note(_ exit: Exit, of pid: Int32) {
            isEventful = true
            if !exits.keep(exit, for: pid, limit: Batch.limit) { lost += 1 }
        }

        /// What a batch begins with: a process may be born before one reading and die, unseen by it, before the next.
        ///
        /// - Parameter isSeen: whether a process has a row, so that its birth tells nothing new.
        func successor(now: UInt64, isSeen: (Int32) -> Bool) -> Batch {
            var next = Batch()
            next.births = births.filter { pid, birth in
                exits[pid] == nil && now < birth.monotonicNanoseconds + Batch.patienceNanoseconds && !isSeen(pid)
            }
            return next
        }
    }

    /// How a process ended.
    struct Exit {
        var code: Int32?
        var signal: Int32?
        var monotonicNanoseconds: UInt64
        /// Whether threads of the process were seen alive behind the end of its main thread.
        var livesOn = false
    }

    /// A process that was born, and what could be read of it in time.
    struct Birth {
        var parent: Int32
        var monotonicNanoseconds: UInt64
        var startTicks: UInt64?
        var name: String?
        var userID: UInt32?
    }

    private let batch = Mutex(Batch())
    private let watch: Mutex<DescriptorWatch?> = Mutex(nil)

    /// Subscribes to the process connector.
    ///
    /// - Throws: `ProcessEventError` with the remedy.
    public init() throws {
        let source = try ProcessEventSource(processesOnly: true)
        let reading = Reader(source: source, files: try? ProcReader())
        let made = DescriptorWatch(reading.descriptor, name: "events") { [weak self] in
            guard let self else { return }
            // Events rarely come alone. The rounds are counted, so that a storm does not keep a log that nobody wants.
            for _ in 0..<1000 {
                reading.drain(into: self)
                guard reading.hasMore(withinMilliseconds: 5) else { return }
            }
        }
        watch.withLock { $0 = made }
    }

    /// Takes what happened.
    ///
    /// - Parameter isSeen: whether a process has a row already.
    func take(isSeen: (Int32) -> Bool) -> Batch {
        batch.withLock { held in
            let taken = held
            held = taken.successor(now: KernelClock.monotonicNanoseconds(), isSeen: isSeen)
            return taken
        }
    }

    fileprivate func note(_ change: (inout Batch) -> Void) { batch.withLock { change(&$0) } }
}

extension Dictionary {
    /// Keeps a value; false, and nothing kept, where that would be one more than the limit.
    fileprivate mutating func keep(_ value: Value, for key: Key, limit: Int) -> Bool {
        guard count < limit || self[key] != nil else { return false }
        self[key] = value
        return true
    }
}

/// Reads the connector and, at once, what can still be read of a process that may not live long.
///
/// Used on the watch's queue only.
private final class Reader: @unchecked Sendable {
    private var source: ProcessEventSource
    private var files: ProcReader?
    let descriptor: Int32

    init(source: consuming ProcessEventSource, files: consuming ProcReader?) {
        descriptor = source.fd
        self.source = source
        self.files = files
    }

    func hasMore(withinMilliseconds milliseconds: Int32) -> Bool { source.wait(milliseconds: milliseconds) }

    func drain(into log: ProcessEventLog) {
        while let event = source.next() {
            switch event {
            case .fork(let parent, let child, let time) where child.isProcess:
                log.note { $0.note(.init(parent: parent.pid, monotonicNanoseconds: time), of: child.pid) }
            case .exec(let task, _):
                guard case .value(let stat)? = files?.stat(task.pid) else { continue }
                let user = files?.uid(of: task.pid).value
                log.note {
                    $0.births[task.pid]?.name = stat.command.text
                    $0.births[task.pid]?.startTicks = stat.startTicks
                    $0.births[task.pid]?.userID = user
                }
            case .exit(let task, let exit, let time) where task.isProcess:
                var end = ProcessEventLog.Exit(monotonicNanoseconds: time)
                switch exit.status {
                case .exited(let code): end.code = code
                case .killed(let signal, _): end.signal = signal
                }
                log.note { [end] in $0.note(end, of: task.pid) }
            case .lost(let count): log.note { $0.lost += count }
            default: break
            }
        }
    }
}

extension ProcessTableSampler {
    /// Rows for short-lived processes that one table may have; the rest is counted as lost.
    private static let shortLivedLimit = 500

    /// Adds rows for processes that were born and died since the last reading. A zombie has a row: it is not gone yet.
    mutating func addShortLived(_ batch: ProcessEventLog.Batch) {
        guard !batch.exits.isEmpty else { return }
        let now = KernelClock.monotonicNanoseconds()
        var known = Set<Int32>()
        for index in table.rows.indices where table.rows[index].hasEnded { known.insert(table.rows[index].pid) }
        var added: [ProcessRow] = []
        for (pid, exit) in batch.exits {
            guard let birth = batch.births[pid], !known.contains(pid), table.process(pid) == nil else {
                continue
            }
            guard added.count < ProcessTableSampler.shortLivedLimit else {
                unshown += 1
                continue
            }
            added.append(row(of: pid, birth, exit, now))
        }
        added.sort { $0.pid < $1.pid }
        insert(added)
    }

    private func row(
        of pid: Int32, _ birth: ProcessEventLog.Birth, _ exit: ProcessEventLog.Exit, _ now: UInt64
    ) -> ProcessRow {
        let boot = Double(KernelClock.bootNanoseconds()) - Double(now - min(now, birth.monotonicNanoseconds))
        let ticks = birth.startTicks ?? UInt64(max(0, boot / 1e9 * table.scale.ticksPerSecond))
        let parent = table.process(birth.parent).map { table.rows[$0] }
        let name = birth.name ?? parent.map { "(" + $0.name.text + " child)" } ?? "(not seen)"
        var row = ProcessRow(
            identity: ProcessIdentity(pid: pid, startTicks: ticks), threadGroup: pid, name: InlineText(name))
        row.parent = birth.parent
        row.userID = birth.userID ?? parent?.userID
        row.state = UInt8(ascii: "X")
        row.traits = ProcessTraits.shortLived
        row.ending = ProcessEnding(
            code: exit.code, signal: exit.signal, nanoseconds: now,
            lifetimeNanoseconds: exit.monotonicNanoseconds - min(exit.monotonicNanoseconds, birth.monotonicNanoseconds))
        return row
    }
}
