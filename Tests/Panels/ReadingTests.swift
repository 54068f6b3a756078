import Cells
import Model
import Panels
import PythonInspection
import Testing

/// Lines of the screen.
private func lines(_ state: DashboardState, _ dashboard: Dashboard = Fixture.dashboard, _ rows: Int, _ columns: Int)
    -> [String]
{
    var state = state
    let canvas = state.draw(dashboard, rows: rows, columns: columns)
    return (0..<rows).map { canvas.text(row: $0) }
}

/// What makes the screen easy to read: gaps, whole words, numbers that stay in their place.
struct ReadingTests {
    @Test func panelsBesideEachOtherHaveALineBetweenTheirTitles() throws {
        let title = try #require(lines(Fixture.state(), Fixture.dashboard, 40, 120).first { $0.contains("─ 4 Stacks") })
        #expect(title.contains("─┬─ 4 Stacks ─"), "\(title)")
        #expect(title.hasPrefix("─ 2 Details  1201 gunicorn: worker"), "\(title)")
        let wide = lines(Fixture.state(), Fixture.dashboard, 60, 200)
        #expect(wide.contains { $0.contains("─┼─ 3 Threads ─") }, "\(wide.filter { $0.contains("Threads") })")
    }

    @Test func delaysAndTheTasksOfTheUserStandInTheDetails() throws {
        var dashboard = Fixture.dashboard
        let index = try #require(dashboard.table.index(of: Fixture.worker))
        var before = dashboard.table.rows[index]
        before.extras.delays = DelayCounters(blockIONanoseconds: 0, swapInNanoseconds: 0)
        var now = before
        now.readNanoseconds += 1_000_000_000
        now.extras.delays = DelayCounters(blockIONanoseconds: 250_000_000, swapInNanoseconds: 20_000_000)
        now.rates = ProcessRates(from: before, to: now, ticksPerSecond: 100)
        dashboard.table.rows[index] = now
        dashboard.details?.limits.append(
            LimitUse(name: "processes", soft: 100, hard: 200, used: nil, isBytes: false))
        var state = Fixture.state()
        state.panel = .details
        state.isZoomed = true
        let text = lines(state, dashboard, 70, 120).joined(separator: "\n")
        #expect(text.contains("block I/O  25.0%  swap   2.0%"), "\(text)")
        // User 33: a master of one thread and three workers of six.
        #expect(text.contains("processes: 19 of 100 (hard 200)"), "\(text)")
    }

    @Test func aTitleThatIsTooLongIsCutWithAMarkAndKeepsItsDistance() throws {
        var dashboard = Fixture.dashboard
        dashboard.table.texts[Fixture.worker]?.arguments = String(repeating: "word ", count: 60)
        for columns in 110...200 {
            let title = try #require(
                lines(Fixture.state(), dashboard, 45, columns).first { $0.contains("─ 2 Details") })
            #expect(title.contains("…  1-") || title.contains("… ─"), "\(columns): \(title)")
            #expect(!title.contains("wor4") && !title.contains("d┬"), "\(columns): \(title)")
        }
    }

    @Test func aPanelThatIsLongerThanItsRoomSaysWhichLinesAreInView() {
        var state = Fixture.state()
        state.panel = .details
        #expect(lines(state, Fixture.dashboard, 24, 80).contains { $0.contains(" 1-7 of ") })
        for _ in 0..<200 { _ = state.handle(.down, Fixture.dashboard, rows: 10, now: 0) }
        _ = state.draw(Fixture.dashboard, rows: 24, columns: 80)
        let end = state.panelOffset
        #expect(end > 0 && end < 60)
        // What was pressed past the end is not owed.
        _ = state.handle(.up, Fixture.dashboard, rows: 10, now: 0)
        #expect(state.panelOffset == end - 1)
    }

    @Test(arguments: [80, 120, 200])
    func labelsStandApartFromTheirNumbers(_ columns: Int) {
        var dashboard = Fixture.dashboard
        var before = HostCounters(), now = HostCounters()
        (before.faults, before.majorFaults, before.diskReadBytes, before.receivedBytes) = (0, 0, 0, 0)
        (before.diskWrittenBytes, before.transmittedBytes) = (0, 0)
        (now.switches, now.forks, now.faults, now.majorFaults) = (1830, 1830, 3660, 1830)
        (now.diskReadBytes, now.receivedBytes, now.diskWrittenBytes, now.transmittedBytes) = (
            16384, 16384, 16384, 16384
        )
        dashboard.host?.rates = HostRates(from: before, to: now, seconds: 1)
        let rows = columns == 80 ? 24 : 60
        let header = lines(Fixture.state(), dashboard, rows, columns).prefix(3).joined(separator: "\n")
        for label in ["r 16.0K", "w 16.0K", "maj 1.83k"] { #expect(header.contains(label), "\(label) in\n\(header)") }
        #expect(header.contains(columns == 80 ? "minf 1.83k" : "min 1.83k"), "\(header)")
        #expect(header.contains(columns == 80 ? "csw 1.83k fork 1.83k" : "csw/s 1.83k  fork/s 1.83k"), "\(header)")
    }

    @Test(arguments: [80, 120, 200])
    func numbersOfTheHeaderKeepTheirPlaceWhateverTheyAre(_ columns: Int) {
        func header(_ busy: UInt64, _ used: UInt64, _ pressure: Double, _ amount: UInt64) -> [String] {
            var dashboard = Fixture.dashboard
            var ticks = CPUTicks()
            (ticks.user, ticks.idle) = (busy, 100 - busy)
            dashboard.host?.total = CPUShares(from: CPUTicks(), to: ticks)
            dashboard.host?.memory = MemoryUse(
                totalBytes: 8 << 30, availableBytes: 8 << 30 - used, freeBytes: 0, buffersBytes: 0, cachedBytes: 0,
                swapTotalBytes: 2 << 30, swapFreeBytes: 2 << 30 - used / 4)
            dashboard.host?.ioPressure = PressureShares(some: pressure, full: pressure)
            var before = HostCounters(), now = HostCounters()
            (before.faults, before.majorFaults, before.diskReadBytes, before.receivedBytes) = (0, 0, 0, 0)
            (now.switches, now.forks, now.faults, now.majorFaults) = (amount, amount, amount, amount)
            (now.diskReadBytes, now.receivedBytes) = (amount, amount)
            dashboard.host?.rates = HostRates(from: before, to: now, seconds: 1)
            return Array(lines(Fixture.state(), dashboard, columns == 80 ? 24 : 60, columns).prefix(3))
        }
        func places(_ lines: [String]) -> [[Int]] {
            lines.map { line in
                let text = Array(line)
                return ["CPU ", "MEM ", "PSI", " us", " sy", "mem", "swp", "io ", "net", "maj", "csw", "fork"].map {
                    word in
                    text.indices.first { Array(text[$0...].prefix(word.count)) == Array(word) } ?? -1
                }
            }
        }
        let quiet = header(0, 900 << 10, 0, 0), busy = header(100, 7 << 30, 99, 123_456_789)
        #expect(places(quiet) == places(busy), "\(quiet)\n\(busy)")
    }

    @Test(arguments: [Theme.Name.standard, .mono, .highContrast])
    func aKeyAndWhatItDoesAreApartAndWhole(_ theme: Theme.Name) {
        for columns in 20...200 {
            let last = lines(Fixture.state { $0.theme = theme }, Fixture.dashboard, 24, columns)[23]
            #expect(last.hasPrefix("? Help  ") && last.hasSuffix("q Quit"), "\(columns): \(last)")
            for entry in last.split(separator: "  ") {
                #expect(entry.split(separator: " ").count == 2, "\(columns): \(entry)")
            }
        }
        let bar = lines(Fixture.state { $0.theme = theme }, Fixture.dashboard, 24, 80)[23]
        #expect(bar.contains("F6 Sort") && bar.contains("F9 Signal") && bar.contains("\\ Filter"), "\(bar)")
    }

    @Test(arguments: [80, 120, 200])
    func howItEndedStandsWhereItsNumbersWereAndItsNameWhereItWas(_ columns: Int) {
        var state = Fixture.state()
        state.isZoomed = true
        let screen = lines(state, Fixture.dashboard, 24, columns)
        let line = screen.first { $0.contains(" 2200 ") } ?? ""
        #expect(line.contains(" ✝ killed by SIGKILL after 4.20s  ") && line.hasSuffix(" make -j8 all"), "\(line)")
        let live = screen.first { $0.contains(" 2001 ") } ?? ""
        #expect(line.dropLast("make -j8 all".count).count == live.dropLast("-bash".count).count, "\(line)\n\(live)")
    }

    @Test func withoutNumbersInViewItStandsBehindTheName() {
        var state = Fixture.state { $0.columns = ["pid", "user", "command"] }
        state.isZoomed = true
        let line = lines(state, Fixture.dashboard, 24, 80).first { $0.contains(" 2200 ") } ?? ""
        #expect(line.hasSuffix("make -j8 all  killed by SIGKILL after 4.20s"), "\(line)")
    }

    @Test func namesOfThreadsThatDifferAtTheEndDifferOnTheScreen() {
        var dashboard = Fixture.dashboard
        dashboard.stacks = .snapshot(
            Fixture.worker, PythonVersion(major: 3, minor: 12, patch: 4),
            PythonSnapshot(
                threads: [(1201, "MainThread"), (1205, "ThreadPoolExecutor-0_0"), (1206, "ThreadPoolExecutor-0_13")]
                    .map { tid, name in
                        PythonThread(
                            tid: tid, pythonThreadId: tid, name: name, isMain: tid == 1201, state: .idle,
                            holdsGIL: false, frames: [])
                    }))
        var state = Fixture.state()
        press("3z", &state)
        let screen = lines(state, dashboard, 24, 80)
        for name in ["MainThread     ", "ThreadP…tor-0_0", "ThreadP…or-0_13"] {
            #expect(screen.contains { $0.contains(" \(name) ") }, "\(screen)")
        }
        press("j", &state, dashboard)
        press("j", &state, dashboard)
        _ = state.handle(.enter, dashboard, rows: 10, now: 0)
        #expect(lines(state, dashboard, 24, 120).contains { $0.contains("› thread 1205 ThreadPoolExecutor-0_0 ") })
    }

    @Test func whatEndedTooSoonToBeReadHasNoNumbers() {
        var dashboard = Fixture.dashboard
        let place = dashboard.table.rows.firstIndex { $0.pid == 2200 } ?? 0
        dashboard.table.rows[place].traits.insert(.shortLived)
        var state = Fixture.state()
        state.selection = Fixture.identity(2200)
        state.panel = .details
        let screen = lines(state, dashboard, 24, 80)
        #expect(screen.contains { $0.contains("━ 2 Details  2200 make -j8 all ━") }, "\(screen)")
        #expect(screen.contains { $0.contains("ended     killed by SIGKILL after 4.20s") }, "\(screen)")
        #expect(!screen.contains { $0.hasPrefix(" RSS") || $0.hasPrefix(" user") || $0.hasPrefix(" delays") })
    }

    @Test func aFoldedRowCountsProcessesAndNamesThreadsApart() {
        var dashboard = Fixture.dashboard
        for tid in [1207, 1208] as [Int32] {
            let place = dashboard.table.rows.firstIndex { $0.pid == 1202 } ?? 0
            dashboard.table.rows.insert(
                Fixture.thread(tid, of: dashboard.table.rows[place], "pool"), at: place + 1)
        }
        var state = Fixture.state { $0.tree = true }
        state.isZoomed = true
        state.collapsed = [Fixture.identity(1200)]
        state.reorder(dashboard.table)
        #expect(lines(state, dashboard, 24, 200).contains { $0.contains("(+3, 2 thr) gunicorn: master") })
        state.collapsed = [Fixture.identity(1202)]
        state.reorder(dashboard.table)
        #expect(lines(state, dashboard, 24, 200).contains { $0.contains("(2 thr) gunicorn: worker") })
    }

    @Test func theSumIsTheSameWhetherABranchIsFoldedOrNot() {
        var state = Fixture.state { $0.tree = true }
        state.isZoomed = true
        func sum() -> String { lines(state, Fixture.dashboard, 24, 200).first { $0.hasPrefix("Σ") } ?? "" }
        let open = sum()
        state.collapsed = [Fixture.identity(1200)]
        state.reorder(Fixture.table)
        #expect(sum() == open && open.contains("CPU%   125"))
    }

    @Test func theTableNamesTheProgramAndTheScriptWithoutTheirDirectories() {
        var dashboard = Fixture.dashboard
        dashboard.table.texts[Fixture.worker]?.arguments = "/srv/venv/bin/python3 /srv/venv/bin/gunicorn -w 3 /srv/x"
        var state = Fixture.state()
        state.isZoomed = true
        let line = lines(state, dashboard, 24, 160).first { $0.contains(" 1201 ") } ?? ""
        #expect(line.hasSuffix(" python3 gunicorn -w 3 /srv/x"), "\(line)")
    }

    @Test func numbersOfTheDetailsKeepTheirPlaceWhateverTheyAre() {
        func text(_ pressure: Double, _ bytes: UInt64, _ rate: Double) -> [String] {
            var dashboard = Fixture.dashboard
            var memory = MemorySplit()
            (memory.anonymousBytes, memory.fileBytes, memory.peakBytes) = (bytes, bytes, bytes)
            dashboard.details?.memory = memory
            dashboard.details?.cgroup?.cpuPressure = PressureShares(some: pressure, full: nil)
            dashboard.details?.cgroup?.memoryBytes = bytes
            dashboard.details?.cgroup?.throttledPerSecond = rate
            var state = Fixture.state()
            state.panel = .details
            state.isZoomed = true
            return lines(state, dashboard, 60, 160)
        }
        func places(_ lines: [String]) -> [[Int]] {
            lines.map { line in
                Array(line).indices.filter { $0 > 0 && Array(line)[$0].isLetter && Array(line)[$0 - 1] == " " }
            }
        }
        let quiet = text(0, 0, 0), busy = text(99.9, 412 << 20, 123_456)
        #expect(places(quiet) == places(busy), "\(quiet)\n\(busy)")
    }

    @Test func aLongLineOfTheDetailsGoesOnBelow() {
        var state = Fixture.state()
        state.panel = .details
        state.isZoomed = true
        let text = lines(state, Fixture.dashboard, 60, 60)
        #expect(
            text.contains { $0.contains("anon  380M") && !$0.hasSuffix("peak") }
                && text.contains { $0.contains("peak  455M") })
    }
}
