import Cells
import Model
import Panels
import Testing

struct ActingTests {
    private func signals(_ state: DashboardState) -> SignalDialog? {
        guard case .signals(let dialog) = state.dialog else { return nil }
        return dialog
    }

    @Test func theSignalDialogIsFrozenToWhatWasSelectedWhenItOpened() throws {
        var state = Fixture.state()
        _ = state.handle(.function(9), Fixture.dashboard, rows: 10, now: 0)
        let opened = try #require(signals(state))
        #expect(
            opened.targets == [SignalDialog.Target(identity: Fixture.worker, command: "gunicorn: worker [shop.wsgi]")])

        // Meanwhile the process ends, its pid is given to another one, and the selection goes elsewhere.
        var later = Fixture.dashboard
        for index in later.table.rows.indices where later.table.rows[index].pid == 1201 {
            later.table.rows[index].identity = ProcessIdentity(pid: 1201, startTicks: 99_999_999)
        }
        state.update(from: Fixture.table, to: later.table, now: 0)
        #expect(state.selection != Fixture.worker)
        _ = state.handle(.down, later, rows: 10, now: 0)
        #expect(signals(state)?.targets.map(\.identity) == [Fixture.worker])
        let canvas = state.draw(later, rows: 24, columns: 80)
        #expect((0..<24).contains { canvas.text(row: $0).contains("has ended: 1201  since") })
        #expect(state.handle(.enter, later, rows: 10, now: 0) == [])
        #expect(state.dialog == nil && state.message == "1201 has ended: nothing was done")
    }

    @Test func theFirstLineAndEscapeSendNothing() {
        for close in [Key.enter, .escape, .control("C")] {
            var state = Fixture.state()
            _ = state.handle(.control("K"), Fixture.dashboard, rows: 10, now: 0)
            #expect(signals(state) != nil)
            #expect(state.handle(close, Fixture.dashboard, rows: 10, now: 0) == [])
            #expect(state.dialog == nil)
        }
    }

    @Test func kMovesAndNeverOpensTheSignalDialogUnlessThePresetIsHtop() {
        var state = Fixture.state()
        _ = state.handle(.character("k"), Fixture.dashboard, rows: 10, now: 0)
        #expect(signals(state) == nil)
        var other = Fixture.state { $0.keys = .htop }
        _ = other.handle(.character("k"), Fixture.dashboard, rows: 10, now: 0)
        #expect(signals(other) != nil)
    }

    @Test func everyMenuLineSendsTheNumberItSays() {
        for (place, line) in SignalDialog.lines.enumerated() where line.number != 0 {
            var state = Fixture.state()
            _ = state.handle(.function(9), Fixture.dashboard, rows: 10, now: 0)
            for _ in 0..<place { _ = state.handle(.down, Fixture.dashboard, rows: 10, now: 0) }
            let actions = state.handle(.enter, Fixture.dashboard, rows: 10, now: 0)
            #expect(actions == [.signal(line.number, [Fixture.worker])])
            #expect(line.text.split(separator: " ").first.map(String.init) == String(line.number))
        }
    }

    @Test func tagsAreWhatASignalGoesToInsteadOfTheSelection() {
        var state = Fixture.state()
        press("  ", &state)
        #expect(state.tags == [Fixture.worker, Fixture.identity(1202)] && state.cursor == 2)
        _ = state.handle(.function(9), Fixture.dashboard, rows: 10, now: 0)
        #expect(signals(state)?.targets.map(\.identity) == [Fixture.worker, Fixture.identity(1202)])
        _ = state.handle(.escape, Fixture.dashboard, rows: 10, now: 0)
        _ = state.handle(.character("U"), Fixture.dashboard, rows: 10, now: 0)
        #expect(state.tags.isEmpty)
    }

    @Test func spaceOnATaggedRowTakesTheTagAway() {
        var state = Fixture.state()
        press(" k ", &state)
        #expect(state.tags.isEmpty)
    }

    @Test func aSubtreeIsTaggedWithItsRoot() {
        var state = Fixture.state()
        state.selection = Fixture.identity(1200)
        state.reorder(Fixture.table)
        press("c", &state)
        #expect(state.tags == Set([1200, 1201, 1202, 1203].map { Fixture.identity($0) }))
    }

    @Test func aProcessThatEndedGetsNoSignal() {
        var state = Fixture.state()
        state.selection = Fixture.identity(2200)
        state.reorder(Fixture.table)
        _ = state.handle(.function(9), Fixture.dashboard, rows: 10, now: 0)
        #expect(state.dialog == nil && state.message != nil)
    }

    @Test func aThreadStandsForItsProcess() {
        var dashboard = Fixture.dashboard
        let place = dashboard.table.rows.firstIndex { $0.pid == 1201 } ?? 0
        dashboard.table.rows.insert(Fixture.thread(1205, of: dashboard.table.rows[place], "pool"), at: place + 1)
        var state = Fixture.state()
        state.selection = Fixture.identity(1205)
        state.reorder(dashboard.table)
        #expect(state.selection == Fixture.identity(1205))
        _ = state.handle(.function(9), dashboard, rows: 10, now: 0)
        #expect(signals(state)?.targets.map(\.identity) == [Fixture.worker])
    }

    @Test func niceIsChangedByOneInTheDirectionOfTheKey() {
        var state = Fixture.state()
        #expect(state.handle(.function(7), Fixture.dashboard, rows: 10, now: 0) == [.renice(-1, [Fixture.worker])])
        #expect(state.handle(.function(8), Fixture.dashboard, rows: 10, now: 0) == [.renice(1, [Fixture.worker])])
    }

    @Test func readOnlyRefusesEverythingThatActsAndNothingElse() {
        for command in Command.allCases {
            var state = DashboardState(settings: Settings(), isReadOnly: true)
            state.selection = Fixture.worker
            state.reorder(Fixture.table)
            let actions = state.perform(command, Fixture.dashboard, rows: 10, now: 0)
            let acts = [Command.signal, .higherPriority, .lowerPriority, .renice, .profileNative].contains(command)
            #expect((state.message?.contains("--readonly") == true) == acts, "\(command)")
            if acts { #expect(actions == [] && state.dialog == nil, "\(command)") }
            for action in actions {
                switch action {
                case .signal, .renice: Issue.record("\(command) acts")
                default: break
                }
            }
        }
    }

    @Test func thePaletteDoesNotGetRoundReadOnly() {
        var state = DashboardState(settings: Settings(), isReadOnly: true)
        state.reorder(Fixture.table)
        press(":signal", &state)
        #expect(state.handle(.enter, Fixture.dashboard, rows: 10, now: 0) == [])
        #expect(state.dialog == nil && state.message?.contains("--readonly") == true)
    }
}

struct WaitingKeyTests {
    private let empty = Dashboard(table: ProcessTable(scale: Fixture.scale))

    @Test func keysThatActWaitForTheFirstTableAndWhatWasTypedBehindThemToo() {
        var state = DashboardState(settings: Settings())
        state.selection = Fixture.worker
        for key in [Key.function(9), .down, .enter] {
            #expect(state.handle(key, empty, rows: 10, now: 0) == [])
        }
        #expect(state.dialog == nil && state.message?.contains("first table") == true)
        #expect(state.handleWaiting(empty, rows: 10, now: 0) == [])
        state.update(from: empty.table, to: Fixture.table, now: 0)
        #expect(state.handleWaiting(Fixture.dashboard, rows: 10, now: 0) == [.signal(15, [Fixture.worker])])
        #expect(state.handleWaiting(Fixture.dashboard, rows: 10, now: 0) == [])
    }

    @Test func otherKeysDoNotWait() {
        var state = DashboardState(settings: Settings())
        _ = state.handle(.character("t"), empty, rows: 10, now: 0)
        #expect(state.tree)
        press("?", &state, empty)
        guard case .help = state.dialog else {
            Issue.record("help did not open")
            return
        }
    }

    @Test func quitNeverWaits() {
        for key in ["q", "F10", "^C"] {
            var state = DashboardState(settings: Settings())
            _ = state.handle(.function(9), empty, rows: 10, now: 0)
            #expect(Key(key).map { state.handle($0, empty, rows: 10, now: 0) } == [.quit])
        }
    }

    @Test func aKeyHeldDownForeverDoesNotFillTheMemory() {
        var state = DashboardState(settings: Settings())
        for _ in 0..<10_000 { _ = state.handle(.function(8), empty, rows: 10, now: 0) }
        state.selection = Fixture.worker
        state.update(from: empty.table, to: Fixture.table, now: 0)
        #expect(state.handleWaiting(Fixture.dashboard, rows: 10, now: 0).count <= 64)
    }
}
