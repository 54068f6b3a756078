/// A stretch of a flame graph in pixels or whatever else a width is measured in.
public struct FlameRectangle: Sendable, Equatable {
    /// Place in the tree's nodes.
    public var node: Int
    /// Left border.
    public var x: Double
    /// At least the least width that was asked for.
    public var width: Double
    /// Row from the root of the tree.
    public var depth: Int
}

extension CallTree {
    /// Lays the tree out without rounding, callers first; what is narrower than the least width is left out with all it calls.
    ///
    /// - Parameters:
    ///   - width: Of the node that is zoomed to, and of its callers.
    ///   - leastWidth: Below it nothing is drawn.
    ///   - zoom: Node that takes the whole width.
    public func flameRectangles(width: Double, leastWidth: Double = 0.5, zoom: Int = 0) -> [FlameRectangle] {
        guard nodes.indices.contains(zoom), nodes[zoom].total > 0, width > 0 else { return [] }
        var result: [FlameRectangle] = []
        var caller = Int(nodes[zoom].parent)
        while caller >= 0 {
            result.append(FlameRectangle(node: caller, x: 0, width: width, depth: Int(nodes[caller].depth)))
            caller = Int(nodes[caller].parent)
        }
        result.reverse()
        let scale = width / Double(nodes[zoom].total)
        // Where the next node of each depth begins, in samples.
        var starts: [UInt64] = [0]
        var place = zoom
        while place < Int(nodes[zoom].end) {
            let node = nodes[place]
            let depth = Int(node.depth - nodes[zoom].depth)
            starts.removeSubrange((depth + 1)...)
            let start = starts[depth]
            starts[depth] = start + node.total
            let pixels = Double(node.total) * scale
            guard pixels >= leastWidth else {
                place = Int(node.end)
                continue
            }
            starts.append(start)
            result.append(
                FlameRectangle(node: place, x: Double(start) * scale, width: pixels, depth: Int(node.depth)))
            place += 1
        }
        return result
    }
}
