/// Stacks as a prefix tree: two stacks share the nodes of their common outer frames.
///
/// Columns instead of nodes with children: 8 bytes a node, 4 to 8 more for the table that finds a child. A node's place is
/// always greater than its parent's.
struct StackTree: Sendable {
    /// Place of the node whose stack is one frame shorter; the root's is its own.
    private(set) var parents: [UInt32] = [0]
    /// Innermost frame of the node's stack; the root has none.
    private(set) var frames: [UInt32] = [.max]
    /// Open addressing: places of nodes; 0, which is no node's child, where nothing is.
    private var slots: [UInt32]
    private let maximumNodes: Int

    init(maximumNodes: Int = .max) {
        slots = [UInt32](repeating: 0, count: 64)
        self.maximumNodes = maximumNodes
    }

    var count: Int { parents.count }

    /// The node for a stack with one more frame; nil where it is new and the tree is full.
    mutating func child(of parent: UInt32, frame: UInt32) -> UInt32? {
        var slot = StackTree.hash(parent, frame) & (slots.count - 1)
        while slots[slot] != 0 {
            let place = slots[slot]
            if parents[Int(place)] == parent && frames[Int(place)] == frame { return place }
            slot = (slot + 1) & (slots.count - 1)
        }
        guard parents.count < maximumNodes else { return nil }
        let place = UInt32(parents.count)
        parents.append(parent)
        frames.append(frame)
        slots[slot] = place
        if parents.count * 4 > slots.count * 3 { grow() }
        return place
    }

    /// Frames of a node's stack, innermost first.
    func stack(of node: UInt32) -> [UInt32] {
        var result: [UInt32] = []
        var node = node
        while node != 0 {
            result.append(frames[Int(node)])
            node = parents[Int(node)]
        }
        return result
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for place in 1..<parents.count {
            var slot = StackTree.hash(parents[place], frames[place]) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(place)
        }
    }

    private static func hash(_ parent: UInt32, _ frame: UInt32) -> Int {
        let mixed = (UInt64(parent) << 32 | UInt64(frame)) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: (mixed ^ (mixed >> 29)) >> 16 & 0xffff_ffff)
    }
}
