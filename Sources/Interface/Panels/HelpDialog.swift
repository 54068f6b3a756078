internal import Cells
internal import Model

/// The help while it is read: what is looked for in it, and where.
public struct HelpDialog: Sendable {
    /// First line in view.
    public var offset = 0
    /// Only lines with this text are shown; all when it is empty.
    public var query = ""
    /// Whether letters go into the query.
    public var isSearching = false

    /// The help from its first line on.
    public init() {}

    /// Lines of the help, generated from the live key map and the columns on the screen.
    static func lines(_ keyMap: KeyMap, _ columns: [Column], matching query: String) -> [String] {
        var lines: [String] = []
        for (heading, entries) in sections(keyMap, columns) {
            let kept =
                query.isEmpty || heading.containsIgnoringCase(query)
                ? entries : entries.filter { $0.containsIgnoringCase(query) }
            guard !kept.isEmpty else { continue }
            if !lines.isEmpty { lines.append("") }
            lines.append(heading)
            lines += kept.map { "  " + $0 }
        }
        return lines.isEmpty ? ["nothing in the help matches \(query)"] : lines
    }

    private static func sections(_ keyMap: KeyMap, _ columns: [Column]) -> [(String, [String])] {
        var sections = Command.Group.allCases.map { group in
            let entries = Command.allCases.filter { $0.group == group }.map { command in
                let keys = keyMap.keys(of: command).joined(separator: " ")
                return aligned(keys.isEmpty ? ":" + command.rawValue : keys, 17) + command.summary
            }
            return (group.rawValue, entries)
        }
        sections.append(
            (
                "Mouse",
                [
                    aligned("click", 17) + "selects a row, sorts by a title, goes to a panel, is a key below",
                    aligned("double click", 17) + "drills into the row",
                    aligned("wheel", 17) + "scrolls what is under it",
                    aligned("Shift", 17) + "held down selects text, as without viv",
                ]
            ))
        sections.append(
            (
                "Filter",
                [
                    aligned("gunicorn", 17) + "text in the name or the command line, or a pid",
                    aligned("cpu>20", 17) + "a column and a value: = != < <= > >= ~ (holds the text) !~",
                    aligned("and or not ( )", 17) + "put them together: cpu>20 and user=api and comm~gunicorn",
                    aligned("majflt>0/s", 17) + "a rate; state=D, python and port=8000 work too",
                ]
            ))
        sections.append(
            (
                "Columns on the screen",
                columns.map { column in
                    aligned(column.title, 9) + column.summary + (column.unit.isEmpty ? "" : " (\(column.unit))")
                        + " — \(column.source)"
                }
            ))
        return sections
    }

    private static func aligned(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - displayWidth(text)))
    }
}

extension DashboardState {
    mutating func handleHelp(_ key: Key, _ read: HelpDialog) {
        var read = read
        let step = DashboardState.step(of: key, keyMap)
        switch key {
        case .escape, .control("C"):
            if read.query.isEmpty, !read.isSearching {
                dialog = nil
                return
            }
            read = HelpDialog()
        case .enter where read.isSearching: read.isSearching = false
        case .backspace where read.isSearching: if !read.query.isEmpty { read.query.removeLast() }
        case .character(let scalar) where read.isSearching && read.query.count < 60:
            read.query.unicodeScalars.append(scalar)
            read.offset = 0
        case _ where keyMap[key] == .search:
            read.isSearching = true
        case _ where step != 0:
            let lines = HelpDialog.lines(keyMap, columns, matching: read.query).count
            let room = max(1, (shown.dialog?.area.rows ?? 12) - 2)
            read.offset = max(0, min(read.offset + step, lines - room))
        default:
            dialog = nil
            return
        }
        dialog = .help(read)
    }
}
