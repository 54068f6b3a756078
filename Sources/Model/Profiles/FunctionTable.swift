/// Functions or lines with what they cost.
public struct FunctionTable: Sendable {
    /// One function or line.
    public struct Row: Sendable, Equatable {
        /// Which it is; without a line where the table is by function.
        public var frame: ProfileFrame
        /// Samples that ended in it.
        public var own: UInt64
        /// Samples that came through it, however often: a recursion counts once.
        public var total: UInt64
    }

    /// The greatest own first, then the greatest total.
    public private(set) var rows: [Row] = []
    /// Samples in all, of which the rows' are shares.
    public private(set) var total: UInt64 = 0

    /// The table of a tree that is not inverted.
    public init(_ tree: CallTree) {
        total = tree.total
        var own = [UInt64](repeating: 0, count: tree.labels.count)
        var totals = own
        // Place after which a label is no longer on the path.
        var activeUntil = [Int32](repeating: 0, count: tree.labels.count)
        for (place, node) in tree.nodes.enumerated() where node.label >= 0 {
            let label = Int(node.label)
            own[label] += node.own
            if Int32(place) >= activeUntil[label] {
                totals[label] += node.total
                activeUntil[label] = node.end
            }
        }
        rows = tree.labels.indices.compactMap { label in
            let frame = tree.labels[label]
            guard totals[label] > 0, frame.kind != .group else { return nil }
            return Row(frame: frame, own: own[label], total: totals[label])
        }
        rows.sort { left, right in
            if left.own != right.own { return left.own > right.own }
            if left.total != right.total { return left.total > right.total }
            return left.frame.name < right.frame.name
        }
    }
}
