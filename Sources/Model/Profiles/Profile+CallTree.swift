extension Profile {
    /// Who called whom, as seen from a point of view.
    public func callTree(_ view: CallTreeView = CallTreeView()) -> CallTree {
        var builder = CallTreeBuilder(view: view, frames: frameTable)
        let chosen = threads.indices.filter { view.threads?.contains(ThreadId(index: $0)) ?? true }
        if view.isByThread {
            for thread in chosen {
                var own = [UInt64](repeating: 0, count: stacks.count)
                guard addSamples(of: thread, in: view.windowNanoseconds, to: &own) else { continue }
                builder.add(own, of: stacks, under: threads[thread].label)
            }
        } else {
            var own = [UInt64](repeating: 0, count: stacks.count)
            for thread in chosen { _ = addSamples(of: thread, in: view.windowNanoseconds, to: &own) }
            builder.add(own, of: stacks, under: nil)
        }
        return builder.finish()
    }

    /// Functions or lines, the costliest first.
    public func functionTable(_ view: CallTreeView = CallTreeView()) -> FunctionTable {
        var view = view
        view.isInverted = false
        return FunctionTable(callTree(view))
    }

    /// Adds to each stack the samples it had; false where the thread had none.
    private func addSamples(of thread: Int, in window: Range<UInt64>?, to own: inout [UInt64]) -> Bool {
        var any = false
        let period = max(1, UInt64(min(statistics.nanosecondsPerSample / 1_000, 1e12)))
        forEachRun(of: ThreadId(index: thread), inNanoseconds: window) { run in
            let samples = window.map { run.samples(in: $0, period: period) } ?? run.samples
            guard samples > 0, Int(run.node.index) < own.count else { return }
            own[Int(run.node.index)] += samples
            any = true
        }
        return any
    }
}

extension SampleRun {
    /// Samples that fall into a window, where they are spread evenly over the run.
    func samples(in window: Range<UInt64>, period: UInt64) -> UInt64 {
        let from = (window.lowerBound + 999) / 1_000
        let to = (window.upperBound + 999) / 1_000
        // A sample at a moment is in the window or not; several stand at equal distances.
        guard samples > 1, lastMicroseconds > firstMicroseconds else {
            return (from..<max(from, to)).contains(firstMicroseconds) ? samples : 0
        }
        guard from > firstMicroseconds || to <= lastMicroseconds else { return samples }
        return before(to) - before(from)
    }

    /// Samples before a time.
    private func before(_ time: UInt64) -> UInt64 {
        guard time > firstMicroseconds else { return 0 }
        guard time <= lastMicroseconds else { return samples }
        return share(samples - 1, time - firstMicroseconds - 1, lastMicroseconds - firstMicroseconds) + 1
    }
}

extension Profile.Thread {
    /// How the thread is shown as a frame.
    var label: ProfileFrame { ProfileFrame(kind: .group, function: title) }

    /// `MainThread (1234)`.
    public var title: String {
        guard let name, !name.isEmpty else { return tid == 0 ? "process \(pid)" : "thread \(tid)" }
        return tid == 0 ? name : "\(name) (\(tid))"
    }
}

/// Puts stacks together to a tree whose nodes are functions or lines.
struct CallTreeBuilder {
    private let view: CallTreeView
    private let frames: FrameTable
    private var tree = StackTree()
    private var own: [UInt64] = [0]
    private var total: [UInt64] = [0]
    private var labels: [ProfileFrame] = []
    /// Label of each function or frame of the table; −1 where it has none yet.
    private var labelPlaces: [Int32]
    private var groupLabels: [ProfileFrame: UInt32] = [:]

    init(view: CallTreeView, frames: FrameTable) {
        self.view = view
        self.frames = frames
        labelPlaces = [Int32](
            repeating: -1, count: view.grain == .line ? frames.frames.count : frames.functions.count)
    }

    /// Adds stacks with the samples that ended in each.
    mutating func add(_ samples: [UInt64], of stacks: StackTree, under group: ProfileFrame?) {
        let base = group.map { child(of: 0, label: groupLabel($0)) } ?? 0
        if view.isInverted {
            addInverted(samples, of: stacks, under: base)
        } else {
            addUpright(samples, of: stacks, under: base)
        }
    }

    private mutating func addUpright(_ samples: [UInt64], of stacks: StackTree, under base: UInt32) {
        // A parent is always before its children: backwards sums up, forwards builds.
        var sums = samples
        for node in stride(from: stacks.count - 1, to: 0, by: -1) where sums[node] > 0 {
            sums[Int(stacks.parents[node])] += sums[node]
        }
        guard sums[0] > 0 else { return }
        var places = [UInt32](repeating: base, count: stacks.count)
        var depths = view.maximumDepth < .max ? [Int](repeating: 0, count: stacks.count) : []
        own[Int(base)] += samples[0]
        for node in 1..<max(1, stacks.count) where sums[node] > 0 {
            let parent = Int(stacks.parents[node])
            var place = places[parent]
            var isNew = !isHidden(stacks.frames[node])
            if !depths.isEmpty {
                isNew = isNew && depths[parent] < view.maximumDepth
                depths[node] = depths[parent] + (isNew ? 1 : 0)
            }
            if isNew { place = child(of: place, label: label(of: stacks.frames[node])) }
            places[node] = place
            own[Int(place)] += samples[node]
        }
    }

    private mutating func addInverted(_ samples: [UInt64], of stacks: StackTree, under base: UInt32) {
        // Depth times leaves: a recursion of thousands is cut, the callers that are furthest away.
        let depth = min(view.maximumDepth, 512)
        for node in 0..<samples.count where samples[node] > 0 {
            var place = base
            var frame = UInt32(node)
            var left = depth
            while frame != 0, left > 0 {
                if !isHidden(stacks.frames[Int(frame)]) {
                    place = child(of: place, label: label(of: stacks.frames[Int(frame)]))
                    if left == depth { own[Int(place)] += samples[node] }
                    total[Int(place)] += samples[node]
                    left -= 1
                }
                frame = stacks.parents[Int(frame)]
            }
            total[Int(base)] += samples[node]
            if base != 0 { total[0] += samples[node] }
            if left == depth { own[Int(base)] += samples[node] }
        }
    }

    private func isHidden(_ frame: UInt32) -> Bool {
        guard view.isPythonOnly else { return false }
        let kind = frames.functions[Int(frames.frames[Int(frame)].function)].kind
        return kind == .native || kind == .kernel
    }

    private mutating func child(of parent: UInt32, label: UInt32) -> UInt32 {
        // This tree has no bound of its own: it has at most as many nodes as the profile's.
        let place = tree.child(of: parent, frame: label) ?? parent
        if Int(place) == own.count {
            own.append(0)
            total.append(0)
        }
        return place
    }

    private mutating func label(of frame: UInt32) -> UInt32 {
        let entry = frames.frames[Int(frame)]
        let key = view.grain == .line ? Int(frame) : Int(entry.function)
        if labelPlaces[key] < 0 {
            labelPlaces[key] = Int32(labels.count)
            labels.append(view.grain == .line ? frames[frame] : frames.functions[key])
        }
        return UInt32(labelPlaces[key])
    }

    private mutating func groupLabel(_ group: ProfileFrame) -> UInt32 {
        if let known = groupLabels[group] { return known }
        let place = UInt32(labels.count)
        labels.append(group)
        groupLabels[group] = place
        return place
    }

    /// The tree in its order.
    func finish() -> CallTree {
        var total = total
        if !view.isInverted {
            total = own
            for node in stride(from: tree.count - 1, to: 0, by: -1) { total[Int(tree.parents[node])] += total[node] }
        }
        var result = CallTree()
        result.labels = labels
        result.isInverted = view.isInverted
        result.nodes = CallTree.walk(
            parents: tree.parents, labels: tree.frames, own: own, total: total,
            ranks: CallTree.ranks(of: labels, order: view.order))
        return result
    }
}
