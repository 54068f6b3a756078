import Cells
import Model
import Panels
import Testing

private func press(_ keys: [Key], _ state: inout DashboardState, _ dashboard: Dashboard = Fixture.dashboard) -> [Action]
{
    keys.flatMap { state.handle($0, dashboard, rows: 10, now: 0) }
}

private func type(_ text: String) -> [Key] { text.unicodeScalars.map { .character($0) } }

private func lines(_ state: inout DashboardState, _ dashboard: Dashboard = Fixture.dashboard, rows: Int = 24)
    -> [String]
{
    let canvas = state.draw(dashboard, rows: rows, columns: 80)
    return (0..<rows).map { canvas.text(row: $0) }
}

struct SignalMenuTests {
    @Test(arguments: [
        ("kill", 9), ("9", 9), ("k", 9), ("SIGKILL", 9), ("1", 1), ("15", 15), ("int", 2), ("usr2", 12), ("q", 3),
        ("jj", 2), ("hupx", 24),
    ])
    func typingJumpsToANumberOrAName(_ text: String, _ number: Int32) {
        var state = Fixture.state()
        let actions = press([.function(9)] + type(text) + [.enter], &state)
        #expect(actions == [.signal(number, [Fixture.worker])])
    }

    @Test func whatWasTypedIsShownAndTakenBack() {
        var state = Fixture.state()
        _ = press([.function(9)] + type("usr2"), &state)
        #expect(lines(&state).contains { $0.contains("USR2▏") } && lines(&state).contains { $0.contains("▸ 12 USR2") })
        _ = press([.backspace], &state)
        #expect(lines(&state).contains { $0.contains("▸ 10 USR1") })
    }

    @Test func theDialogNamesPidStartAndCommand() {
        var state = Fixture.state()
        _ = press([.function(9)], &state)
        #expect(lines(&state).contains { $0.contains("→ 1201  since 25-10-0") && $0.contains("gunicorn: worker") })
    }

    @Test func severalProcessesAreAskedForAndNoIsTheAnswerUntilItIsChanged() {
        let targets = [Fixture.worker, Fixture.identity(1202)]
        for (keys, expected) in [
            ([Key.enter], []), ([.escape], []), ([.character("n")], []),
            ([.down, .enter], [Action.signal(9, targets)]),
            ([.character("y")], [.signal(9, targets)]), ([.down, .up, .enter], []),
        ] {
            var state = Fixture.state()
            state.tags = Set(targets)
            #expect(press([.function(9)] + type("9") + [.enter], &state) == [])
            #expect(lines(&state).contains { $0.contains("Send 9 KILL: 2 processes") })
            #expect(press(keys, &state) == expected && state.dialog == nil)
        }
    }

    @Test func ofSeveralOnlyThoseThatStillRunAreMeant() {
        var state = Fixture.state()
        state.tags = [Fixture.worker, Fixture.identity(1202)]
        _ = press([.function(9)] + type("15"), &state)
        var later = Fixture.dashboard
        later.table.rows.removeAll { $0.pid == 1202 }
        #expect(press([.enter], &state, later) == [.signal(15, [Fixture.worker])])
    }

    @Test func inTheHistoryItSaysThatItActsNow() {
        var state = Fixture.state()
        state.isFrozen = true
        var dashboard = Fixture.dashboard
        dashboard.behindSeconds = 65
        _ = press([.function(9)], &state, dashboard)
        #expect(lines(&state, dashboard).contains { $0.contains("The view is 1 min 5 s old") })
    }
}

struct NiceTests {
    @Test func aValueIsTypedOrSteppedAndSetForTheFrozenProcess() {
        var state = Fixture.state()
        #expect(press(type("r10") + [.enter], &state) == [.renice(10, [Fixture.worker])])
        #expect(press(type("r-5") + [.enter], &state) == [.renice(5, [Fixture.worker])])
        #expect(press(type("r5-") + [.enter], &state) == [.renice(-5, [Fixture.worker])])
        #expect(press(type("r") + [.up, .up, .down, .enter], &state) == [.renice(1, [Fixture.worker])])
        #expect(press(type("r99") + [.enter], &state) == [.renice(19, [Fixture.worker])])
        #expect(press(type("r7") + [.escape], &state) == [] && state.dialog == nil)
    }

    @Test func forSeveralItAsksFirst() {
        let targets = [Fixture.worker, Fixture.identity(1202)]
        var state = Fixture.state()
        state.tags = Set(targets)
        #expect(press([.function(8)], &state) == [] && state.dialog != nil)
        #expect(press([.enter], &state) == [] && state.dialog == nil)
        #expect(press([.function(8), .down, .enter], &state) == [.renice(1, targets)])
    }

    @Test func readOnlySaysWhyItRefuses() {
        var state = DashboardState(settings: Settings(), isReadOnly: true)
        state.reorder(Fixture.table)
        #expect(press([.function(9)], &state) == [])
        #expect(state.message == "refused: viv was started with --readonly, so nothing is changed (send a signal)")
    }
}

struct HistoryTests {
    @Test func theLineOfPanelsSaysAtOnceThatTheViewIsNotNow() {
        var state = Fixture.state()
        state.isFrozen = true
        var dashboard = Fixture.dashboard
        dashboard.behindSeconds = 65
        for columns in [80, 120, 200] {
            let canvas = state.draw(dashboard, rows: 24, columns: columns)
            let text = canvas.text(row: 2)
            #expect(text.contains("HISTORY −01:05") && !text.contains("LIVE"), "\(text)")
            #expect(canvas[2, columns / 2].style == state.theme.notLive, "\(columns)")
        }
    }

    @Test(arguments: [
        (0, "00:00"), (899, "14:59"), (3599, "59:59"), (3725, "1:02:05"), (90_061, "1d01:01:01"), (-3, "00:00"),
    ])
    func howFarBackItIsCanBeRead(_ seconds: Double, _ text: String) {
        var state = Fixture.state()
        state.isFrozen = true
        var dashboard = Fixture.dashboard
        dashboard.behindSeconds = seconds
        #expect(lines(&state, dashboard)[2].contains("HISTORY −\(text) "))
    }

    @Test func whatTheHistoryDoesNotKeepIsNotShownAsIfItWereOfThen() {
        var dashboard = Fixture.dashboard
        dashboard.behindSeconds = 65
        for (key, text) in [("2", "are not kept in the history"), ("3", "not kept"), ("4", "not kept")] {
            var state = Fixture.state()
            state.isFrozen = true
            press(key, &state, dashboard)
            press("z", &state, dashboard)
            let screen = lines(&state, dashboard)
            #expect(screen.contains { $0.contains(text) }, "\(screen)")
            #expect(!screen.contains { $0.contains("Cart.price") || $0.contains("anon  380M") || $0.contains("futex") })
            #expect(!screen.contains { $0.contains("▁▂") || $0.contains("▆▇") }, "\(screen)")
        }
    }

    @Test func gAsksForTheTimeWhileTimeStandsStillAndTwiceIsTheFirstRow() {
        var state = Fixture.state()
        #expect(press(type("Zg23:14") + [.enter], &state) == [.jump(minutes: 1394)])
        _ = press([.end], &state)
        _ = press(type("gg"), &state)
        #expect(state.cursor == 0 && state.prompt == nil)
        #expect(press(type(":7:05") + [.enter], &state) == [.jump(minutes: 425)])
    }
}

struct SetupTests {
    private func setup(_ state: DashboardState) -> Settings? {
        guard case .setup(let dialog) = state.dialog else { return nil }
        return dialog.settings
    }

    /// Keys to the line of a column.
    private func keys(to title: String, _ state: inout DashboardState) -> [Key] {
        _ = press([.function(2)], &state)
        let all = lines(&state, rows: 120)
        let first = all.firstIndex { $0.contains("Theme") } ?? 0
        let place = all.firstIndex { $0.contains("] \(title) ") } ?? 0
        _ = press([.escape], &state)
        return [.function(2)] + Array(repeating: .down, count: max(0, place - first))
    }

    @Test func aColumnIsRemovedAddedAndMoved() {
        var state = Fixture.state()
        _ = press(keys(to: "NI", &state) + [.character(" ")], &state)
        #expect(setup(state)?.columns.contains("nice") == false)
        _ = press([.character(" ")], &state)
        #expect(setup(state)?.columns.suffix(2) == ["nice", "command"])
        _ = press(type("<<"), &state)
        #expect(setup(state)?.columns.suffix(4) == ["nice", "threads", "time", "command"])
        _ = press(type(">"), &state)
        #expect(setup(state)?.columns.suffix(4) == ["threads", "nice", "time", "command"])
        #expect(press([.character("s")], &state) == [.save(state.settings)])
        #expect(state.columns.map(\.name).suffix(4) == ["threads", "nice", "time", "command"])
    }

    @Test func sortAndItsDirectionAreSet() {
        var state = Fixture.state()
        _ = press([.function(2), .down, .down, .down, .right, .down, .right, .character("s")], &state)
        #expect(state.settings.sortColumn == "runq" && !state.settings.sortsDescending)
    }

    @Test(arguments: [Key.escape, .character("q"), .control("C")])
    func aThemeIsSeenAtOnceAndTheFormerOneComesBackUnlessItIsSaved(_ cancel: Key) {
        var state = Fixture.state()
        let before = state.draw(Fixture.dashboard, rows: 24, columns: 80)
        _ = press([.function(2), .right], &state)
        let seen = state.draw(Fixture.dashboard, rows: 24, columns: 80)
        #expect(seen[3, 2].style == Theme(.mono).header && state.settings.theme == .standard)
        _ = press([.right], &state)
        #expect(
            state.draw(Fixture.dashboard, rows: 24, columns: 80)[3, 2].style == Theme(.highContrast).header
                && before[3, 2].style == Theme(.standard).header)
        _ = press([cancel], &state)
        #expect(state.draw(Fixture.dashboard, rows: 24, columns: 80) == before)
        _ = press([.function(2), .right, .character("s")], &state)
        #expect(state.settings.theme == .mono)
        #expect(state.draw(Fixture.dashboard, rows: 24, columns: 80)[3, 2].style == Theme(.mono).header)
    }

    @Test func theSelectedLineIsAlwaysInView() {
        var state = Fixture.state()
        _ = press([.function(2)], &state)
        for _ in 0..<100 {
            _ = press([.down], &state)
            #expect(lines(&state).contains { $0.contains("│▸") })
        }
    }
}

struct HelpTests {
    @Test func itScrollsToItsEndAndBack() {
        var state = Fixture.state()
        _ = press([.character("?")], &state)
        let top = lines(&state)
        _ = press(Array(repeating: .pageDown, count: 50), &state)
        let end = lines(&state)
        #expect(end != top && end.contains { $0.contains("COMMAND") })
        _ = press([.up], &state)
        #expect(lines(&state) != end, "what was pressed past the end is not owed")
        _ = press([.home], &state)
        #expect(lines(&state) == top)
        _ = press([.character("x")], &state)
        #expect(state.dialog == nil)
    }

    @Test func itIsSearched() {
        var state = Fixture.state()
        _ = press(type("?/freeze"), &state)
        let found = lines(&state)
        #expect(found.contains { $0.contains("freeze or thaw") } && !found.contains { $0.contains("one row up") })
        _ = press([.enter, .escape], &state)
        #expect(lines(&state).contains { $0.contains("one row up") })
        _ = press([.escape], &state)
        #expect(state.dialog == nil)
        _ = press(type("?/zzz"), &state)
        #expect(lines(&state).contains { $0.contains("nothing in the help matches zzz") })
    }

    @Test(arguments: KeyMap.Preset.allCases)
    func everyCommandStandsInItWithItsKeys(_ preset: KeyMap.Preset) {
        var state = Fixture.state { $0.keys = preset }
        _ = press([.function(1)], &state)
        let text = lines(&state, rows: 160).joined(separator: "\n")
        for command in Command.allCases {
            #expect(text.contains(command.summary), "\(command)")
            for key in state.keyMap.keys(of: command) { #expect(text.contains(key), "\(key) of \(command)") }
        }
    }

    @Test func keysOfWhatIsNotBuiltSaySo() {
        for key in ["s", "o", "x", "w"] {
            var state = Fixture.state()
            #expect(press(type(key), &state) == [] && state.message?.hasSuffix(": not built yet") == true, "\(key)")
        }
        var other = Fixture.state { $0.keys = .htop }
        _ = press(type("l"), &other)
        #expect(other.message?.hasSuffix(": not built yet") == true)
    }

    @Test(arguments: [
        ("up", "Up k"), ("down", "Down j"), ("left", "Left h"), ("right", "Right l"), ("top", "g Home"),
        ("bottom", "G End"), ("page-down", "^F"), ("page-up", "^B"), ("half-page-down", "^D"), ("half-page-up", "^U"),
        ("help", "F1 ?"), ("setup", "F2"), ("search", "F3 /"), ("filter", "F4 \\"), ("tree", "F5 t"), ("sort", "F6"),
        ("higher-priority", "F7"), ("lower-priority", "F8"), ("signal", "F9 ^K"), ("quit", "F10 q"), ("threads", "H"),
        ("user", "u"), ("follow", "F"), ("invert", "I"), ("sort-memory", "M"), ("sort-cpu", "P"), ("sort-time", "T"),
        ("search-previous", "N"), ("tag", "Space"), ("expand", "+"), ("collapse", "-"), ("environment", "e"),
        ("freeze", "Z"), ("history-back", "{"), ("history-forward", "}"), ("processes", "1"), ("details", "2"),
        ("threads-panel", "3"), ("stacks", "4"), ("next-panel", "Tab ]"), ("previous-panel", "["), ("zoom", "z"),
        ("palette", ":"), ("syscalls", "s"), ("files", "o"), ("locks", "x"), ("why", "w"), ("flame", "f"),
    ])
    func everyKeyThatWasPromisedIsBound(_ name: String, _ keys: String) throws {
        let map = Fixture.state().keyMap
        for text in keys.split(separator: " ") {
            let key = try #require(Key(String(text)))
            #expect(map[key]?.rawValue == name, "\(text)")
        }
    }
}
