public import Cells
internal import Model

extension DashboardState {
    /// Answers a key.
    ///
    /// - Parameters:
    ///   - rows: visible rows of the process table, for paging.
    ///   - nanoseconds: the caller's clock, to hold the order after a movement.
    /// - Returns: what the world outside is asked to do.
    public mutating func handle(_ key: Key, _ dashboard: Dashboard, rows: Int, now nanoseconds: UInt64) -> [Action] {
        if waits(key, dashboard) { return [] }
        message = nil
        if case .mouse(let event) = key { return handleMouse(event, dashboard, rows: rows, now: nanoseconds) }
        if dialog != nil { return handleDialog(key, dashboard) }
        if prompt != nil { return handlePrompt(key, dashboard) }
        if isFrozen, key == .character("g"), keyMap[key] == .top { return travel(.historyJump, dashboard) }
        guard let command = keyMap[key] else {
            if case .character(let scalar) = key, scalar.value >= 32 {
                message = "\(visible(String(scalar))) is not bound; ? lists the keys"
            }
            return []
        }
        return perform(command, dashboard, rows: rows, now: nanoseconds)
    }

    /// Whether a key has to wait for the first table: it acts on a process, and so does what was typed behind it.
    private mutating func waits(_ key: Key, _ dashboard: Dashboard) -> Bool {
        guard dashboard.table.rows.isEmpty, keyMap[key] != .quit else { return false }
        guard !waiting.isEmpty || dialog == nil && prompt == nil && keyMap[key]?.acts == true else { return false }
        if waiting.count < 64 { waiting.append(key) }
        message = "waiting for the first table …"
        return true
    }

    /// Answers the keys that waited for the first table.
    public mutating func handleWaiting(_ dashboard: Dashboard, rows: Int, now nanoseconds: UInt64) -> [Action] {
        guard !waiting.isEmpty, !dashboard.table.rows.isEmpty else { return [] }
        let keys = waiting
        waiting = []
        return keys.flatMap { handle($0, dashboard, rows: rows, now: nanoseconds) }
    }

    /// Carries a command out.
    public mutating func perform(_ command: Command, _ dashboard: Dashboard, rows: Int, now nanoseconds: UInt64)
        -> [Action]
    {
        if command.acts, isReadOnly {
            message = "refused: viv was started with --readonly, so nothing is changed (\(command.summary))"
            return []
        }
        // Who looks at the selected process or acts on it wants to stay with it.
        if [.move, .panels, .process].contains(command.group) { unchosen = nil }
        if performInProfile(command, dashboard) || performInStacks(command, dashboard) { return [] }
        if move(command, dashboard, rows: rows) {
            if panel == .processes { movedNanoseconds = nanoseconds }
            return []
        }
        switch command.group {
        case .panels: return showPanel(command, dashboard)
        case .find: return find(command, dashboard)
        case .order: return arrange(command, dashboard)
        case .process: return act(command, dashboard)
        case .profile:
            message = "\(command.summary): in \(command == .frame ? "Stacks" : "Flame and Functions")"
            return []
        case .time: return travel(command, dashboard)
        case .notBuilt:
            message = "\(command.summary): not built yet"
            return []
        case .move, .program: return program(command)
        }
    }

    private mutating func move(_ command: Command, _ dashboard: Dashboard, rows: Int) -> Bool {
        let page = max(1, rows - 1)
        switch command {
        case .left:
            leftColumn = max(0, leftColumn - 1)
            return true
        case .right:
            leftColumn = min(max(0, columns.count - 1), leftColumn + 1)
            return true
        default: break
        }
        guard let step = command.step(page: page) else { return false }
        if panel == .processes {
            if command == .up, cursor == 0 { message = "first row; F9 or ^K sends a signal, k only moves up" }
            follows = false
            select(cursor + step, in: dashboard.table)
            scroll(rows: rows)
        } else if panel == .threads, moveThread(by: step, dashboard) {
            return true
        } else {
            panelOffset += step
        }
        return true
    }

    private mutating func showPanel(_ command: Command, _ dashboard: Dashboard) -> [Action] {
        let all = Panel.allCases
        switch command {
        case .nextPanel: panel = all[(panel.rawValue + 1) % all.count]
        case .previousPanel: panel = all[(panel.rawValue + all.count - 1) % all.count]
        case .panelProcesses: panel = .processes
        case .panelDetails: panel = .details
        case .panelThreads: panel = .threads
        case .panelStacks: panel = .stacks
        case .flame: panel = .flame
        case .panelFunctions: panel = .functions
        case .panelTasks: panel = .tasks
        case .panelCollector: panel = .collector
        case .zoom: isZoomed.toggle()
        case .environment: dialog = .environment(offset: 0)
        case .enter: drill(dashboard)
        default: goBack(dashboard)
        }
        return []
    }

    private mutating func goBack(_ dashboard: Dashboard) {
        if isZoomed {
            isZoomed = false
        } else if drilledThread != nil {
            drilledThread = nil
            reorder(dashboard.table)
        } else if let drilled {
            self.drilled = nil
            selection = drilled
            panel = .processes
            reorder(dashboard.table)
            reveals = true
        } else if panel != .processes {
            panel = .processes
        } else if filter != nil || userID != nil {
            filter = nil
            filterText = ""
            userID = nil
            reorder(dashboard.table)
        } else {
            searchText = ""
        }
    }

    private mutating func find(_ command: Command, _ dashboard: Dashboard) -> [Action] {
        switch command {
        case .searchNext: jumpToMatch(dashboard.table, from: cursor + 1, forward: true)
        case .searchPrevious:
            if searchText.isEmpty { return arrange(.sortPid, dashboard) }
            jumpToMatch(dashboard.table, from: cursor - 1, forward: false)
        case .filter:
            prompt = .filter
            promptText = filterText
        case .user: dialog = .users(selected: 0)
        case .palette:
            prompt = .palette
            promptText = ""
        default:
            prompt = .search
            promptText = ""
        }
        return []
    }

    /// Moves to the next row whose name, command line or pid matches what is searched for.
    mutating func jumpToMatch(_ table: ProcessTable, from start: Int, forward: Bool) {
        let count = order.entries.count
        guard count > 0, !searchText.isEmpty else { return }
        let matcher = Filter.word(searchText)
        for step in 0..<count {
            let place = ((forward ? start + step : start - step) % count + count) % count
            if matcher.matches(table.rows[Int(order.entries[place].row)], table) {
                if place != cursor { follows = false }
                select(place, in: table)
                return
            }
        }
        message = "no row matches \(visible(searchText))"
    }

    private mutating func travel(_ command: Command, _ dashboard: Dashboard) -> [Action] {
        switch command {
        case .freeze:
            isFrozen.toggle()
            return isFrozen ? [] : [.showNow]
        case .historyBack:
            isFrozen = true
            return [.stepHistory(back: 1)]
        case .historyForward:
            return dashboard.behindSeconds == nil ? [] : [.stepHistory(back: -1)]
        case .historyJump:
            prompt = .jump
            promptText = ""
            return []
        default:
            isFrozen = false
            return [.showNow]
        }
    }

    private mutating func program(_ command: Command) -> [Action] {
        switch command {
        case .help: dialog = .help(HelpDialog())
        case .setup: dialog = .setup(SetupDialog(settings: settings))
        case .repaint: return [.repaint]
        case .suspend: return [.suspend]
        default: return [.quit]
        }
        return []
    }
}
