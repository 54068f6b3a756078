public import Model
public import PythonInspection

/// How often a process's collector collected each generation, as series for sparklines. Unit: per second.
public struct CollectionTrends: Sendable {
    /// One series for each generation, the youngest first.
    public private(set) var series: [Trends.Series] = []
    private var identity: ProcessIdentity?
    private var counts: [Int?] = []
    private var seconds = 0.0

    /// No series has begun.
    public init() {}

    /// Adds a reading; another process begins anew. Time is in seconds on any clock that does not go back.
    public mutating func append(_ states: [CollectorState], of process: ProcessIdentity, at now: Double) {
        guard let generations = states.first?.generations else { return }
        let isNew = identity != process || generations.count != counts.count
        defer {
            identity = process
            counts = generations.map(\.collections)
            seconds = now
        }
        if isNew {
            series = generations.map { _ in Trends.Series() }
            return
        }
        guard now > seconds else { return }
        for (place, generation) in generations.enumerated() {
            let more = generation.collections.flatMap { after in counts[place].map { Double(max(0, after - $0)) } }
            series[place].append(more.map { $0 / (now - seconds) }, at: now)
        }
    }
}
