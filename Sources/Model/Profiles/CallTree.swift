/// Who called whom, and how much: one moment's answer, to be drawn or written.
///
/// A value of its own: it does not change while the profile goes on, and holds no more names than it shows.
public struct CallTree: Sendable {
    /// One place in the tree.
    public struct Node: Sendable, Equatable {
        /// Its frame's place in ``CallTree/labels``; −1 for the root.
        public var label: Int32
        /// Place of the caller; the root's is −1.
        public var parent: Int32
        /// The root's is 0.
        public var depth: Int32
        /// First place after all that was called from here.
        public var end: Int32
        /// Samples that ended here.
        public var own: UInt64
        /// Samples that came through here, or ended here.
        public var total: UInt64
    }

    /// Frames that the tree shows, each once.
    public internal(set) var labels: [ProfileFrame] = []
    /// In the order of a walk, callers first; the root, which has no frame, at 0.
    public internal(set) var nodes: [Node] = []
    /// Whether leaves are at the root and callers further out.
    public internal(set) var isInverted = false
    /// What was there in the tree that this one is compared with, node by node. Empty: it is not compared with any.
    public internal(set) var baseline: [Baseline] = []

    /// What a node had in the tree before.
    public struct Baseline: Sendable, Equatable {
        /// Samples that ended there.
        public var own: UInt64
        /// Samples that came through there.
        public var total: UInt64
    }

    /// A tree without a sample.
    public init() {}

    /// Samples of the whole tree.
    public var total: UInt64 { nodes.first?.total ?? 0 }

    /// The node's frame. Absent: the root.
    public func frame(_ place: Int) -> ProfileFrame? {
        guard nodes.indices.contains(place), nodes[place].label >= 0 else { return nil }
        return labels[Int(nodes[place].label)]
    }

    /// Places of those called from a node, in the tree's order.
    public func children(of place: Int) -> [Int] {
        var result: [Int] = []
        var child = place + 1
        while child < Int(nodes[place].end) {
            result.append(child)
            child = Int(nodes[child].end)
        }
        return result
    }

    /// Frames from the root's child to a node: how to find it again in the next tree.
    public func path(to place: Int) -> [ProfileFrame] {
        var result: [ProfileFrame] = []
        var place = place
        while place > 0, nodes.indices.contains(place) {
            result.append(labels[Int(nodes[place].label)])
            place = Int(nodes[place].parent)
        }
        return result.reversed()
    }

    /// The node at the end of a path, or of as much of it as there is.
    public func node(at path: [ProfileFrame]) -> Int {
        var place = 0
        for frame in path {
            guard let child = children(of: place).first(where: { self.frame($0) == frame }) else { break }
            place = child
        }
        return place
    }
}

/// What of a profile is looked at, and how.
public struct CallTreeView: Sendable, Equatable {
    /// What makes two frames the same.
    public enum Grain: String, Sendable, CaseIterable {
        /// The function.
        case function
        /// The function and the line.
        case line
    }

    /// In which order the calls of one caller come.
    public enum Order: Sendable {
        /// As they were first seen: cheap, and it holds still while the profile grows.
        case firstSeen
        /// By name.
        case name
        /// The greatest first.
        case weight
    }

    /// What makes two frames the same.
    public var grain: Grain
    /// Threads that count. Absent: all.
    public var threads: Set<ThreadId>?
    /// Time that counts, since the recording began. Absent: all.
    public var windowNanoseconds: Range<UInt64>?
    /// Leaves first, callers after them.
    public var isInverted: Bool
    /// A branch for each thread instead of all threads in one.
    public var isByThread: Bool
    /// Python code and groups only: what native code and the kernel cost belongs to its Python caller.
    public var isPythonOnly: Bool
    /// In which order the calls of one caller come.
    public var order: Order
    /// Frames of a stack beyond which it is cut.
    public var maximumDepth: Int

    /// All of a profile, by function, all threads in one.
    public init(
        grain: Grain = .function, threads: Set<ThreadId>? = nil, windowNanoseconds: Range<UInt64>? = nil,
        isInverted: Bool = false, isByThread: Bool = false, isPythonOnly: Bool = false, order: Order = .firstSeen,
        maximumDepth: Int = .max
    ) {
        self.grain = grain
        self.threads = threads
        self.windowNanoseconds = windowNanoseconds
        self.isInverted = isInverted
        self.isByThread = isByThread
        self.isPythonOnly = isPythonOnly
        self.order = order
        self.maximumDepth = maximumDepth
    }
}
