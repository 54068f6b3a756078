internal import Cells
internal import Linux
internal import Model
internal import Samplers

/// The process a command is about: a pid, `:PORT`, or a text that matches one name or command line.
struct Target {
    /// The process.
    var identity: ProcessIdentity
    /// Its row in the table it was found in.
    var row: ProcessRow

    /// Finds the one process that a text names.
    ///
    /// - Throws: ``Failure``: 4 when there is none, 2 when there are several.
    static func resolve(_ text: String, in table: ProcessTable) throws(Failure) -> Target {
        let found = try candidates(text, in: table)
        guard found.count == 1 else {
            let lines = found.prefix(20).map {
                "  \($0.row.pid)  \(visible(String(table.commandLine(of: $0.row).prefix(100))))"
            }
            let more = found.count > 20 ? "\n  and \(found.count - 20) more" : ""
            throw Failure(
                .usage,
                "'\(visible(text))' matches \(found.count) processes; name one by its pid:\n"
                    + lines.joined(separator: "\n") + more)
        }
        return found[0]
    }

    /// Finds all processes that a text names: one at least.
    ///
    /// - Throws: ``Failure``: 4 when there is none.
    static func candidates(_ text: String, in table: ProcessTable) throws(Failure) -> [Target] {
        let found = try matches(text, in: table)
        guard !found.isEmpty else {
            if let pid = Int32(text), isHidden(pid) {
                throw Failure(
                    .refused, "process \(pid) is hidden from this user (hidepid): \(Privileges.hidepidRemedy)")
            }
            throw Failure(.gone, "no process matches '\(visible(text))'; `viv ps` lists them all")
        }
        return found.map { Target(identity: $0.identity, row: $0) }
    }

    /// Whether a process runs that /proc does not show.
    private static func isHidden(_ pid: Int32) -> Bool {
        guard (try? ProcessHandle.open(pid)) != nil else { return false }
        do throws(Errno) {
            // Its directory may be there while nothing in it may be read.
            _ = try FileDescriptor.open("/proc/\(pid)/stat")
            return false
        } catch {
            return error.isAbsence || error.isRefusal
        }
    }

    /// Rows that a text names; viv itself only by its pid.
    private static func matches(_ text: String, in table: ProcessTable) throws(Failure) -> [ProcessRow] {
        let alive = table.rows.filter { !$0.isThread && !$0.hasEnded }
        if text.utf8.allSatisfy({ (48...57).contains($0) }), !text.isEmpty {
            guard let pid = Int32(text), pid > 0 else { throw Failure(.usage, "'\(text)' is no pid") }
            return alive.filter { $0.pid == pid }
        }
        if text.hasPrefix(":"), let port = UInt16(text.dropFirst()) {
            let owners = PortOwners.listeners(on: port)
            let rows = alive.filter { owners.contains($0.pid) }
            if rows.isEmpty, Machine.effectiveUser() != 0 {
                throw Failure(
                    .gone, "nobody seen listens on port \(port); sockets of other users are hidden, try with sudo")
            }
            // Workers inherit the socket of their master: the master is the one that is meant.
            let pids = Set(rows.map(\.pid))
            let masters = rows.filter { !pids.contains($0.parent) }
            return masters.count == 1 ? masters : Array(rows)
        }
        guard !text.isEmpty else { throw Failure(.usage, "an empty text names no process") }
        let own = Machine.ownPid()
        let matching = alive.filter { row in
            row.pid != own && !isAncestorOfViv(row, table)
                && (row.name.text.containsIgnoringCase(text) || table.commandLine(of: row).containsIgnoringCase(text))
        }
        // A name that is exact beats one that only holds the text.
        let exact = matching.filter { $0.name.text == text }
        return exact.count == 1 ? Array(exact) : Array(matching)
    }

    /// sudo and the shell carry viv's own arguments on their command lines.
    private static func isAncestorOfViv(_ row: ProcessRow, _ table: ProcessTable) -> Bool {
        var pid = Machine.ownPid()
        for _ in 0..<64 {
            guard let child = table.rows.first(where: { $0.pid == pid && !$0.isThread }) else { return false }
            if child.parent == row.pid { return true }
            pid = child.parent
        }
        return false
    }
}

/// One reading of the process table for commands that print once.
struct TableReading: ~Copyable {
    private var sampler: ProcessTableSampler

    init() throws(Failure) {
        do {
            sampler = try ProcessTableSampler(events: nil)
        } catch {
            throw Failure(.failed, "/proc cannot be read: \(error)")
        }
    }

    mutating func table(_ sources: ProcessSources, threads: Bool = false) throws(Failure) -> ProcessTable {
        try table(TableDemand(visibleSources: sources, showsThreads: threads, allVisible: true))
    }

    /// A table in which a target is found: of one row where it is a pid.
    mutating func table(for target: String) throws(Failure) -> ProcessTable {
        var demand = TableDemand(visibleSources: .arguments, allVisible: true)
        if target.utf8.allSatisfy({ (48...57).contains($0) }) { demand.only = Int32(target) }
        return try table(demand)
    }

    mutating func table(_ demand: TableDemand) throws(Failure) -> ProcessTable {
        do {
            return try sampler.sample(demand)
        } catch {
            throw Failure(.failed, "/proc cannot be read: \(error)")
        }
    }
}
