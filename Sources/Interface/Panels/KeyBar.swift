import Cells
import Model

/// The last line: keys worth knowing here, each one whole or not at all.
struct KeyBar {
    /// A key, what it does, and where it stands.
    struct Item: Equatable {
        var command: Command?
        var key: String
        var label: String
        var column = 0
        /// Cells it takes, the gap behind it not counted.
        var width: Int { displayWidth(key) + 1 + displayWidth(label) }
    }

    /// What fits into that many cells, from left to right.
    static func items(_ state: DashboardState, columns: Int) -> [Item] {
        var shown: [(place: Int, item: Item)] = []
        var left = columns
        for (place, item) in wanted(state).sorted(by: { $0.rank < $1.rank }).map({ ($0.place, $0.item) }) {
            let needed = item.width + (shown.isEmpty ? 0 : 2)
            if needed > left { break }
            left -= needed
            shown.append((place, item))
        }
        var column = 0
        return shown.sorted { $0.place < $1.place }.map { entry in
            var item = entry.item
            item.column = column
            column += item.width + 2
            return item
        }
    }

    private static func wanted(_ state: DashboardState) -> [(place: Int, rank: Int, item: Item)] {
        let all =
            state.dialog.map { keys(of: $0).map { Item(command: nil, key: $0.0, label: $0.1) } } ?? commands(state)
        let ranks = state.dialog == nil ? KeyBar.ranks : [:]
        return all.enumerated().map { (place: $0, rank: $1.command.flatMap { ranks[$0] } ?? 50 + $0, item: $1) }
    }

    /// The order in which entries get their place; the others follow as they stand.
    private static let ranks: [Command: Int] = [
        .help: 0, .quit: 1, .back: 2, .signal: 3, .filter: 4, .sort: 5, .search: 6,
    ]

    private static func commands(_ state: DashboardState) -> [Item] {
        let isBack = state.panel != .processes || state.drilled != nil || state.isZoomed
        var pairs: [(Command, String)] = [(.help, "Help")]
        if isBack { pairs.append((.back, "Back")) }
        if state.panel == .processes {
            pairs += [(.search, "Find"), (.filter, "Filter"), (.tree, "Tree"), (.sort, "Sort"), (.signal, "Signal")]
        } else {
            pairs += [(.nextPanel, "Panel"), (.zoom, "Zoom")] + own(state.panel)
            if !state.panel.needsRoom { pairs += [(.signal, "Signal"), (.environment, "Env")] }
        }
        if state.isFrozen {
            pairs += [(.live, "Live"), (.historyBack, "Back"), (.historyForward, "Forward")]
        } else {
            pairs.append((.freeze, "Freeze"))
        }
        if !isBack {
            pairs += [
                (.setup, "Setup"), (.enter, "Drill"), (.threads, "Threads"), (.pythonColumns, "Python"),
                (.follow, "Follow"), (.user, "User"),
                (.tag, "Tag"), (.environment, "Env"), (.historyBack, "History"), (.palette, "Command"),
            ]
        }
        return (pairs + [(.quit, "Quit")]).compactMap { command, label in
            state.keyMap.keys(of: command).first.map { Item(command: command, key: $0, label: label) }
        }
    }

    /// What keys do in one panel alone.
    private static func own(_ panel: DashboardState.Panel) -> [(Command, String)] {
        switch panel {
        case .stacks: [(.search, "Find"), (.searchNext, "Next"), (.frame, "Frame"), (.follow, "Follow")]
        case .flame:
            [
                (.profileWindow, "Window"), (.profileClock, "Clock"), (.search, "Find"), (.profilePin, "Pin"),
                (.threads, "Threads"), (.invert, "Invert"), (.profileGrain, "Lines"), (.profileNative, "Mixed"),
            ]
        case .functions:
            [
                (.sort, "Sort"), (.filter, "Filter"), (.profileWindow, "Window"), (.profileClock, "Clock"),
                (.profileGrain, "Lines"), (.invert, "Invert"),
            ]
        case .collector: [(.heapCensus, "Objects")]
        default: []
        }
    }

    private static func keys(of dialog: DashboardState.Dialog) -> [(String, String)] {
        switch dialog {
        case .help(let read) where read.isSearching: [("Enter", "Done"), ("Esc", "Show all"), ("A-z", "Search")]
        case .help: [("Esc", "Close"), ("↑↓", "Scroll"), ("/", "Search")]
        case .environment: [("Esc", "Close"), ("↑↓", "Scroll")]
        case .signals:
            [("Enter", "Send"), ("Esc", "Cancel"), ("↑↓", "Choose"), ("A-z 0-9", "Jump to a name or number")]
        case .renice: [("Enter", "Set"), ("Esc", "Cancel"), ("↑↓ 0-9 -", "Change")]
        case .confirm: [("Esc", "Cancel"), ("Enter", "Choose"), ("↑↓", "Move"), ("y n", "Yes or no")]
        case .users, .columns: [("Enter", "Choose"), ("Esc", "Cancel"), ("↑↓", "Move")]
        case .setup: [("s", "Save"), ("Esc", "Leave"), ("↑↓", "Move"), ("←→", "Change"), ("< >", "Move the column")]
        }
    }
}
