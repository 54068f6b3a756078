import Cells
import Model
import Panels
import PythonInspection
import Testing

struct SnapshotTests {
    @Test(arguments: [(24, 80), (40, 120), (60, 200), (1, 1), (5, 20)])
    func theScreenAtEachSize(_ rows: Int, _ columns: Int) {
        var state = Fixture.state()
        expectSnapshot("screen-\(columns)x\(rows)", state.draw(Fixture.dashboard, rows: rows, columns: columns))
    }

    @Test func theScreenWithoutColour() {
        var state = Fixture.state { $0.theme = .mono }
        state.tags = [Fixture.identity(1202), Fixture.identity(2012)]
        expectSnapshot("mono-120x40", state.draw(Fixture.dashboard, rows: 40, columns: 120))
    }

    @Test func theScreenBeforeTheFirstTable() {
        var state = DashboardState(settings: Settings())
        let empty = Dashboard(table: ProcessTable(scale: Fixture.scale))
        expectSnapshot("empty-80x24", state.draw(empty, rows: 24, columns: 80))
    }

    @Test func theTreeWithAFoldedBranch() {
        var state = Fixture.state { $0.tree = true }
        state.collapsed = [Fixture.identity(1200)]
        state.showsThreads = true
        var dashboard = Fixture.dashboard
        let worker = dashboard.table.rows.firstIndex { $0.identity == Fixture.worker } ?? 0
        dashboard.table.rows.insert(
            Fixture.thread(1205, of: dashboard.table.rows[worker], "pool-1"), at: worker + 1)
        let shell = dashboard.table.rows.firstIndex { $0.pid == 2001 } ?? 0
        dashboard.table.rows.insert(
            Fixture.thread(2002, of: dashboard.table.rows[shell], "reader", state: "D"), at: shell + 1)
        state.reorder(dashboard.table)
        expectSnapshot("tree-80x24", state.draw(dashboard, rows: 24, columns: 80))
    }

    @Test func anEmptyFilterSaysSo() {
        var state = Fixture.state()
        state.setFilter("cpu>2000", Fixture.dashboard)
        expectSnapshot("nothing-matches-80x24", state.draw(Fixture.dashboard, rows: 24, columns: 80))
    }

    @Test func aFilterPromptWithAMistake() {
        var state = Fixture.state()
        press("\\gunicorn", &state)
        press(" and cpu>", &state)
        expectSnapshot("filter-80x24", state.draw(Fixture.dashboard, rows: 24, columns: 80))
    }

    @Test func theStepsBackInTime() {
        var state = Fixture.state()
        state.isFrozen = true
        var dashboard = Fixture.dashboard
        dashboard.behindSeconds = 65
        dashboard.troubles = ["taskstats: refused\u{1b}[2J (CAP_NET_ADMIN)"]
        expectSnapshot("history-120x40", state.draw(dashboard, rows: 40, columns: 120))
    }

    @Test(arguments: [DashboardState.Panel.details, .threads, .stacks])
    func eachPanelByItself(_ panel: DashboardState.Panel) {
        var state = Fixture.state()
        state.panel = panel
        state.isZoomed = true
        expectSnapshot("\(panel)-80x24", state.draw(Fixture.dashboard, rows: 24, columns: 80))
    }

    @Test(arguments: [(24, 80), (60, 200)])
    func theScreenOfAThreadThatWasDrilledInto(_ rows: Int, _ columns: Int) {
        var state = Fixture.state()
        press("3jj", &state)
        _ = state.handle(.enter, Fixture.dashboard, rows: 10, now: 0)
        expectSnapshot("drilled-\(columns)x\(rows)", state.draw(Fixture.dashboard, rows: rows, columns: columns))
    }

    @Test func stacksThatCannotBeRead() {
        var state = Fixture.state()
        state.panel = .stacks
        var dashboard = Fixture.dashboard
        dashboard.stacks = .unavailable(Fixture.worker, .unsupported("PyPy\u{1b}c 7.3"))
        expectSnapshot("no-stacks-80x24", state.draw(dashboard, rows: 24, columns: 80))
    }

    @Test(arguments: ["^K", "F1", "F2", "u", "F6", "e", "r"])
    func eachDialog(_ key: String) throws {
        var state = Fixture.state()
        _ = state.handle(try #require(Key(key)), Fixture.dashboard, rows: 10, now: 0)
        expectSnapshot(
            "dialog-\(key == "^K" ? "signals" : key)-80x24", state.draw(Fixture.dashboard, rows: 24, columns: 80))
    }
}

/// Types each character.
func press(_ text: String, _ state: inout DashboardState, _ dashboard: Dashboard = Fixture.dashboard) {
    for scalar in text.unicodeScalars { _ = state.handle(.character(scalar), dashboard, rows: 10, now: 0) }
}
