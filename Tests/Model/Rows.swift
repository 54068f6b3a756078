import Model

/// A row with nothing but what a test says of it.
func makeRow(
    _ pid: Int32, parent: Int32 = 0, start: UInt64 = 100, name: String = "task",
    _ change: (inout ProcessRow) -> Void = { _ in }
) -> ProcessRow {
    var row = ProcessRow(
        identity: ProcessIdentity(pid: pid, startTicks: start), threadGroup: pid, name: InlineText(name))
    row.parent = parent
    row.state = UInt8(ascii: "S")
    change(&row)
    return row
}

/// A thread of a process.
func makeThread(_ tid: Int32, of pid: Int32, _ change: (inout ProcessRow) -> Void = { _ in }) -> ProcessRow {
    makeRow(tid) { row in
        row.threadGroup = pid
        row.traits.insert(.thread)
        change(&row)
    }
}

/// A table of rows in the order that a table has: by process, a process before its threads.
func makeTable(_ rows: [ProcessRow], at seconds: Double = 1_000) -> ProcessTable {
    var table = ProcessTable(
        scale: HostScale(ticksPerSecond: 100, pageBytes: 4_096, memoryBytes: 1 << 30, processors: 4, bootSeconds: 500))
    table.rows = ContiguousArray(rows)
    table.realtimeSeconds = seconds
    table.nanoseconds = UInt64(seconds * 1e9)
    table.userNames = [0: "root", 1_000: "api"]
    return table
}

/// Rates over one second in which a process did nothing.
func idleRates() -> ProcessRates {
    var before = makeRow(1)
    var now = before
    before.readNanoseconds = 0
    now.readNanoseconds = 1_000_000_000
    guard let rates = ProcessRates(from: before, to: now, ticksPerSecond: 100) else { fatalError("no rates") }
    return rates
}

extension ProcessTable {
    /// Pids in the order of a request.
    func pids(_ request: OrderRequest) -> [Int32] {
        order(request).entries.map { rows[Int($0.row)].pid }
    }

    /// The sum of one row and everything below it.
    func subtreeSum(of index: Int) -> ProcessRow {
        subtreeSums(of: [index])[index] ?? rows[index]
    }
}

/// A column that a test relies on.
func column(_ name: String) -> Column {
    guard let column = Column.named(name) else { fatalError("no column \(name)") }
    return column
}
