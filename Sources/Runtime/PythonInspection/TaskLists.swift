/// Finds the tasks of all loops: in the lists that threads have of them since 3.14, in the sets of the module `asyncio.tasks` before, and for
/// tasks that were written in Python.
struct TaskLists {
    private let layout: PythonLayout
    private let asyncio: AsyncioLayout
    /// What the module has, by interpreter.
    private var sites: [RemoteAddress: Site] = [:]
    /// Tasks of the last walk by list, in their order: they are copied at once, and the links followed in the copies.
    private var known: [RemoteAddress: [RemoteAddress]] = [:]
    private var readingsUntilRefresh = 0
    private static let refreshInterval = 50
    /// Most tasks of one list.
    private static let limit = 200_000

    /// Where the module `asyncio.tasks` of an interpreter keeps its tasks.
    private struct Site {
        /// Of the sets, those that hold weak references.
        var weakSets: [RemoteAddress] = []
        var sets: [RemoteAddress] = []
        /// Tasks that run, by loop.
        var current: [RemoteAddress] = []
        var timerHandle: RemoteAddress?
        /// Dictionary of each thread in which it notes its loop, up to 3.12.
        var threadDictionary: Int?
    }

    /// All that was found of one interpreter.
    struct Found {
        var interpreter: RemoteAddress
        var threads: [ThreadList.Thread]
        /// Addresses of tasks, each once.
        var tasks: [RemoteAddress] = []
        /// Loop that each thread runs.
        var loops: [(thread: RemoteAddress, loop: RemoteAddress)] = []
        /// Tasks that run now, by loop.
        var current: [RemoteAddress: RemoteAddress] = [:]
        var timerHandle: RemoteAddress?
        /// Whether a list changed while it was followed, or could not be read.
        var isTorn = false
    }

    init(_ layout: PythonLayout, _ asyncio: AsyncioLayout) {
        self.layout = layout
        self.asyncio = asyncio
    }

    /// The tasks of an interpreter; nil where asyncio was never imported.
    mutating func find<Target: RemoteProcess & ~Copyable>(
        _ interpreter: RemoteAddress, _ threads: [ThreadList.Thread], _ objects: inout RemoteObjects,
        in memory: inout Target
    ) -> Found? {
        if sites[interpreter] == nil || readingsUntilRefresh <= 0 {
            readingsUntilRefresh = TaskLists.refreshInterval
            sites[interpreter] = site(of: interpreter, &objects, &memory)
        }
        readingsUntilRefresh -= 1
        guard let site = sites[interpreter] else { return nil }
        var found = Found(interpreter: interpreter, threads: threads, timerHandle: site.timerHandle)
        var seen: Set<RemoteAddress> = []
        if let thread = asyncio.thread {
            readThreads(threads, thread, &found, &objects, &memory)
            var heads = threads.map { $0.address + thread.head }
            if let head = asyncio.interpreterHead { heads.append(interpreter + head) }
            for head in heads {
                for task in walk(head, &found, &objects, &memory) where seen.insert(task).inserted {
                    found.tasks.append(task)
                }
            }
            if known.count > heads.count + 64 { known = known.filter { heads.contains($0.key) } }
        } else {
            readLoops(threads, &found, &objects, &memory)
        }
        for set in site.weakSets {
            guard let data = objects.attributes(["data"], of: set, in: &memory)["data"],
                let references = objects.items(ofSet: data, in: &memory)
            else {
                found.isTorn = true
                continue
            }
            for task in objects.referents(of: references, in: &memory) where seen.insert(task).inserted {
                found.tasks.append(task)
            }
        }
        for set in site.sets {
            let items = objects.items(ofSet: set, in: &memory)
            found.isTorn = found.isTorn || items == nil
            for task in items ?? [] where seen.insert(task).inserted {
                found.tasks.append(task)
            }
        }
        for dictionary in site.current {
            for (loop, task) in layout.entries(ofDict: dictionary, in: &memory) ?? [] { found.current[loop] = task }
        }
        return found
    }

    /// Looks the module up. Source: `sys.modules["asyncio.tasks"]`.
    private func site<Target: RemoteProcess & ~Copyable>(
        of interpreter: RemoteAddress, _ objects: inout RemoteObjects, _ memory: inout Target
    ) -> Site? {
        guard let modules = try? memory.pointer(interpreter + layout.interpreterModules) else { return nil }
        let found = objects.values(of: ["asyncio.tasks", "asyncio.events", "_asyncio"], inDict: modules, in: &memory)
        // The module's dictionary is the first field behind the object's head.
        func dictionary(_ name: String, _ memory: inout Target) -> RemoteAddress? {
            found[name].flatMap { try? memory.pointer($0 + objects.head) }
        }
        guard let tasks = dictionary("asyncio.tasks", &memory) else { return nil }
        var site = Site()
        let names = ["_all_tasks", "_scheduled_tasks", "_eager_tasks", "_current_tasks", "Task", "_PyTask"]
        let values = objects.values(of: names, inDict: tasks, in: &memory)
        site.weakSets = ["_all_tasks", "_scheduled_tasks"].compactMap { values[$0] }
        site.sets = values["_eager_tasks"].map { [$0] } ?? []
        site.current = values["_current_tasks"].map { [$0] } ?? []
        if layout.version.minor < 7 {
            // The class that is written in Python has them, and the module of the other one in variables of its own.
            for name in ["_PyTask", "Task"] {
                guard let type = values[name], let own = try? memory.pointer(type + layout["type.tp_dict"]) else {
                    continue
                }
                let values = objects.values(of: ["_all_tasks", "_current_tasks"], inDict: own, in: &memory)
                site.weakSets += values["_all_tasks"].map { [$0] } ?? []
                site.current += values["_current_tasks"].map { [$0] } ?? []
            }
            addVariables(to: &site, &objects, &memory)
        }
        if asyncio.node != nil, let module = found["_asyncio"] { addState(of: module, to: &site, &objects, &memory) }
        if let events = dictionary("asyncio.events", &memory) {
            site.timerHandle = objects.values(of: ["TimerHandle"], inDict: events, in: &memory)["TimerHandle"]
        }
        return site
    }

    /// Tasks of other classes that were registered with the module `_asyncio` since 3.14. Source: `asyncio_state.non_asyncio_tasks` and
    /// the field behind it, behind `PyModuleObject.md_state`.
    private func addState<Memory: RemoteMemory & ~Copyable>(
        of module: RemoteAddress, to site: inout Site, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) {
        let (weak, plain) = (48, 56)
        for field in 1...6 {
            guard let state = try? memory.pointer(module + objects.head + field * 8), state.rawValue > 0xffff,
                let words = try? memory.bytes(state, plain + 8)
            else { continue }
            let sets = [RemoteAddress(words.word(weak)), RemoteAddress(words.word(plain))]
            let kinds = objects.kinds(of: sets, in: &memory).map { $0?.name }
            guard kinds == ["WeakSet", "set"] else { continue }
            if !site.weakSets.contains(sets[0]) { site.weakSets.append(sets[0]) }
            if !site.sets.contains(sets[1]) { site.sets.append(sets[1]) }
            return
        }
    }

    /// What the variables of the module `_asyncio` of 3.6 lead to. Source: `all_tasks` and `current_tasks` of `_asynciomodule.c`.
    private func addVariables<Target: RemoteProcess & ~Copyable>(
        to site: inout Site, _ objects: inout RemoteObjects, _ target: inout Target
    ) {
        guard let mappings = try? target.mappings(),
            let module = mappings.first(where: { $0.fileOffset == 0 && $0.fileName.hasPrefix("_asyncio.") }),
            let image = ElfImage(at: module.start, in: &target),
            let data = RuntimeScan(of: image, in: &target).data, data.length <= 1 << 20,
            objects.budget.take(data.length),
            let bytes = try? target.bytes(data.address, data.length)
        else { return }
        var words: [RemoteAddress] = []
        for place in stride(from: 0, to: bytes.count - 7, by: 8) {
            let word = bytes.word(place)
            if word > 0xffff, word & 7 == 0, word < 1 << 48 { words.append(RemoteAddress(word)) }
        }
        for (word, kind) in zip(words, objects.kinds(of: words, in: &target)) {
            if kind?.name == "WeakSet", !site.weakSets.contains(word) { site.weakSets.append(word) }
            if kind?.name == "dict" { site.current.append(word) }
        }
    }

    // MARK: Loops of threads

    /// What thread states have since 3.14.
    private func readThreads<Memory: RemoteMemory & ~Copyable>(
        _ threads: [ThreadList.Thread], _ place: (loop: Int, task: Int, head: Int), _ found: inout Found,
        _ objects: inout RemoteObjects, _ memory: inout Memory
    ) {
        let loops = objects.copies(of: threads.map { $0.address + place.loop }, length: 8, in: &memory)
        let tasks = objects.copies(of: threads.map { $0.address + place.task }, length: 8, in: &memory)
        for (index, thread) in threads.enumerated() {
            guard let loop = loops.pointer(index, 0) else { continue }
            found.loops.append((thread.address, loop))
            if let task = tasks.pointer(index, 0) { found.current[loop] = task }
        }
    }

    /// Loops that run in threads before 3.14. Source: the key `__asyncio_running_event_loop__` of `PyThreadState.dict`; in 3.13
    /// `_PyThreadStateImpl.asyncio_running_loop`.
    private func readLoops<Memory: RemoteMemory & ~Copyable>(
        _ threads: [ThreadList.Thread], _ found: inout Found, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) {
        let isField = layout.version.minor == 13
        let offset = isField ? layout["tstate_impl.asyncio_running_loop"] : layout["tstate.dict"]
        guard offset > 0 else { return }
        let words = objects.copies(of: threads.map { $0.address + offset }, length: 8, in: &memory)
        for (index, thread) in threads.enumerated() {
            guard let word = words.pointer(index, 0) else { continue }
            if isField {
                found.loops.append((thread.address, word))
                continue
            }
            let name = "__asyncio_running_event_loop__"
            guard var loop = objects.values(of: [name], inDict: word, in: &memory)[name] else { continue }
            if objects.kinds(of: [loop], in: &memory)[0]?.name.hasSuffix("_RunningLoopHolder") == true {
                guard let held = try? memory.pointer(loop + objects.head) else { continue }
                loop = held
            }
            // None, where no loop runs any longer.
            if objects.kinds(of: [loop], in: &memory)[0]?.name == "NoneType" { continue }
            found.loops.append((thread.address, loop))
        }
    }

    // MARK: Linked lists

    /// Tasks of one list, each link followed; the whole is tried again where a link does not lead back.
    private mutating func walk<Memory: RemoteMemory & ~Copyable>(
        _ head: RemoteAddress, _ found: inout Found, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> [RemoteAddress] {
        guard let node = asyncio.node else { return [] }
        var best: [RemoteAddress] = []
        for _ in 0..<8 {
            let expected = known[head] ?? []
            let (nodes, isWhole) = follow(head, expected, &objects, &memory)
            known[head] = nodes
            best = nodes.count > best.count || isWhole ? nodes : best
            if isWhole { return nodes.map { $0 + -node } }
        }
        found.isTorn = true
        return best.map { $0 + -node }
    }

    /// Nodes from a head on, and whether the list led back to it.
    private func follow<Memory: RemoteMemory & ~Copyable>(
        _ head: RemoteAddress, _ expected: [RemoteAddress], _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> ([RemoteAddress], isWhole: Bool) {
        var links: [RemoteAddress: (next: RemoteAddress, previous: RemoteAddress)] = [:]
        let copies = objects.copies(of: [head] + expected, length: 16, in: &memory)
        for (index, address) in ([head] + expected).enumerated() {
            guard let next = copies.pointer(index, 0), let previous = copies.pointer(index, 8) else { continue }
            links[address] = (next, previous)
        }
        var nodes: [RemoteAddress] = []
        var seen: Set<RemoteAddress> = []
        var last = head
        // A head without links is that of a list which nothing was ever put on; one that cannot be read may be of any.
        guard var next = links[head]?.next else { return ([], copies.has(0)) }
        while next != head {
            guard nodes.count < TaskLists.limit, seen.insert(next).inserted else { return (nodes, false) }
            var link = links[next]
            if link == nil, objects.budget.take(16), let bytes = try? memory.bytes(next, 16) {
                link = (RemoteAddress(bytes.word(0)), RemoteAddress(bytes.word(8)))
            }
            guard let link, link.previous == last else { return (nodes, false) }
            nodes.append(next)
            last = next
            next = link.next
        }
        return (nodes, true)
    }
}
