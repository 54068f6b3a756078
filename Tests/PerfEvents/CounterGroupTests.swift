import Testing

@testable import PerfEvents

struct CounterGroupTests {
    private func group() -> CounterGroup {
        var group = CounterGroup(leader: -1, first: .cycles)
        group.add(.instructions)
        return group
    }

    @Test func aGroupThatAlwaysRanIsNotScaled() {
        var group = group()
        group.absorb(enabled: 100, running: 100) { [10, 20][$0] }
        group.absorb(enabled: 250, running: 250) { [40, 90][$0] }
        #expect(group.totals[0] == 40 && group.totals[1] == 90)
        #expect(!group.multiplexed && !group.starved)
    }

    @Test func eachIntervalIsScaledByItself() {
        var group = group()
        group.absorb(enabled: 100, running: 100) { _ in 1000 }
        group.absorb(enabled: 200, running: 125) { _ in 1100 }
        #expect(group.totals[0] == 1400)
        #expect(group.multiplexed)
    }

    @Test func anIntervalWithoutTimeOnThePMUIsCarriedOver() {
        var group = group()
        group.absorb(enabled: 100, running: 100) { _ in 1000 }
        group.absorb(enabled: 200, running: 100) { _ in 1000 }
        #expect(group.totals[0] == 1000)
        group.absorb(enabled: 300, running: 150) { _ in 1500 }
        #expect(group.totals[0] == 3000)
    }

    @Test func aGroupThatNeverRanIsStarvedAndAnIdleThreadIsNot() {
        var group = group()
        group.absorb(enabled: 0, running: 0) { _ in 0 }
        #expect(!group.starved)
        group.absorb(enabled: 100, running: 0) { _ in 0 }
        #expect(group.starved)
    }

    @Test func nothingFallsOrOverflows() {
        var group = group()
        group.absorb(enabled: 100, running: 100) { _ in 1000 }
        group.absorb(enabled: 90, running: 120) { _ in 900 }
        #expect(group.totals[0] == 1000)
        group.absorb(enabled: .max, running: 130) { _ in .max }
        #expect(group.totals[0] >= 1000 || group.multiplexed)
    }
}
