import Model
import Testing

@Suite struct SubtreeSumTests {
    /// A row in which every amount that can be added is `amount`.
    private func full(_ pid: Int32, parent: Int32, _ amount: UInt64) -> ProcessRow {
        makeRow(pid, parent: parent) { row in
            row.residentBytes = amount
            row.virtualBytes = amount
            row.threads = Int32(amount)
            row.counters = counters(amount)
            row.rates = rates(Double(amount))
            row.extras.openFiles = Int32(amount)
            row.extras.io = IOCounters(
                readCharacters: amount, writtenCharacters: amount, readCalls: amount, writeCalls: amount,
                readBytes: amount, writtenBytes: amount, cancelledBytes: amount)
            row.extras.sizes = MemorySizes(sharedBytes: amount, textBytes: amount, dataBytes: amount)
            row.extras.shares = MemoryShares(
                proportionalBytes: amount, uniqueBytes: amount, swapBytes: amount, proportionalSwapBytes: amount)
        }
    }

    private func counters(_ amount: UInt64) -> ProcessCounters {
        var counters = ProcessCounters()
        for field in [
            \ProcessCounters.minorFaults, \.childMinorFaults, \.majorFaults, \.childMajorFaults, \.userTicks,
            \.systemTicks,
            \.childUserTicks, \.childSystemTicks,
        ] {
            counters[keyPath: field] = amount
        }
        return counters
    }

    private func rates(_ amount: Double) -> ProcessRates {
        var rates = idleRates()
        for field in [
            \ProcessRates.cpuPercent, \.userPercent, \.systemPercent, \.minorFaults, \.majorFaults, \.residentBytes,
        ] {
            rates[keyPath: field] = amount
        }
        for field in [
            \ProcessRates.voluntarySwitches, \.involuntarySwitches, \.runQueuePercent, \.blockIOPercent,
            \.swapInPercent,
            \.readBytes, \.writtenBytes,
        ] {
            rates[keyPath: field] = amount
        }
        return rates
    }

    @Test func aFoldedRowIsTheSumOfAllBelowIt() {
        let table = makeTable([
            full(1, parent: 0, 1), full(2, parent: 1, 10), full(3, parent: 2, 100), full(4, parent: 0, 1_000),
        ])
        let (sum, whole) = (table.subtreeSum(of: 0), full(1, parent: 0, 111))
        #expect(sum.identity == whole.identity && sum.threads == 111)
        #expect(sum.residentBytes == 111 && sum.virtualBytes == 111)
        #expect(sum.counters == whole.counters && sum.rates == whole.rates)
        #expect(sum.extras == whole.extras)
        #expect(table.subtrees(of: [1]) == [1, 2] && table.subtrees(of: [3]) == [3])
        #expect(table.subtreeSum(of: 3).counters == counters(1_000))
    }

    @Test func everyColumnOfAFoldedRowIsTheSumOrTheRowsOwn() {
        let table = makeTable([full(1, parent: 0, 1), full(2, parent: 1, 10)])
        let sum = table.subtreeSum(of: 0)
        for column in Column.all where column.alignment == .right {
            guard let own = column.value(table.rows[0], table).magnitude,
                let below = column.value(table.rows[1], table).magnitude, own != 0, own * 10 == below
            else { continue }
            guard let shown = column.value(sum, table).magnitude else {
                Issue.record("\(column.name) is absent")
                continue
            }
            #expect(abs(shown - own * 11) < 1e-9, "\(column.name)")
        }
    }

    @Test func whatHasEndedOrIsAThreadIsNotCounted() {
        var ended = full(2, parent: 1, 10)
        ended.ending = ProcessEnding(code: 0, signal: nil, nanoseconds: 1, lifetimeNanoseconds: nil)
        var thread = full(5, parent: 0, 1_000)
        thread.traits.insert(.thread)
        thread.threadGroup = 1
        let table = makeTable([full(1, parent: 0, 1), thread, ended, full(3, parent: 2, 100)])
        #expect(table.subtreeSum(of: 0).residentBytes == 101)
        #expect(table.sum(of: table.rows.indices)?.residentBytes == 101)
        #expect(table.sum(of: [1, 2]).map(\.pid) == nil && table.sum(of: []).map(\.pid) == nil)
    }

    @Test func whatOneDoesNotKnowIsLeftOutOfTheSum() {
        var unknown = makeRow(2, parent: 1)
        unknown.rates = idleRates()
        for rows in [[full(1, parent: 0, 7), unknown], [makeRow(1), full(2, parent: 1, 7)]] {
            let sum = makeTable(rows).subtreeSum(of: 0)
            #expect(sum.extras.openFiles == 7 && sum.extras.io?.readBytes == 7 && sum.rates?.voluntarySwitches == 7)
        }
        let nothing = makeTable([makeRow(1), makeRow(2, parent: 1)]).subtreeSum(of: 0)
        #expect(nothing.extras == ProcessExtras() && nothing.rates == nil)
    }
}
