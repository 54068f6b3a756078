internal import Profiles

/// Where a thread was when it was seen the last time.
struct RecordedThread {
    let thread: ThreadId
    /// Numbers of the frames of its last sample, and stacks of the profile up to each of them, the outermost first.
    private var numbers: [Int32] = []
    private var nodes: [NodeId] = []
    /// From which frame on the profile had no room for the stack: what lies further in does not belong to what is kept of it.
    private var cutDepth = Int.max

    init(thread: ThreadId) {
        self.thread = thread
    }

    /// The profile's stack of a sample of the thread; looks up only the frames that changed.
    ///
    /// - Parameters:
    ///   - sample: numbers of frames, the outermost first; negative for one that is not shown.
    ///   - frames: frames of the profile by these numbers.
    mutating func follow(_ sample: [Int32], _ frames: [FrameId], in profile: inout Profile) -> NodeId {
        // Compared here: not every sample of a thread is one of its own stack, nor is every reading a sample.
        var kept = 0
        let most = min(sample.count, numbers.count)
        while kept < most, sample[kept] == numbers[kept] { kept += 1 }
        numbers.removeSubrange(kept...)
        numbers.append(contentsOf: sample[kept...])
        nodes.removeSubrange(kept...)
        if kept <= cutDepth { cutDepth = .max }
        var node = nodes.last ?? .empty
        for (depth, number) in zip(kept..., sample[kept...]) {
            if number >= 0, cutDepth == .max {
                let called = profile.node(node, calling: frames[Int(number)])
                if called == node { cutDepth = depth }
                node = called
            }
            nodes.append(node)
        }
        return node
    }
}
