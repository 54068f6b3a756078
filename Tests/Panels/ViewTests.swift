import Cells
import Model
import Panels
import Testing

private func press(_ keys: [Key], _ state: inout DashboardState, _ dashboard: Dashboard = Fixture.dashboard) -> [Action]
{
    keys.flatMap { state.handle($0, dashboard, rows: 10, now: 0) }
}

extension DashboardState {
    fileprivate var pids: [Int32] { order.entries.map { Fixture.table.rows[Int($0.row)].pid } }
}

struct FilterPromptTests {
    @Test func eachLetterNarrowsTheTableAndEnterKeepsIt() {
        var state = Fixture.state()
        press("\\gunicorn", &state)
        #expect(state.prompt == .filter && state.promptText == "gunicorn")
        #expect(state.pids == [1201, 1202, 1203, 1200])
        _ = press([.enter], &state)
        #expect(state.prompt == nil && state.filterText == "gunicorn" && state.pids.count == 4)
    }

    @Test func escapeInThePromptTakesTheFilterAwayAndSoDoesEscapeLater() {
        var state = Fixture.state()
        let all = state.pids
        press("\\gunicorn", &state)
        _ = press([.escape], &state)
        #expect(state.prompt == nil && state.pids == all && state.filterText == "")
        press("\\gunicorn", &state)
        _ = press([.enter, .escape], &state)
        #expect(state.pids == all && state.filter == nil)
    }

    @Test func whatIsNotUnderstoodYetLeavesTheLastFilterInForce() {
        var state = Fixture.state()
        press("\\cpu>20", &state)
        #expect(state.pids == [1201] && state.filterError == nil)
        press(" and state", &state)
        let kept = state.pids
        press("=", &state)
        #expect(state.filterError != nil && state.pids == kept)
        // What was typed is not lost: the prompt stays, with the mistake beside it.
        _ = press([.enter], &state)
        #expect(state.prompt == .filter && state.promptText == "cpu>20 and state=" && state.pids == kept)
        press("R", &state)
        _ = press([.enter], &state)
        #expect(state.prompt == nil && state.filterError == nil && state.pids == [1201])
    }

    @Test func keysAreTextWhileAPromptIsOpen() {
        var state = Fixture.state()
        press("\\", &state)
        #expect(press([.character("q"), .character("k"), .character(" ")], &state) == [])
        #expect(state.promptText == "qk " && state.tags.isEmpty)
        _ = press([.backspace, .control("U")], &state)
        #expect(state.promptText == "" && state.prompt == .filter)
        _ = press([.backspace], &state)
        #expect(state.promptText == "")
    }

    @Test func aPromptTakesAsMuchAsFitsAndNoControlCharacter() {
        var state = Fixture.state()
        press("\\" + String(repeating: "x", count: 5000) + "\u{7}", &state)
        #expect(state.promptText == String(repeating: "x", count: 200))
    }

    @Test func aSearchMovesTheSelectionAndLeavesTheTable() {
        var state = Fixture.state()
        let all = state.pids
        press("/vim", &state)
        #expect(state.selection == Fixture.identity(2010) && state.pids == all)
        _ = press([.escape], &state)
        press("/gunicorn", &state)
        _ = press([.enter], &state)
        var found: [Int32] = []
        for _ in 0..<4 {
            press("n", &state)
            found.append(state.selection?.pid ?? 0)
        }
        #expect(Set(found) == [1200, 1201, 1202, 1203])
    }

    @Test func thePaletteRunsTheCommandThatMatchesBestOrGoesToAPid() {
        var state = Fixture.state()
        press(":tree", &state)
        _ = press([.enter], &state)
        #expect(state.tree)
        press(":2010", &state)
        _ = press([.enter], &state)
        #expect(state.selection == Fixture.identity(2010))
        press(":zzzz", &state)
        #expect(press([.enter], &state) == [] && state.message?.contains("zzzz") == true)
    }
}

struct TreeTests {
    @Test func foldingHidesWhatIsBelowAndUnfoldingShowsItAgain() throws {
        var state = Fixture.state { $0.tree = true }
        let all = state.pids
        state.selection = Fixture.identity(1200)
        state.reorder(Fixture.table)
        press("-", &state)
        #expect(state.pids == all.filter { ![1201, 1202, 1203].contains($0) })
        let folded = try #require(state.order.entries.first { Fixture.table.rows[Int($0.row)].pid == 1200 })
        #expect(folded.folded == 3 && state.selection == Fixture.identity(1200))
        press("+", &state)
        #expect(state.pids == all)
    }

    @Test func allBranchesFoldAndUnfoldTogether() {
        var state = Fixture.state { $0.tree = true }
        let all = state.pids
        press("*", &state)
        // The root's children are all there is: processes without a visible parent stay.
        #expect(state.pids.count < all.count && state.pids.contains(1))
        press("*", &state)
        #expect(state.pids == all)
    }

    @Test func aFoldedRowShowsTheSumOfItsBranch() {
        var state = Fixture.state { $0.tree = true }
        state.selection = Fixture.identity(1200)
        state.collapsed = [Fixture.identity(1200)]
        state.reorder(Fixture.table)
        let canvas = state.draw(Fixture.dashboard, rows: 40, columns: 160)
        let line = (0..<40).map { canvas.text(row: $0) }.first { $0.hasPrefix("▸") } ?? ""
        #expect(line.contains("(+3)") && line.contains(" 111 ") && line.contains("2.07G"), "\(line)")
    }

    @Test func aSortKeyLeavesTheTree() {
        var state = Fixture.state { $0.tree = true }
        press("M", &state)
        #expect(!state.tree && state.pids.first == 1203)
    }
}

struct PanelKeyTests {
    @Test func enterDrillsInAndEscapeComesBack() {
        var state = Fixture.state()
        _ = press([.enter], &state)
        #expect(state.panel == .details && state.pids == [1201] && state.drilled == Fixture.worker)
        _ = press([.escape], &state)
        #expect(state.panel == .processes && !state.isZoomed && state.drilled == nil)
    }

    @Test func tabGoesRoundInBothDirections() {
        var state = Fixture.state()
        let count = DashboardState.Panel.allCases.count
        _ = press(Array(repeating: .tab, count: count), &state)
        #expect(state.panel == .processes)
        _ = press([.backTab], &state)
        #expect(state.panel == DashboardState.Panel.allCases.last)
    }

    @Test func movementInAnotherPanelScrollsItAndLeavesTheSelection() {
        var state = Fixture.state()
        press("2jj", &state)
        #expect(state.panelOffset == 2 && state.selection == Fixture.worker)
        press("g", &state)
        #expect(state.panelOffset == 0)
    }

    @Test func freezeStopsTheViewAndLiveGoesOn() {
        var state = Fixture.state()
        #expect(press([.character("Z")], &state) == [] && state.isFrozen)
        #expect(press([.character("}")], &state) == [])
        #expect(press([.character("{")], &state) == [.stepHistory(back: 1)])
        var past = Fixture.dashboard
        past.behindSeconds = 3
        #expect(press([.character("}")], &state, past) == [.stepHistory(back: -1)])
        #expect(press([.character("L")], &state) == [.showNow] && !state.isFrozen)
    }

    @Test(arguments: [DashboardState.Panel.stacks, .flame, .functions, .tasks, .collector])
    func aPanelThatIsOpenedWhileThePictureStandsStillDoesNotSayThatItLooks(_ panel: DashboardState.Panel) {
        var state = Fixture.state()
        state.panel = panel
        var dashboard = Fixture.dashboard
        (dashboard.stacks, dashboard.profile, dashboard.tasks, dashboard.collectors) = (.none, .none, .none, .none)
        func text() -> String {
            let canvas = state.draw(dashboard, rows: 40, columns: 120)
            return (0..<canvas.rows).map { canvas.text(row: $0) }.joined(separator: "\n")
        }
        #expect(text().contains("looking for a Python interpreter"))
        state.isFrozen = true
        #expect(text().contains("nothing was read before the picture froze"))
    }

    @Test(arguments: [("23:14", 1394), ("0:00", 0), ("7:05", 425)])
    func aTimeOfDayIsJumpedTo(_ text: String, _ minutes: Int) {
        var state = Fixture.state()
        press("@" + text, &state)
        #expect(press([.enter], &state) == [.jump(minutes: minutes)])
    }

    @Test(arguments: ["", "24:00", "12:60", "12", "-1:00", "1:2:3", "noon"])
    func whatIsNoTimeOfDaySaysHowOneIsWritten(_ text: String) {
        var state = Fixture.state()
        press("@" + text, &state)
        #expect(press([.enter], &state) == [] && state.message?.contains("HH:MM") == true)
    }

    @Test func anUnboundKeySaysSoWithoutWritingToTheTerminal() {
        var state = Fixture.state()
        _ = press([.character("\u{202e}")], &state)
        #expect(state.message == "\\u202e is not bound; ? lists the keys")
    }

    @Test func everyDefaultKeyHasOneMeaning() {
        for preset in KeyMap.Preset.allCases {
            var unknown: [String] = []
            let map = KeyMap(preset, unknown: &unknown)
            #expect(unknown == [])
            for command in [Command.quit, .help, .signal, .filter, .search, .tree, .up, .down, .back, .setup] {
                #expect(!map.keys(of: command).isEmpty, "\(command) of \(preset)")
            }
        }
    }

    @Test func bindingsOfTheConfigurationReplaceThoseOfThePresetAndMistakesAreNamed() {
        var unknown: [String] = []
        let map = KeyMap(
            .viv, replacing: ["tree": ["x"], "dance": ["y"], "quit": ["nonsense", ""]], unknown: &unknown)
        #expect(map[.character("x")] == .tree && map[.character("t")] == nil && map[.function(5)] == nil)
        #expect(unknown == ["dance", "nonsense", ""])
    }

    @Test func settingsAreTakenOverWhenTheyAreSavedAndNotBefore() throws {
        var state = Fixture.state()
        _ = press([.function(2), .right], &state)
        #expect(state.settings.theme == .standard)
        let actions = press([.character("s")], &state)
        #expect(state.settings.theme == .mono && state.dialog == nil)
        #expect(actions == [.save(state.settings)])
        _ = press([.function(2), .right, .escape], &state)
        #expect(state.settings.theme == .mono)
    }
}
