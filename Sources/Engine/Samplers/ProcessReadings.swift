internal import Linux
public import Model
internal import ProcFS
internal import TaskAccounting

/// Reads one process with everything that `viv stat` needs.
public struct ProcessReadings: ~Copyable {
    private var sampler: ProcessTableSampler?
    private let identity: ProcessIdentity

    /// Readings of the process that has this identity, and of no other with its pid.
    public init(identity: ProcessIdentity) {
        self.identity = identity
        sampler = try? ProcessTableSampler(events: nil)
    }

    /// The process now; nil when it ended.
    public mutating func read() -> ProcessRow? {
        guard let row = sampler?.row(of: identity.pid, [.accounting, .io]), row.identity == identity,
            row.state != UInt8(ascii: "Z")
        else { return nil }
        return row
    }
}

extension ProcessTableSampler {
    /// One process by itself, without the rest of the table.
    mutating func row(of pid: Int32, _ sources: ProcessSources) -> ProcessRow? {
        pids = [pid]
        probe(nil)
        let demand = TableDemand(visibleSources: sources, allVisible: true)
        return read(pid, old: nil, accounts.first ?? nil, demand)
    }
}

/// When a process started.
public enum ProcessStart {
    /// Clock ticks after boot; nil when it is gone.
    public static func ticks(of pid: Int32) -> UInt64? {
        guard var reader = try? ProcReader(), case .value(let stat) = reader.stat(pid) else { return nil }
        return stat.startTicks
    }
}
