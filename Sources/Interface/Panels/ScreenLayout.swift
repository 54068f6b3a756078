public import Cells

/// Where everything stands on a screen of a certain size.
public struct ScreenLayout: Sendable, Equatable {
    /// Host totals: 2 lines, 3 from 30 lines on, up to 5 where there is room for each processor.
    public var header = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Line with the panels' names, what narrows the view, and whether it is live.
    public var tabs = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Process table with its titles and its line of sums; empty while another panel has the whole body.
    public var table = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Details of the selected process with their frame; empty without room, or with another panel in their place.
    public var details = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Threads of the selected process with their frame; empty as for `details`.
    public var threads = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Python stacks of the selected process with their frame; empty as for `details`.
    public var stacks = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Flame graph of the selected process with its frame; empty unless it is the panel in use.
    public var flame = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Its functions with their frame; empty unless they are the panel in use.
    public var functions = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Its asyncio tasks with their frame; empty unless they are the panel in use.
    public var tasks = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Its garbage collector and objects with their frame; empty unless they are the panel in use.
    public var collector = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Line of news and of viv's own cost, above the keys; empty on a screen of fewer than 9 lines.
    public var status = Rect(row: 0, column: 0, rows: 0, columns: 0)
    /// Last line: keys, or the prompt; empty on a screen of fewer than 5 lines.
    public var keys = Rect(row: 0, column: 0, rows: 0, columns: 0)

    /// Whether anything that is read of the selected process alone is on the screen.
    public var showsDetails: Bool { details.rows > 1 || threads.rows > 1 }

    /// Whether Python frames are on the screen: in their own panel, or the innermost beside each thread.
    public var showsStacks: Bool { stacks.rows > 1 || threads.rows > 1 }

    /// Whether the selected process is sampled for what is on the screen.
    public var showsProfile: Bool { flame.rows > 1 || functions.rows > 1 }

    /// Rows of processes that fit, its header and footer not counted.
    public var tableRows: Int { max(0, table.rows - 2) }

    /// Panels for a size: one under a short table at 80x24, two at 120x40, everything at 200x60.
    ///
    /// - Parameter tableRows: rows that the table has to show at most; nil for as many as there is room for.
    public init(
        rows: Int, columns: Int, panel: DashboardState.Panel, isZoomed: Bool, processors: Int, tableRows: Int? = nil
    ) {
        var top = 0
        var left = rows
        func take(_ wanted: Int, keeping kept: Int) -> Rect {
            let height = max(0, min(wanted, left - kept))
            defer {
                top += height
                left -= height
            }
            return Rect(row: top, column: 0, rows: height, columns: columns)
        }
        let wide = columns >= 110
        header = take(rows >= 50 && columns >= 150 ? 3 + min(2, (processors - 1) / 8) : rows >= 30 ? 3 : 2, keeping: 6)
        tabs = take(1, keeping: 5)
        let bottom = min(2, max(0, left - 4))
        keys = Rect(row: rows - min(1, bottom), column: 0, rows: min(1, bottom), columns: columns)
        status = Rect(row: rows - bottom, column: 0, rows: bottom - keys.rows, columns: columns)
        let body = Rect(row: top, column: 0, rows: max(0, left - bottom), columns: columns)
        arrange(body, panel: panel, isZoomed: isZoomed, wide: wide, tableRows: tableRows)
    }

    private mutating func arrange(
        _ body: Rect, panel: DashboardState.Panel, isZoomed: Bool, wide: Bool, tableRows: Int?
    ) {
        let most = tableRows.map { $0 + 2 } ?? body.rows
        if isZoomed || body.rows < 12 {
            place(body, panel)
        } else if body.columns >= 180, body.rows >= 40 {
            let tableColumns = body.columns * 62 / 100
            let upper = body.rows * 60 / 100
            let short = min(upper, most)
            table = Rect(row: body.row, column: 0, rows: short, columns: tableColumns)
            details = Rect(row: body.row, column: tableColumns, rows: upper, columns: body.columns - tableColumns)
            let lower = body.row + upper
            place(
                Rect(row: body.row + short, column: 0, rows: body.rows - short, columns: tableColumns),
                panel.needsRoom ? panel : .stacks)
            threads = Rect(
                row: lower, column: tableColumns, rows: body.rows - upper, columns: body.columns - tableColumns)
        } else {
            let share = panel.needsRoom ? 34 : body.rows >= 24 ? 52 : 58
            let upper = min(most, body.rows * share / 100)
            table = Rect(row: body.row, column: 0, rows: upper, columns: body.columns)
            let lower = Rect(row: body.row + upper, column: 0, rows: body.rows - upper, columns: body.columns)
            guard wide, panel != .threads else {
                place(lower, panel == .processes ? .details : panel)
                return
            }
            let split = lower.columns * (panel.needsRoom ? 34 : 46) / 100
            details = Rect(row: lower.row, column: 0, rows: lower.rows, columns: split)
            place(
                Rect(row: lower.row, column: split, rows: lower.rows, columns: lower.columns - split),
                panel.needsRoom ? panel : .stacks)
        }
    }

    private mutating func place(_ rect: Rect, _ panel: DashboardState.Panel) {
        switch panel {
        case .processes: table = rect
        case .details: details = rect
        case .threads: threads = rect
        case .stacks: stacks = rect
        case .flame: flame = rect
        case .functions: functions = rect
        case .tasks: tasks = rect
        case .collector: collector = rect
        }
    }
}

extension DashboardState.Panel {
    /// Whether a few lines of it are worth nothing: the table gives way.
    var needsRoom: Bool { rawValue >= DashboardState.Panel.stacks.rawValue }
}
