import Model
import PythonInspection
import Testing

@Suite struct StackReadingTests {
    private static let web = ProcessIdentity(pid: 7, startTicks: 100)
    private static let version = PythonVersion(major: 3, minor: 12, patch: 4)

    private static func snapshot(line: Int, of identity: ProcessIdentity = web) -> StackReading {
        let frame = PythonFrame(function: "view", qualifiedName: nil, file: "/srv/shop.py", line: line)
        let thread = PythonThread(
            tid: 7, pythonThreadId: 1, name: "MainThread", isMain: true, state: .idle, holdsGIL: false, frames: [frame])
        return .snapshot(identity, version, PythonSnapshot(threads: [thread]))
    }

    private static let readings: [(reading: StackReading, moves: Bool)] = [
        (snapshot(line: 1), true), (.snapshot(web, version, PythonSnapshot(threads: [])), true),
        (.unavailable(web, .notPython), false), (.unavailable(web, .memory(.unmapped)), false), (.ended(web), false),
    ]

    @Test func everyReadingIsOfTheProcessItWasAskedFor() {
        for (reading, _) in Self.readings { #expect(reading.identity == Self.web, "\(reading)") }
        #expect(StackReading.none.identity == nil)
    }

    @Test func onlyAnInterpreterThatCanBeReadIsWorthReadingOftener() {
        for (reading, moves) in Self.readings { #expect(reading.moves == moves, "\(reading)") }
        #expect(!StackReading.none.moves)
    }

    @Test func whatSaysTheSameIsNoNews() {
        for (place, first) in Self.readings.enumerated() {
            for (other, second) in Self.readings.enumerated() {
                #expect((first.reading == second.reading) == (place == other), "\(first) \(second)")
            }
            #expect(first.reading != .none)
        }
        // The same words about a process that got the same pid later, and the next line of the same function.
        let later = ProcessIdentity(pid: 7, startTicks: 101)
        #expect(StackReading.ended(later) != .ended(Self.web) && later.pid == Self.web.pid)
        #expect(StackReading.unavailable(later, .memory(.unmapped)) != .unavailable(Self.web, .memory(.unmapped)))
        #expect(Self.snapshot(line: 1, of: later) != Self.snapshot(line: 1))
        #expect(Self.snapshot(line: 1) == Self.snapshot(line: 1) && Self.snapshot(line: 1) != Self.snapshot(line: 2))
    }
}
