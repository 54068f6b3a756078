/// The tasks of a loop as rows of a tree of who waits for whom: each task once, those that are alike in one row.
///
/// The target makes the tree, and may make it of any depth: long chains are folded, and what is too deep is counted.
public struct TaskTree: Sendable {
    /// One row, from the top.
    public struct Row: Sendable {
        /// What stands in it.
        public var content: Content
        /// The task above, which waits for this one.
        ///
        /// - Absent: for tasks that nobody waits for.
        public var parent: UInt64?
        /// For each level below the topmost one, whether nothing follows on it.
        public var levels: [Bool]
        /// Whether rows below belong to this one.
        public var hasMore: Bool
    }

    /// What a row stands for.
    public enum Content: Sendable {
        /// Tasks that are alike: one at least.
        case tasks([PythonTask])
        /// One that has a row further up.
        case again(PythonTask)
        /// So many tasks, each of which waits for the next; the last ones of them follow.
        case chain(Int)
        /// So many tasks that are too deep.
        case deeper(Int)
    }

    /// Tasks that wait for themselves over others.
    public let inCycles: Set<UInt64>
    private let tasks: [PythonTask]
    private let places: [UInt64: Int]
    /// Tasks that each one waits for, and that wait for it, in order.
    private let children: [[Int]]
    private let waiters: [[Int]]

    /// Levels that are shown, rows of a chain before and behind those that are folded, and fewest that are.
    private static let depthLimit = 40
    private static let chainHead = 3
    private static let chainTail = 3
    private static let fewestFolded = 4

    /// Orders tasks of all loops.
    public init(_ tasks: PythonTasks) {
        let all = tasks.tasks
        let places = Dictionary(all.indices.map { (all[$0].id, $0) }) { first, _ in first }
        let waiters = all.map { $0.awaitedBy.compactMap { places[$0] } }
        var children = [[Int]](repeating: [], count: all.count)
        for place in all.indices {
            for waiter in waiters[place] { children[waiter].append(place) }
        }
        (self.tasks, self.places, self.waiters, self.children) = (all, places, waiters, children)
        inCycles = tasks.inCycles
    }

    /// Tasks that wait for a task, without one of them.
    public func waiters(of task: PythonTask, except parent: UInt64?) -> [PythonTask] {
        guard let place = places[task.id] else { return [] }
        return waiters[place].map { tasks[$0] }.filter { $0.id != parent }
    }

    /// Rows of a loop: first the tasks that nobody waits for; what is left then waits in a circle.
    public func rows(ofLoop loop: UInt64) -> [Row] {
        var walk = Walk(printed: [Bool](repeating: false, count: tasks.count))
        let own = tasks.indices.filter { tasks[$0].loop == loop }
        append(below: nil, own.filter { waiters[$0].isEmpty }, &walk)
        for place in own where !walk.printed[place] { append(below: nil, [place], &walk) }
        return walk.rows
    }

    private struct Walk {
        var printed: [Bool]
        var rows: [Row] = []
        var open: [Step] = []
    }

    /// Groups that stand side by side, and which is next.
    private struct Step {
        var groups: [[Int]]
        var next = 0
        var parent: Int?
        var levels: [Bool] = []
        /// Links of the chain that leads here.
        var links = 0
    }

    private func append(below parent: Int?, _ roots: [Int], _ walk: inout Walk) {
        walk.open = [Step(groups: grouped(roots, walk.printed), parent: parent)]
        while var step = walk.open.popLast() {
            guard step.next < step.groups.count else { continue }
            let group = step.groups[step.next]
            step.next += 1
            let isRoot = walk.open.isEmpty
            let levels = isRoot ? [] : step.levels + [step.next == step.groups.count]
            walk.open.append(step)
            append(group, step, levels, &walk)
        }
    }

    private func append(_ group: [Int], _ step: Step, _ levels: [Bool], _ walk: inout Walk) {
        let place = group[0]
        let parent = step.parent.map { tasks[$0].id }
        guard !walk.printed[place] else {
            walk.rows.append(
                Row(content: .again(tasks[place]), parent: parent, levels: levels, hasMore: false))
            return
        }
        for place in group { walk.printed[place] = true }
        let below = children[place]
        walk.rows.append(
            Row(content: .tasks(group.map { tasks[$0] }), parent: parent, levels: levels, hasMore: !below.isEmpty))
        guard !below.isEmpty else { return }
        if levels.count >= TaskTree.depthLimit {
            let count = take(below, &walk)
            if count > 0 {
                walk.rows.append(
                    Row(content: .deeper(count), parent: tasks[place].id, levels: levels + [true], hasMore: false))
            }
            return
        }
        let links = waiters[place].count == 1 && children[waiters[place][0]].count == 1 ? step.links + 1 : 0
        if links == TaskTree.chainHead {
            let chain = self.chain(from: place, walk.printed)
            let folded = chain.count - TaskTree.chainTail
            if folded >= TaskTree.fewestFolded {
                for place in chain.prefix(folded) { walk.printed[place] = true }
                walk.rows.append(
                    Row(content: .chain(folded), parent: tasks[place].id, levels: levels + [true], hasMore: true))
                walk.open.append(
                    Step(
                        groups: [[chain[folded]]], parent: chain[folded - 1], levels: levels + [true],
                        links: links + folded + 1))
                return
            }
        }
        walk.open.append(
            Step(groups: grouped(below, walk.printed), parent: place, levels: levels, links: links))
    }

    /// Tasks below one, each of which is all that the one before waits for.
    private func chain(from place: Int, _ printed: [Bool]) -> [Int] {
        var chain: [Int] = []
        var last = place
        while children[last].count == 1, let next = children[last].first, waiters[next].count == 1, !printed[next],
            next != chain.first
        {
            chain.append(next)
            last = next
        }
        return chain
    }

    /// Marks all tasks below as printed; how many these are.
    private func take(_ below: [Int], _ walk: inout Walk) -> Int {
        var open = below
        var count = 0
        while let next = open.popLast() {
            guard !walk.printed[next] else { continue }
            walk.printed[next] = true
            count += 1
            open += children[next]
        }
        return count
    }

    /// Puts tasks together that are alike and wait for no other.
    private func grouped(_ places: [Int], _ printed: [Bool]) -> [[Int]] {
        var groups: [[Int]] = []
        var known: [Likeness: Int] = [:]
        for place in places {
            guard children[place].isEmpty, waiters[place].count < 2, !printed[place] else {
                groups.append([place])
                continue
            }
            let likeness = Likeness(tasks[place])
            if let group = known[likeness] {
                groups[group].append(place)
            } else {
                known[likeness] = groups.count
                groups.append([place])
            }
        }
        return groups
    }

    /// What makes two tasks alike.
    private struct Likeness: Hashable {
        var state: PythonTask.State
        var isTorn: Bool
        var awaiting: String?
        var frames: [PythonFrame]

        init(_ task: PythonTask) {
            (state, isTorn, frames) = (task.state, task.isTorn, task.frames)
            awaiting = task.awaiting?.text
        }
    }
}
