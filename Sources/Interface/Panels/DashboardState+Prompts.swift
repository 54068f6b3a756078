internal import Cells
internal import Model

extension DashboardState {
    mutating func handlePrompt(_ key: Key, _ dashboard: Dashboard) -> [Action] {
        switch key {
        case .escape, .control("C"):
            if prompt == .filter { setFilter("", dashboard) }
            if prompt == .flameSearch { profile.search = "" }
            if prompt == .stackSearch { stack.search = "" }
            if prompt == .functionFilter { profile.functionFilter = "" }
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
        case .character("g") where prompt == .jump && promptText.isEmpty:
            // `g` twice is the first row, as ever; once, while time stands still, asks for the time.
            self.prompt = nil
            return perform(.top, dashboard, rows: shown.layout?.tableRows ?? 20, now: 0)
        case .tab:
            if prompt == .palette, let match = DashboardState.matches(promptText).first { promptText = match.rawValue }
        case .character(let scalar) where scalar.value >= 32 && promptText.unicodeScalars.count < 200:
            promptText.unicodeScalars.append(scalar)
        default: return []
        }
        switch prompt {
        case .flameSearch: profile.search = promptText
        case .stackSearch:
            stack.search = promptText
            if !promptText.isEmpty { goToStackMatch(dashboard, forward: true, includingThis: true) }
        case .functionFilter:
            profile.functionFilter = promptText
            panelOffset = 0
        case .search:
            searchText = promptText
            jumpToMatch(dashboard.table, from: cursor, forward: true)
        case .filter:
            typeFilter(promptText, dashboard.table)
            reorder(dashboard.table)
        default: break
        }
        return []
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
            setFilter(promptText, dashboard)
            if filterError != nil {
                // What was typed is not lost: the prompt stays open and says what is wrong.
                self.prompt = .filter
                typeFilter(promptText, dashboard.table)
                reorder(dashboard.table)
            }
        case .jump: return jump()
        case .flameSearch: goToMatch(dashboard, forward: true, includingThis: true)
        case .palette:
            if let pid = Int32(promptText) {
                searchText = String(pid)
                jumpToMatch(dashboard.table, from: 0, forward: true)
            } else if promptText.contains(":"), promptText.first?.isNumber == true {
                return jump()
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
}
