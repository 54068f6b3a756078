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
    }

    /// How a process ended.
    struct Exit {
        var code: Int32?
        var signal: Int32?
        var monotonicNanoseconds: UInt64
    }

    /// A process that was born, and what could be read of it in time.
    struct Birth {
        var parent: Int32
        var monotonicNanoseconds: UInt64
        var startTicks: UInt64?
        var name: String?
        var userID: UInt32?
    }

    /// Births and exits kept at the most between two readings; beyond, they are counted as lost.
    private static let limit = 20_000

    private let batch = Mutex(Batch())
    private let watch: Mutex<DescriptorWatch?> = Mutex(nil)

    /// Subscribes to the process connector.
    ///
    /// - Throws: `ProcessEventError` with the remedy.
    public init() throws {
        let source = try ProcessEventSource()
        let reading = Reader(source: source, files: try? ProcReader())
        let made = DescriptorWatch(reading.descriptor, name: "events") { [weak self] in
            guard let self else { return }
            reading.drain(into: self)
        }
        watch.withLock { $0 = made }
    }

    /// Takes what happened.
    func take() -> Batch {
        batch.withLock { held in
            let taken = held
            held = Batch()
            // A process may be born before this reading and die after it: its birth is still wanted then.
            for (pid, birth) in taken.births where taken.exits[pid] == nil { held.births[pid] = birth }
            return taken
        }
    }

    fileprivate func note(_ change: (inout Batch) -> Void) {
        batch.withLock { held in
            guard held.exits.count < ProcessEventLog.limit, held.births.count < ProcessEventLog.limit else {
                held.lost += 1
                return
            }
            change(&held)
        }
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

    func drain(into log: ProcessEventLog) {
        while let event = source.next() {
            switch event {
            case .fork(let parent, let child, let time) where child.isProcess:
                log.note {
                    $0.births[child.pid] = .init(parent: parent.pid, monotonicNanoseconds: time)
                    $0.isEventful = true
                }
            case .exec(let task, _):
                guard case .value(let stat)? = files?.stat(task.pid) else { continue }
                let user = files?.uid(of: task.pid).value
                log.note {
                    $0.births[task.pid]?.name = stat.command.text
                    $0.births[task.pid]?.startTicks = stat.startTicks
                    $0.births[task.pid]?.userID = user
                }
            case .exit(let task, let exit, let time) where task.isProcess:
                log.note {
                    $0.isEventful = true
                    switch exit.status {
                    case .exited(let code):
                        $0.exits[task.pid] = .init(code: code, signal: nil, monotonicNanoseconds: time)
                    case .killed(let signal, _):
                        $0.exits[task.pid] = .init(code: nil, signal: signal, monotonicNanoseconds: time)
                    }
                }
            case .lost(let count): log.note { $0.lost += count }
            default: break
            }
        }
    }
}

extension ProcessTableSampler {
    /// Rows for short-lived processes that one table may have; the rest is counted as lost.
    private static let shortLivedLimit = 500

    /// Adds rows for processes that were born and died since the last reading.
    mutating func addShortLived(_ batch: ProcessEventLog.Batch) {
        guard !batch.exits.isEmpty else { return }
        let now = KernelClock.monotonicNanoseconds()
        var known = Set<Int32>()
        for index in table.rows.indices where table.rows[index].hasEnded { known.insert(table.rows[index].pid) }
        var added: [ProcessRow] = []
        for (pid, exit) in batch.exits {
            guard let birth = batch.births[pid], !known.contains(pid) else { continue }
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
