internal import Cells
public import Model

extension DashboardState {
    mutating func handleDialog(_ key: Key, _ dashboard: Dashboard) -> [Action] {
        if case .help(let read) = dialog {
            handleHelp(key, read)
            return []
        }
        var isTyping = false
        if case .signals = dialog { isTyping = true }
        if key == .escape || key == .control("C") || key == .character("q") && !isTyping {
            if case .setup = dialog { theme = Theme(settings.theme) }
            dialog = nil
            return []
        }
        let step = DashboardState.step(of: key, keyMap)
        switch dialog {
        case .environment(let offset):
            dialog = step == 0 ? nil : .environment(offset: min(max(0, offset + step), 100_000))
        case .signals(let menu): return handleSignals(key, menu, dashboard)
        case .renice(let edited): return handleRenice(key, edited, dashboard)
        case .confirm(let asked): return handleConfirm(key, asked, dashboard)
        case .users(let selected): chooseUser(key, selected + step, dashboard)
        case .columns(let selected): chooseColumn(key, selected + step, dashboard)
        case .setup(var setup): return handleSetup(key, step, &setup, dashboard)
        case .help, nil: break
        }
        return []
    }

    /// Selects a line of the open box.
    ///
    /// - Returns: false where there is nothing to select.
    mutating func selectLine(_ line: Int, _ dashboard: Dashboard) -> Bool {
        switch dialog {
        case .signals(var menu):
            let place = line - DialogPanel.targetLines(menu.targets, dashboard).count
            guard SignalDialog.lines.indices.contains(place) else { return false }
            menu.selected = place
            dialog = .signals(menu)
        case .users:
            guard DashboardState.users(in: dashboard.table).indices.contains(line) else { return false }
            dialog = .users(selected: line)
        case .columns:
            guard columns.indices.contains(line) else { return false }
            dialog = .columns(selected: line)
        case .setup(var setup):
            guard setup.lines.indices.contains(line) else { return false }
            setup.selected = line
            dialog = .setup(setup)
        case .confirm(var asked):
            let place = line - DialogPanel.targetLines(asked.targets, dashboard).count
            guard (0...1).contains(place) else { return false }
            asked.agrees = place == 1
            dialog = .confirm(asked)
        case .help, .environment, .renice, nil: return false
        }
        return true
    }

    /// Lines a key moves by in a list.
    static func step(of key: Key, _ keyMap: KeyMap) -> Int {
        keyMap[key]?.step(page: 10) ?? 0
    }

    /// Users in the table, by name; the first entry stands for all.
    public static func users(in table: ProcessTable) -> [(id: UInt32?, name: String)] {
        let ids = Set(table.rows.compactMap(\.userID))
        return [(nil, "All users")]
            + ids.map { ($0, table.userNames[$0] ?? String($0)) }.sorted { $0.1 < $1.1 }.map { (id: $0.0, name: $0.1) }
    }

    private mutating func chooseUser(_ key: Key, _ selected: Int, _ dashboard: Dashboard) {
        let users = DashboardState.users(in: dashboard.table)
        let place = min(max(0, selected), users.count - 1)
        dialog = .users(selected: place)
        guard key == .enter else { return }
        userID = users[place].id
        dialog = nil
        reorder(dashboard.table)
    }

    private mutating func chooseColumn(_ key: Key, _ selected: Int, _ dashboard: Dashboard) {
        let place = min(max(0, selected), max(0, columns.count - 1))
        dialog = .columns(selected: place)
        guard key == .enter, columns.indices.contains(place) else { return }
        dialog = nil
        if columns[place].name != settings.sortColumn { sort(by: columns[place].name) }
        movedNanoseconds = nil
        reorder(dashboard.table)
    }

    private mutating func handleSetup(_ key: Key, _ step: Int, _ setup: inout SetupDialog, _ dashboard: Dashboard)
        -> [Action]
    {
        setup.move(by: step)
        switch key {
        case .left, .character("h"): setup.change(by: -1)
        case .right, .character("l"), .character(" "), .enter: setup.change(by: 1)
        case .character("<"): setup.moveColumn(by: -1)
        case .character(">"): setup.moveColumn(by: 1)
        case .function(10), .character("s"):
            apply(setup.settings)
            dialog = nil
            reorder(dashboard.table)
            return [.save(settings)]
        default: break
        }
        // A theme is chosen by how it looks; all else is seen once it is saved.
        theme = Theme(setup.settings.theme)
        dialog = .setup(setup)
        return []
    }

    /// Takes new settings over.
    mutating func apply(_ new: Settings) {
        var unknown: [String] = []
        settings = new
        if settings.columns.isEmpty { settings.columns = ["pid", "command"] }
        keyMap = KeyMap(new.keys, replacing: new.bindings, unknown: &unknown)
        theme = Theme(new.theme)
        tree = new.tree
    }
}
