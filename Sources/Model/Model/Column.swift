/// One column of the process table, described once: header, help, `viv ps --columns`, sorting and JSON derive from it.
public struct Column: Sendable {
    /// How a column's cells line up.
    public enum Alignment: Sendable { case left, right }

    /// Name in commands, the configuration and filters.
    public var name: String
    /// Header on the screen.
    public var title: String
    /// Key in JSON.
    public var key: String
    /// What it is, in one line.
    public var summary: String
    /// Unit in words; empty for text.
    public var unit: String
    /// File and field it comes from.
    public var source: String
    /// Side that cells line up on.
    public var alignment: Alignment
    /// Cells on the screen; 0 for the rest of the line.
    public var width: Int
    /// What must be read for it beyond stat.
    public var sources: ProcessSources
    /// htop's name of the same column, where it has one.
    public var htopName: String?
    /// ps's names of the same column, where they differ from its own.
    public var psNames: [String]
    /// The cell of a row.
    public var value: @Sendable (ProcessRow, ProcessTable) -> ColumnValue

    /// Whether a larger value comes first when it is sorted by.
    public var sortsDescending: Bool { alignment == .right && name != "pid" && name != "ppid" }

    /// Cost in words, for the help.
    public var cost: String {
        if sources.isEmpty { return "free" }
        if !sources.isDisjoint(with: [.shares, .ports, .glance]) { return "expensive: only for rows on screen" }
        return "one more read per visible row"
    }

    /// Other names that it is found by, in any case.
    public var aliases: [String] {
        guard let htopName, !(psNames + [name]).contains(htopName.lowercased()) else { return psNames }
        return psNames + [htopName]
    }

    /// The column of that name in any case, also by ps's and htop's names; nil when there is none.
    public static func named(_ name: String) -> Column? {
        byName[name.lowercased()]
    }

    /// Every column, in the order of the help.
    public static let all: [Column] =
        identityColumns + schedulingColumns + memoryColumns + activityColumns + textColumns

    private static let byName: [String: Column] = {
        var map: [String: Column] = [:]
        for column in all {
            for alias in column.aliases { map[alias.lowercased()] = column }
        }
        for column in all { map[column.name] = column }
        return map
    }()

    /// Columns of a new configuration.
    public static let defaultNames = [
        "pid", "user", "nice", "state", "cpu", "runq", "res", "vcsw/s", "icsw/s", "minflt/s", "majflt/s", "read/s",
        "write/s",
        "fd", "threads", "time", "command",
    ]
}

/// A column from its parts; kept short because there are many.
func column(
    _ name: String, _ title: String, _ key: String, _ width: Int, _ unit: String, _ source: String, _ summary: String,
    needs sources: ProcessSources = [], htop htopName: String? = nil,
    ps psNames: [String] = [], align: Column.Alignment = .right,
    _ value: @escaping @Sendable (ProcessRow, ProcessTable) -> ColumnValue
) -> Column {
    Column(
        name: name, title: title, key: key, summary: summary, unit: unit, source: source, alignment: align,
        width: width,
        sources: sources, htopName: htopName, psNames: psNames, value: value)
}
