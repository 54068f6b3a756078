internal import Model
internal import Cells
internal import Glibc
internal import Linux
internal import Profiles

/// One line on standard error that tells how a recording goes, where that is a terminal.
struct RecordProgress {
    private let seconds: Double?
    private let isShown = isatty(2) == 1
    private var nextNanoseconds: UInt64 = 0

    init(seconds: Double?) {
        self.seconds = seconds
    }

    /// Shows where the recording is, four times a second.
    mutating func show(_ statistics: RecordingStatistics) {
        guard isShown, statistics.elapsedNanoseconds >= nextNanoseconds else { return }
        nextNanoseconds = statistics.elapsedNanoseconds + 250_000_000
        let now = NumberText.fixed(Double(statistics.elapsedNanoseconds) / 1e9, 1)
        let time = seconds.map { "\(now) of \(NumberText.fixed($0, 1)) s" } ?? "\(now) s, ^C ends"
        Output.errorInPlace("recording: \(time), \(RecordProgress.counts(statistics))")
    }

    /// Takes the line away.
    func clear() {
        if isShown { Output.errorInPlace("") }
    }

    /// The last word on a recording.
    static func summary(_ statistics: RecordingStatistics, _ path: String) -> String {
        let place = path == "-" ? "standard output" : visible(path)
        let seconds = NumberText.fixed(Double(statistics.elapsedNanoseconds) / 1e9, 1)
        return "\(place): \(seconds) s, \(counts(statistics))"
    }

    private static func counts(_ statistics: RecordingStatistics) -> String {
        let achieved = statistics.achievedHz.map { NumberText.fixed($0, $0 < 100 ? 1 : 0) } ?? "·"
        var parts = [
            counted(statistics.samples, "sample"), "\(achieved) of \(NumberText.fixed(statistics.askedHz, 0)) Hz",
        ]
        if statistics.missedRounds > 0 { parts.append(counted(statistics.missedRounds, "round") + " missed") }
        if statistics.stops > 0 {
            let mean = statistics.stoppedNanoseconds / statistics.stops / 1000
            parts.append(counted(statistics.stops, "stop") + " of \(mean) µs")
        }
        if statistics.torn > 0 { parts.append("\(statistics.torn) lost") }
        if statistics.nativeMissing > 0 { parts.append("\(statistics.nativeMissing) without machine code") }
        if statistics.errors > 0 { parts.append(counted(statistics.errors, "error")) }
        return parts.joined(separator: ", ")
    }

    private static func counted(_ number: UInt64, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
