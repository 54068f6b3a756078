/// A profile's stacks as a format shows them: by function or line, with or without native frames, cut to a depth.
struct LabelledStacks {
    /// What each number in a stack stands for.
    let labels: [ProfileFrame]
    private let profile: Profile
    private let view: CallTreeView

    init(_ profile: Profile, _ view: CallTreeView) {
        self.profile = profile
        self.view = view
        let table = profile.frameTable
        labels = view.grain == .line ? table.frames.indices.map { table[UInt32($0)] } : table.functions
    }

    /// Threads that are wanted, with their places.
    var threads: [ThreadId] {
        profile.threads.indices.map(ThreadId.init(index:)).filter { view.threads?.contains($0) ?? true }
    }

    /// Places of a stack's labels, outermost first.
    func stack(of node: NodeId) -> [Int] {
        var result: [Int] = []
        for frame in profile.stacks.stack(of: node.index) {
            let entry = profile.frameTable.frames[Int(frame)]
            if view.isPythonOnly {
                let kind = profile.frameTable.functions[Int(entry.function)].kind
                if kind == .native || kind == .kernel { continue }
            }
            result.append(view.grain == .line ? Int(frame) : Int(entry.function))
        }
        result.reverse()
        if result.count > view.maximumDepth { result.removeSubrange(view.maximumDepth...) }
        return result
    }

    /// Runs of a thread with the samples that fall into the window.
    func forEachRun(of thread: ThreadId, _ body: (SampleRun) -> Void) {
        let period = max(1, UInt64(min(profile.statistics.nanosecondsPerSample / 1_000, 1e12)))
        profile.forEachRun(of: thread, inNanoseconds: view.windowNanoseconds) { run in
            guard let window = view.windowNanoseconds else { return body(run) }
            var part = run
            part.samples = run.samples(in: window, period: period)
            part.firstMicroseconds = max(run.firstMicroseconds, window.lowerBound / 1_000)
            part.lastMicroseconds = max(part.firstMicroseconds, min(run.lastMicroseconds, window.upperBound / 1_000))
            if part.samples > 0 { body(part) }
        }
    }
}

extension Profile {
    /// How a file grows with the runs that it holds.
    enum FileCost {
        /// Each run with all frames of its stack.
        case everyFrame
        /// Only what differs from the run before.
        case changes
    }

    /// The profile with time as coarse as it must be for a file to hold at most so many frames.
    ///
    /// Else a file would grow with depth times changes: gigabytes for a deep recursion.
    func coarsened(toFrames maximum: Int, counting cost: FileCost) -> Profile {
        var result = self
        var width = max(1, folding.widthMicroseconds)
        let end = lastNanoseconds / 1_000
        var depths: [Int] = [0]
        for node in 1..<max(1, stacks.count) { depths.append(depths[Int(stacks.parents[node])] + 1) }
        while width < end, result.frames(counting: cost, depths) > maximum {
            width *= 2
            result.foldAll(widthMicroseconds: width)
        }
        return result
    }

    private func frames(counting cost: FileCost, _ depths: [Int]) -> Int {
        var frames = 0
        for thread in threads.indices {
            var before = 0
            forEachRun(of: ThreadId(index: thread)) { run in
                let node = Int(run.node.index)
                frames += depths[node] + 1 - (cost == .changes ? depths[commonCaller(before, node, depths)] : 0)
                before = node
            }
        }
        return frames
    }

    /// The innermost node that two stacks share.
    private func commonCaller(_ one: Int, _ other: Int, _ depths: [Int]) -> Int {
        var (one, other) = (one, other)
        while one != other {
            if depths[one] >= depths[other] {
                one = Int(stacks.parents[one])
            } else {
                other = Int(stacks.parents[other])
            }
        }
        return one
    }
}
