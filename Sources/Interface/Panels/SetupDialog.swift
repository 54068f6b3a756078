internal import Model

/// The settings while they are edited.
public struct SetupDialog: Sendable {
    /// What a line changes.
    public enum Line: Sendable, Hashable {
        case theme, keys, refresh, sort, direction, tree, kernelThreads, ended, mouse, escapeDelay
        case column(Int)
    }

    /// The settings as they would be saved now; those in force stay as they are until then, but for the theme.
    public var settings: Settings
    /// Index of the selected line in ``lines``.
    public var selected = 0

    /// A dialog on a copy of the settings.
    public init(settings: Settings) {
        self.settings = settings
    }

    /// Lines from top to bottom: the general ones, the columns on the screen in their order, then all others.
    public var lines: [Line] {
        let shown = settings.columns.compactMap { name in Column.all.firstIndex { $0.name == name } }
        let others = Column.all.indices.filter { !shown.contains($0) }
        return [.theme, .keys, .refresh, .sort, .direction, .tree, .kernelThreads, .ended, .mouse, .escapeDelay]
            + (shown + others).map { .column($0) }
    }

    /// Moves the selection.
    mutating func move(by step: Int) { selected = min(max(0, selected + step), lines.count - 1) }

    /// Steps the selected line's value.
    mutating func change(by step: Int) {
        let line = lines[selected]
        switch line {
        case .theme: settings.theme = next(settings.theme, in: Theme.Name.allCases, step)
        case .keys: settings.keys = next(settings.keys, in: KeyMap.Preset.allCases, step)
        case .refresh:
            settings.refreshMilliseconds = next(
                settings.refreshMilliseconds, in: [250, 500, 1000, 2000, 3000, 5000, 10000], step)
        case .sort:
            let names = settings.columns.isEmpty ? Column.defaultNames : settings.columns
            settings.sortColumn = next(settings.sortColumn, in: names, step)
            settings.sortsDescending = Column.named(settings.sortColumn)?.sortsDescending ?? true
        case .direction: settings.sortsDescending.toggle()
        case .tree: settings.tree.toggle()
        case .kernelThreads: settings.hidesKernelThreads.toggle()
        case .ended: settings.hidesEnded.toggle()
        case .mouse: settings.mouse.toggle()
        case .escapeDelay:
            settings.escapeDelayMilliseconds = next(
                settings.escapeDelayMilliseconds, in: [0, 10, 25, 50, 100, 250], step)
        case .column(let index):
            let name = Column.all[index].name
            if let place = settings.columns.firstIndex(of: name) {
                settings.columns.remove(at: place)
            } else {
                // The command takes the rest of the line, so it stays last.
                settings.columns.insert(
                    name, at: settings.columns.last == "command" ? settings.columns.count - 1 : settings.columns.count)
            }
        }
        selected = lines.firstIndex(of: line) ?? selected
    }

    /// Moves the selected column one place to the left or right.
    mutating func moveColumn(by step: Int) {
        let line = lines[selected]
        guard case .column(let index) = line,
            let place = settings.columns.firstIndex(of: Column.all[index].name),
            settings.columns.indices.contains(place + step)
        else { return }
        settings.columns.swapAt(place, place + step)
        selected = lines.firstIndex(of: line) ?? selected
    }

    private func next<Value: Equatable>(_ value: Value, in all: [Value], _ step: Int) -> Value {
        let place = all.firstIndex(of: value) ?? 0
        return all[(place + step + all.count) % all.count]
    }
}
