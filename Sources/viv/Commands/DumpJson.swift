internal import PythonInspection
internal import Samplers

/// A dump as JSON.
enum DumpJson {
    static func document(_ pid: Int32, _ dump: Dump) -> Json {
        var members: [(String, Json)] = [
            ("pid", .integer(Int64(pid))),
            (
                "python",
                .object([
                    ("version", .string(dump.version.numbers)), ("implementation", .string("CPython")),
                    ("freeThreaded", .bool(dump.version.isFreeThreaded)),
                ])
            ),
            (
                "threads",
                .array(
                    dump.snapshot.threads.map { thread($0, dump.native?.stacks[$0.tid]) }
                        + (dump.native.map(NativeText.workers) ?? []))
            ),
        ]
        members += [
            ("retries", .integer(Int64(dump.snapshot.tornReads))),
            ("tornThreads", .integer(Int64(dump.snapshot.threads.count { $0.isTorn }))),
        ]
        // With --native every thread is stopped, and says itself how long.
        members += [
            ("stops", .integer(Int64(dump.snapshot.stops))),
            ("stoppedMicroseconds", .number(Double(dump.snapshot.stoppedNanoseconds) / 1000)),
        ]
        members += dump.tasks?.json() ?? []
        members += dump.heap?.json() ?? []
        if let trouble = dump.heapTrouble {
            members += [("gc", .null), ("heap", .null), ("heapTrouble", .string("\(trouble)"))]
        }
        if let core = dump.core { members.append(("core", core.json())) }
        return .object(members)
    }

    private static func thread(_ thread: PythonThread, _ stack: MixedStack?) -> Json {
        var members: [(String, Json)] = [
            ("tid", .integer(Int64(clamping: thread.tid))),
            ("pythonThreadId", .integer(Int64(clamping: thread.pythonThreadId))), ("name", .optional(thread.name)),
            ("interpreter", .integer(thread.interpreter)), ("main", .bool(thread.isMain)),
            ("daemon", .optional(thread.isDaemon)), ("state", .string(thread.state.rawValue)),
            ("holdsGIL", .bool(thread.holdsGIL)),
            ("attachment", .optional(thread.attachment?.rawValue)), ("torn", .bool(thread.isTorn)),
            ("frames", .array(stack.map(NativeText.frames) ?? thread.frames.map(frame))),
        ]
        members += stack.map(NativeText.facts) ?? []
        return .object(members)
    }

    static func frame(_ frame: PythonFrame) -> Json {
        .object([
            ("kind", .string("python")), ("function", .string(frame.function)),
            ("qualifiedName", .optional(frame.qualifiedName)), ("file", .string(frame.file)),
            ("line", .optional(frame.line)), ("column", .optional(frame.column)),
            ("routine", .string(frame.routine.rawValue)), ("locals", DumpLocals.json(frame)),
        ])
    }
}
