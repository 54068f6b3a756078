import Cells
import Model
import Panels
import Testing

private let second: UInt64 = 1_000_000_000

/// The table after its rows were changed.
private func table(_ change: (inout ContiguousArray<ProcessRow>) -> Void) -> ProcessTable {
    var table = Fixture.table
    change(&table.rows)
    return table
}

/// The table in which a process is the busiest, so that it sorts first.
private func table(busiest pid: Int32) -> ProcessTable {
    table { rows in
        for index in rows.indices where rows[index].pid == pid {
            rows[index] = Fixture.after(rows[index], Fixture.Activity(user: 400))
        }
    }
}

extension DashboardState {
    /// Pids from top to bottom.
    fileprivate func pids(_ table: ProcessTable) -> [Int32] { order.entries.map { table.rows[Int($0.row)].pid } }
}

struct SelectionTests {
    @Test func theSelectionStaysOnItsProcessWhileRowsMove() {
        var state = Fixture.state()
        #expect(state.cursor == 0)
        let moved = table(busiest: 2010)
        state.update(from: Fixture.table, to: moved, now: 0)
        #expect(state.selection == Fixture.worker && state.cursor == 1)
        #expect(state.pids(moved).prefix(2) == [2010, 1201])
    }

    @Test func aProcessThatGotThePidLaterIsNotTheSelectedOne() {
        var state = Fixture.state()
        let reused = table { rows in
            for index in rows.indices where rows[index].pid == 1201 {
                rows[index].identity = ProcessIdentity(pid: 1201, startTicks: 99_999_999)
            }
        }
        state.update(from: Fixture.table, to: reused, now: 0)
        #expect(state.selection?.startTicks == 99_999_999 || state.selection?.pid != 1201)
        #expect(state.selection != Fixture.worker)
    }

    @Test func whenTheSelectedProcessIsGoneWhatStandsInItsPlaceIsSelected() {
        var state = Fixture.state()
        _ = state.handle(.down, Fixture.dashboard, rows: 10, now: 0)
        #expect(state.selection == Fixture.identity(1202) && state.cursor == 1)
        let shorter = table { $0.removeAll { $0.pid == 1202 } }
        state.update(from: Fixture.table, to: shorter, now: 100 * second)
        #expect(state.cursor == 1 && state.selection == Fixture.identity(state.pids(shorter)[1]))
    }

    @Test func theSelectionOfARowThatIsFoldedGoesToWhatItIsFoldedInto() {
        var state = Fixture.state { $0.tree = true }
        #expect(state.selection == Fixture.worker)
        _ = state.handle(.character("*"), Fixture.dashboard, rows: 10, now: 0)
        #expect(state.selection == Fixture.identity(1))
    }

    @Test func anEmptyTableLeavesNothingToStandOn() {
        var state = Fixture.state()
        let empty = table { $0 = [] }
        state.update(from: Fixture.table, to: empty, now: 0)
        #expect(state.cursor == 0 && state.order.entries.isEmpty)
        let dashboard = Dashboard(table: empty)
        for key in [Key.down, .up, .home, .end, .pageDown, .character("c"), .character("-")] {
            _ = state.handle(key, dashboard, rows: 10, now: 0)
        }
        state.update(from: empty, to: Fixture.table, now: 0)
        #expect(state.selection == Fixture.worker)
    }

    @Test func movementStopsAtBothEnds() {
        var state = Fixture.state()
        let last = state.order.entries.count - 1
        _ = state.handle(.character("k"), Fixture.dashboard, rows: 5, now: 0)
        #expect(state.cursor == 0 && state.message?.contains("F9") == true)
        _ = state.handle(.character("G"), Fixture.dashboard, rows: 5, now: 0)
        #expect(state.cursor == last && state.offset == last - 4)
        _ = state.handle(.pageDown, Fixture.dashboard, rows: 5, now: 0)
        #expect(state.cursor == last)
        _ = state.handle(.character("g"), Fixture.dashboard, rows: 5, now: 0)
        #expect(state.cursor == 0 && state.offset == 0)
        _ = state.handle(.pageDown, Fixture.dashboard, rows: 5, now: 0)
        #expect(state.cursor == 4)
    }
}

struct FirstSelectionTests {
    /// The table of a moment after the first one, without rates before the second, with one process the busiest.
    private func table(after milliseconds: UInt64, busiest pid: Int32? = nil) -> ProcessTable {
        var table = Fixture.table
        table.nanoseconds = 2 * second + milliseconds * 1_000_000
        for index in table.rows.indices {
            table.rows[index] = Fixture.after(
                table.rows[index], Fixture.Activity(user: table.rows[index].pid == pid ? 400 : 0))
            if pid == nil { table.rows[index].rates = nil }
        }
        return table
    }

    /// A state that got tables one after the other.
    private func state(_ tables: [ProcessTable], _ keys: [Key] = [], ownPid: Int32? = nil) -> DashboardState {
        var state = DashboardState(settings: Settings())
        state.ownPid = ownPid
        var old = ProcessTable(scale: Fixture.scale)
        for (place, table) in tables.enumerated() {
            if place == 1 { for key in keys { _ = state.handle(key, Dashboard(table: old), rows: 10, now: 0) } }
            state.update(from: old, to: table, now: 100 * second)
            old = table
        }
        return state
    }

    @Test func itIsTheFirstRowUntilRatesSayWhoIsBusy() {
        let tables = [table(after: 0), table(after: 40, busiest: 2010), table(after: 600, busiest: 812)]
        for count in 1...3 {
            let state = state(Array(tables.prefix(count)))
            #expect(state.cursor == 0 && state.selection == Fixture.identity([1, 2010, 812][count - 1]))
        }
    }

    @Test func itIsNotVivItselfThoughThatIsBusyThen() {
        let tables = [table(after: 0), table(after: 600, busiest: 812)]
        #expect(state(tables).cursor == 0 && state(tables).selection == Fixture.identity(812))
        let state = state(tables, ownPid: 812)
        #expect(state.cursor == 1 && state.selection != Fixture.identity(812))
    }

    @Test func fromThenOnItStaysOnItsProcess() {
        let tables = [
            table(after: 0), table(after: 40, busiest: 2010), table(after: 600, busiest: 812),
            table(after: 1_600, busiest: 1203), table(after: 2_600, busiest: 2000),
        ]
        for count in 3...5 {
            let state = state(Array(tables.prefix(count)))
            #expect(state.selection == Fixture.identity(812) && (count > 3 || state.cursor == 0))
        }
    }

    @Test func whenItEndsBeforeAnybodyChoseItIsTheFirstRowAgain() {
        var ended = table(after: 1_600, busiest: 1203)
        let place = ended.rows.firstIndex { $0.pid == 812 } ?? 0
        ended.rows[place].ending = ProcessEnding(code: 0, signal: nil, nanoseconds: 1, lifetimeNanoseconds: nil)
        ended.rows[place].rates = nil
        let tables = [table(after: 0), table(after: 600, busiest: 812), ended]
        let first = state(tables)
        #expect(first.cursor == 0 && first.selection == Fixture.identity(1203))
        // Who had opened its details sees how it ended.
        #expect(state(Array(tables.dropFirst()), [.character("2")]).selection == Fixture.identity(812))
    }

    @Test func aLoadTooSmallForTheSteadyOrderIsFirstAllTheSame() {
        var later = table(after: 600, busiest: 812)
        let place = later.rows.firstIndex { $0.pid == 812 } ?? 0
        later.rows[place].rates?.cpuPercent = 6
        #expect(state([table(after: 0), table(after: 40, busiest: 1), later]).selection == Fixture.identity(812))
    }

    @Test(arguments: [Key.down, .function(9), .enter, .character("2"), .character(" ")])
    func aKeyThatMeansItKeepsIt(_ key: Key) {
        let first = table(after: 0)
        let chosen = state([first], []).selection
        let state = state([first, table(after: 600, busiest: 2012)], [key])
        #expect(state.selection != Fixture.identity(2012) && state.cursor < state.order.entries.count)
        #expect(state.selection == chosen || key == .down || key == .character(" "))
    }

    @Test(arguments: [Key.character("M"), .character("t"), .character("?"), .character("x")])
    func aKeyThatDoesNotLeavesItToTheOrder(_ key: Key) {
        let state = state([table(after: 0), table(after: 600, busiest: 812)], [key])
        #expect(state.cursor == 0)
    }

    @Test func whatTheCommandLineNamedIsChosen() {
        var state = DashboardState(settings: Settings())
        state.selection = Fixture.worker
        let (first, later) = (table(after: 0), table(after: 600, busiest: 812))
        state.update(from: ProcessTable(scale: Fixture.scale), to: first, now: 0)
        state.update(from: first, to: later, now: 0)
        #expect(state.selection == Fixture.worker && state.cursor > 0)
    }
}

struct HeldOrderTests {
    @Test func theOrderHoldsForFiveSecondsAfterAMovement() {
        var state = Fixture.state()
        let before = state.pids(Fixture.table)
        _ = state.handle(.down, Fixture.dashboard, rows: 10, now: 100 * second)
        let moved = table(busiest: 2010)
        state.update(from: Fixture.table, to: moved, now: 105 * second - 1)
        #expect(state.pids(moved) == before && state.selection == Fixture.identity(before[1]))
        state.update(from: moved, to: moved, now: 105 * second)
        #expect(state.pids(moved).first == 2010 && state.selection == Fixture.identity(before[1]))
    }

    @Test func eachMovementHoldsItAnew() {
        var state = Fixture.state()
        let before = state.pids(Fixture.table)
        let moved = table(busiest: 2010)
        _ = state.handle(.down, Fixture.dashboard, rows: 10, now: 100 * second)
        _ = state.handle(.down, Fixture.dashboard, rows: 10, now: 104 * second)
        state.update(from: Fixture.table, to: moved, now: 108 * second)
        #expect(state.pids(moved) == before)
    }

    @Test func newRowsGoToTheEndAndEndedOnesLeaveWhileItHolds() {
        var state = Fixture.state()
        _ = state.handle(.down, Fixture.dashboard, rows: 10, now: 100 * second)
        let before = state.pids(Fixture.table)
        let changed = table { rows in
            rows.removeAll { $0.pid == 812 }
            rows.append(Fixture.row(4000, "new", Fixture.Activity(user: 500)))
        }
        state.update(from: Fixture.table, to: changed, now: 101 * second)
        #expect(state.pids(changed) == before.filter { $0 != 812 } + [4000])
        state.update(from: changed, to: changed, now: 200 * second)
        #expect(state.pids(changed).first == 4000)
    }

    @Test func aSortKeyOrdersAtOnce() {
        var state = Fixture.state()
        _ = state.handle(.down, Fixture.dashboard, rows: 10, now: 100 * second)
        _ = state.handle(.character("p"), Fixture.dashboard, rows: 10, now: 101 * second)
        #expect(state.pids(Fixture.table) == state.pids(Fixture.table).sorted())
        let moved = table(busiest: 2010)
        _ = state.handle(.character("P"), Fixture.dashboard, rows: 10, now: 101 * second)
        state.update(from: Fixture.table, to: moved, now: 102 * second)
        #expect(state.pids(moved).first == 2010)
    }

    @Test func theSameSortKeyTwiceTurnsTheOrderRound() {
        var state = Fixture.state()
        _ = state.handle(.character("M"), Fixture.dashboard, rows: 10, now: 0)
        #expect(state.pids(Fixture.table).first == 1203)
        _ = state.handle(.character("M"), Fixture.dashboard, rows: 10, now: 0)
        #expect(state.pids(Fixture.table).last == 1203)
        _ = state.handle(.character("I"), Fixture.dashboard, rows: 10, now: 0)
        #expect(state.pids(Fixture.table).first == 1203)
    }
}
