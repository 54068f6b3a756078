internal import Cells
internal import Linux
internal import PythonInspection

/// The asyncio tasks and the greenlets of a dump: as a tree of who waits for whom, and as JSON.
struct DumpTasks {
    private let tasks: PythonTasks
    private let threads: [UInt64: PythonThread]
    private let tree: TaskTree
    private let greenlets: DumpGreenlets

    init(_ tasks: PythonTasks, _ greenlets: PythonGreenlets, _ threads: [PythonThread]) {
        self.greenlets = DumpGreenlets(greenlets, threads)
        self.tasks = tasks
        self.threads = Dictionary(threads.map { ($0.pythonThreadId, $0) }) { first, _ in first }
        tree = TaskTree(tasks)
    }

    /// The tasks of a target.
    static func read<Process: RemoteProcess & ~Copyable>(
        _ process: inout Process, _ inspector: inout PythonInspector, _ threads: [PythonThread]
    ) throws(PythonInspectionError) -> DumpTasks {
        DumpTasks(try inspector.tasks(of: &process), try inspector.greenlets(of: &process), threads)
    }

    // MARK: Text

    func lines() -> [String] {
        guard !tasks.tasks.isEmpty || !tasks.loops.isEmpty || tasks.isIncomplete else {
            return greenlets.isEmpty ? ["", "No asyncio tasks and no greenlets."] : greenlets.lines()
        }
        var lines: [String] = []
        for loop in tasks.loops {
            lines += ["", heading(loop, tasks.tasks.count { $0.loop == loop.id })]
            for row in tree.rows(ofLoop: loop.id) { append(row, to: &lines) }
        }
        if tasks.isIncomplete {
            lines += ["", "(not all is here: the lists of tasks changed too fast to be read whole)"]
        }
        return lines + greenlets.lines()
    }

    private func heading(_ loop: PythonEventLoop, _ count: Int) -> String {
        var text = "Event loop \(visible(loop.type))"
        if let id = loop.pythonThreadId {
            let thread = threads[id]
            text += " of thread \(thread.map { String($0.tid) } ?? "·")"
            if let name = thread?.name { text += " \"\(visible(name))\"" }
        } else {
            text += ", run by no thread"
        }
        return text + ": \(count) \(count == 1 ? "task" : "tasks")"
    }

    private func append(_ row: TaskTree.Row, to lines: inout [String]) {
        let rest = "  " + row.levels.map { $0 ? "   " : "│  " }.joined()
        let first = row.levels.last.map { rest.dropLast(3) + ($0 ? "└─ " : "├─ ") } ?? rest
        switch row.content {
        case .tasks(let group):
            lines.append(first + names(group) + " " + words(group[0], under: row.parent, group.count > 1))
            let bar = rest + (row.hasMore ? "│  " : "   ")
            for frame in ownFrames(group[0]) { lines.append(bar + DumpTasks.text(frame)) }
        case .again(let task):
            lines.append(first + name(task) + (tree.inCycles.contains(task.id) ? ", in a circle" : "") + " (above)")
        case .chain(let count): lines.append(first + "… \(count) more tasks, each waits for the next")
        case .deeper(let count): lines.append(first + "… \(count) more \(count == 1 ? "task" : "tasks") below")
        }
    }

    /// Names of tasks that are alike: a few, or the first and the last and how many.
    private func names(_ group: [PythonTask]) -> String {
        if group.count <= 3 { return group.map(name).joined(separator: ", ") }
        return "\(name(group[0])) … \(name(group[group.count - 1])) (\(group.count) tasks)"
    }

    private func name(_ task: PythonTask) -> String {
        if let name = task.name { return visible(name) }
        return "Task of " + (task.frames.last.map { visible($0.qualifiedName ?? $0.function) } ?? "·")
    }

    private func words(_ task: PythonTask, under parent: UInt64?, _ isGroup: Bool) -> String {
        var text = task.state == .pending ? "" : task.state.rawValue
        if task.isTorn { text += (text.isEmpty ? "" : ", ") + "moved too fast to be read whole" }
        if let awaiting = task.awaiting {
            text += (text.isEmpty ? "" : ", ") + (isGroup ? "wait for " : "waits for ") + visible(awaiting.text)
            if let due = awaiting.dueSeconds, !isGroup {
                text += ", " + left(due - Double(KernelClock.monotonicNanoseconds()) / 1e9)
            }
        }
        if tree.inCycles.contains(task.id) { text += ", in a circle: it waits for itself" }
        let others = tree.waiters(of: task, except: parent)
        if !others.isEmpty { text += "; also awaited by " + others.prefix(5).map(name).joined(separator: ", ") }
        return text
    }

    private func left(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e9 else { return "never due" }
        let tenths = Int((seconds * 10).rounded())
        return tenths >= 0 ? "\(tenths / 10).\(tenths % 10) s left" : "due since \(-tenths / 10).\(-tenths % 10) s"
    }

    /// Frames without those of asyncio that are innermost: the words say what these do.
    private func ownFrames(_ task: PythonTask) -> [PythonFrame] {
        guard task.awaiting != nil else { return task.frames }
        let own = task.frames.drop { $0.file.contains("/asyncio/") }
        return own.isEmpty ? task.frames : Array(own)
    }

    static func text(_ frame: PythonFrame) -> String {
        "\(visible(frame.qualifiedName ?? frame.function)) (\(visible(frame.file)):\(frame.line.map { String($0) } ?? "·"))"
    }

    // MARK: JSON

    func json() -> [(String, Json)] {
        [
            ("eventLoops", .array(tasks.loops.map(json))), ("tasks", .array(tasks.tasks.map(json))),
            ("tasksComplete", .bool(!tasks.isIncomplete)),
        ] + greenlets.json()
    }

    private func json(_ loop: PythonEventLoop) -> Json {
        .object([
            ("id", identifier(loop.id)), ("type", .string(loop.type)), ("tid", tid(loop.pythonThreadId)),
            ("currentTask", loop.currentTask.map(identifier) ?? .null),
        ])
    }

    private func json(_ task: PythonTask) -> Json {
        .object([
            ("id", identifier(task.id)), ("name", .optional(task.name)), ("state", .string(task.state.rawValue)),
            ("loop", identifier(task.loop)), ("tid", tid(task.pythonThreadId)), ("torn", .bool(task.isTorn)),
            ("frames", .array(task.frames.map(DumpJson.frame))),
            ("awaiting", task.awaiting.map(json) ?? .null),
            ("awaitedBy", .array(task.awaitedBy.map(identifier))),
            ("inCycle", .bool(tree.inCycles.contains(task.id))),
        ])
    }

    private func json(_ awaiting: PythonAwaiting) -> Json {
        .object([
            ("kind", .string(awaiting.kind.rawValue)), ("text", .string(awaiting.text)),
            ("tasks", .array(awaiting.tasks.map(identifier))),
            ("dueMonotonicSeconds", awaiting.dueSeconds.map { .number($0) } ?? .null),
        ])
    }

    private func identifier(_ id: UInt64) -> Json { .integer(Int64(clamping: id)) }

    private func tid(_ pythonThreadId: UInt64?) -> Json {
        .optional(pythonThreadId.flatMap { threads[$0]?.tid })
    }
}
