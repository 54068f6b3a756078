import Testing

@testable import Panels

@Suite struct TrendsTests {
    private func series(_ readings: [(Double?, Double)]) -> [Double?] {
        var series = Trends.Series()
        for (value, seconds) in readings { series.append(value, at: seconds) }
        return series.values
    }

    @Test func aStretchShowsItsPeak() {
        #expect(series([(1, 0), (9, 1), (2, 4.9), (3, 5), (nil, 6)]) == [9, 3])
    }

    @Test func whatWasNotKnownIsNoZeroAndTimeThatNobodySawIsLeftOut() {
        #expect(series([(nil, 0), (4, 10), (nil, 15)]) == [nil, nil, 4, nil])
    }

    @Test func aClockThatWasSetBackAddsToTheNewestStretch() {
        #expect(series([(1, 100), (7, 3)]) == [7])
    }

    @Test func itHoldsFifteenMinutesHoweverLongItWasNotLookedAt() {
        #expect(series([(1, 0), (2, 1e9)]).count == 180)
        #expect(series((0..<1000).map { (Double($0), Double($0) * Trends.Series.stretchSeconds) }).last == 999)
    }
}
