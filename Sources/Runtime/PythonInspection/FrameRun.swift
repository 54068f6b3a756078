/// Frames that a reader is told of by one line: a single one, or those that only repeat the ones before.
public struct FrameRun: Sendable, Equatable {
    /// Place of the first of them among the frames.
    public var index: Int
    /// How many they are.
    public var count: Int

    /// Whether they only repeat what was told.
    public var isFolded: Bool { count > 1 }

    /// Frames as Python's own tracebacks tell them: of calls of a function by itself from the same line the first three, and then how
    /// many more there are.
    ///
    /// - Parameter folds: Whether repetitions are to be counted rather than told.
    public static func runs(of frames: [PythonFrame], folds: Bool = true) -> [FrameRun] {
        guard folds else { return frames.indices.map { FrameRun(index: $0, count: 1) } }
        var runs: [FrameRun] = []
        var start = 0
        while start < frames.count {
            var end = start + 1
            while end < frames.count, frames[end].isAtSameLine(as: frames[start]) { end += 1 }
            let hidden = end - start - shownRepeats
            let single = hidden > 1 ? shownRepeats : end - start
            for index in start..<(start + single) { runs.append(FrameRun(index: index, count: 1)) }
            if hidden > 1 { runs.append(FrameRun(index: start + single, count: hidden)) }
            start = end
        }
        return runs
    }

    /// How many are told of before the others are counted.
    private static let shownRepeats = 3
}

extension PythonFrame {
    fileprivate func isAtSameLine(as other: PythonFrame) -> Bool {
        line == other.line && function == other.function && file == other.file && qualifiedName == other.qualifiedName
    }
}
