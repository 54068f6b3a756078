internal import ArgumentParser
internal import Cells
internal import Linux
internal import Model
internal import PythonInspection
internal import Samplers

/// `viv dump`: Python stacks of all threads now.
struct DumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Print the Python stacks of all threads, without stopping the process.",
        discussion: """
            Reads CPython 3.11, 3.12 and 3.13. Frames are printed innermost first. \
            The process is neither stopped nor written to; a thread that moved too \
            fast to be read whole says so.

            EXAMPLES
              viv dump 4121
              viv dump gunicorn --json
              viv dump :8000

            EXIT STATUS
              1  no Python, or a version that is not read yet
              3  its memory may not be read: needs CAP_SYS_PTRACE, or its owner with
                 kernel.yama.ptrace_scope=0
            """)

    @Argument(help: "Process: pid, :PORT or text.", completion: Completions.target) var target: String
    @Flag(help: "One JSON document.") var json = false

    func run() throws {
        var reading = try TableReading()
        let table = try reading.table(.arguments)
        let found = try Target.resolve(target, in: table)
        let identity = found.identity
        guard found.row.state != UInt8(ascii: "Z") else {
            throw Failure(
                .gone, "process \(identity.pid) is a zombie: it ended and waits for its parent \(found.row.parent)")
        }
        var sampler: StackSampler
        do {
            sampler = try StackSampler()
        } catch {
            throw Failure(.failed, "/proc cannot be read: \(error)")
        }
        switch try sampler.sample(identity) {
        case .none, .ended: throw Failure(.gone, "process \(identity.pid) ended meanwhile")
        case .unavailable(_, let error): throw DumpCommand.failure(error, identity.pid)
        case .snapshot(_, let version, let snapshot):
            if json {
                Output.line(StackJson.document(identity.pid, version, snapshot).text)
            } else {
                let command = table.commandLine(of: found.row)
                for line in StackText.lines(identity.pid, command, version, snapshot) { Output.line(line) }
            }
        }
    }

    /// The failure with the exit code of the contract.
    private static func failure(_ error: PythonInspectionError, _ pid: Int32) -> Failure {
        let code: Failure.Code =
            switch error {
            case .memory(.refused): .refused
            case .memory(.gone): .gone
            default: .failed
            }
        return Failure(code, "process \(pid): \(error)")
    }
}

/// A dump as text.
enum StackText {
    static func lines(_ pid: Int32, _ command: String, _ version: PythonVersion, _ snapshot: PythonSnapshot) -> [String]
    {
        var lines = ["Process \(pid): \(visible(command))", "CPython \(version)"]
        for thread in snapshot.threads {
            let name = thread.name.map { "\"\(visible($0))\"" } ?? "(no name)"
            lines.append("")
            lines.append(
                "Thread \(thread.tid) \(name) \(thread.state.rawValue)" + (thread.holdsGIL ? ", holds the GIL" : ""))
            if thread.isTorn {
                lines.append("    (moved too fast to be read whole)")
            } else if thread.frames.isEmpty {
                lines.append("    (no Python frame)")
            }
            for frame in thread.frames {
                let line = frame.line.map { String($0) } ?? "·"
                lines.append("    \(visible(frame.qualifiedName ?? frame.function)) (\(visible(frame.file)):\(line))")
            }
        }
        return lines
    }
}

/// A dump as JSON.
enum StackJson {
    static func document(_ pid: Int32, _ version: PythonVersion, _ snapshot: PythonSnapshot) -> Json {
        .object([
            ("pid", .integer(Int64(pid))),
            (
                "python",
                .object([
                    ("version", .string("\(version)")), ("implementation", .string("CPython")),
                    ("freeThreaded", .bool(version.isFreeThreaded)),
                ])
            ),
            ("threads", .array(snapshot.threads.map(thread))),
        ])
    }

    private static func thread(_ thread: PythonThread) -> Json {
        .object([
            ("tid", .integer(Int64(clamping: thread.tid))),
            ("pythonThreadId", .integer(Int64(clamping: thread.pythonThreadId))), ("name", .optional(thread.name)),
            ("main", .bool(thread.isMain)), ("state", .string(thread.state.rawValue)),
            ("holdsGIL", .bool(thread.holdsGIL)), ("torn", .bool(thread.isTorn)),
            ("frames", .array(thread.frames.map(frame))),
        ])
    }

    private static func frame(_ frame: PythonFrame) -> Json {
        .object([
            ("kind", .string("python")), ("function", .string(frame.function)),
            ("qualifiedName", .optional(frame.qualifiedName)), ("file", .string(frame.file)),
            ("line", .optional(frame.line)), ("locals", .null),
        ])
    }
}
