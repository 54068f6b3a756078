import Model
import Testing

@Suite struct SteadyKeysTests {
    private let byCPU = OrderRequest(column: column("cpu"), descending: true)

    private func table(_ loads: [Double]) -> ProcessTable {
        makeTable(
            loads.enumerated().map { place, load in
                makeRow(Int32(place + 1)) {
                    $0.rates = idleRates()
                    $0.rates?.cpuPercent = load
                }
            })
    }

    private func pids(_ loads: [Double], _ keys: inout SteadyKeys) -> [Int32] {
        let table = table(loads)
        return table.order(byCPU, keeping: &keys).entries.map { table.rows[Int($0.row)].pid }
    }

    @Test func theFirstTableIsInTheOrderOfItsValues() {
        var keys = SteadyKeys()
        #expect(pids([1.0, 1.4, 1.2], &keys) == [2, 3, 1])
    }

    @Test func nearEqualsKeepTheirPlaces() {
        var keys = SteadyKeys()
        #expect(pids([3.0, 2.6, 40], &keys) == [3, 1, 2])
        #expect(pids([2.5, 3.1, 44], &keys) == [3, 1, 2])
        #expect(pids([2.1, 3.5, 36], &keys) == [3, 1, 2])
    }

    @Test func aPeakOfOneReadingMovesNobody() {
        var keys = SteadyKeys()
        #expect(pids([4, 2, 0.5], &keys) == [1, 2, 3])
        #expect(pids([4, 2, 9], &keys) == [1, 2, 3])
        #expect(pids([4, 2, 0.5], &keys) == [1, 2, 3])
        #expect(pids([4, 2, 9], &keys) == [1, 2, 3])
    }

    @Test func whatLastsMovesWithTheSecondReading() {
        var keys = SteadyKeys()
        #expect(pids([4, 2, 0], &keys) == [1, 2, 3])
        #expect(pids([4, 2, 8], &keys) == [1, 2, 3])
        #expect(pids([4, 2, 8], &keys) == [3, 1, 2])
        #expect(pids([4, 2, 0], &keys) == [3, 1, 2])
        #expect(pids([4, 2, 0], &keys) == [1, 2, 3])
    }

    @Test func whatIsFarMovesAtOnce() {
        var keys = SteadyKeys()
        #expect(pids([20, 2, 0], &keys) == [1, 2, 3])
        #expect(pids([20, 2, 95], &keys) == [3, 1, 2])
        #expect(pids([20, 2, 0], &keys) == [1, 2, 3])
    }

    @Test func columnsThatAreNoRatesAreSortedExactly() {
        var keys = SteadyKeys()
        let request = OrderRequest(column: column("res"), descending: true)
        for (sizes, expected) in [([4096, 4097], [2, 1]), ([4098, 4097], [1, 2])] as [([UInt64], [Int32])] {
            let table = makeTable(
                sizes.enumerated().map { place, size in
                    makeRow(Int32(place + 1)) { $0.residentBytes = size }
                })
            let order = table.order(request, keeping: &keys)
            #expect(order.entries.map { table.rows[Int($0.row)].pid } == expected)
        }
    }
}
