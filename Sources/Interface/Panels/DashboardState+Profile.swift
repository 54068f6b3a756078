internal import Cells
internal import Model
internal import Profiles

/// Keys of Flame and Functions.
extension DashboardState {
    /// The thread that a profile is narrowed to follows what is drilled into.
    public mutating func narrowProfile(_ dashboard: Dashboard) {
        let thread = self.thread(in: dashboard.table)
        guard thread != profile.scope.thread else { return }
        profile.scope.thread = thread
        profile.scope.pin = nil
    }

    /// The profile that is on the screen.
    func profileSnapshot(_ dashboard: Dashboard) -> ProfileSnapshot? {
        guard dashboard.behindSeconds == nil, case .snapshot(let identity, let snapshot) = dashboard.profile,
            identity == process(in: dashboard.table)?.identity
        else { return nil }
        return snapshot
    }

    /// Carries out what commands mean in these two panels.
    ///
    /// - Returns: false when it is not one of theirs, or means what it means everywhere.
    mutating func performInProfile(_ command: Command, _ dashboard: Dashboard) -> Bool {
        guard panel == .flame || panel == .functions else { return false }
        switch command {
        case .profileWindow: profile.scope.window = next(profile.scope.window)
        case .profileClock:
            profile.scope.mode = next(profile.scope.mode)
            profile.scope.pin = nil
            message = "a new profile begins: \(profile.scope.mode.rawValue)"
        case .profileNative:
            profile.scope.isMixed.toggle()
            profile.scope.pin = nil
            message =
                profile.scope.isMixed
                ? "a new profile begins: with machine code, for which each thread is stopped at each sample"
                : "a new profile begins: Python alone, nothing is stopped"
        case .profileGrain:
            profile.scope.grain = next(profile.scope.grain)
            profile.forgetPlaces()
        default: return panel == .flame ? performInFlame(command, dashboard) : performInFunctions(command, dashboard)
        }
        return true
    }

    private func next<Value: CaseIterable & Equatable>(_ value: Value) -> Value {
        let all = Array(Value.allCases)
        let place = all.firstIndex(of: value) ?? 0
        return all[(place + 1) % all.count]
    }

    // MARK: Flame

    private mutating func performInFlame(_ command: Command, _ dashboard: Dashboard) -> Bool {
        switch command {
        case .threads:
            profile.scope.isByThread.toggle()
            profile.forgetPlaces()
        case .invert:
            profile.scope.isInverted.toggle()
            profile.forgetPlaces()
        case .profilePin: profile.togglePin()
        case .search:
            prompt = .flameSearch
            promptText = ""
        case .searchNext: goToMatch(dashboard, forward: true)
        case .searchPrevious: goToMatch(dashboard, forward: false)
        case .enter: zoomIn(dashboard)
        case .back:
            if !profile.zooms.isEmpty {
                profile.zooms.removeLast()
            } else if !profile.search.isEmpty {
                profile.search = ""
            } else {
                return false
            }
        default: return moveInFlame(command, dashboard)
        }
        revealCall()
        return true
    }

    private mutating func zoomIn(_ dashboard: Dashboard) {
        guard let tree = profileSnapshot(dashboard)?.tree, let place = tree.place(of: profile.cursor), place > 0,
            tree.nodes[place].total > 0
        else { return }
        if profile.zooms.last == profile.cursor {
            profile.zooms.removeLast()
        } else {
            profile.zooms.append(profile.cursor)
        }
    }

    /// The tree as it stands on the screen.
    func flameLayout(of tree: CallTree, width: Int, rows: Range<Int> = 0..<Int.max) -> FlameLayout {
        tree.flameLayout(
            width: width, zoom: profile.zooms.last.map { tree.node(at: $0) } ?? 0, rows: rows,
            isMatch: profile.matcher)
    }

    private mutating func moveInFlame(_ command: Command, _ dashboard: Dashboard) -> Bool {
        guard
            [.up, .down, .left, .right, .top, .bottom, .pageUp, .pageDown, .halfPageUp, .halfPageDown]
                .contains(command)
        else { return false }
        guard let tree = profileSnapshot(dashboard)?.tree, !tree.nodes.isEmpty else { return true }
        let width = max(1, (shown.layout?.flame.columns ?? 80) - 2)
        let page = max(1, FlamePanel.callRows(of: (shown.layout?.flame.rows ?? 12) - 1) - 1)
        var place = tree.node(at: profile.cursor)
        switch command {
        case .up: place = max(0, Int(tree.nodes[place].parent))
        case .pageUp, .halfPageUp:
            for _ in 0..<(command == .pageUp ? page : max(1, page / 2)) {
                place = max(0, Int(tree.nodes[place].parent))
            }
        case .top: place = profile.zooms.last.map { tree.node(at: $0) } ?? 0
        case .down: place = tree.widestChild(of: place) ?? place
        case .pageDown, .halfPageDown, .bottom:
            let steps = command == .bottom ? Int.max : command == .pageDown ? page : max(1, page / 2)
            var step = 0
            while step < steps, let child = tree.widestChild(of: place) {
                place = child
                step += 1
            }
        default:
            let depth = Int(tree.nodes[place].depth)
            let row = flameLayout(of: tree, width: width, rows: 0..<depth + 1).rows.last { $0.first?.depth == depth }
            let calls = (row ?? []).compactMap(\.node)
            if let index = calls.firstIndex(of: place) {
                place = calls[min(max(0, index + (command == .left ? -1 : 1)), calls.count - 1)]
            } else if let nearest = calls.min(by: { abs($0 - place) < abs($1 - place) }) {
                place = nearest
            }
        }
        profile.cursor = tree.path(to: place)
        revealCall()
        return true
    }

    /// Moves to the next call, in the order of the drawing, that is searched for.
    mutating func goToMatch(_ dashboard: Dashboard, forward: Bool, includingThis: Bool = false) {
        guard let tree = profileSnapshot(dashboard)?.tree, let isMatch = profile.matcher else { return }
        let labels = tree.labels.map(isMatch)
        let start = tree.node(at: profile.cursor)
        let count = tree.nodes.count
        for step in (includingThis ? 0 : 1)..<max(1, count + 1) {
            let place = ((forward ? start + step : start - step) % count + count) % count
            let node = tree.nodes[place]
            guard node.label >= 0, node.total > 0, labels[Int(node.label)] else { continue }
            profile.cursor = tree.path(to: place)
            // What is outside of the zoom cannot be seen in it.
            while let zoom = profile.zooms.last, !profile.cursor.starts(with: zoom) { profile.zooms.removeLast() }
            revealCall()
            return
        }
        message = "no call matches \(visible(profile.search))"
    }

    /// Scrolls so that the call that keys act on is in view.
    private mutating func revealCall() {
        let rows = FlamePanel.callRows(of: (shown.layout?.flame.rows ?? 12) - 1)
        let depth = profile.cursor.count
        panelOffset = min(max(panelOffset, depth - rows + 1), depth)
    }

    mutating func clickFlame(_ event: MouseEvent, _ dashboard: Dashboard) {
        guard let area = shown.layout?.flame, let tree = profileSnapshot(dashboard)?.tree else { return }
        let inset = area.column > 0 ? 2 : 1
        let row = event.row - area.row - 2
        guard row >= 0, row < FlamePanel.callRows(of: area.rows - 1) else { return }
        let first = panelOffsets[Panel.flame.rawValue]
        let layout = flameLayout(of: tree, width: area.columns - inset, rows: first..<first + row + 1)
        guard let span = layout.span(row: row, x: event.column - area.column - inset), let node = span.node else {
            return
        }
        profile.cursor = tree.path(to: node)
        if event.kind == .doublePress { zoomIn(dashboard) }
    }

    // MARK: Functions

    private mutating func performInFunctions(_ command: Command, _ dashboard: Dashboard) -> Bool {
        switch command {
        case .search, .filter:
            prompt = .functionFilter
            promptText = profile.functionFilter
        case .sort: profile.order = next(profile.order)
        case .invert: profile.isTurnedRound.toggle()
        case .enter:
            guard let row = functionRow(dashboard) else { return true }
            panel = .flame
            profile.search = row.frame.name
            goToMatch(dashboard, forward: true, includingThis: true)
        case .back:
            guard !profile.functionFilter.isEmpty else { return false }
            profile.functionFilter = ""
        default: return moveInFunctions(command, dashboard)
        }
        return true
    }

    private func functionRow(_ dashboard: Dashboard) -> FunctionShare? {
        guard let snapshot = profileSnapshot(dashboard) else { return nil }
        let rows = profile.rows(of: snapshot)
        return rows.first { $0.frame == profile.function } ?? rows.first
    }

    private mutating func moveInFunctions(_ command: Command, _ dashboard: Dashboard) -> Bool {
        let room = FunctionsPanel.functionRows(of: (shown.layout?.functions.rows ?? 12) - 1)
        guard let step = command.step(page: room) else { return false }
        guard let snapshot = profileSnapshot(dashboard) else { return true }
        let rows = profile.rows(of: snapshot)
        guard !rows.isEmpty else { return true }
        let place = rows.firstIndex { $0.frame == profile.function } ?? 0
        let wanted = min(max(0, place + step), rows.count - 1)
        profile.function = rows[wanted].frame
        panelOffset = min(max(panelOffset, wanted - room + 1), wanted)
        return true
    }

    /// Sorts by a column; by the same one again, the other way round.
    private mutating func sortFunctions(by order: ProfileView.Order) {
        profile.isTurnedRound = order == profile.order && !profile.isTurnedRound
        profile.order = order
    }

    mutating func clickFunction(_ event: MouseEvent, _ dashboard: Dashboard) {
        guard let area = shown.layout?.functions, let snapshot = profileSnapshot(dashboard) else { return }
        let place = panelOffset + event.row - area.row - 3
        let rows = profile.rows(of: snapshot)
        if event.row == area.row + 2 {
            let inset = area.column > 0 ? 2 : 1
            sortFunctions(by: FunctionsPanel.order(at: event.column - area.column - inset))
            return
        }
        guard event.row > area.row + 2, rows.indices.contains(place) else { return }
        profile.function = rows[place].frame
    }
}

extension CallTree {
    /// The call below one that most samples came through.
    func widestChild(of place: Int) -> Int? {
        let widest = children(of: place).max { (nodes[$0].total, $1) < (nodes[$1].total, $0) }
        return widest.flatMap { nodes[$0].total > 0 ? $0 : nil }
    }
}
