internal import Cells
public import Model

/// What the user is looking at and typing; changed by keys and by new tables, never by time.
public struct DashboardState: Sendable {
    /// Panels of the screen.
    public enum Panel: Int, Sendable, CaseIterable {
        case processes, details, threads, stacks, flame, functions, tasks, collector

        /// Its name on the screen.
        public var title: String {
            ["Procs", "Details", "Threads", "Stacks", "Flame", "Functions", "Tasks", "GC"][rawValue]
        }
    }

    /// Text being typed at the bottom.
    public enum Prompt: Sendable, Equatable {
        case search, filter, palette, jump, flameSearch, functionFilter, stackSearch
    }

    /// Boxes over the screen.
    public enum Dialog: Sendable {
        case help(HelpDialog)
        case signals(SignalDialog)
        case renice(ReniceDialog)
        case confirm(ConfirmDialog)
        case users(selected: Int)
        case columns(selected: Int)
        case environment(offset: Int)
        case setup(SetupDialog)
    }

    /// Sums of visible rows.
    struct Sums {
        /// All of them; nil until it is drawn, and when there is none.
        var shown: ProcessRow?
        /// How many they are, with those that are folded.
        var count = 0
        /// Folded subtrees, by the row they are folded into.
        var folded: [Int: ProcessRow] = [:]
    }

    /// What is in force now; keys change the sort column and direction in here, F2 the rest.
    public var settings: Settings
    /// Bindings that the settings ask for.
    public var keyMap: KeyMap
    /// Styles that the settings ask for.
    public var theme: Theme
    /// Selected process or thread.
    public var selection: ProcessIdentity?
    /// The selected one as long as nobody chose it: then it is whatever sorts first, viv itself left out.
    var unchosen: ProcessIdentity?
    /// viv's own process, which is nobody's business at the start though it is the busiest then.
    public var ownPid: Int32?
    /// When the first table was made. Unit: nanoseconds, CLOCK_MONOTONIC.
    var begunNanoseconds: UInt64?
    /// Whether rates were measured for long enough to order rows by them and to stay with the one that is first.
    var isSettled = false
    /// Its place among the visible rows.
    public var cursor = 0
    /// First visible row on the screen.
    public var offset = 0
    /// Columns scrolled off to the left.
    public var leftColumn = 0
    /// Panel that movement keys go to.
    public var panel = Panel.processes
    /// First line of each panel but the table.
    var panelOffsets = [Int](repeating: 0, count: Panel.allCases.count)
    /// First line of the panel that movement keys go to.
    public var panelOffset: Int {
        get { panelOffsets[panel.rawValue] }
        set { panelOffsets[panel.rawValue] = max(0, min(newValue, 1_000_000)) }
    }
    /// Whether that panel has the whole body of the screen.
    public var isZoomed = false
    /// Process that every panel is narrowed to.
    public var drilled: ProcessIdentity?
    /// Thread of it that every panel is narrowed to.
    public var drilledThread: Int32?
    /// Thread that keys of the Threads panel act on.
    public var threadCursor: Int32?
    /// What is looked at in Stacks.
    public var stack = StackView()
    /// What of the profile is looked at in Flame and Functions.
    public var profile = ProfileView()
    /// Whether the table has the columns for Python services instead of the configured ones.
    public var showsPython = false
    /// Whether threads are rows of the table.
    public var showsThreads = false
    /// Whether rows are nested under their parents; a sort key turns it off.
    public var tree: Bool
    /// Processes whose children are folded in the tree.
    public var collapsed: Set<ProcessIdentity> = []
    /// Processes that commands act on instead of the selected one, when there is any.
    public var tags: Set<ProcessIdentity> = []
    /// User whose processes alone are shown; nil for all.
    public var userID: UInt32?
    /// The filter as it was typed, also while it is not understood yet.
    public var filterText = ""
    /// The filter in force: the last text that was understood; nil keeps all rows.
    public var filter: Filter?
    /// What is wrong with `filterText`; nil when it is in force.
    public var filterError: FilterError?
    /// What of `filterText` is not in force while it is typed.
    var filterPending: Pending?
    /// What `n` and `N` look for; empty when nothing was searched.
    public var searchText = ""
    /// Whether the view goes along with the selected process when the order changes, until a movement key.
    public var follows = false
    /// Whether the view stands still while sampling and the history go on.
    public var isFrozen = false
    /// What is being typed; nil when keys are commands.
    public var prompt: Prompt?
    /// What was typed so far.
    public var promptText = ""
    /// The open box, which takes every key; nil when there is none.
    public var dialog: Dialog?
    /// One line of news, until the next key.
    public var message: String?
    /// Keys typed before the first table that act on a process.
    var waiting: [Key] = []
    /// Whether the next drawing has to bring the cursor into view.
    var reveals = true
    /// What stood where on the screen when it was last drawn: clicks are meant for that.
    var shown = Shown()
    /// Visible rows.
    public var order = ProcessOrder() {
        didSet { sums = Sums() }
    }
    /// What rows are sorted by from one table to the next.
    var steadyKeys = SteadyKeys()
    /// Sums of what is shown, kept until the order is made anew: adding thousands of rows up for every key would be felt.
    var sums = Sums()
    /// When a movement key was last pressed, on the clock of the caller. Unit: nanoseconds.
    public var movedNanoseconds: UInt64?
    /// Whether keys may act on processes.
    public var isReadOnly: Bool

    /// How long the order holds still after a movement key. Unit: nanoseconds.
    public static let holdNanoseconds: UInt64 = 5_000_000_000

    /// How long after the first table rates are those of a moment, in which viv itself is the busiest. Unit: nanoseconds.
    static let settlingNanoseconds: UInt64 = 400_000_000

    /// Ended processes that are shown: where hundreds end each second, the rest is a number.
    static let endedLimit = 20

    /// The state at start; names that are unknown in the settings' bindings go to the message line.
    public init(settings: Settings, isReadOnly: Bool = false) {
        var unknown: [String] = []
        self.settings = settings
        keyMap = KeyMap(settings.keys, replacing: settings.bindings, unknown: &unknown)
        theme = Theme(settings.theme)
        tree = settings.tree
        self.isReadOnly = isReadOnly
        if let first = unknown.first { message = "unknown key or command in the configuration: \(first)" }
    }

    /// Columns that are shown.
    public var columns: [Column] {
        (showsPython ? DashboardState.pythonColumns : settings.columns).compactMap { Column.named($0) }
    }

    /// What one wants to know of Python services, in the place of the configured columns.
    private static let pythonColumns = [
        "pid", "user", "state", "cpu", "python", "gil", "pyline", "res", "threads", "command",
    ]

    /// Python processes that are glanced at: those whose rows are on the screen, while there are columns for it.
    public func glanced(in table: ProcessTable, rows: Int, columns width: Int) -> Set<ProcessIdentity> {
        let shown = ProcessPanel(dashboard: Dashboard(table: table), state: self).visibleColumns(width: width)
        guard rows > 0, !isFrozen, shown.contains(where: { $0.sources.contains(.glance) }),
            offset < order.entries.count
        else { return [] }
        let window = order.entries[offset..<min(order.entries.count, offset + rows)]
        return Set(
            window.map { table.rows[Int($0.row)] }
                .filter { !$0.isThread && !$0.hasEnded && !$0.traits.contains(.kernel) }.map(\.identity))
    }

    /// Column sorted by.
    public var sortColumn: Column {
        Column.named(settings.sortColumn) ?? Column.named("pid") ?? Column.all[0]
    }

    /// What the table is to be ordered by.
    public var request: OrderRequest {
        OrderRequest(
            column: sortColumn, descending: settings.sortsDescending, tree: tree, collapsed: collapsed, filter: filter,
            userID: userID, hidesKernelThreads: settings.hidesKernelThreads,
            endedLimit: settings.hidesEnded ? 0 : DashboardState.endedLimit)
    }

    /// What must be read of visible rows.
    public var visibleSources: ProcessSources {
        columns.reduce(into: ProcessSources.arguments) { $0.formUnion($1.sources) }
    }

    /// What must be read of every row: what is sorted or filtered by.
    public var tableSources: ProcessSources {
        (filter?.sources ?? []).union(sortColumn.sources.subtracting([.shares, .glance]))
    }

    /// Identities of the rows whose numbers are on the screen: those of the window, those folded into one of them, the
    /// selected one, and the tagged ones, of which the sum is shown.
    public func visibleIdentities(in table: ProcessTable, rows: Int) -> Set<ProcessIdentity> {
        var visible = tags
        if let selection { visible.insert(selection) }
        guard offset < order.entries.count else { return visible }
        let window = order.entries[offset..<min(order.entries.count, offset + max(0, rows))]
        for entry in window { visible.insert(table.rows[Int(entry.row)].identity) }
        for index in table.subtrees(of: window.filter { $0.folded > 0 }.map { Int($0.row) }) {
            visible.insert(table.rows[index].identity)
        }
        return visible
    }

    /// Adds up what the next drawing shows as sums.
    mutating func addUp(_ table: ProcessTable, rows: Int) {
        if sums.shown == nil, tags.isEmpty {
            sums.count = order.entries.reduce(0) { $0 + 1 + Int($1.folded) }
            // What is folded belongs to what is shown: the sum is the same as with the branch open.
            let folded = order.entries.filter { $0.folded > 0 }.map { Int($0.row) }
            let open = order.entries.lazy.filter { $0.folded == 0 }.map { Int($0.row) }
            sums.shown = table.sum(of: folded.isEmpty ? Array(open) : open + table.subtrees(of: folded))
        }
        guard offset < order.entries.count else { return }
        let folded = order.entries[offset..<min(order.entries.count, offset + max(0, rows))]
            .filter { $0.folded > 0 && sums.folded[Int($0.row)] == nil }
        sums.folded.merge(table.subtreeSums(of: folded.map { Int($0.row) })) { _, new in new }
    }

    /// Takes a new table: orders it, or holds the order still, and keeps the selection on its process.
    public mutating func update(from old: ProcessTable, to table: ProcessTable, now nanoseconds: UInt64) {
        if prompt == .filter { typeFilter(promptText, table) }
        let isHeld = movedNanoseconds.map { nanoseconds < $0 + DashboardState.holdNanoseconds } ?? false
        if !isSettled { steadyKeys = SteadyKeys() }
        let fresh = narrowed(table.order(request, keeping: &steadyKeys), in: table)
        if follows, let selection, !table.rows.isEmpty,
            table.index(of: selection).map({ settings.hidesEnded && table.rows[$0].hasEnded }) ?? true
        {
            follows = false
            message = "\(selection.pid) is gone: nothing is followed any more"
        }
        order = isHeld && !tree && !order.entries.isEmpty ? held(from: old, to: table, fresh) : fresh
        reselect(in: table)
        settleStart(table)
    }

    /// Ends the start: from here on the selection stays on its process as long as that runs, chosen or not.
    private mutating func settleStart(_ table: ProcessTable) {
        guard !isSettled, !table.rows.isEmpty else { return }
        let begun = begunNanoseconds ?? table.nanoseconds
        begunNanoseconds = begun
        guard table.nanoseconds >= begun + DashboardState.settlingNanoseconds else { return }
        isSettled = true
    }

    /// The old order with the rows that still pass; new ones go to the end.
    private func held(from old: ProcessTable, to table: ProcessTable, _ fresh: ProcessOrder) -> ProcessOrder {
        var places: [ProcessIdentity: ProcessOrder.Entry] = [:]
        places.reserveCapacity(fresh.entries.count)
        for entry in fresh.entries { places[table.rows[Int(entry.row)].identity] = entry }
        var kept = ProcessOrder()
        kept.hiddenEnded = fresh.hiddenEnded
        kept.entries.reserveCapacity(fresh.entries.count)
        for entry in order.entries where Int(entry.row) < old.rows.count {
            if let same = places.removeValue(forKey: old.rows[Int(entry.row)].identity) { kept.entries.append(same) }
        }
        for entry in fresh.entries where places[table.rows[Int(entry.row)].identity] != nil {
            kept.entries.append(entry)
        }
        return kept
    }

    /// Orders the table anew, at once.
    public mutating func reorder(_ table: ProcessTable) {
        steadyKeys = SteadyKeys()
        order = narrowed(table.order(request, keeping: &steadyKeys), in: table)
        reselect(in: table)
    }

    /// Puts the cursor back on the selected process; when that is gone, selects what stands in its place.
    mutating func reselect(in table: ProcessTable) {
        guard !order.entries.isEmpty else {
            cursor = 0
            return
        }
        // Nobody cares for one that nobody chose once it is gone: what stands in its place is one of those that ended.
        let isGone = selection.map { table.index(of: $0).map { table.rows[$0].hasEnded } ?? true } ?? true
        if selection == unchosen, !isSettled || unchosen != nil && isGone {
            cursor = order.entries.firstIndex { table.rows[Int($0.row)].threadGroup != ownPid } ?? 0
            selection = table.rows[Int(order.entries[cursor].row)].identity
            unchosen = selection
            return
        }
        if let selection {
            if cursor < order.entries.count, table.rows[Int(order.entries[cursor].row)].identity == selection { return }
            if let place = order.entries.firstIndex(where: { table.rows[Int($0.row)].identity == selection }) {
                cursor = place
                return
            }
            if tree, let place = visibleAncestor(of: selection, in: table) {
                select(place, in: table)
                return
            }
        }
        cursor = min(max(0, cursor), order.entries.count - 1)
        selection = table.rows[Int(order.entries[cursor].row)].identity
    }

    /// Where the process stands that a row is folded into, or whose child it is; nil when none is visible.
    private func visibleAncestor(of identity: ProcessIdentity, in table: ProcessTable) -> Int? {
        guard var index = table.index(of: identity) else { return nil }
        // Rows read at different moments can name each other as parents: no tree is deeper than this one goes up.
        for _ in 0..<256 {
            let row = table.rows[index]
            let above = row.isThread ? row.threadGroup : row.parent
            guard let parent = table.process(above) else { return nil }
            if let place = order.entries.firstIndex(where: { Int($0.row) == parent }) { return place }
            index = parent
        }
        return nil
    }

    /// Selects the visible row at a place.
    mutating func select(_ place: Int, in table: ProcessTable) {
        guard !order.entries.isEmpty else { return }
        cursor = min(max(0, place), order.entries.count - 1)
        let identity = table.rows[Int(order.entries[cursor].row)].identity
        if identity != selection {
            panelOffsets = panelOffsets.map { _ in 0 }
            threadCursor = nil
            profile.forgetPlaces()
            stack.cursor = nil
        }
        selection = identity
        unchosen = nil
        reveals = true
    }

    /// Brings the view in order before it is drawn: with the cursor in it when that was moved or is followed.
    mutating func settle(rows: Int) {
        if follows || reveals || rows != shown.layout?.tableRows { scroll(rows: rows) }
        offset = max(0, min(offset, order.entries.count - rows))
        reveals = false
    }

    /// Scrolls so that the cursor is inside a window of that many rows.
    mutating func scroll(rows: Int) {
        guard rows > 0 else { return }
        if cursor < offset { offset = cursor }
        if cursor >= offset + rows { offset = cursor - rows + 1 }
        offset = min(offset, max(0, order.entries.count - rows))
        offset = max(0, offset)
    }
}
