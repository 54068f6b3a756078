internal import ArgumentParser
internal import Cells
internal import Linux
internal import Model
internal import Glibc
internal import Samplers

/// `viv ps`: the process table once.
struct PsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "Print the process table once.",
        discussion: """
            Rates need two readings: columns such as cpu or vcsw/s make ps wait for \
            --wait seconds. Columns are also known by the names that ps and htop have \
            for them.

            EXAMPLES
              viv ps --sort rss
              viv ps --filter 'user=api and cpu>5' --columns pid,cpu,vcsw/s,command
              viv ps --filter port=8000 --json
              viv ps --columns help
            """)

    @Option(help: "Column to sort by; numbers fall, texts rise.", completion: Completions.column) var sort: String?
    @Option(help: "Rows to keep: cpu>20 and user=api and comm~gunicorn, state=D, python, port=8000, or plain words.")
    var filter: String?
    @Option(help: "Columns, separated by commas; 'help' lists them.", completion: Completions.columns) var columns:
        String?
    @Flag(help: "Show threads as rows too.") var threads = false
    @Flag(help: "One JSON document.") var json = false
    @Option(help: "Time between the two readings behind the rates, in seconds.") var wait = 0.2

    func run() throws {
        if columns == "help" {
            Output.line(ColumnHelp.text)
            return
        }
        let shown = try selectedColumns()
        let condition = try parsedFilter()
        let column = try sortColumn()
        var sources = shown.reduce(into: [.arguments, .sizes] as ProcessSources) { $0.formUnion($1.sources) }
        sources.formUnion(column.sources)
        sources.formUnion(condition?.sources ?? [])
        if sources.contains(.glance) { sources.formUnion(.python) }
        if json { sources.formUnion([.accounting, .io, .python, .openFiles]) }
        guard wait >= 0, wait <= 3600 else { throw Failure(.usage, "--wait takes 0 to 3600 seconds") }
        var reading = try TableReading()
        let demand = { TableDemandBuilder.all(sources, threads: threads, ports: condition?.ports ?? []) }
        var table = try reading.table(demand())
        let needsRates =
            json
            || (shown + [column]).contains {
                $0.name.hasSuffix("/s") || $0.unit.hasPrefix("percent of") && $0.name != "mem"
            } || condition != nil
        if needsRates, wait > 0 {
            usleep(UInt32(wait * 1e6))
            table = try reading.table(demand())
        }
        if (shown + [column]).contains(where: { $0.sources.contains(.glance) }) {
            table.glances = try Glances.taken(of: table)
        }
        let order = table.order(
            OrderRequest(column: column, descending: column.sortsDescending, filter: condition))
        let rows = order.entries.map { table.rows[Int($0.row)] }.filter { !$0.hasEnded }
        if json {
            Output.line(Json.object([("processes", .array(rows.map { ProcessJson.object($0, table, shown) }))]).text)
        } else {
            for line in TableText.lines(rows, shown, table, width: Output.columns) { Output.line(line) }
        }
    }

    private func selectedColumns() throws(Failure) -> [Column] {
        guard let columns else {
            return ["pid", "ppid", "user", "state", "cpu", "mem", "res", "threads", "nice", "start", "time", "command"]
                .compactMap { Column.named($0) }
        }
        var chosen: [Column] = []
        for name in columns.split(separator: ",") {
            guard let column = Column.named(String(name)) else {
                throw Failure(
                    .usage, "there is no column '\(visible(String(name)))'; `viv ps --columns help` lists them")
            }
            chosen.append(column)
        }
        guard !chosen.isEmpty else {
            throw Failure(.usage, "--columns needs at least one name; `viv ps --columns help` lists them")
        }
        return chosen
    }

    private func parsedFilter() throws(Failure) -> Filter? {
        guard let filter else { return nil }
        do throws(FilterError) {
            return try Filter(parsing: filter)
        } catch {
            throw Failure(
                .usage, "the filter is not understood at character \(error.offset + 1): \(visible(error.text))")
        }
    }

    private func sortColumn() throws(Failure) -> Column {
        let name = sort ?? "pid"
        guard let column = Column.named(name) else {
            throw Failure(
                .usage, "there is no column '\(visible(name))' to sort by; `viv ps --columns help` lists them")
        }
        return column
    }
}

/// What the Python of every process is at, for a table that is printed once.
enum Glances {
    /// Rounds of a glance: two seconds.
    private static let rounds = 2 * GlanceSampler.hertz + 1

    static func taken(of table: ProcessTable) throws -> [ProcessIdentity: PythonGlance] {
        var sampler = try GlanceSampler()
        let wanted = Set(table.rows.filter { !$0.isThread && $0.extras.pythonVersion != nil }.map(\.identity))
        var glances: [ProcessIdentity: PythonGlance] = [:]
        for round in 0..<rounds where !wanted.isEmpty {
            if round > 0 { usleep(UInt32(1_000_000 / GlanceSampler.hertz)) }
            if let told = try sampler.sample(wanted) { glances = told }
        }
        return glances
    }
}

/// The column table as text.
enum ColumnHelp {
    static var text: String {
        Column.all.map { column in
            func pad(_ text: String, _ width: Int) -> String {
                text + String(repeating: " ", count: max(1, width - displayWidth(text)))
            }
            let unit = column.unit.isEmpty ? "" : " [\(column.unit)]"
            let also = column.aliases.isEmpty ? "" : "; also " + column.aliases.joined(separator: ", ")
            return pad(column.name, 12) + pad(column.title, 10) + column.summary + unit + "  (" + column.source + "; "
                + column.cost + also + ")"
        }.joined(separator: "\n")
    }
}
