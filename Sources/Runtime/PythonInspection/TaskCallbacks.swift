/// Finds out whom futures will wake: what the functions lead to that they call when they are done.
struct TaskCallbacks {
    private let layout: PythonLayout
    private let closure: Int
    private let functionName: Int
    /// Most functions of one future, and most variables of one function that are looked at.
    private static let limit = 4_096
    private static let variableLimit = 16

    /// What the functions of one future lead to.
    struct Targets: Hashable {
        /// Objects whose methods they are: a task that waits, a group of tasks.
        var owners: [RemoteAddress] = []
        /// Variables of closures, and arguments of partial functions.
        var variables: [RemoteAddress] = []
        /// Names of the plain functions among them.
        var functions: [String] = []
    }

    init(_ layout: PythonLayout) {
        self.layout = layout
        closure = layout["function.func_code"] + (layout.version.minor < 10 ? 32 : 24)
        functionName = layout["function.func_name"]
    }

    /// What the functions of each future lead to.
    func read<Memory: RemoteMemory & ~Copyable>(
        _ callbacks: [TaskRecords.Callbacks], _ objects: inout RemoteObjects, in memory: inout Memory
    ) -> [Targets] {
        var targets = [Targets](repeating: Targets(), count: callbacks.count)
        let functions = functions(callbacks, &objects, &memory)
        let copies = objects.copies(
            of: functions.map(\.function), length: max(closure, functionName) + 8, in: &memory)
        var tuples: [(future: Int, tuple: RemoteAddress, isClosure: Bool)] = []
        var named: [(future: Int, name: RemoteAddress)] = []
        for (index, future) in functions.map(\.future).enumerated() {
            guard let type = copies.pointer(index, layout.typePointer),
                let kind = objects.kind(ofType: type, in: &memory)
            else { continue }
            switch kind.role {
            case .wrapper:
                if let task = copies.pointer(index, objects.head) { targets[future].owners.append(task) }
            case .builtin, .method:
                if let owner = copies.pointer(index, objects.head + 8) { targets[future].owners.append(owner) }
            case .partial:
                if let arguments = copies.pointer(index, objects.head + 8) {
                    tuples.append((future, arguments, false))
                }
            case .function:
                if let name = copies.pointer(index, functionName) { named.append((future, name)) }
                if let cells = copies.pointer(index, closure) { tuples.append((future, cells, true)) }
            default: continue
            }
        }
        for ((future, _), name) in zip(named, objects.texts(at: named.map(\.name), in: &memory)) {
            if let name { targets[future].functions.append(name) }
        }
        for (future, object) in contents(tuples, &objects, &memory) { targets[future].variables.append(object) }
        return targets
    }

    /// The functions themselves: a list has pairs of a function and its context; in 3.6 functions.
    private func functions<Memory: RemoteMemory & ~Copyable>(
        _ callbacks: [TaskRecords.Callbacks], _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> [(future: Int, function: RemoteAddress)] {
        var functions: [(future: Int, function: RemoteAddress)] = []
        var pairs: [(future: Int, pair: RemoteAddress)] = []
        for (future, callback) in callbacks.enumerated() {
            if let first = callback.first { functions.append((future, first)) }
            guard let list = callback.list, let items = objects.items(ofList: list, in: &memory) else { continue }
            for item in items.prefix(TaskCallbacks.limit) {
                if layout.version.minor < 7 { functions.append((future, item)) } else { pairs.append((future, item)) }
            }
        }
        let place = layout["tuple.ob_item"]
        let copies = objects.copies(of: pairs.map(\.pair), length: place + 8, in: &memory)
        for (index, (future, _)) in pairs.enumerated() {
            if let function = copies.pointer(index, place) { functions.append((future, function)) }
        }
        return functions
    }

    /// What lies in tuples, and in the cells of those that are closures.
    private func contents<Memory: RemoteMemory & ~Copyable>(
        _ tuples: [(future: Int, tuple: RemoteAddress, isClosure: Bool)], _ objects: inout RemoteObjects,
        _ memory: inout Memory
    ) -> [(future: Int, object: RemoteAddress)] {
        var found: [(future: Int, object: RemoteAddress)] = []
        var cells: [(future: Int, cell: RemoteAddress)] = []
        let first = layout["tuple.ob_item"]
        let copies = objects.copies(
            of: tuples.map(\.tuple), length: first + TaskCallbacks.variableLimit * 8, in: &memory)
        for (index, (future, _, isClosure)) in tuples.enumerated() {
            let count = min(copies.word(index, layout.itemCount) ?? 0, UInt64(TaskCallbacks.variableLimit))
            for item in 0..<Int(count) {
                guard let object = copies.pointer(index, first + item * 8) else { continue }
                if isClosure { cells.append((future, object)) } else { found.append((future, object)) }
            }
        }
        let inside = objects.copies(of: cells.map(\.cell), length: objects.head + 8, in: &memory)
        for (index, (future, _)) in cells.enumerated() {
            if let object = inside.pointer(index, objects.head) { found.append((future, object)) }
        }
        return found
    }
}
