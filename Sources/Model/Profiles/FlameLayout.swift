/// A call tree as rows of a terminal: the flame panel's drawing without colours and borders.
public struct FlameLayout: Sendable, Equatable {
    /// A stretch of a row.
    public struct Span: Sendable, Equatable {
        /// Place in the tree's nodes. Absent: several calls side by side, each too small for a cell: `…`.
        public var node: Int?
        /// First cell.
        public var x: Int
        /// Cells, at least one.
        public var width: Int
        /// Row from the root of the tree.
        public var depth: Int
        /// Whether what was searched for is here.
        public var isMatch: Bool
        /// Whether it is in what was called from here, drawn or not.
        public var holdsMatch: Bool
        /// Whether it is a caller of the node that is zoomed to.
        public var isAboveZoom: Bool
    }

    /// Spans from left to right, for each row that was asked for; rows below the last one that has any are missing.
    public internal(set) var rows: [[Span]] = []
    /// Samples in stacks that hold what was searched for; each counts once.
    public internal(set) var matchedSamples: UInt64 = 0

    /// The span at a cell.
    public func span(row: Int, x: Int) -> Span? {
        guard rows.indices.contains(row) else { return nil }
        return rows[row].first { $0.x <= x && x < $0.x + $0.width }
    }
}

extension CallTree {
    /// Lays the tree out in cells, its root in row 0.
    ///
    /// Siblings stand side by side, each as wide as its share, rounded so that they never exceed their caller. What has no
    /// cell of its own is gathered into spans without a node. Costs time for what is drawn, not for what there is.
    ///
    /// - Parameters:
    ///   - width: Cells of a row.
    ///   - zoom: Node that takes the whole width, below its callers.
    ///   - rows: Rows that are visible.
    ///   - isMatch: What is searched for.
    public func flameLayout(
        width: Int, zoom: Int = 0, rows visible: Range<Int> = 0..<Int.max, isMatch: ((ProfileFrame) -> Bool)? = nil
    ) -> FlameLayout {
        var layout = FlameLayout()
        guard width > 0, total > 0, nodes.indices.contains(zoom) else { return layout }
        let matches = FlameMatches(self, isMatch)
        layout.matchedSamples = matches.samples
        func draw(_ node: Int?, _ x: Int, _ width: Int, _ depth: Int, isAboveZoom: Bool = false) {
            guard visible.contains(depth) else { return }
            while layout.rows.count <= depth - visible.lowerBound { layout.rows.append([]) }
            layout.rows[depth - visible.lowerBound].append(
                FlameLayout.Span(
                    node: node, x: x, width: width, depth: depth, isMatch: node.map(matches.isMatch) ?? false,
                    holdsMatch: node.map(matches.holdsMatch) ?? false, isAboveZoom: isAboveZoom))
        }
        var callers: [Int] = []
        var caller = Int(nodes[zoom].parent)
        while caller >= 0 {
            callers.append(caller)
            caller = Int(nodes[caller].parent)
        }
        for caller in callers.reversed() { draw(caller, 0, width, Int(nodes[caller].depth), isAboveZoom: true) }

        var pending = [(node: zoom, x: 0, width: width)]
        while let (node, x, width) = pending.popLast() {
            let depth = Int(nodes[node].depth)
            draw(node, x, width, depth)
            guard depth + 1 < visible.upperBound else { continue }
            for part in parts(of: node, x: x, width: width) {
                if let child = part.node {
                    pending.append((child, part.x, part.width))
                } else {
                    draw(nil, part.x, part.width, depth + 1)
                }
            }
        }
        for row in layout.rows.indices { layout.rows[row].sort { $0.x < $1.x } }
        return layout
    }

    /// How the calls of a node share its cells. Neighbours that are all below one cell are one part without a node.
    private func parts(of node: Int, x: Int, width: Int) -> [(node: Int?, x: Int, width: Int)] {
        var result: [(node: Int?, x: Int, width: Int)] = []
        let whole = max(nodes[node].total, 1)
        var before: UInt64 = 0
        var start = x
        var small: (count: Int, node: Int) = (0, 0)
        func finishSmall(before end: Int) {
            if small.count > 0, end > start { result.append((small.count == 1 ? small.node : nil, start, end - start)) }
            small = (0, 0)
            start = end
        }
        var child = node + 1
        while child < Int(nodes[node].end) {
            let left = x + Int(share(UInt64(width), before, whole))
            before += nodes[child].total
            if nodes[child].total < (whole + UInt64(width) - 1) / UInt64(width) {
                small = (small.count + 1, child)
            } else {
                finishSmall(before: left)
                let right = x + Int(share(UInt64(width), before, whole))
                if right > left { result.append((child, left, right - left)) }
                start = right
            }
            child = Int(nodes[child].end)
        }
        finishSmall(before: x + Int(share(UInt64(width), before, whole)))
        return result
    }
}

/// Which nodes are what somebody searches for, and which have such below them.
private struct FlameMatches {
    private var labels: [Bool] = []
    private var matched: [Bool] = []
    private var below: [Bool] = []
    private(set) var samples: UInt64 = 0

    init(_ tree: CallTree, _ isMatch: ((ProfileFrame) -> Bool)?) {
        guard let isMatch else { return }
        labels = tree.labels.map(isMatch)
        matched = tree.nodes.map { $0.label >= 0 && labels[Int($0.label)] }
        below = [Bool](repeating: false, count: tree.nodes.count)
        var countedUntil: Int32 = 0
        for (place, node) in tree.nodes.enumerated() where matched[place] {
            if Int32(place) >= countedUntil {
                samples += node.total
                countedUntil = node.end
            }
            var caller = Int(node.parent)
            while caller >= 0, !below[caller] {
                below[caller] = true
                caller = Int(tree.nodes[caller].parent)
            }
        }
    }

    func isMatch(_ node: Int) -> Bool { !matched.isEmpty && matched[node] }
    func holdsMatch(_ node: Int) -> Bool { !below.isEmpty && below[node] }
}
