/// How far a series has been folded, and where folding goes on.
///
/// One step folds a few chunks of one thread, a fraction of a millisecond, so that sampling never waits for the whole.
struct Folding: Sendable {
    /// Chunks are folded into buckets of this width now.
    var widthMicroseconds: UInt64
    /// A bucket must be below its age divided by this; 0: its age does not matter.
    var ageDivisor: UInt64
    var thread = 0
    var chunk = 0

    static let leastDivisor: UInt64 = 8
    static let chunksAtOnce = 8

    init(widthMicroseconds: UInt64, retention: Profile.Retention) {
        self.widthMicroseconds = widthMicroseconds
        ageDivisor = retention == .recent ? 64 : 0
    }
}

extension Profile {
    /// Folds until the series fits, or has cost enough for now; well beyond the bound, whatever it costs.
    mutating func makeRoom(at now: UInt64) {
        var steps = 0
        while seriesBytes > (steps < 4 ? maximumSeriesBytes : maximumSeriesBytes / 4 * 5) {
            steps += 1
            if foldNext(at: now) { continue }
            // What came since the pass began may still be finer than the width.
            folding.thread = 0
            folding.chunk = 0
            if !foldNext(at: now), !coarsen(at: now) { forgetOldest() }
        }
    }

    /// Bucket width of the coarsest part. 0: nothing was folded yet.
    var coarsestMicroseconds: UInt64 {
        series.lazy.flatMap(\.log.chunks).map(\.foldedTo).max() ?? 0
    }

    /// Folds the next chunks that are finer than the width now; false where there are none.
    private mutating func foldNext(at now: UInt64) -> Bool {
        while folding.thread < series.count {
            let chunks = series[folding.thread].log.chunks
            while folding.chunk < chunks.count {
                let start = folding.chunk
                var end = start
                while end < chunks.count, end - start < Folding.chunksAtOnce, mayFold(chunks[end], at: now) { end += 1 }
                if end > start {
                    fold(start..<end, of: folding.thread, width: folding.widthMicroseconds)
                    return true
                }
                folding.chunk += 1
            }
            folding.thread += 1
            folding.chunk = 0
        }
        return false
    }

    private func mayFold(_ chunk: RunLog.Chunk, at now: UInt64) -> Bool {
        guard chunk.foldedTo < folding.widthMicroseconds else { return false }
        guard folding.ageDivisor > 0 else { return true }
        return now > chunk.last && (now - chunk.last) / folding.ageDivisor >= folding.widthMicroseconds
    }

    /// Wider buckets from the start again; false where they would be too wide.
    private mutating func coarsen(at now: UInt64) -> Bool {
        if folding.widthMicroseconds <= now / Folding.leastDivisor / 2 {
            folding.widthMicroseconds *= 2
            return true
        }
        guard folding.ageDivisor > Folding.leastDivisor else { return false }
        folding.ageDivisor /= 2
        folding.widthMicroseconds = max(1, UInt64(4e6 / statistics.askedHz))
        return true
    }

    /// Folds the whole series, for a file that need not be finer.
    mutating func foldAll(widthMicroseconds width: UInt64) {
        for thread in series.indices where !series[thread].log.chunks.isEmpty {
            fold(0..<series[thread].log.chunks.count, of: thread, width: width)
        }
    }

    private mutating func fold(_ range: Range<Int>, of thread: Int, width: UInt64) {
        let old = series[thread].log.chunks[range]
        var folded = RunLog()
        var bucket = FoldedBucket()
        for chunk in old {
            chunk.forEachRun { run in
                let isLong = run.lastMicroseconds - run.firstMicroseconds >= width
                if isLong || bucket.number != run.firstMicroseconds / width {
                    bucket.flush(into: &folded, width: width)
                }
                bucket.take(run, number: run.firstMicroseconds / width)
                if isLong { bucket.flush(into: &folded, width: width) }
            }
        }
        bucket.flush(into: &folded, width: width)
        let before = old.reduce(0) { $0 + $1.bytes.count }
        let after = folded.chunks.reduce(0) { $0 + $1.bytes.count }
        seriesBytes += after - before
        series[thread].log.chunks.replaceSubrange(range, with: folded.chunks)
        folding.chunk = range.lowerBound + folded.chunks.count
    }

    private mutating func forgetOldest() {
        var oldest: Int?
        for (place, series) in series.enumerated() {
            guard let first = series.log.chunks.first?.first else { continue }
            if let known = oldest, let least = self.series[known].log.chunks.first?.first, least <= first { continue }
            oldest = place
        }
        guard let oldest else {
            seriesBytes = 0
            return
        }
        let chunk = series[oldest].log.chunks.removeFirst()
        seriesBytes -= chunk.bytes.count
        var samples: UInt64 = 0
        chunk.forEachRun { samples += $0.samples }
        statistics.forgottenSamples += samples
        folding.chunk = 0
    }
}

/// Runs of one bucket of time, a stack of which there were several counted together.
private struct FoldedBucket {
    var number: UInt64 = .max
    private var order: [SampleRun] = []
    private var places: [UInt32: Int] = [:]

    mutating func take(_ run: SampleRun, number: UInt64) {
        self.number = number
        if let place = places[run.node.index] {
            order[place].samples += run.samples
            order[place].lastMicroseconds = run.lastMicroseconds
        } else {
            places[run.node.index] = order.count
            order.append(run)
        }
    }

    /// Lays the stacks end to end over the bucket's time, each as long as its share.
    mutating func flush(into log: inout RunLog, width: UInt64) {
        defer {
            number = .max
            order.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
        }
        guard let begin = order.first?.firstMicroseconds else { return }
        let end = order.reduce(begin) { max($0, $1.lastMicroseconds) }
        let total = order.reduce(0) { $0 + $1.samples }
        var before: UInt64 = 0
        for run in order {
            let first = begin + share(end - begin, before, total)
            before += run.samples
            let last = begin + share(end - begin, before, total)
            _ = log.append(
                SampleRun(node: run.node, firstMicroseconds: first, lastMicroseconds: last, samples: run.samples),
                foldedTo: width)
        }
    }
}

/// `extent * part / whole` without overflow.
func share(_ extent: UInt64, _ part: UInt64, _ whole: UInt64) -> UInt64 {
    guard whole > 0 else { return 0 }
    let (high, low) = extent.multipliedFullWidth(by: min(part, whole))
    return whole.dividingFullWidth((high, low)).quotient
}
