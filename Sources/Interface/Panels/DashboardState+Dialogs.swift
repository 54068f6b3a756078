internal import Cells
public import Model

extension DashboardState {
    mutating func handleDialog(_ key: Key, _ dashboard: Dashboard) -> [Action] {
        if key == .escape || key == .character("q") || key == .control("C") {
            dialog = nil
            return []
        }
        let step = DashboardState.step(of: key, keyMap)
        switch dialog {
        case .help(let offset): scrollOrClose(key, step, offset) { .help(offset: $0) }
        case .environment(let offset): scrollOrClose(key, step, offset) { .environment(offset: $0) }
        case .signals(var menu):
            menu.selected = min(max(0, menu.selected + step), SignalDialog.lines.count - 1)
            dialog = .signals(menu)
            guard key == .enter else { return [] }
            dialog = nil
            let number = SignalDialog.lines[menu.selected].number
            return number == 0 ? [] : [.signal(number, menu.targets.map(\.identity))]
        case .users(let selected): chooseUser(key, selected + step, dashboard)
        case .columns(let selected): chooseColumn(key, selected + step, dashboard)
        case .setup(var setup):
            return handleSetup(key, step, &setup, dashboard)
        case nil: break
        }
        return []
    }

    /// Lines a key moves by in a list.
    static func step(of key: Key, _ keyMap: KeyMap) -> Int {
        switch keyMap[key] {
        case .up: -1
        case .down: 1
        case .pageUp, .halfPageUp: -10
        case .pageDown, .halfPageDown: 10
        case .top: -100_000
        case .bottom: 100_000
        default: 0
        }
    }

    private mutating func scrollOrClose(_ key: Key, _ step: Int, _ offset: Int, _ make: (Int) -> Dialog) {
        dialog = step == 0 ? nil : make(min(max(0, offset + step), 100_000))
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
        setup.selected = min(max(0, setup.selected + step), SetupDialog.lines.count - 1)
        switch key {
        case .left: setup.change(by: -1)
        case .right, .character(" "), .enter: setup.change(by: 1)
        case .character("<"): setup.moveColumn(by: -1)
        case .character(">"): setup.moveColumn(by: 1)
        case .function(10), .character("s"):
            apply(setup.settings)
            dialog = nil
            reorder(dashboard.table)
            return [.save(settings)]
        default: break
        }
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
