import Cells
import Model
import Panels
import PythonInspection
import Testing

struct StackPanelTests {
    private static let locals = [
        PythonLocal(
            name: "self", kind: .argument, type: "shop.cart.Cart", value: "<Cart items=[1, 2, …]>", isTruncated: true),
        PythonLocal(name: "name\u{1b}[2J", kind: .local, type: "str", value: "'日本\u{1b}]0;owned\u{7}'"),
        PythonLocal(name: "total", kind: .local, type: "float", value: "12.5", isTorn: true),
    ]

    /// The busy worker's stacks with the variables and the source of the frame that is asked for.
    private static func dashboard(_ state: DashboardState) -> Dashboard {
        var dashboard = Fixture.dashboard
        guard let place = state.framePlace(dashboard),
            case .snapshot(let identity, let version, var snapshot) = dashboard.stacks,
            let thread = snapshot.threads.firstIndex(where: { $0.tid == place.tid }),
            let frame = place.index(among: snapshot.threads[thread].frames.count)
        else { return dashboard }
        snapshot.threads[thread].frames[frame].locals = locals
        dashboard.stacks = .snapshot(identity, version, snapshot)
        guard let source = state.sourcePlace(dashboard) else { return dashboard }
        let first = max(1, source.line - 60)
        let lines = (first...max(first, source.line + 60)).map { "\tcode = \($0)\u{1b}[2J  # of this line" }
        dashboard.source = SourceReading(place: source, excerpt: .lines(first: first, lines), modifiedSeconds: 1)
        return dashboard
    }

    private static func opened(_ keys: String, rows: Int = 24, columns: Int = 80, _ theme: Theme.Name = .standard)
        -> (state: DashboardState, canvas: Canvas)
    {
        var state = Fixture.state { $0.theme = theme }
        _ = state.draw(dashboard(state), rows: rows, columns: columns)
        for scalar in keys.unicodeScalars {
            let key: Key =
                scalar == "↓" ? .down : scalar == "↑" ? .up : scalar == "\n" ? .enter : .character(scalar)
            _ = state.handle(key, dashboard(state), rows: 10, now: 0)
            _ = state.draw(dashboard(state), rows: rows, columns: columns)
        }
        return (state, state.draw(dashboard(state), rows: rows, columns: columns))
    }

    private static func occurrences(_ text: String, _ wanted: String) -> Int {
        text.indices.count { text[$0...].hasPrefix(wanted) }
    }

    private static func text(_ canvas: Canvas) -> String {
        (0..<canvas.rows).map { canvas.text(row: $0) }.joined(separator: "\n")
    }

    @Test(arguments: [(24, 80), (40, 120), (60, 200)])
    func aFrameWithItsSourceAndVariables(_ rows: Int, _ columns: Int) {
        expectSnapshot("frame-\(columns)x\(rows)", StackPanelTests.opened("4", rows: rows, columns: columns).canvas)
    }

    @Test func theCursorGoesFromFrameToFrameAndFromThreadToThread() {
        func place(_ keys: String) -> FramePlace? {
            let (state, _) = StackPanelTests.opened(keys)
            return state.framePlace(StackPanelTests.dashboard(state))
        }
        // Nobody chose: the innermost frame of the first thread, whichever that is.
        #expect(place("4") == FramePlace(tid: 1201, depth: nil))
        #expect(place("4↓") == FramePlace(tid: 1201, depth: 1))
        #expect(place("4↓↓") == FramePlace(tid: 1201, depth: 0))
        #expect(place("4↓↓↓") == FramePlace(tid: 1205, depth: 0))
        // The last thread has no frame.
        #expect(place("4↓↓↓↓") == nil)
        #expect(place("4G") == nil)
        #expect(place("4Gg") == FramePlace(tid: 1201, depth: 2))
        #expect(place("4↓F") == FramePlace(tid: 1201, depth: nil))
        #expect(place("4↓FF") == FramePlace(tid: 1201, depth: 2))
        // From thread to thread, and to what is searched for: a frame, a file, a thread.
        #expect(place("4n") == FramePlace(tid: 1205, depth: 0))
        #expect(place("4nnn") == FramePlace(tid: 1201, depth: 2))
        #expect(place("4NN") == FramePlace(tid: 1205, depth: 0))
        #expect(place("4/QUEUE.py") == FramePlace(tid: 1205, depth: 0))
        #expect(place("4/pool") == FramePlace(tid: 1205, depth: 0))
        #expect(place("4/view") == FramePlace(tid: 1201, depth: 0))
        #expect(place("4/shop") == FramePlace(tid: 1201, depth: 2))
        #expect(place("4/shop\nn") == FramePlace(tid: 1201, depth: 1))
        #expect(StackPanelTests.opened("4/zzz").state.message?.contains("matches zzz") == true)
        #expect(place("4↓/zzz") == FramePlace(tid: 1201, depth: 1))
        // Not on the screen, not asked for.
        #expect(place("4v") == nil && place("4h") == nil && place("4vv") != nil && place("4hl") != nil)
        #expect(place("1") == nil && place("2") == nil && place("f") == nil)
    }

    @Test func whatRepeatsIsOneLineUntilItIsUnfolded() throws {
        var dashboard = Fixture.dashboard
        guard case .snapshot(let identity, let version, var snapshot) = dashboard.stacks else { return }
        let again = PythonFrame(function: "again", qualifiedName: nil, file: "/shop/walk.py", line: 7)
        snapshot.threads[0].frames.insert(contentsOf: Array(repeating: again, count: 40), at: 1)
        dashboard.stacks = .snapshot(identity, version, snapshot)
        var state = Fixture.state()
        func draw() -> String { Self.text(state.draw(dashboard, rows: 40, columns: 120)) }
        func press(_ keys: [Key]) {
            for key in keys {
                _ = state.handle(key, dashboard, rows: 10, now: 0)
                _ = draw()
            }
        }
        _ = draw()
        press([.character("4"), .character("z"), .down])
        #expect(draw().contains("37 more times") && Self.occurrences(draw(), "walk.py:7") == 4)
        // The line of the others is one step, and its first frame is the one that is looked at.
        press([.down, .down, .down])
        #expect(state.framePlace(dashboard) == FramePlace(tid: 1201, depth: 38))
        press([.down])
        #expect(state.framePlace(dashboard) == FramePlace(tid: 1201, depth: 1))
        press([.up, .enter])
        #expect(!draw().contains("more times") && Self.occurrences(draw(), "walk.py:7") > 20)
        press([.down, .down])
        #expect(state.framePlace(dashboard) == FramePlace(tid: 1201, depth: 36))
        // Folded again, the cursor is among those that the line stands for.
        press([.enter])
        #expect(draw().contains("▸… 37 more times"))
        #expect(state.framePlace(dashboard) == FramePlace(tid: 1201, depth: 36))
        press([.up])
        #expect(state.framePlace(dashboard) == FramePlace(tid: 1201, depth: 39))
    }

    @Test func aStackThatBecomesShorterKeepsTheCursorInIt() {
        #expect(FramePlace(tid: 1, depth: 5).index(among: 3) == 0)
        #expect(FramePlace(tid: 1, depth: 0).index(among: 3) == 2)
        #expect(FramePlace(tid: 1, depth: nil).index(among: 3) == 0)
        #expect(FramePlace(tid: 1, depth: nil).index(among: 0) == nil)
    }

    @Test func whatComesFromTheTargetDoesNotSteerTheTerminal() {
        let text = StackPanelTests.text(StackPanelTests.opened("4z").canvas)
        #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        #expect(text.contains("88▸     code = 88^[[2J") && text.contains("total") && text.contains("~ 12.5"))
        #expect(!text.contains("changed since the process began"))
    }

    @Test func aFileThatIsNewerThanTheProcessIsSaidToBe() {
        var (state, _) = StackPanelTests.opened("4z")
        var dashboard = StackPanelTests.dashboard(state)
        dashboard.source?.modifiedSeconds = 4_000_000_000
        #expect(
            StackPanelTests.text(state.draw(dashboard, rows: 24, columns: 80)).contains(
                "changed since the process began"))
        dashboard.source?.excerpt = .absent("no such file in the file system of the process")
        #expect(StackPanelTests.text(state.draw(dashboard, rows: 24, columns: 80)).contains("no source: no such file"))
        dashboard.source = nil
        #expect(StackPanelTests.text(state.draw(dashboard, rows: 24, columns: 80)).contains("reading the source"))
    }

    @Test(arguments: [1, 2, 3, 4, 5, 12, 30], [1, 2, 5, 20, 80, 130])
    func anySizeIsDrawn(_ rows: Int, _ columns: Int) {
        for keys in ["4", "4z", "4zG", "4↓F↓↓"] {
            let canvas = StackPanelTests.opened(keys, rows: rows, columns: columns).canvas
            #expect(canvas.rows == rows && canvas.columns == columns)
        }
    }

    @Test(arguments: [DashboardState.Panel.stacks, .flame, .functions, .tasks, .collector])
    func aRemedyIsReadToItsEnd(_ panel: DashboardState.Panel) {
        var state = Fixture.state()
        state.panel = panel
        var dashboard = Fixture.dashboard
        dashboard.stacks = .unavailable(Fixture.worker, .memory(.refused))
        dashboard.profile = .unavailable(Fixture.worker, .memory(.refused))
        dashboard.tasks = .unavailable(Fixture.worker, .memory(.refused))
        dashboard.collectors = .unavailable(Fixture.worker, .memory(.refused))
        let text = StackPanelTests.text(state.draw(dashboard, rows: 24, columns: 80))
        let words = text.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        #expect(words.contains(PythonInspectionError.memory(.refused).description), "\(text)")
    }
}
