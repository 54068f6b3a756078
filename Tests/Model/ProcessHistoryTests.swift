import Model
import Testing

@Suite struct ProcessHistoryTests {
    /// A machine that invents tables: processes begin, change, end, and their pids are used again.
    private struct Inventor {
        var state: UInt64
        var processes: [ProcessRow] = []
        var texts: [ProcessIdentity: ProcessTexts] = [:]
        var step = 0

        init(seed: UInt64) { state = seed }

        mutating func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }

        mutating func next() -> (ProcessTable, HostSnapshot) {
            step += 1
            for _ in 0..<3 where random(2) == 0 { begin() }
            for index in processes.indices.reversed() where random(12) == 0 {
                if processes[index].hasEnded || random(2) == 0 {
                    texts[processes[index].identity] = nil
                    processes.remove(at: index)
                } else {
                    processes[index].ending = ProcessEnding(
                        code: 1, signal: nil, nanoseconds: 5, lifetimeNanoseconds: 9)
                    processes[index].rates = nil
                }
            }
            for index in processes.indices where random(3) == 0 { change(index) }
            processes.sort { left, right in
                left.threadGroup != right.threadGroup
                    ? left.threadGroup < right.threadGroup
                    : left.isThread != right.isThread
                        ? right.isThread
                        : left.pid != right.pid
                            ? left.pid < right.pid : left.identity.startTicks < right.identity.startTicks
            }
            var table = makeTable(processes, at: 1_000 + Double(step) * 2)
            table.texts = texts
            table.portOwners = step % 5 == 0 ? [80: [Int32(step)]] : [:]
            table.cost.filesRead = step
            var host = HostSnapshot()
            host.uptimeSeconds = Double(step)
            host.processors = Array(repeating: CPUShares(), count: step % 3)
            return (table, host)
        }

        private mutating func begin() {
            let pid = Int32(random(20) + 1)
            // Only a pid whose last owner has ended is given out again.
            if processes.contains(where: { $0.pid == pid && !$0.hasEnded }) { return }
            var row = makeRow(pid, parent: Int32(random(20)), start: UInt64(step))
            if random(4) == 0, let leader = processes.first(where: { !$0.isThread && !$0.hasEnded }) {
                row.threadGroup = leader.pid
                row.traits.insert(.thread)
            }
            if processes.contains(where: { $0.identity == row.identity }) { return }
            processes.append(row)
            var text = ProcessTexts()
            text.arguments = "program \(step)"
            if random(2) == 0 { texts[row.identity] = text }
        }

        private mutating func change(_ index: Int) {
            let value = Int32(random(100))
            switch random(22) {
            case 0: processes[index].state = UInt8(value)
            case 1: processes[index].parent = value
            case 2: processes[index].userID = UInt32(value)
            case 3: processes[index].traits.formSymmetricDifference(.kernel)
            case 4: processes[index].name = InlineText("name \(value)")
            case 5: processes[index].processGroup = value
            case 6: processes[index].session = value
            case 7: processes[index].terminal = value
            case 8: processes[index].foregroundGroup = value
            case 9: processes[index].priority = value
            case 10: processes[index].nice = value
            case 11: processes[index].threads = value
            case 12: processes[index].processor = value
            case 13: processes[index].realtimePriority = UInt32(value)
            case 14: processes[index].policy = UInt32(value)
            case 15: processes[index].counters.childMajorFaults += UInt64(value)
            case 16: processes[index].virtualBytes = UInt64(value)
            case 17: processes[index].residentBytes = UInt64(value)
            case 18: processes[index].rates = value % 3 == 0 ? nil : rates(value)
            case 19: processes[index].extras.systemCall = value
            case 20: texts[processes[index].identity]?.waitChannel = "wait \(value)"
            default: texts[processes[index].identity] = value % 2 == 0 ? nil : ProcessTexts()
            }
        }

        private mutating func rates(_ value: Int32) -> ProcessRates {
            var rates = idleRates()
            switch random(8) {
            case 0: rates.cpuPercent = Double(value)
            case 1: rates.minorFaults = Double(value)
            case 2: rates.swapInPercent = Double(value)
            case 3: rates.blockIOPercent = Double(value)
            case 4: rates.userPercent = Double(value)
            case 5: rates.readBytes = Double(value)
            case 6: rates.voluntarySwitches = 0
            default: rates.residentBytes = -Double(value)
            }
            return rates
        }
    }

    /// Everything of a row but the time at which it was read.
    private func facts(_ row: ProcessRow) -> String {
        var row = row
        row.readNanoseconds = 0
        row.rates?.elapsedSeconds = 0
        let name = row.name.text
        row.name = InlineText()
        var text = name
        for child in Mirror(reflecting: row).children where child.label != "name" {
            text += " \(child.label ?? ""):\(child.value)"
        }
        return text
    }

    private func expectSame(_ left: ProcessTable, _ right: ProcessTable, _ comment: String) {
        #expect(left.rows.map(facts) == right.rows.map(facts), "\(comment)")
        #expect(left.texts == right.texts && left.userNames == right.userNames, "\(comment)")
        #expect(left.realtimeSeconds == right.realtimeSeconds && left.nanoseconds == right.nanoseconds, "\(comment)")
        #expect(
            left.portOwners == right.portOwners && left.cost == right.cost && left.scale == right.scale, "\(comment)")
    }

    @Test("A reading right after the first one completes it and is no step of its own")
    func supplement() throws {
        var history = ProcessHistory()
        for seconds in [1_000, 1_000.02, 1_001, 1_001.1] {
            history.append(makeTable([makeRow(1), makeRow(2)], at: seconds), host: nil)
        }
        #expect(history.depth == 2)
        let (oldest, _) = try #require(history.table(back: 2))
        #expect(oldest.realtimeSeconds == 1_000.02)
    }

    @Test("Every step back is the table that was", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func rebuilds(seed: UInt64) throws {
        var inventor = Inventor(seed: seed)
        var history = ProcessHistory(byteLimit: 1 << 30, secondsLimit: 1e6)
        var tables: [(ProcessTable, HostSnapshot)] = []
        for _ in 0..<300 {
            let (table, host) = inventor.next()
            tables.append((table, host))
            history.append(table, host: host)
        }
        #expect(history.depth == 299 && history.spanSeconds == 598)
        for back in 0...299 {
            let (table, host) = try #require(history.table(back: back))
            let (truth, hostTruth) = tables[299 - back]
            expectSame(table, truth, "\(back) steps back")
            #expect(host?.uptimeSeconds == hostTruth.uptimeSeconds && host?.processors == hostTruth.processors)
        }
        #expect(history.table(back: 300)?.0.rows.count == nil && history.table(back: -1)?.0.rows.count == nil)
    }

    @Test("The trail of a process is what the tables said of it", arguments: [6, 7, 8] as [UInt64])
    func follows(seed: UInt64) throws {
        var inventor = Inventor(seed: seed)
        var history = ProcessHistory()
        var tables: [ProcessTable] = []
        for _ in 0..<60 {
            let (table, host) = inventor.next()
            history.append(table, host: host)
            tables.append(table)
        }
        let everybody = Set(tables.flatMap { $0.rows.map(\.identity) })
        #expect(everybody.count > 20)
        for identity in everybody {
            let trail = history.trail(of: identity).map { "\($0.seconds) " + facts($0.row) }
            let told = tables.compactMap { table in
                table.index(of: identity).map { "\(table.realtimeSeconds) " + facts(table.rows[$0]) }
            }
            #expect(trail == told)
        }
    }

    @Test func nothingIsHeldBeforeTheFirstTable() {
        let history = ProcessHistory()
        #expect(history.depth == 0 && history.bytes == 0 && history.spanSeconds == 0 && history.stepsBack(to: 5) == 0)
        #expect(history.table(back: 0)?.0.rows.count == nil)
    }

    @Test(
        "A history without room for all steps gets coarser and loses neither its span nor the truth",
        arguments: [9, 10])
    func coarsens(seed: UInt64) throws {
        var inventor = Inventor(seed: seed)
        var history = ProcessHistory(byteLimit: 400_000, secondsLimit: 1_800)
        var tables: [Double: ProcessTable] = [:]
        for _ in 0..<2_000 {
            let (table, host) = inventor.next()
            tables[table.realtimeSeconds] = table
            history.append(table, host: host)
            #expect(history.bytes <= 400_000)
        }
        // Nine hundred steps of two seconds, of which the bytes hold only some.
        #expect(history.depth > 12 && history.depth < 850 && history.spanSeconds > 900)
        var moments: [Double] = []
        for back in 0...history.depth {
            let (table, host) = try #require(history.table(back: back))
            expectSame(table, try #require(tables[table.realtimeSeconds]), "\(back) steps back")
            #expect(host?.uptimeSeconds == (table.realtimeSeconds - 1_000) / 2)
            moments.append(table.realtimeSeconds)
        }
        #expect(zip(moments, moments.dropFirst()).allSatisfy { $0 > $1 })
        // What is long ago is coarse, what was a moment ago is not.
        #expect(moments[0] - moments[3] == 6)
        #expect(history.table(back: history.depth + 1)?.0.rows.count == nil)
    }

    @Test func aStormOfShortLivesDoesNotEndTheHistory() {
        var history = ProcessHistory(byteLimit: 2 << 20, secondsLimit: 300)
        for step in 0..<400 {
            // Forty processes a second that nobody meets twice, each a row for three seconds.
            let rows = (0..<120).map { makeRow(Int32(step * 40 + $0 + 1)) }
            history.append(makeTable(rows, at: Double(step)), host: nil)
        }
        #expect(history.spanSeconds > 200 && history.bytes <= 2 << 20 && history.depth > 10)
    }

    @Test func textsCountAsWell() {
        var history = ProcessHistory(byteLimit: 1 << 20, secondsLimit: 1e6)
        for step in 0..<200 {
            let row = makeRow(1, start: UInt64(step))
            var table = makeTable([row], at: Double(step))
            var texts = ProcessTexts()
            texts.arguments = String(repeating: "a", count: 100_000)
            table.texts = [row.identity: texts]
            history.append(table, host: nil)
            #expect(history.bytes <= 1 << 20)
        }
        // A hundred kilobytes a step: some ten of them are a megabyte.
        #expect((1...11).contains(history.depth))
        let held = (0...history.depth).compactMap {
            history.table(back: $0)?.0.texts.values.first?.arguments?.utf8.count
        }
        #expect(held.count == history.depth + 1 && held.allSatisfy { $0 == 100_000 })
    }

    @Test func aTextThatStaysCostsNothing() {
        let rows = (1...100).map { makeRow(Int32($0)) }
        var texts: [ProcessIdentity: ProcessTexts] = [:]
        for row in rows {
            var text = ProcessTexts()
            text.arguments = String(repeating: "a", count: 1_000)
            texts[row.identity] = text
        }
        var history = ProcessHistory()
        for step in 0..<100 {
            var table = makeTable(rows, at: Double(step))
            table.texts = texts
            history.append(table, host: nil)
        }
        // A host where nothing happens: a hundred steps cost less than one table.
        #expect(history.depth == 99 && history.bytes < 100_000)
    }

    @Test func theOldestStepsGoWithTheirAge() {
        var history = ProcessHistory(byteLimit: 1 << 30, secondsLimit: 60)
        for step in 0..<1_000 {
            history.append(makeTable([makeRow(1) { $0.nice = Int32(step % 40) }], at: Double(step) * 2), host: nil)
        }
        #expect(history.depth == 30 && history.spanSeconds == 60)
        #expect(history.table(back: 30)?.0.rows.first?.nice == Int32((999 - 30) % 40))
        // After a pause in which nothing was sampled, only what is young enough is left.
        history.append(makeTable([makeRow(1)], at: 10_000), host: nil)
        #expect(history.depth == 0 && history.spanSeconds == 0)
    }

    @Test func aStepLargerThanTheLimitIsNotKept() {
        var history = ProcessHistory(byteLimit: 100, secondsLimit: 60)
        for step in 0..<5 { history.append(makeTable([makeRow(Int32(step + 1))], at: Double(step)), host: nil) }
        #expect(history.depth == 0 && history.bytes == 0 && history.table(back: 0)?.0.rows.first?.pid == 5)
    }

    @Test func theStepToAMomentIsTheLastThatIsNotYounger() {
        var history = ProcessHistory()
        for step in 0..<10 { history.append(makeTable([], at: 100 + Double(step) * 10), host: nil) }
        #expect(history.stepsBack(to: 190) == 0 && history.stepsBack(to: 1e9) == 0)
        #expect(history.stepsBack(to: 189) == 1 && history.stepsBack(to: 180) == 1 && history.stepsBack(to: 179.5) == 2)
        #expect(history.stepsBack(to: 100) == 9 && history.stepsBack(to: 0) == 9)
    }

    /// A history from 22:03:20 to 22:14:20 local time, two hours ahead of UTC.
    private var evening: ProcessHistory {
        var history = ProcessHistory()
        for step in 0...66 {
            var table = makeTable([], at: 20_000 * 86400 + 20 * 3600 + 200 + Double(step) * 10)
            table.scale.offsetSeconds = 7200
            history.append(table, host: nil)
        }
        return history
    }

    @Test(arguments: [(22 * 60 + 14, 2), (22 * 60 + 4, 62), (22 * 60 + 10, 26)])
    func aTimeOfDayIsFound(_ minutes: Int, _ steps: Int) {
        let found = evening.stepsBack(toTimeOfDay: minutes)
        #expect(found.count == steps && found.note == nil)
    }

    @Test(arguments: [
        (22 * 60 + 3, "22:03 is before the history, which begins at 22:03:20"),
        (0, "00:00 is before the history, which begins at 22:03:20"),
        // What is yet to come today was yesterday.
        (23 * 60 + 59, "23:59 yesterday is before the history, which begins at 22:03:20"),
    ])
    func aTimeOfDayBeforeTheHistoryIsItsBeginAndSaid(_ minutes: Int, _ note: String) {
        let found = evening.stepsBack(toTimeOfDay: minutes)
        #expect(found.count == 66 && found.note == note)
    }

    @Test func withoutAHistoryNoTimeOfDayIsFound() {
        let found = ProcessHistory().stepsBack(toTimeOfDay: 600)
        #expect(found.count == 0 && found.note == "there is no history yet")
    }
}
