import Cells
import Model
import Panels
import PythonInspection
import Testing

private func press(_ keys: [Key], _ state: inout DashboardState, _ dashboard: Dashboard = Fixture.dashboard) -> [Action]
{
    keys.flatMap { state.handle($0, dashboard, rows: 10, now: 0) }
}

private func lines(
    _ state: inout DashboardState, _ dashboard: Dashboard = Fixture.dashboard, _ rows: Int, _ columns: Int
)
    -> [String]
{
    let canvas = state.draw(dashboard, rows: rows, columns: columns)
    return (0..<rows).map { canvas.text(row: $0) }
}

extension DashboardState {
    fileprivate func pids(_ table: ProcessTable = Fixture.table) -> [Int32] {
        order.entries.map { table.rows[Int($0.row)].pid }
    }
}

/// The table in which a process is idle, so that it sorts behind the others.
private func table(idle pid: Int32) -> ProcessTable {
    var table = Fixture.table
    for index in table.rows.indices where table.rows[index].pid == pid {
        table.rows[index] = Fixture.after(table.rows[index], Fixture.Activity())
    }
    return table
}

struct FollowTests {
    @Test func theViewGoesAlongWithTheSelectedProcessOnlyWhileItIsFollowed() {
        for follows in [false, true] {
            var state = Fixture.state()
            _ = lines(&state, Fixture.dashboard, 12, 80)
            if follows { press("F", &state) }
            var dashboard = Fixture.dashboard
            dashboard.table = table(idle: 1201)
            state.update(from: Fixture.table, to: dashboard.table, now: 0)
            let screen = lines(&state, dashboard, 12, 80)
            #expect(state.selection == Fixture.worker && state.cursor > 5)
            #expect(screen.contains { $0.hasPrefix("▸   1201 ") } == follows, "\(screen)")
            #expect(screen.contains { $0.hasSuffix("▸ 1201 is below ↓") } != follows, "\(screen)")
            #expect(screen.contains { $0.contains("following 1201") } == follows, "\(screen)")
        }
    }

    @Test(arguments: [Key.down, .character("k"), .pageDown, .end, .control("D"), .character(" ")])
    func aMovementKeyEndsIt(_ key: Key) {
        var state = Fixture.state()
        press("F", &state)
        #expect(state.follows)
        _ = press([key], &state)
        #expect(!state.follows)
    }

    @Test func itEndsWithTheProcess() {
        var state = Fixture.state()
        press("F", &state)
        var later = Fixture.table
        later.rows.removeAll { $0.pid == 1201 }
        state.update(from: Fixture.table, to: later, now: 0)
        #expect(!state.follows && state.message?.contains("1201") == true)
    }

    @Test func aMovementBringsTheCursorBackIntoView() {
        var state = Fixture.state()
        _ = lines(&state, Fixture.dashboard, 12, 80)
        var dashboard = Fixture.dashboard
        dashboard.table = table(idle: 1201)
        state.update(from: Fixture.table, to: dashboard.table, now: 0)
        _ = press([.down], &state, dashboard)
        let screen = lines(&state, dashboard, 12, 80)
        #expect(screen.contains { $0.hasPrefix("▸") }, "\(screen)")
    }
}

struct EndedTests {
    /// The dashboard of a host where 1500 processes ended lately, two of which had failed.
    private let storm: Dashboard = {
        var dashboard = Fixture.dashboard
        for pid in 10_000..<11_500 as Range<Int32> {
            var row = Fixture.row(pid, "true", parent: 2001)
            row.traits.insert(.shortLived)
            row.rates = nil
            row.ending = ProcessEnding(
                code: pid % 1_000 == 7 ? 1 : 0, signal: nil, nanoseconds: 2_000_000_000,
                lifetimeNanoseconds: 900_000)
            dashboard.table.rows.append(row)
        }
        return dashboard
    }()

    private func ended(_ state: DashboardState) -> [Int32] {
        state.order.entries.map { storm.table.rows[Int($0.row)] }.filter(\.hasEnded).map(\.pid)
    }

    @Test(arguments: [80, 120, 200])
    func ofManySomeAreShownAndTheRestIsANumber(_ columns: Int) {
        var state = Fixture.state()
        state.update(from: Fixture.table, to: storm.table, now: 0)
        #expect(ended(state) == [2200, 10_007] + [11_007] + Array(11_483..<11_500))
        let screen = lines(&state, storm, 24, columns)
        #expect(screen.contains { $0.contains("Σ 33 shown, 1481 ended hidden") && $0.contains("CPU%") }, "\(screen)")
    }

    @Test func theyAreHiddenAndShownByAKey() {
        var state = Fixture.state()
        state.update(from: Fixture.table, to: storm.table, now: 0)
        press("E", &state, storm)
        #expect(ended(state) == [] && state.message == "processes that ended are hidden")
        #expect(lines(&state, storm, 24, 80).contains { $0.contains("Σ 13 shown, 1501 ended hidden") })
        press("E", &state, storm)
        #expect(ended(state).count == 20)
    }

    @Test func oneThatIsFollowedIsNotSwappedForItsNeighbourWhenItEndsHidden() {
        var state = Fixture.state { $0.hidesEnded = true }
        press("F", &state)
        var later = Fixture.table
        for index in later.rows.indices where later.rows[index].pid == 1201 {
            later.rows[index].ending = ProcessEnding(
                code: 0, signal: nil, nanoseconds: 2_000_000_000, lifetimeNanoseconds: nil)
        }
        state.update(from: Fixture.table, to: later, now: 0)
        #expect(!state.follows && state.message?.contains("1201") == true)
    }

    @Test func theNumberStaysWhileTheOrderHoldsStill() {
        var state = Fixture.state()
        _ = press([.down], &state)
        state.update(from: Fixture.table, to: storm.table, now: 1)
        #expect(state.order.hiddenEnded == 1481)
    }
}

struct MouseTests {
    private func click(_ row: Int, _ column: Int, _ kind: MouseEvent.Kind = .press) -> Key {
        .mouse(MouseEvent(row: row, column: column, kind: kind))
    }

    /// Where a text stands on the screen.
    private func place(_ text: String, _ state: inout DashboardState, _ rows: Int, _ columns: Int) throws -> (Int, Int)
    {
        let canvas = state.draw(Fixture.dashboard, rows: rows, columns: columns)
        let wanted = text.unicodeScalars.map(\.value)
        for row in 0..<rows {
            for column in 0...columns - wanted.count
            where wanted.indices.allSatisfy({ canvas[row, column + $0].glyph == wanted[$0] }) {
                return (row, column)
            }
        }
        throw Missing(text: text)
    }

    private struct Missing: Error { var text: String }

    @Test func aClickSelectsTheRowUnderIt() throws {
        var state = Fixture.state()
        let (row, column) = try place("postgres: 14", &state, 24, 80)
        _ = press([click(row, column)], &state)
        #expect(state.selection == Fixture.identity(812) && state.drilled == nil)
        _ = press([click(row, column, .doublePress)], &state)
        #expect(state.drilled == Fixture.identity(812))
    }

    @Test func twoClicksOnARowInAShortTimeDrillIntoIt() throws {
        for (gap, drills) in [(200_000_000 as UInt64, true), (900_000_000, false)] {
            var state = Fixture.state()
            let (row, column) = try place("postgres: 14", &state, 24, 80)
            _ = state.handle(click(row, column), Fixture.dashboard, rows: 10, now: 5_000_000_000)
            _ = state.handle(click(row, column), Fixture.dashboard, rows: 10, now: 5_000_000_000 + gap)
            #expect((state.drilled == Fixture.identity(812)) == drills)
        }
    }

    @Test(arguments: [("RES", "res"), ("USER", "user"), ("COMMAND", "command"), ("MNF/s", "minflt/s"), ("PID", "pid")])
    func aClickOnATitleSortsByItsColumn(_ title: String, _ name: String) throws {
        var state = Fixture.state()
        let (row, column) = try place(title, &state, 24, 80)
        _ = press([click(row, column)], &state)
        #expect(state.settings.sortColumn == name && state.tree == false)
        let descends = state.settings.sortsDescending
        _ = press([click(row, column + title.count - 1)], &state)
        #expect(state.settings.sortColumn == name && state.settings.sortsDescending != descends)
    }

    @Test func aClickOnAPanelOrItsNameGoesThere() throws {
        var state = Fixture.state()
        let (row, column) = try place("Cart.price", &state, 40, 120)
        _ = press([click(row, column)], &state)
        #expect(state.panel == .stacks && state.selection == Fixture.worker)
        let name = try place("3 Threads", &state, 40, 120)
        _ = press([click(name.0, name.1)], &state)
        #expect(state.panel == .threads)
    }

    @Test func theWheelScrollsWhatIsUnderThePointerAndLeavesTheSelection() throws {
        var state = Fixture.state()
        let (row, column) = try place("run queue", &state, 24, 80)
        _ = press([click(row, column, .wheelDown)], &state)
        #expect(state.panel == .processes && state.selection == Fixture.worker)
        #expect(lines(&state, Fixture.dashboard, 24, 80).contains { $0.contains(" 4-10 of ") })
        _ = press([click(6, 10, .wheelDown)], &state)
        #expect(state.offset == 3 && state.selection == Fixture.worker)
        for _ in 0..<50 { _ = press([click(6, 10, .wheelUp)], &state) }
        #expect(state.offset == 0)
        for _ in 0..<50 { _ = press([click(row, column, .wheelDown)], &state) }
        #expect(lines(&state, Fixture.dashboard, 24, 80).contains { $0.contains("of 30 ") && !$0.contains(" 31") })
    }

    @Test func aClickOnTheLastLineActsAsTheKey() throws {
        var state = Fixture.state()
        let (row, column) = try place("F9 Signal", &state, 24, 80)
        _ = press([click(row, column + 4)], &state)
        guard case .signals = state.dialog else {
            Issue.record("no dialog")
            return
        }
        _ = press([.escape], &state)
        let quit = try place("q Quit", &state, 24, 80)
        #expect(press([click(quit.0, quit.1 + 3)], &state) == [.quit])
        // The gap between two entries is none of them.
        #expect(press([click(row, column - 1)], &state) == [] && state.dialog == nil)
    }

    @Test func aClickInADialogChoosesAndASecondOneActs() throws {
        var state = Fixture.state()
        _ = press([.function(9)], &state)
        let (row, column) = try place("9 KILL", &state, 24, 80)
        #expect(press([click(row, column)], &state) == [])
        guard case .signals(let menu) = state.dialog else {
            Issue.record("the dialog closed")
            return
        }
        #expect(SignalDialog.lines[menu.selected].number == 9)
        #expect(press([click(row, column, .doublePress)], &state) == [.signal(9, [Fixture.worker])])
    }
}

struct TypingAFilterTests {
    @Test(arguments: [
        "gunicorn and cpu>1", "gunicorn cpu>1", "gunicorn and state=R or user=api", "(gunicorn and cpu>1) or vim",
        "cpu>1 and user=api", "not gunicorn and res>1M", "gunicorn and python",
    ])
    func theTableNeverFlickersToNothing(_ text: String) {
        var state = Fixture.state()
        press("\\", &state)
        for scalar in text.unicodeScalars {
            _ = press([.character(scalar)], &state)
            #expect(!state.order.entries.isEmpty, "after \(state.promptText)")
        }
        let typed = state.pids()
        _ = press([.enter], &state)
        #expect(state.prompt == nil && state.filterText == text && state.filterError == nil)
        if !text.hasSuffix("python") { #expect(state.pids() == typed) }
    }

    @Test func aWordThatMayBecomeAComparisonDoesNotNarrowYet() {
        var state = Fixture.state()
        press("\\gunicorn and c", &state)
        #expect(Set(state.pids()) == [1200, 1201, 1202, 1203])
        press("pu>20", &state)
        #expect(state.pids() == [1201])
    }

    @Test func neitherDoesOneThatMayBecomeAnotherProgramsNameOfAColumn() {
        var state = Fixture.state()
        press("\\g", &state)
        let found = state.pids()
        // The log writer of postgres has these letters, and so has ps's name of the thread id.
        press(" and lw", &state)
        #expect(state.pids() == found && found.count > 1)
        press("r", &state)
        #expect(state.pids() == [812])
    }

    @Test func thePromptSaysWhatIsNotInForce() {
        var state = Fixture.state()
        press("\\gunicorn and cpu>", &state)
        let prompt = lines(&state, Fixture.dashboard, 24, 120)[23]
        #expect(prompt.contains("gunicorn and cpu>") && prompt.contains("needs a value"), "\(prompt)")
        press("9999", &state)
        let nothing = lines(&state, Fixture.dashboard, 24, 120)[23]
        #expect(nothing.contains("nothing matches `cpu>9999`") && state.pids().count == 4, "\(nothing)")
        _ = press([.enter], &state)
        #expect(state.order.entries.isEmpty, "Enter takes it as it stands")
    }

    @Test func aWordThatIsNoColumnNarrowsAtEachLetter() {
        var state = Fixture.state()
        press("\\gunicorn master", &state)
        #expect(state.pids() == [1200])
        press("x", &state)
        #expect(state.pids().count == 4)
    }
}

struct DrillingTests {
    private func everyPanel(_ state: inout DashboardState) -> [DashboardState.Panel: String] {
        var texts: [DashboardState.Panel: String] = [:]
        for (panel, key) in zip(DashboardState.Panel.allCases, ["1", "2", "3", "4"]) {
            press(key, &state)
            texts[panel] = lines(&state, Fixture.dashboard, 24, 100).joined(separator: "\n")
        }
        return texts
    }

    @Test func everyPanelIsNarrowedToTheProcessAndEscapeGoesBack() {
        var state = Fixture.state()
        _ = press([.enter], &state)
        for (panel, text) in everyPanel(&state) {
            #expect(text.contains("host › 1201 gunicorn"), "\(panel)")
            #expect(text.contains("Σ 1 shown") && !text.contains(" 1202 "), "\(panel):\n\(text)")
        }
        #expect(state.pids() == [1201])
        _ = press([.escape], &state)
        #expect(state.drilled == nil && state.panel == .processes && state.pids().count > 10)
        #expect(state.selection == Fixture.worker)
    }

    @Test func aThreadIsDrilledIntoFromItsPanelAndEachEscapeIsOneStep() throws {
        var state = Fixture.state()
        press("3jj", &state)
        _ = press([.enter], &state)
        #expect(state.drilled == Fixture.worker && state.drilledThread == 1205)
        let texts = everyPanel(&state)
        for (panel, text) in texts { #expect(text.contains("› thread 1205"), "\(panel)") }
        let details = try #require(texts[.details]), threads = try #require(texts[.threads])
        let stacks = try #require(texts[.stacks])
        #expect(details.contains("thread    1205") && details.contains("waits in  futex"), "\(details)")
        #expect(threads.contains("1205") && !threads.contains("1206"), "\(threads)")
        #expect(stacks.contains("Queue.get") && !stacks.contains("Cart.price"), "\(stacks)")
        _ = press([.escape], &state)
        #expect(state.drilled == Fixture.worker && state.drilledThread == nil)
        _ = press([.escape], &state)
        #expect(state.drilled == nil)
    }

    @Test func aThreadThatIsARowIsShownWithItsProcess() {
        var dashboard = Fixture.dashboard
        let place = dashboard.table.rows.firstIndex { $0.pid == 1201 } ?? 0
        dashboard.table.rows.insert(Fixture.thread(1205, of: dashboard.table.rows[place], "pool-1"), at: place + 1)
        var state = Fixture.state()
        state.selection = Fixture.identity(1205)
        state.reorder(dashboard.table)
        press("3", &state, dashboard)
        let threads = lines(&state, dashboard, 24, 100)
        #expect(threads.contains { $0.contains("▸   1205") && $0.contains("waits for the GIL") }, "\(threads)")
        press("4", &state, dashboard)
        let stacks = lines(&state, dashboard, 24, 100)
        #expect(stacks.contains { $0.contains("Queue.get") } && !stacks.contains { $0.contains("Cart.price") })
        press("e", &state, dashboard)
        #expect(lines(&state, dashboard, 24, 100).contains { $0.contains("LANG=C.UTF-8") })
        _ = press([.escape, .escape], &state, dashboard)
        _ = press([.enter], &state, dashboard)
        #expect(state.drilled == Fixture.worker && state.drilledThread == 1205)
    }

    @Test func whatWasDrilledIntoStaysWhenItIsGone() {
        var state = Fixture.state()
        _ = press([.enter], &state)
        var later = Fixture.dashboard
        later.table.rows.removeAll { $0.pid == 1201 }
        state.update(from: Fixture.table, to: later.table, now: 0)
        #expect(state.selection == Fixture.worker && state.drilled == Fixture.worker)
        let screen = lines(&state, later, 24, 80)
        #expect(screen.contains { $0.contains("1201 has ended and left the table; Esc goes back") }, "\(screen)")
    }
}
