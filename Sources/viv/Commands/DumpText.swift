internal import Cells
internal import PythonInspection

/// A dump as text.
enum DumpText {
    static func lines(_ pid: Int32, _ command: String, _ dump: Dump) -> [String] {
        var lines = ["Process \(pid): \(visible(command))", "CPython \(dump.version)"]
        lines += dump.core?.lines() ?? []
        let threads = dump.snapshot.threads
        let isAlone = threads.allSatisfy { $0.interpreter == threads[0].interpreter }
        if threads.isEmpty { lines += ["", "(no Python thread)"] }
        for (index, thread) in threads.enumerated() {
            if !isAlone, index == 0 || threads[index - 1].interpreter != thread.interpreter {
                lines += ["", "Interpreter \(thread.interpreter)" + (thread.interpreter == 0 ? " (main)" : "")]
            }
            let name = thread.name.map { "\"\(visible($0))\"" } ?? "(no name)"
            lines.append("")
            lines.append(
                "Thread \(thread.tid) \(name) \(thread.state.rawValue)" + (thread.isDaemon == true ? ", daemon" : "")
                    + (thread.holdsGIL ? ", holds the GIL" : "")
                    + (thread.attachment == .suspended ? ", suspended by the interpreter" : "")
                    + (dump.core?.mark(thread.tid) ?? ""))
            if let stack = dump.native?.stacks[thread.tid] {
                lines += NativeText.lines(stack)
                continue
            }
            if thread.isTorn {
                lines.append(
                    dump.core == nil
                        ? "    (moved too fast to be read whole)" : "    (its frames are not all in the file)")
            } else if thread.frames.isEmpty {
                lines.append("    (no Python frame)")
            }
            for run in FrameRun.runs(of: thread.frames) {
                let frames = thread.frames[run.index..<(run.index + run.count)]
                // Each of them has variables of its own.
                if run.isFolded, frames.allSatisfy({ $0.locals == nil }) {
                    lines.append("    … \(run.count) more times")
                } else {
                    for frame in frames { lines += self.lines(frame) }
                }
            }
        }
        let torn = threads.count { $0.isTorn }
        if torn > 0, dump.core == nil {
            lines += [
                "",
                "(\(torn) of \(threads.count) threads moved too fast, \(dump.snapshot.tornReads) readings were thrown away)",
            ]
        }
        if dump.snapshot.stops > 0 {
            lines += [
                "",
                "(stopped \(dump.snapshot.stops) times to be read whole, "
                    + "\(dump.snapshot.stoppedNanoseconds / 1000) µs in all; --never-stop leaves such threads out)",
            ]
        }
        if let native = dump.native { lines += NativeText.workers(native) }
        lines += dump.tasks?.lines() ?? []
        lines += dump.heap?.lines() ?? []
        if let trouble = dump.heapTrouble { lines += ["", "(\(trouble))"] }
        return lines
    }

    /// A frame and its variables.
    static func lines(_ frame: PythonFrame) -> [String] {
        let line = frame.line.map { String($0) } ?? "·"
        return ["    \(visible(frame.qualifiedName ?? frame.function)) (\(visible(frame.file)):\(line))"]
            + DumpLocals.lines(frame, columns: Output.columns)
    }
}
