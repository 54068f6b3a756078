internal import Cells
internal import Model

extension DashboardState {
    /// Opens the dialog of a command that acts, or acts where one process is meant and nothing has to be chosen.
    mutating func open(_ command: Command, on targets: [SignalDialog.Target], _ dashboard: Dashboard) -> [Action] {
        switch command {
        case .signal: dialog = .signals(SignalDialog(targets: targets))
        case .renice: dialog = .renice(ReniceDialog(targets: targets, value: nice(of: targets[0], dashboard) ?? 0))
        default:
            let step: Int32 = command == .higherPriority ? -1 : 1
            let actions = [Action.renice(step, targets.map(\.identity))]
            guard targets.count > 1 else { return actions }
            let question = step < 0 ? "Lower the nice value by 1" : "Raise the nice value by 1"
            dialog = .confirm(ConfirmDialog(question, targets, actions))
        }
        return []
    }

    private func nice(of target: SignalDialog.Target, _ dashboard: Dashboard) -> Int32? {
        dashboard.table.index(of: target.identity).map { dashboard.table.rows[$0].nice }
    }

    /// Those of the targets that still run as far as the table in view knows; the pidfd has the last word.
    private mutating func living(_ targets: [SignalDialog.Target], _ dashboard: Dashboard) -> [SignalDialog.Target] {
        let living = targets.filter { target in
            dashboard.table.index(of: target.identity).map { !dashboard.table.rows[$0].hasEnded } ?? false
        }
        if living.isEmpty, let first = targets.first {
            message =
                targets.count == 1
                ? "\(first.identity.pid) has ended: nothing was done" : "all of them have ended: nothing was done"
        }
        return living
    }

    mutating func handleSignals(_ key: Key, _ menu: SignalDialog, _ dashboard: Dashboard) -> [Action] {
        var menu = menu
        switch key {
        case .enter:
            let number = SignalDialog.lines[menu.selected].number
            dialog = nil
            guard number != 0 else { return [] }
            let targets = living(menu.targets, dashboard)
            guard !targets.isEmpty else { return [] }
            let actions = [Action.signal(number, targets.map(\.identity))]
            guard targets.count > 1 else { return actions }
            let name = SignalDialog.lines[menu.selected].text.split(separator: " ").prefix(2).joined(separator: " ")
            dialog = .confirm(ConfirmDialog("Send \(name)", targets, actions))
            return []
        case .backspace: menu.erase()
        case .character(let scalar):
            if !menu.type(scalar) { menu.move(by: DashboardState.step(of: key, keyMap)) }
        default: menu.move(by: DashboardState.step(of: key, keyMap))
        }
        dialog = .signals(menu)
        return []
    }

    mutating func handleRenice(_ key: Key, _ edited: ReniceDialog, _ dashboard: Dashboard) -> [Action] {
        var edited = edited
        switch key {
        case .enter:
            dialog = nil
            let actions: [Action] = living(edited.targets, dashboard).compactMap { target in
                nice(of: target, dashboard).map { .renice(edited.value - $0, [target.identity]) }
            }
            guard actions.count > 1 else { return actions }
            dialog = .confirm(ConfirmDialog("Set the nice value to \(edited.value)", edited.targets, actions))
            return []
        case .up, .right, .character("+"): edited.set(edited.value + 1)
        case .down, .left: edited.set(edited.value - 1)
        case .backspace: edited.set(edited.value / 10)
        case .character("-"): edited.set(-edited.value)
        case .character(let scalar): edited.type(scalar)
        default: break
        }
        dialog = .renice(edited)
        return []
    }

    mutating func handleConfirm(_ key: Key, _ asked: ConfirmDialog, _ dashboard: Dashboard) -> [Action] {
        var asked = asked
        switch key {
        case .enter, .character("y"):
            dialog = nil
            guard asked.agrees || key != .enter, !living(asked.targets, dashboard).isEmpty else { return [] }
            return asked.actions
        case .character("n"):
            dialog = nil
            return []
        default:
            let step = key == .tab ? (asked.agrees ? -1 : 1) : DashboardState.step(of: key, keyMap)
            if step != 0 { asked.agrees = step > 0 }
            dialog = .confirm(asked)
            return []
        }
    }
}
