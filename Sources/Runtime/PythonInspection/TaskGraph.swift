/// Finds out who waits for whom, and says in words what each task waits for.
struct TaskGraph {
    private let layout: PythonLayout
    private let asyncio: AsyncioLayout
    /// Most tasks that one task is said to wait for.
    private static let limit = 10_000
    private static let gatherDepth = 8

    init(_ layout: PythonLayout, _ asyncio: AsyncioLayout) {
        self.layout = layout
        self.asyncio = asyncio
    }

    /// Adds to tasks what they wait for and who waits for them.
    mutating func complete<Memory: RemoteMemory & ~Copyable>(
        _ tasks: inout [PythonTask], _ settled: [TaskReader.Settled], _ codes: [RemoteAddress: CodeEntry],
        _ timerHandle: RemoteAddress?, _ variables: inout FrameVariables, _ objects: inout RemoteObjects,
        in memory: inout Memory
    ) {
        let waiters = waiters(settled, &objects, &memory)
        let links = edges(settled, waiters, &objects, &memory)
        for (task, waiting) in links.awaitedBy.enumerated() {
            tasks[task].awaitedBy = waiting.map { settled[$0].record.address.rawValue }
        }
        var things = AwaitedThings(layout, objects.head, timerHandle, tasks)
        for (index, task) in settled.enumerated() where task.record.state == .pending {
            guard tasks[index].state != .running, !task.isTorn else { continue }
            tasks[index].awaiting = things.describe(
                task, waiters[index], links.awaits[index], codes, &variables, &objects, in: &memory)
        }
    }

    /// The future that a task waits for.
    struct Waiter {
        var address: RemoteAddress
        var kind: ObjectKind?
        /// Futures that are gathered in it.
        var children: [RemoteAddress] = []
        /// What its functions lead to.
        var targets = TaskCallbacks.Targets()
    }

    private func waiters<Memory: RemoteMemory & ~Copyable>(
        _ settled: [TaskReader.Settled], _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> [Waiter?] {
        var waiters = [Waiter?](repeating: nil, count: settled.count)
        let waiting = settled.indices.filter { settled[$0].record.waiter != nil }
        let addresses = waiting.compactMap { settled[$0].record.waiter }
        let kinds = objects.kinds(of: addresses, in: &memory)
        for ((index, address), kind) in zip(zip(waiting, addresses), kinds) {
            waiters[index] = Waiter(address: address, kind: kind)
            if kind?.name == "_GatheringFuture" {
                waiters[index]?.children = children(of: address, 0, &objects, &memory)
            }
        }
        let records = TaskRecords(layout, asyncio)
        let plain = waiting.filter { waiters[$0]?.kind?.isTask == false && waiters[$0]?.kind?.isFuture == true }
        let futures = plain.compactMap { waiters[$0]?.address }
        let callbacks = records.callbacks(ofFutures: futures, &objects, in: &memory)
        let targets = TaskCallbacks(layout).read(callbacks, &objects, in: &memory)
        for (index, target) in zip(plain, targets) { waiters[index]?.targets = target }
        return waiters
    }

    /// Futures that are gathered in one, those of inner ones in their places.
    private func children<Memory: RemoteMemory & ~Copyable>(
        of future: RemoteAddress, _ depth: Int, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> [RemoteAddress] {
        guard let list = objects.attributes(["_children"], of: future, in: &memory)["_children"],
            let items = objects.items(ofList: list, in: &memory), items.count <= TaskGraph.limit
        else { return [] }
        let kinds = objects.kinds(of: items, in: &memory)
        return zip(items, kinds).flatMap { item, kind in
            kind?.name == "_GatheringFuture" && depth < TaskGraph.gatherDepth
                ? children(of: item, depth + 1, &objects, &memory) : [item]
        }
    }

    // MARK: Who waits for whom

    private struct Edges {
        /// By task, places of tasks in the order they were found, each once.
        var awaits: [[Int]]
        var awaitedBy: [[Int]]
        private var known: Set<[Int]> = []

        init(_ count: Int) {
            awaits = [[Int]](repeating: [], count: count)
            awaitedBy = awaits
        }

        mutating func add(_ waiting: Int, for awaited: Int) {
            guard known.insert([waiting, awaited]).inserted else { return }
            awaits[waiting].append(awaited)
            awaitedBy[awaited].append(waiting)
        }
    }

    private func edges<Memory: RemoteMemory & ~Copyable>(
        _ settled: [TaskReader.Settled], _ waiters: [Waiter?], _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> Edges {
        var edges = Edges(settled.count)
        let places = Dictionary(settled.enumerated().map { ($1.record.address, $0) }) { first, _ in first }
        var waitingFor: [RemoteAddress: Int] = [:]
        for (index, waiter) in waiters.enumerated() {
            guard let waiter else { continue }
            waitingFor[waiter.address] = index
            for awaited in [waiter.address] + waiter.children {
                if let place = places[awaited] { edges.add(index, for: place) }
            }
        }
        let targets = TaskCallbacks(layout).read(settled.map(\.record.callbacks), &objects, in: &memory)
        let parents = groupParents(Set(targets.flatMap(\.owners)), &objects, &memory)
        for (index, target) in targets.enumerated() where settled[index].record.state == .pending {
            for owner in target.owners {
                if let waiting = places[parents[owner] ?? owner] { edges.add(waiting, for: index) }
            }
            for variable in target.variables {
                if let waiting = waitingFor[variable], waiting != index { edges.add(waiting, for: index) }
            }
        }
        for (index, task) in settled.enumerated() {
            guard let awaitedBy = task.record.awaitedBy else { continue }
            let waiting =
                task.record.isAwaitedBySet ? objects.items(ofSet: awaitedBy, in: &memory) ?? [] : [awaitedBy]
            for address in waiting {
                if let place = places[address] ?? waitingFor[address] { edges.add(place, for: index) }
            }
        }
        return edges
    }

    /// Tasks that own groups of tasks, by group.
    private func groupParents<Memory: RemoteMemory & ~Copyable>(
        _ owners: Set<RemoteAddress>, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> [RemoteAddress: RemoteAddress] {
        let owners = Array(owners)
        let kinds = objects.kinds(of: owners, in: &memory)
        var parents: [RemoteAddress: RemoteAddress] = [:]
        for (owner, kind) in zip(owners, kinds) where kind?.name == "TaskGroup" {
            parents[owner] = objects.attributes(["_parent_task"], of: owner, in: &memory)["_parent_task"]
        }
        return parents
    }
}
