/// Says in words what suspended tasks wait for: by the frames of asyncio that they stand in, and the future that they wait for.
struct AwaitedThings {
    private let layout: PythonLayout
    private let head: Int
    private let timerHandle: RemoteAddress?
    private let tasks: [PythonTask]
    private let places: [UInt64: Int]
    /// Where timers keep their time, once it was looked up.
    private var timeOffset: Int??

    init(_ layout: PythonLayout, _ head: Int, _ timerHandle: RemoteAddress?, _ tasks: [PythonTask]) {
        self.layout = layout
        self.head = head
        self.timerHandle = timerHandle
        self.tasks = tasks
        places = Dictionary(tasks.indices.map { (tasks[$0].id, $0) }) { first, _ in first }
    }

    /// A frame of asyncio's own.
    private struct Step {
        var module: Substring
        var function: String
        var qualifiedName: String?
        var link: CoroutineChains.Link
    }

    /// What a task waits for.
    mutating func describe<Memory: RemoteMemory & ~Copyable>(
        _ task: TaskReader.Settled, _ waiter: TaskGraph.Waiter?, _ awaits: [Int],
        _ codes: [RemoteAddress: CodeEntry], _ variables: inout FrameVariables, _ objects: inout RemoteObjects,
        in memory: inout Memory
    ) -> PythonAwaiting? {
        let links = task.chain.links
        guard let innermost = links.last else {
            let kind = task.chain.end.flatMap { objects.kinds(of: [$0], in: &memory)[0] }
            return PythonAwaiting(.other, kind.map { "a \($0.name), which has no Python frames" } ?? "nothing known")
        }
        if innermost.state == .created, links.count == 1 { return PythonAwaiting(.start, "its first turn") }
        var steps: [Step] = []
        for link in links.reversed() {
            guard let code = codes[link.code], let module = AwaitedThings.module(of: code.file) else { break }
            steps.append(
                Step(module: module, function: code.function, qualifiedName: code.qualifiedName, link: link))
        }
        let caller = links.count > steps.count ? links[links.count - steps.count - 1] : nil
        guard let waiter else { return PythonAwaiting(.turn, "its turn") }
        let ids = awaits.map { tasks[$0].id }
        var thing: PythonAwaiting?
        // From the outermost one inwards: it is what the program called.
        for step in steps.reversed() {
            thing = describe(step, caller, awaits, ids, &variables, &objects, &memory)
            if thing != nil { break }
        }
        var found = thing ?? self.future(waiter, innermost, awaits, ids, &variables, &objects, &memory)
        found.tasks = ids
        if let limit = steps.first(where: { $0.module == "tasks" && $0.function == "wait_for" }) {
            let values = variables.values(of: limit.link, &objects, in: &memory)
            if let timeout = values.first(where: { $0.name == "timeout" })?.value,
                let seconds = objects.number(at: timeout, in: &memory)
            {
                found.text += ", for at most \(AwaitedThings.text(seconds)) s"
            }
        }
        return found
    }

    /// The name of a module of asyncio by the path of its file; nil for any other.
    static func module(of file: String) -> Substring? {
        let parts = file.split(separator: "/").suffix(2)
        guard parts.count == 2, parts.first == "asyncio", let last = parts.last, last.hasSuffix(".py") else {
            return nil
        }
        return last.dropLast(3)
    }

    // MARK: By the frames of asyncio

    private mutating func describe<Memory: RemoteMemory & ~Copyable>(
        _ step: Step, _ caller: CoroutineChains.Link?, _ awaits: [Int], _ ids: [UInt64],
        _ variables: inout FrameVariables, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> PythonAwaiting? {
        /// `self` of the frame by the name that the caller has for it, behind the name of its class.
        func object(_ variables: inout FrameVariables, _ objects: inout RemoteObjects, _ memory: inout Memory)
            -> (type: String, text: String)
        {
            let values = variables.values(of: step.link, &objects, in: &memory)
            guard let owner = values.first(where: { $0.name == "self" })?.value else {
                return ("object", "an object")
            }
            let type = objects.kinds(of: [owner], in: &memory)[0]?.name ?? "object"
            let name = caller.flatMap { variables.name(of: owner, in: $0, &objects, in: &memory) }
            let article = "AEIOU".contains(type.first ?? "x") ? "an " : "a "
            return (type, name.map { type + " " + $0 } ?? article + type)
        }
        switch (step.module, step.function) {
        case ("tasks", "sleep"): return sleep(step.link, &variables, &objects, &memory)
        case ("tasks", "wait"), ("tasks", "_wait"):
            let values = variables.values(of: step.link, &objects, in: &memory)
            let rule = values.first { $0.name == "return_when" }.flatMap { layout.text(at: $0.value, in: &memory) }
            let which = rule == "FIRST_COMPLETED" ? "the first of " : rule == "FIRST_EXCEPTION" ? "an error in " : ""
            return PythonAwaiting(.wait, which + list(awaits, "tasks"))
        case ("tasks", "_wait_for_one"), ("tasks", "__anext__"):
            return PythonAwaiting(.wait, "the next of " + list(awaits, "tasks"))
        case ("taskgroups", _): return PythonAwaiting(.taskGroup, "a TaskGroup of " + list(awaits, "tasks"))
        case ("locks", let function):
            let owner = object(&variables, &objects, &memory)
            return AwaitedThings.lock(owner.type, owner.text, function)
        case ("queues", let function):
            let text = object(&variables, &objects, &memory).text
            switch function {
            case "get": return PythonAwaiting(.queue, "an item in \(text)")
            case "put": return PythonAwaiting(.queue, "room in \(text)")
            default: return PythonAwaiting(.queue, "\(text) to be worked off")
            }
        case ("streams", let function):
            let text = object(&variables, &objects, &memory).text
            return PythonAwaiting(.stream, function == "drain" ? "\(text) to drain" : "\(function)() of \(text)")
        case ("subprocess", let function), ("base_subprocess", let function):
            return PythonAwaiting(.process, "\(function)() of \(object(&variables, &objects, &memory).text)")
        case ("threads", "to_thread"):
            let values = variables.values(of: step.link, &objects, in: &memory)
            let called = values.first { $0.name == "func" }?.value
            let name = called.flatMap { functionName($0, &objects, &memory) }
            return PythonAwaiting(.executor, "\(name.map { $0 + "()" } ?? "a function") in another thread")
        case (_, let function) where function.hasPrefix("sock_") || function == "_sock_sendfile_native":
            return socket(step, &variables, &objects, &memory)
        case ("tasks", _), ("futures", _), ("timeouts", _), ("runners", _), ("coroutines", _), ("mixins", _): return nil
        default: return PythonAwaiting(.other, "\(step.qualifiedName ?? step.function)()")
        }
    }

    private static func lock(_ type: String, _ text: String, _ function: String) -> PythonAwaiting {
        switch type {
        case "Event": PythonAwaiting(.event, "\(text) to be set")
        case "Condition": PythonAwaiting(.condition, function == "acquire" ? text : "\(text) to be notified")
        case "Semaphore", "BoundedSemaphore": PythonAwaiting(.semaphore, "a place in \(text)")
        case "Barrier": PythonAwaiting(.barrier, "\(text) to fill")
        default: PythonAwaiting(.lock, text)
        }
    }

    private mutating func sleep<Memory: RemoteMemory & ~Copyable>(
        _ link: CoroutineChains.Link, _ variables: inout FrameVariables, _ objects: inout RemoteObjects,
        _ memory: inout Memory
    ) -> PythonAwaiting {
        let values = variables.values(of: link, &objects, in: &memory)
        let delay = values.first { $0.name == "delay" }.flatMap { objects.number(at: $0.value, in: &memory) }
        var due: Double?
        if let timer = values.first(where: { $0.name == "h" })?.value, let timerHandle,
            let type = try? memory.pointer(timer + layout.typePointer), type == timerHandle
        {
            let offset = timeOffset ?? objects.offset(ofSlot: "_when", inType: timerHandle, in: &memory)
            timeOffset = .some(offset)
            if let offset, let when = try? memory.pointer(timer + offset) {
                due = objects.number(at: when, in: &memory)
            }
        }
        return PythonAwaiting(.sleep, "sleep(\(delay.map(AwaitedThings.text) ?? "·"))", dueSeconds: due)
    }

    private func socket<Memory: RemoteMemory & ~Copyable>(
        _ step: Step, _ variables: inout FrameVariables, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> PythonAwaiting {
        let values = variables.values(of: step.link, &objects, in: &memory)
        // The descriptor is the first field of a socket. Source: `PySocketSockObject.sock_fd`.
        if let socket = values.first(where: { $0.name == "sock" })?.value,
            objects.kinds(of: [socket], in: &memory)[0]?.name.hasSuffix("socket") == true,
            let descriptor = try? memory.bytes(socket + head, 4).int(0), descriptor >= 0
        {
            return PythonAwaiting(.socket, "\(step.function)() on descriptor \(descriptor)")
        }
        return PythonAwaiting(.socket, "\(step.function)()")
    }

    // MARK: By the future

    private func future<Memory: RemoteMemory & ~Copyable>(
        _ waiter: TaskGraph.Waiter, _ innermost: CoroutineChains.Link, _ awaits: [Int], _ ids: [UInt64],
        _ variables: inout FrameVariables, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> PythonAwaiting {
        if waiter.kind?.isTask == true {
            return PythonAwaiting(.task, places[waiter.address.rawValue].map(label) ?? "a task that ended")
        }
        if waiter.kind?.name == "_GatheringFuture" {
            return PythonAwaiting(.gather, "all of " + list(awaits, "tasks"))
        }
        let functions = waiter.targets.functions
        if functions.contains("_outer_done_callback") {
            return PythonAwaiting(.task, list(awaits, "tasks") + ", shielded")
        }
        if functions.contains("_call_check_cancel") {
            return PythonAwaiting(.executor, "a function in another thread or process")
        }
        if !awaits.isEmpty { return PythonAwaiting(.wait, list(awaits, "tasks")) }
        let name = variables.name(of: waiter.address, in: innermost, &objects, in: &memory)
        return PythonAwaiting(.future, name.map { "Future " + $0 } ?? "a Future")
    }

    // MARK: Texts

    /// A task by its name; by its coroutine where it has none.
    private func label(_ place: Int) -> String {
        let task = tasks[place]
        return "task " + (task.name ?? task.frames.last.map { $0.function + "()" } ?? "·")
    }

    /// One task by name, several as a number.
    private func list(_ places: [Int], _ noun: String) -> String {
        places.count == 1 ? label(places[0]) : "\(places.count) \(noun)"
    }

    /// A number of seconds as people write it.
    static func text(_ seconds: Double) -> String {
        let text = "\(seconds)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private func functionName<Memory: RemoteMemory & ~Copyable>(
        _ function: RemoteAddress, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> String? {
        guard objects.kinds(of: [function], in: &memory)[0]?.role == .function,
            let name = try? memory.pointer(function + layout["function.func_name"])
        else { return nil }
        return layout.text(at: name, limit: 256, in: &memory)
    }
}
