import Cells
import Model
import PythonInspection

/// Asyncio tasks as lines, a tree for each loop, of who waits for whom; then greenlets, under those that go on after them.
struct TaskLines {
    /// One line; what is empty is not drawn.
    struct Line: Equatable {
        /// Branches of the tree.
        var branch = ""
        /// Name of a task or title of a loop.
        var name: String
        /// What it waits for or does.
        var words = ""
        /// Calls from the outermost to the innermost that is not the library's own, and where that one is.
        var place = ""
        /// Whether it is the title of a loop.
        var isTitle = false
        /// Whether it needs attention: it waits for itself, or could not be read whole.
        var isWrong = false
        /// Whether it runs now.
        var runs = false
    }

    let snapshot: TaskSnapshot
    private let tree: TaskTree
    var lines: [Line] = []

    /// Lines of all loops; tasks that are alike share one.
    static func lines(of snapshot: TaskSnapshot, thread: UInt64? = nil) -> [Line] {
        var made = TaskLines(snapshot)
        for loop in snapshot.tasks.loops {
            if let thread, loop.pythonThreadId.flatMap({ snapshot.threads[$0]?.tid }) != thread { continue }
            made.append(loop)
        }
        made.appendGreenlets(thread: thread)
        if snapshot.isMissingGreenlets {
            made.lines.append(
                Line(
                    name: "", words: "the lists of objects could not be read whole: greenlets may be missing",
                    isWrong: true))
        }
        if snapshot.tasks.isIncomplete {
            made.lines.append(
                Line(name: "", words: "the lists of tasks changed too fast to be read whole", isWrong: true))
        }
        return made.lines
    }

    private init(_ snapshot: TaskSnapshot) {
        self.snapshot = snapshot
        tree = TaskTree(snapshot.tasks)
    }

    private mutating func append(_ loop: PythonEventLoop) {
        let count = snapshot.tasks.tasks.count { $0.loop == loop.id }
        var title = TaskLines.bare(loop.type)
        if let id = loop.pythonThreadId {
            let thread = snapshot.threads[id]
            title += " of thread \(thread.map { String($0.tid) } ?? "·")"
            if let name = thread?.name { title += " " + name }
        } else {
            title += ", run by no thread"
        }
        title += "  \(count) \(count == 1 ? "task" : "tasks")"
        lines.append(Line(name: title, isTitle: true))
        for row in tree.rows(ofLoop: loop.id) { lines.append(line(row)) }
    }

    private func line(_ row: TaskTree.Row) -> Line {
        let rest = " " + row.levels.map { $0 ? "  " : "│ " }.joined()
        let branch = row.levels.last.map { rest.dropLast(2) + ($0 ? "└ " : "├ ") } ?? rest
        switch row.content {
        case .tasks(let group):
            let task = group[0]
            return Line(
                branch: branch, name: names(group), words: words(task, under: row.parent, isGroup: group.count > 1),
                place: TaskLines.chain(task.frames), isWrong: tree.inCycles.contains(task.id) || task.isTorn,
                runs: task.state == .running)
        case .again(let task):
            let isWrong = tree.inCycles.contains(task.id)
            return Line(
                branch: branch, name: name(task), words: isWrong ? "waits for itself (above)" : "(above)",
                isWrong: isWrong || task.isTorn)
        case .chain(let count):
            return Line(branch: branch, name: "…", words: "\(count) more tasks, each waits for the next")
        case .deeper(let count):
            return Line(branch: branch, name: "…", words: "\(count) more \(count == 1 ? "task" : "tasks") below")
        }
    }

    private func names(_ group: [PythonTask]) -> String {
        if group.count <= 2 { return group.map(name).joined(separator: ", ") }
        return "\(name(group[0])) … \(name(group[group.count - 1])) (\(group.count))"
    }

    private func name(_ task: PythonTask) -> String {
        task.name ?? "Task of " + (task.frames.last.map { $0.qualifiedName ?? $0.function } ?? "·")
    }

    private func words(_ task: PythonTask, under parent: UInt64?, isGroup: Bool) -> String {
        var parts: [String] = []
        if task.state != .pending { parts.append(task.state.rawValue) }
        if task.isTorn { parts.append("moved too fast to be read whole") }
        if let awaiting = task.awaiting {
            parts.append((isGroup ? "wait for " : "waits for ") + awaiting.text)
            if let due = awaiting.dueSeconds, !isGroup { parts.append(left(due - snapshot.monotonicSeconds)) }
        }
        if tree.inCycles.contains(task.id) { parts.append("waits for itself in a circle") }
        let others = tree.waiters(of: task, except: parent).count
        if others > 0 { parts.append("awaited by \(others) more") }
        // What waits says for what; what does not is either due or was never begun.
        if parts.isEmpty { parts.append(task.state.rawValue) }
        return parts.joined(separator: ", ")
    }

    private func left(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e9 else { return "never due" }
        return seconds >= 0 ? "\(NumberText.fixed(seconds, 1)) s left" : "due since \(NumberText.fixed(-seconds, 1)) s"
    }

    /// `main › fetch › Pool.get shop/pool.py:31`, without the frames of the libraries that wait for everybody.
    static func chain(_ frames: [PythonFrame]) -> String {
        var own = frames.filter { frame in
            !["/asyncio/", "/gevent/", "/greenlet/", "/eventlet/"].contains { frame.file.contains($0) }
        }
        if own.isEmpty { own = frames }
        guard let innermost = own.first else { return "" }
        var names = own.reversed().map { $0.qualifiedName ?? $0.function }
        if names.count > chainLimit { names.replaceSubrange(3..<names.count - (chainLimit - 4), with: ["…"]) }
        return names.joined(separator: " › ") + " " + StacksPanel.place(of: innermost)
    }

    /// Names of a chain that are shown.
    private static let chainLimit = 9

    /// A class without its module.
    static func bare(_ type: String) -> String { type.split(separator: ".").last.map(String.init) ?? type }
}
