/// A recording: who was in which stack, when.
///
/// It grows while there is sampling, within bounds:
/// - Stacks are a prefix tree of at most 262,144 nodes (`maximumNodes`; 12–16 bytes each). A stack that does not fit any more
///   is cut where it leaves the tree, and its samples are counted as ``RecordingStatistics/cutSamples``.
/// - Functions and lines are kept once: 65,536 and 262,144 of them, names of 8 MB together.
/// - Time is a run-length encoded series per thread, six bytes or so for each change of stack. Beyond `maximumSeriesBytes`
///   (4 MB, 700,000 changes) the series is *folded*: within buckets of time, runs of one stack become one. Nothing is lost by
///   that but the order within a bucket; buckets grow until the series fits. Only when buckets are an eighth of the whole
///   recording, or of the age of what is in them, is the oldest part forgotten, and its samples are counted as
///   ``RecordingStatistics/forgottenSamples``.
/// - Threads are at most 4,096; later ones share one named `(further threads)`.
public struct Profile: Sendable {
    /// What becomes coarse first when the series must be folded.
    public enum Retention: Sendable {
        /// Everything alike, for a file: the start matters as much as the end.
        case even
        /// The older the coarser, for a panel that shows the last seconds: buckets stay below 1/64 of their age.
        case recent
    }

    /// A thread of the recording.
    public struct Thread: Sendable, Equatable {
        /// Process, as the user sees it.
        public var pid: Int
        /// Thread.
        public var tid: Int
        /// Python-level name, or the kernel's. Absent: none is known.
        public var name: String?
    }

    /// A thread's newest run, which may still go on, and those before it.
    struct Series: Sendable {
        var log = RunLog()
        var node = NodeId.empty
        var first: UInt64 = 0
        var last: UInt64 = 0
        /// 0 where the thread has no run yet.
        var samples: UInt64 = 0
    }

    /// How well it went; the recorder writes here. Samples are counted by ``add(_:thread:atNanoseconds:weight:)``.
    public var statistics: RecordingStatistics
    /// What was recorded.
    public var subject = RecordingSubject()
    /// Threads in the order in which they were first seen.
    public private(set) var threads: [Thread] = []

    var series: [Series] = []
    var seriesBytes = 0
    var folding: Folding
    let retention: Retention
    let maximumSeriesBytes: Int
    private(set) var frameTable = FrameTable()
    private(set) var stacks: StackTree
    private var threadPlaces: [ThreadKey: Int] = [:]
    /// A thread that was away longer than this starts a new run.
    private var gapMicroseconds: UInt64
    /// Where stacks were cut: samples there are counted as such, those of stacks that really end there too.
    private var cutNodes: Set<UInt32> = []

    private struct ThreadKey: Hashable {
        var pid: Int
        var tid: Int
    }

    static let maximumThreads = 4096

    /// An empty profile.
    public init(
        mode: RecordingStatistics.Mode = .wall, askedHz: Double, retention: Retention = .even,
        maximumSeriesBytes: Int = 4 << 20, maximumNodes: Int = 1 << 18
    ) {
        statistics = RecordingStatistics(mode: mode, askedHz: askedHz)
        self.retention = retention
        self.maximumSeriesBytes = max(64 << 10, maximumSeriesBytes)
        stacks = StackTree(maximumNodes: max(2, maximumNodes))
        let period = 1e6 / statistics.askedHz
        gapMicroseconds = UInt64(min(max(period * 2.5, 2_000), 1e12))
        folding = Folding(widthMicroseconds: UInt64(min(max(period * 4, 1), 1e12)), retention: retention)
    }

    // MARK: Names

    /// A function; the frame's line does not count.
    public mutating func function(_ frame: ProfileFrame) -> FunctionId {
        FunctionId(index: frameTable.function(frame))
    }

    /// A line of a function that is known already: the cheap way for who keeps functions beside code objects.
    public mutating func frame(_ function: FunctionId, line: Int?) -> FrameId {
        FrameId(index: frameTable.frame(function: function.index, line: line))
    }

    /// A frame, kept once however often it is asked for.
    public mutating func frame(_ frame: ProfileFrame) -> FrameId {
        FrameId(index: frameTable.frame(function: frameTable.function(frame), line: frame.line))
    }

    /// What a frame stands for.
    public subscript(frame: FrameId) -> ProfileFrame { frameTable[frame.index] }

    /// A thread; a name that becomes known later is taken over.
    public mutating func thread(pid: Int, tid: Int, name: String?) -> ThreadId {
        let key = ThreadKey(pid: pid, tid: tid)
        let name = name.map { shortenedName($0, toBytes: 256) }
        if let place = threadPlaces[key] {
            if let name, threads[place].name != name { threads[place].name = name }
            return ThreadId(index: place)
        }
        if threads.count >= Profile.maximumThreads {
            if threads.count == Profile.maximumThreads {
                threads.append(Thread(pid: pid, tid: 0, name: "(further threads)"))
                series.append(Series())
            }
            return ThreadId(index: Profile.maximumThreads)
        }
        threadPlaces[key] = threads.count
        threads.append(Thread(pid: pid, tid: tid, name: name))
        series.append(Series())
        return ThreadId(index: threads.count - 1)
    }

    /// The thread at a place of ``threads``.
    public func threadId(_ place: Int) -> ThreadId { ThreadId(index: place) }

    // MARK: Stacks

    /// The stack of these frames, outermost first.
    public mutating func node(_ stack: some Collection<FrameId>) -> NodeId {
        var node: UInt32 = 0
        for frame in stack {
            guard let child = stacks.child(of: node, frame: frame.index) else { return cut(node) }
            node = child
        }
        return NodeId(index: node)
    }

    /// The stack with one more frame inside.
    public mutating func node(_ outer: NodeId, calling frame: FrameId) -> NodeId {
        guard let child = stacks.child(of: outer.index, frame: frame.index) else { return cut(outer.index) }
        return NodeId(index: child)
    }

    /// The stack of these frames, outermost first; looks up only what differs from the path's stack before.
    public mutating func node(_ stack: some Collection<FrameId>, path: inout StackPath) -> NodeId {
        var depth = 0
        var node = NodeId.empty
        var place = stack.startIndex
        while place != stack.endIndex, depth < path.frames.count, path.frames[depth] == stack[place] {
            node = path.nodes[depth]
            depth += 1
            stack.formIndex(after: &place)
        }
        path.frames.removeSubrange(depth...)
        path.nodes.removeSubrange(depth...)
        while place != stack.endIndex {
            guard let child = stacks.child(of: node.index, frame: stack[place].index) else { return cut(node.index) }
            node = NodeId(index: child)
            path.frames.append(stack[place])
            path.nodes.append(node)
            stack.formIndex(after: &place)
        }
        return node
    }

    /// Frames of a stack, outermost first.
    public func stack(_ node: NodeId) -> [FrameId] {
        stacks.stack(of: node.index).reversed().map(FrameId.init(index:))
    }

    private mutating func cut(_ node: UInt32) -> NodeId {
        cutNodes.insert(node)
        return NodeId(index: node)
    }

    // MARK: Samples

    /// A thread was seen in a stack. Allocates nothing while it stays there.
    ///
    /// - Parameters:
    ///   - node: The stack.
    ///   - thread: Whose it is.
    ///   - atNanoseconds: Since the recording began; a time before the thread's last counts as that.
    ///   - weight: Rounds that the sample stands for.
    public mutating func add(_ node: NodeId, thread: ThreadId, atNanoseconds: UInt64, weight: Int = 1) {
        let samples = UInt64(max(0, weight))
        let place = thread.index
        guard samples > 0, place < series.count else { return }
        statistics.samples += samples
        if !cutNodes.isEmpty, cutNodes.contains(node.index) { statistics.cutSamples += samples }
        let time = max(atNanoseconds / 1_000, series[place].last)
        if series[place].samples > 0 {
            if series[place].node == node, time - series[place].last <= gapMicroseconds {
                series[place].last = time
                series[place].samples += samples
                return
            }
            close(place)
        }
        series[place].node = node
        series[place].first = time
        series[place].last = time
        series[place].samples = samples
    }

    /// The thread's newest run is over.
    private mutating func close(_ place: Int) {
        let run = SampleRun(
            node: series[place].node, firstMicroseconds: series[place].first,
            lastMicroseconds: series[place].last, samples: series[place].samples)
        let (bytes, isFull) = series[place].log.append(run)
        seriesBytes += bytes
        if isFull, seriesBytes > maximumSeriesBytes { makeRoom(at: run.lastMicroseconds) }
    }

    /// Runs of a thread that touch a window, in the order of time, the newest one included.
    public func forEachRun(
        of thread: ThreadId, inNanoseconds window: Range<UInt64>? = nil, _ body: (SampleRun) -> Void
    ) {
        guard thread.index < series.count else { return }
        let from = (window?.lowerBound ?? 0) / 1_000
        let to = window.map { $0.upperBound / 1_000 } ?? .max
        let series = series[thread.index]
        series.log.forEachRun(from: from, to: to, body)
        if series.samples > 0, series.last >= from, series.first <= to {
            body(
                SampleRun(
                    node: series.node, firstMicroseconds: series.first, lastMicroseconds: series.last,
                    samples: series.samples))
        }
    }

    /// Time of the last sample of all.
    public var lastNanoseconds: UInt64 { (series.lazy.map(\.last).max() ?? 0) * 1_000 }
}

/// The stack that was looked up last, so that the next one costs only where it differs. One for each thread.
public struct StackPath: Sendable {
    var frames: [FrameId] = []
    var nodes: [NodeId] = []

    /// A path that leads nowhere yet.
    public init() {}
}
