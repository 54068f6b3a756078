import Cells
import Model
import Panels
import Profiles
import PythonInspection
import Testing

struct ProfilePanelTests {
    /// Somebody who opened a panel and pressed keys there; the profile follows what they ask for.
    fileprivate static func opened(_ keys: String, rows: Int = 24, columns: Int = 80, _ theme: Theme.Name = .standard)
        -> (state: DashboardState, canvas: Canvas)
    {
        var state = Fixture.state { $0.theme = theme }
        _ = state.draw(Fixture.dashboard(state), rows: rows, columns: columns)
        for scalar in keys.unicodeScalars {
            let key: Key =
                switch scalar {
                case "↵": .enter
                case "↓": .down
                case "↑": .up
                case "→": .right
                case "←": .left
                case "⌫": .escape
                default: .character(scalar)
                }
            _ = state.handle(key, Fixture.dashboard(state), rows: 10, now: 0)
            _ = state.draw(Fixture.dashboard(state), rows: rows, columns: columns)
        }
        return (state, state.draw(Fixture.dashboard(state), rows: rows, columns: columns))
    }

    fileprivate static func text(_ canvas: Canvas) -> String {
        (0..<canvas.rows).map { canvas.text(row: $0) }.joined(separator: "\n")
    }

    @Test(arguments: [(24, 80), (40, 120), (60, 200)])
    func theFlameAtEachSize(_ rows: Int, _ columns: Int) {
        let (_, canvas) = ProfilePanelTests.opened("f↓↓↓", rows: rows, columns: columns)
        expectSnapshot("flame-\(columns)x\(rows)", canvas)
    }

    @Test func theFlameWithoutColour() {
        expectSnapshot("flame-mono-80x24", ProfilePanelTests.opened("fz↓/dumps↵", .mono).canvas)
    }

    @Test func theFlameZoomedByThread() {
        expectSnapshot("flame-zoomed-80x24", ProfilePanelTests.opened("fzH↓↓↓↵").canvas)
    }

    @Test func theFlameComparedWithAMomentBefore() {
        expectSnapshot("flame-pinned-80x24", ProfilePanelTests.opened("fzD↓↓↓").canvas)
    }

    @Test(arguments: [(24, 80), (40, 120)])
    func theFunctionsAtEachSize(_ rows: Int, _ columns: Int) {
        let (_, canvas) = ProfilePanelTests.opened("6↓", rows: rows, columns: columns)
        expectSnapshot("functions-\(columns)x\(rows)", canvas)
    }

    @Test func aZoomIsLeftTheWayItWasEntered() {
        let zoomed = ProfilePanelTests.opened("fz↓↓↵↓↵")
        #expect(ProfilePanelTests.text(zoomed.canvas).contains("zoomed"))
        let left = ProfilePanelTests.opened("fz↓↓↵↓↵⌫⌫")
        #expect(!ProfilePanelTests.text(left.canvas).contains("zoomed"))
        #expect(left.state.panel == .flame)
        let out = ProfilePanelTests.opened("fz↓↓↵↓↵⌫⌫⌫⌫")
        #expect(out.state.panel == .processes)
    }

    @Test func theKeysChangeWhatTheSamplerIsAskedFor() {
        #expect(ProfilePanelTests.opened("f").state.profile.scope == ProfileScope())
        #expect(ProfilePanelTests.opened("fW").state.profile.scope.window == .all)
        #expect(ProfilePanelTests.opened("fWW").state.profile.scope.window == .short)
        #expect(ProfilePanelTests.opened("fC").state.profile.scope.mode == .idle)
        #expect(ProfilePanelTests.opened("fCCC").state.profile.scope.mode == .gil)
        #expect(ProfilePanelTests.opened("fB").state.profile.scope.grain == .line)
        #expect(ProfilePanelTests.opened("fH").state.profile.scope.isByThread)
        #expect(ProfilePanelTests.opened("fI").state.profile.scope.isInverted)
        #expect(ProfilePanelTests.opened("fD").state.profile.scope.pin != nil)
        #expect(ProfilePanelTests.opened("fDD").state.profile.scope.pin == nil)
    }

    @Test func theSameKeysKeepTheirMeaningInTheTable() {
        #expect(ProfilePanelTests.opened("H").state.showsThreads)
        #expect(!ProfilePanelTests.opened("fH").state.showsThreads)
        #expect(ProfilePanelTests.opened("W").state.profile.scope == ProfileScope())
    }

    @Test func theCursorGoesToWhatIsSearchedFor() {
        let (_, canvas) = ProfilePanelTests.opened("fz/dumps↵")
        let foot = ProfilePanelTests.text(canvas).split(separator: "\n").first { $0.contains("▸ own") }
        #expect(foot?.contains("dumps") == true)
        #expect(foot?.contains("found 37.5%") == true)
    }

    @Test func neighboursAreReachedAndTheirEndsHold() {
        // Below view are price and dumps, in the order of their names: Cart.price, dumps.
        #expect(ProfilePanelTests.text(ProfilePanelTests.opened("fz↓↓↓").canvas).contains("Cart.price  /srv"))
        #expect(ProfilePanelTests.text(ProfilePanelTests.opened("fz↓↓↓→→→").canvas).contains("dumps  json"))
        #expect(ProfilePanelTests.text(ProfilePanelTests.opened("fz↓↓↓→←←").canvas).contains("Cart.price  /srv"))
    }

    @Test func aFunctionIsFoundInTheFlame() {
        let (state, canvas) = ProfilePanelTests.opened("6\\dumps↵↵")
        #expect(state.panel == .flame)
        #expect(ProfilePanelTests.text(canvas).contains("▸dumps") || ProfilePanelTests.text(canvas).contains("% dumps"))
    }

    @Test func functionsAreSortedAndFiltered() {
        func names(_ keys: String) -> [String] {
            ProfilePanelTests.text(ProfilePanelTests.opened(keys).canvas).split(separator: "\n")
                .compactMap { line in
                    ["SyncWorker.handle", "Cart.price", "dumps", "view"].first { line.contains(" \($0)  ") }
                }
        }
        #expect(names("6z").first == "Cart.price")
        #expect(names("6z>").first == "SyncWorker.handle")
        #expect(names("6zI").last == "Cart.price")
        #expect(names("6z\\json↵") == ["dumps"])
    }

    @Test func whatCannotBeSampledSaysWhy() {
        var state = Fixture.state()
        state.panel = .flame
        var dashboard = Fixture.dashboard
        dashboard.profile = .unavailable(Fixture.worker, .unsupported("PyPy\u{1b}c 7.3"))
        let text = ProfilePanelTests.text(state.draw(dashboard, rows: 24, columns: 80))
        #expect(text.contains("PyPy"))
        dashboard.profile = .snapshot(
            Fixture.worker, ProfileSnapshot(scope: ProfileScope(), statistics: RecordingStatistics(askedHz: 100)))
        #expect(ProfilePanelTests.text(state.draw(dashboard, rows: 24, columns: 80)).contains("C counts those"))
    }

    @Test(arguments: [1, 2, 3, 4, 5, 12], [1, 2, 5, 20, 80])
    func anySizeIsDrawn(_ rows: Int, _ columns: Int) {
        for keys in ["f", "6", "fz", "6z", "fzH↓↓↓↵/dumps↵"] {
            let canvas = ProfilePanelTests.opened(keys, rows: rows, columns: columns).canvas
            #expect(canvas.rows == rows && canvas.columns == columns)
        }
    }
}

extension ProfilePanelTests {
    @Test func machineCodeIsArmedByAKeyAndItsCostIsOnTheScreen() {
        let (state, canvas) = ProfilePanelTests.opened("fzX")
        #expect(state.profile.scope.isMixed)
        #expect(ProfilePanelTests.text(canvas).contains(" mixed · threads stopped 0.0%"))
        #expect(!ProfilePanelTests.opened("fzXX").state.profile.scope.isMixed)
        // It stops threads: not where nothing may be done to a process.
        var readOnly = DashboardState(settings: Settings(), isReadOnly: true)
        readOnly.panel = .flame
        _ = readOnly.handle(.character("X"), Fixture.dashboard, rows: 10, now: 0)
        #expect(!readOnly.profile.scope.isMixed && readOnly.message?.contains("readonly") == true)
    }
}
