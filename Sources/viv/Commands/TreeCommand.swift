internal import ArgumentParser
internal import Cells
internal import Linux
internal import Model

/// `viv tree`: the process tree once.
struct TreeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree", abstract: "Print the process tree once.",
        discussion: """
            EXAMPLES
              viv tree
              viv tree gunicorn --threads
              viv tree :8000 --json
            """)

    @Argument(help: "Root of the tree: pid, :PORT or text. Everything without it.", completion: Completions.target)
    var target: String?
    @Flag(help: "Show threads too.") var threads = false
    @Flag(help: "One JSON document, children nested.") var json = false

    func run() throws {
        var reading = try TableReading()
        let table = try reading.table(.arguments, threads: threads)
        guard let column = Column.named("pid") else { return }
        let order = table.order(OrderRequest(column: column, descending: false, tree: true))
        var entries = order.entries[...]
        if let target {
            let root = try Target.resolve(target, in: table)
            guard let start = entries.firstIndex(where: { table.rows[Int($0.row)].identity == root.identity }) else {
                throw Failure(.gone, "process \(root.identity.pid) ended meanwhile")
            }
            let end = entries[(start + 1)...].firstIndex { $0.depth <= entries[start].depth } ?? entries.endIndex
            entries = entries[start..<end]
        }
        if json {
            Output.line(Json.object([("tree", .array(TreeJson.forest(entries, table)))]).text)
            return
        }
        let width = Output.columns
        let lines = TreeText(entries: entries).lines { entry in
            let row = table.rows[Int(entry.row)]
            return row.isThread
                ? "{\(visible(row.name.text))},\(row.pid)" : "\(row.pid) \(visible(table.commandLine(of: row)))"
        }
        for line in lines { Output.line(TableText.cut(line, width)) }
    }
}

/// Draws the branches of a tree.
struct TreeText {
    let entries: ArraySlice<ProcessOrder.Entry>

    func lines(_ text: (ProcessOrder.Entry) -> String) -> [String] {
        let base = Int(entries.first?.depth ?? 0)
        var open: [Bool] = []
        return entries.map { entry in
            let depth = Int(entry.depth) - (entries.first.map { Int($0.depth) } == nil ? 0 : base)
            guard depth > 0 else {
                open = []
                return text(entry)
            }
            while open.count >= depth { open.removeLast() }
            let stem = open.map { $0 ? "│ " : "  " }.joined()
            open.append(!entry.isLast)
            return stem.dropLast(0) + (entry.isLast ? "└─" : "├─") + text(entry)
        }
    }
}

/// The tree with children nested.
enum TreeJson {
    static func forest(_ entries: ArraySlice<ProcessOrder.Entry>, _ table: ProcessTable) -> [Json] {
        // Built from the end: when a row comes up, its children are already waiting at the next depth.
        var waiting: [Int: [Json]] = [:]
        for entry in entries.reversed() {
            let row = table.rows[Int(entry.row)]
            let depth = Int(entry.depth)
            let children = waiting.removeValue(forKey: depth + 1) ?? []
            waiting[depth, default: []].append(
                .object([
                    ("pid", .integer(Int64(row.pid))), ("ppid", .integer(Int64(row.parent))),
                    ("command", .string(row.name.text)),
                    ("arguments", .optional(table.texts[row.identity]?.arguments)), ("thread", .bool(row.isThread)),
                    ("children", .array(children.reversed())),
                ]))
        }
        return Array((waiting[Int(entries.first?.depth ?? 0)] ?? []).reversed())
    }
}
