extension CallTree {
    /// This tree with what another had beside it, node by node: what became more, what became less, what is gone.
    ///
    /// Nodes are the same when their frames are, from the root on. Those that only the other one has stay, without samples.
    /// The two may have different totals: compare shares, ``change(of:)``.
    public func compared(with before: CallTree, order: CallTreeView.Order = .firstSeen) -> CallTree {
        var merged = StackTree()
        var labels: [ProfileFrame] = []
        var labelPlaces: [ProfileFrame: UInt32] = [:]
        var now: [Baseline] = [Baseline(own: 0, total: 0)]
        var then = now
        for (tree, isBefore) in [(self, false), (before, true)] {
            let own = tree.labels.map { frame in
                if let known = labelPlaces[frame] { return known }
                let place = UInt32(labels.count)
                labels.append(frame)
                labelPlaces[frame] = place
                return place
            }
            var places = [UInt32](repeating: 0, count: tree.nodes.count)
            for (place, node) in tree.nodes.enumerated() {
                if place > 0 {
                    let parent = places[Int(node.parent)]
                    places[place] = merged.child(of: parent, frame: own[Int(node.label)]) ?? parent
                    if Int(places[place]) == now.count {
                        now.append(Baseline(own: 0, total: 0))
                        then.append(Baseline(own: 0, total: 0))
                    }
                }
                let samples = Baseline(own: node.own, total: node.total)
                if isBefore { then[Int(places[place])] = samples } else { now[Int(places[place])] = samples }
            }
        }
        var result = CallTree()
        result.labels = labels
        result.isInverted = isInverted
        // The walk leaves out what has nothing: so it goes by both, and carries the place in the merged tree as "own".
        let both = now.indices.map { now[$0].total + then[$0].total }
        let walked = CallTree.walk(
            parents: merged.parents, labels: merged.frames, own: now.indices.map(UInt64.init), total: both,
            ranks: CallTree.ranks(of: labels, order: order))
        result.baseline = walked.map { then[Int($0.own)] }
        result.nodes = walked.map { node in
            var result = node
            result.own = now[Int(node.own)].own
            result.total = now[Int(node.own)].total
            return result
        }
        return result
    }

    /// How much more of the whole a node has than before, −1…1. Absent: the tree is not compared with any.
    public func change(of place: Int) -> (own: Double, total: Double)? {
        guard baseline.indices.contains(place), nodes.indices.contains(place) else { return nil }
        let now = Double(max(total, 1))
        let then = Double(max(baseline[0].total, 1))
        return (
            Double(nodes[place].own) / now - Double(baseline[place].own) / then,
            Double(nodes[place].total) / now - Double(baseline[place].total) / then
        )
    }
}
