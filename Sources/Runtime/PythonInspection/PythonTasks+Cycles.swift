extension PythonTasks {
    /// Tasks that wait for themselves over others: none of them will ever go on.
    ///
    /// By Tarjan's strongly connected components, without recursion: chains of tasks may be long.
    public var inCycles: Set<UInt64> {
        let places = Dictionary(tasks.indices.map { (tasks[$0].id, $0) }) { first, _ in first }
        let awaitedBy = tasks.map { $0.awaitedBy.compactMap { places[$0] } }
        var order = [Int?](repeating: nil, count: tasks.count)
        var lowest = [Int](repeating: 0, count: tasks.count)
        var isOpen = [Bool](repeating: false, count: tasks.count)
        var open: [Int] = []
        var path: [(place: Int, next: Int)] = []
        var visited = 0
        var found: Set<UInt64> = []

        func enter(_ place: Int) {
            order[place] = visited
            lowest[place] = visited
            visited += 1
            isOpen[place] = true
            open.append(place)
            path.append((place, 0))
        }

        for root in tasks.indices where order[root] == nil {
            enter(root)
            while let (place, next) = path.last {
                if next < awaitedBy[place].count {
                    path[path.count - 1].next += 1
                    let waiting = awaitedBy[place][next]
                    if let seen = order[waiting] {
                        if isOpen[waiting] { lowest[place] = min(lowest[place], seen) }
                    } else {
                        enter(waiting)
                    }
                    continue
                }
                path.removeLast()
                if let caller = path.last?.place { lowest[caller] = min(lowest[caller], lowest[place]) }
                guard lowest[place] == order[place] else { continue }
                var component: [Int] = []
                repeat {
                    component.append(open.removeLast())
                    isOpen[component[component.count - 1]] = false
                } while component.last != place
                if component.count > 1 || awaitedBy[place].contains(place) {
                    found.formUnion(component.map { tasks[$0].id })
                }
            }
        }
        return found
    }
}
