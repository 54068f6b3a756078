import Cells
import Model
import Panels
import Testing

struct DrawingTests {
    /// Every dialog and none.
    private static let openers: [Key?] = [nil] + ["F9", "F1", "F2", "u", "F6", "e", "/", "\\", ":"].map { Key($0) }

    /// Sizes around every limit of the layout.
    private static let sizes: [(Int, Int)] = [1, 2, 3, 5, 6, 8, 9, 12, 24, 30, 41, 61].flatMap { rows in
        [1, 2, 5, 9, 20, 80, 110, 181].map { (rows, $0) }
    }

    @Test(arguments: DashboardState.Panel.allCases)
    func everySizeIsDrawnWithEveryDialogAndNothingSteersTheTerminal(_ panel: DashboardState.Panel) {
        for opener in DrawingTests.openers {
            var state = Fixture.state()
            state.panel = panel
            if let opener { _ = state.handle(opener, Fixture.dashboard, rows: 10, now: 0) }
            for (rows, columns) in DrawingTests.sizes {
                let canvas = state.draw(Fixture.dashboard, rows: rows, columns: columns)
                #expect(canvas.rows == rows && canvas.columns == columns)
                for row in 0..<rows {
                    for scalar in canvas.text(row: row).unicodeScalars where displayWidth(scalar) == 0 {
                        Issue.record("U+\(String(scalar.value, radix: 16)) at \(columns)x\(rows), line \(row)")
                        return
                    }
                }
            }
        }
    }

    @Test func aSizeOfNothingIsDrawnToo() {
        var state = Fixture.state()
        #expect(state.draw(Fixture.dashboard, rows: 0, columns: 0).rows == 1)
        #expect(state.draw(Fixture.dashboard, rows: -3, columns: 80).columns == 80)
    }

    @Test func everyGlyphThatPanelsDrawHasAStandInOfAscii() {
        var seen: Set<Unicode.Scalar> = []
        for panel in DashboardState.Panel.allCases {
            for opener in DrawingTests.openers {
                var state = Fixture.state { $0.tree = true }
                state.panel = panel
                if let opener { _ = state.handle(opener, Fixture.dashboard, rows: 10, now: 0) }
                let canvas = state.draw(Fixture.dashboard, rows: 60, columns: 200)
                for row in 0..<60 { seen.formUnion(canvas.text(row: row).unicodeScalars) }
            }
        }
        // Letters of other scripts have no stand-in: they come from the processes.
        let lost = seen.filter { $0.value > 127 && !$0.properties.isAlphabetic && asciiGlyph($0.value) == 63 }
        #expect(lost == [])
        #expect(seen.contains("│") && seen.contains("█"))
    }

    @Test func colourIsNeverTheOnlyMark() {
        var state = Fixture.state { $0.theme = .mono }
        state.tags = [Fixture.identity(1202), Fixture.worker]
        state.panel = .processes
        state.isZoomed = true
        let canvas = state.draw(Fixture.dashboard, rows: 24, columns: 80)
        let lines = (0..<24).map { canvas.text(row: $0) }
        #expect(lines.contains { $0.hasPrefix("◆") && $0.contains(" 1201 ") }, "the selected row, tagged too")
        #expect(lines.contains { $0.hasPrefix("*") && $0.contains(" 1202 ") }, "a tagged row")
        #expect(lines.contains { $0.contains("✝") && $0.contains(" 2200 ") }, "a row that ended")
        #expect(lines.contains { $0.contains("CPU%↓") || $0.contains("CPU↓") }, "the column sorted by")
    }

    @Test func whatIsNotKnownIsAPointAndNeverANought() {
        var state = Fixture.state()
        state.selection = Fixture.identity(3000)
        state.setFilter("vault", Fixture.dashboard)
        let canvas = state.draw(Fixture.dashboard, rows: 24, columns: 160)
        let line = (0..<24).map { canvas.text(row: $0) }.first { $0.contains(" 3000 ") } ?? ""
        // user, CPU%, run queue, both switches, both faults, read, write and files.
        #expect(line.filter { $0 == "·" }.count == 10, "\(line)")
        #expect(!line.contains(" 0.0 "))
    }

    @Test func aNarrowScreenStillSaysWhatAProcessIs() {
        for columns in 60...200 {
            var state = Fixture.state()
            let canvas = state.draw(Fixture.dashboard, rows: 24, columns: columns)
            let lines = (0..<24).map { canvas.text(row: $0) }
            #expect(lines.contains { $0.hasPrefix("▸") && $0.contains("gunicorn: work") }, "\(columns) columns")
            #expect(lines.contains { $0.contains("CPU%↓") }, "\(columns) columns")
        }
    }

    @Test func columnsThatGaveWayComeBackWithTheArrow() {
        var state = Fixture.state()
        let first = state.draw(Fixture.dashboard, rows: 24, columns: 80)
        #expect(!(0..<24).contains { first.text(row: $0).contains("WR/s") })
        for _ in 0..<4 { _ = state.handle(.right, Fixture.dashboard, rows: 10, now: 0) }
        let second = state.draw(Fixture.dashboard, rows: 24, columns: 80)
        #expect((0..<24).contains { second.text(row: $0).contains("WR/s") && second.text(row: $0).contains("PID") })
        for _ in 0..<4 { _ = state.handle(.left, Fixture.dashboard, rows: 10, now: 0) }
        #expect(state.draw(Fixture.dashboard, rows: 24, columns: 80) == first)
    }

    @Test(arguments: [80, 120, 200])
    func theHeaderHasTheRatesAndThePressureWhole(_ columns: Int) {
        var dashboard = Fixture.dashboard
        dashboard.host?.ioPressure = PressureShares(some: 88.8, full: 77.7)
        var state = Fixture.state()
        let canvas = state.draw(dashboard, rows: columns == 80 ? 24 : 60, columns: columns)
        let header = (0..<3).map { canvas.text(row: $0) }.joined(separator: "\n")
        for text in ["shop-3", "load 2.3", columns == 80 ? "i89" : "io 88.8", "5.00G/8.00G", "4.20K", "18.4k", "fork"] {
            #expect(header.contains(text), "\(text) is missing in\n\(header)")
        }
        #expect(header.contains(columns == 80 ? "1R 1D 1Z 1T" : "14 procs 29 thr  1R 1D"), "\(header)")
    }
}
