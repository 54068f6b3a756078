extension CallTree {
    /// The place of each label in an order; nil where the order is not one of labels.
    static func ranks(of labels: [ProfileFrame], order: CallTreeView.Order) -> [Int32]? {
        switch order {
        case .weight: return nil
        case .firstSeen: return labels.indices.map { Int32($0) }
        case .name:
            let sorted = labels.indices.sorted { left, right in
                let (one, other) = (labels[left], labels[right])
                if one.name != other.name { return one.name < other.name }
                if one.file != other.file { return one.file < other.file }
                return (one.line ?? 0, left) < (other.line ?? 0, right)
            }
            var ranks = [Int32](repeating: 0, count: labels.count)
            for (rank, place) in sorted.enumerated() { ranks[place] = Int32(rank) }
            return ranks
        }
    }

    /// Nodes with a total, callers first, in the order of a walk; without recursion, for stacks may be deep.
    static func walk(
        parents: [UInt32], labels: [UInt32], own: [UInt64], total: [UInt64], ranks: [Int32]?
    ) -> [Node] {
        // Children of each node side by side: counted, summed up, put in their places.
        var starts = [Int32](repeating: 0, count: parents.count + 1)
        for node in 1..<max(1, parents.count) where total[node] > 0 { starts[Int(parents[node]) + 1] += 1 }
        for place in 1..<starts.count { starts[place] += starts[place - 1] }
        var children = [Int32](repeating: 0, count: Int(starts[parents.count]))
        var next = starts
        for node in 1..<max(1, parents.count) where total[node] > 0 {
            let parent = Int(parents[node])
            children[Int(next[parent])] = Int32(node)
            next[parent] += 1
        }
        var nodes: [Node] = []
        nodes.reserveCapacity(children.count + 1)
        nodes.append(Node(label: -1, parent: -1, depth: 0, end: 1, own: own[0], total: total[0]))
        // The path to here: where each node is in the result, and its children still to come.
        var path: [(place: Int32, next: Int32, end: Int32)] = []
        func enter(_ node: Int, at place: Int32) {
            let range = Int(starts[node])..<Int(starts[node + 1])
            if range.count > 1 {
                children[range].sort { left, right in
                    if let ranks {
                        let (one, other) = (ranks[Int(labels[Int(left)])], ranks[Int(labels[Int(right)])])
                        return one < other
                    }
                    let (one, other) = (total[Int(left)], total[Int(right)])
                    return one == other ? left < right : one > other
                }
            }
            path.append((place, Int32(range.lowerBound), Int32(range.upperBound)))
        }
        enter(0, at: 0)
        while let top = path.last {
            guard top.next < top.end else {
                nodes[Int(top.place)].end = Int32(nodes.count)
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            let node = Int(children[Int(top.next)])
            let place = Int32(nodes.count)
            nodes.append(
                Node(
                    label: Int32(labels[node]), parent: top.place, depth: Int32(path.count), end: place + 1,
                    own: own[node], total: total[node]))
            enter(node, at: place)
        }
        return nodes
    }
}
