internal import Cells
internal import Model

extension DashboardState {
    mutating func handlePrompt(_ key: Key, _ dashboard: Dashboard) -> [Action] {
        switch key {
        case .escape, .control("C"):
            if prompt == .filter { setFilter("", dashboard) }
            prompt = nil
            return []
        case .enter:
            let ended = prompt
            prompt = nil
            return finish(ended, dashboard)
        case .backspace:
            if !promptText.isEmpty { promptText.removeLast() }
        case .control("U"):
            promptText = ""
        case .tab:
            if prompt == .palette, let match = DashboardState.matches(promptText).first { promptText = match.rawValue }
        case .character(let scalar) where scalar.value >= 32 && promptText.unicodeScalars.count < 200:
            promptText.unicodeScalars.append(scalar)
        default: return []
        }
        switch prompt {
        case .search:
            searchText = promptText
            jumpToMatch(dashboard.table, from: cursor, forward: true)
        case .filter: setFilter(promptText, dashboard)
        default: break
        }
        return []
    }

    /// Narrows the table to what a filter keeps; one that is not understood yet leaves the last one in force.
    public mutating func setFilter(_ text: String, _ dashboard: Dashboard) {
        filterText = text
        do throws(FilterError) {
            filter = try Filter(parsing: text)
            filterError = nil
            reorder(dashboard.table)
        } catch {
            filterError = error
        }
    }

    /// Commands whose names hold the letters of a text in their order, the best first.
    static func matches(_ text: String) -> [Command] {
        let wanted = Array(text.lowercased())
        let scored: [(Command, Int)] = Command.allCases.compactMap { command in
            let name = Array(command.rawValue)
            var place = 0
            var gaps = 0
            for letter in wanted {
                guard let found = name[place...].firstIndex(of: letter) else { return nil }
                gaps += found - place
                place = found + 1
            }
            return (command, gaps * 10 + name.count)
        }
        return scored.sorted { $0.1 < $1.1 }.map(\.0)
    }

    private mutating func finish(_ prompt: Prompt?, _ dashboard: Dashboard) -> [Action] {
        switch prompt {
        case .filter:
            if let filterError {
                message = filterError.text
                setFilter("", dashboard)
            }
        case .jump: return jump()
        case .palette:
            if let pid = Int32(promptText) {
                searchText = String(pid)
                jumpToMatch(dashboard.table, from: 0, forward: true)
            } else if let command = DashboardState.matches(promptText).first, !promptText.isEmpty {
                return perform(command, dashboard, rows: 20, now: 0)
            } else if !promptText.isEmpty {
                message = "no command is called \(visible(promptText))"
            }
        default: break
        }
        return []
    }

    private mutating func jump() -> [Action] {
        let parts = promptText.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hours = Int(parts[0]), let minutes = Int(parts[1]), (0..<24).contains(hours),
            (0..<60).contains(minutes)
        else {
            message = "a time is written HH:MM, such as 23:14"
            return []
        }
        isFrozen = true
        return [.jump(minutes: hours * 60 + minutes)]
    }

    mutating func handleMouse(_ event: MouseEvent, _ dashboard: Dashboard, now nanoseconds: UInt64) -> [Action] {
        switch event.kind {
        case .wheelUp: return perform(.up, dashboard, rows: 20, now: nanoseconds)
        case .wheelDown: return perform(.down, dashboard, rows: 20, now: nanoseconds)
        default: return []
        }
    }
}
