internal import Cells
internal import PythonInspection

/// The variables of a frame, as text and as JSON.
enum DumpLocals {
    /// A line for each variable of a frame, below the frame's own.
    ///
    /// - Parameter columns: cells of the terminal that a line is cut to; 0 for no end.
    static func lines(_ frame: PythonFrame, columns: Int) -> [String] {
        (frame.locals ?? []).map { local in
            // A value is a line of printable characters; a name in it that is not one is written out.
            let text = (local.isTorn ? "      ~ " : "        ") + visible("\(local.name) = \(local.value)")
            return columns > 0 ? cut(text, columns) : text
        }
    }

    /// A text that fits into so many cells, `…` where the rest was.
    private static func cut(_ text: String, _ columns: Int) -> String {
        guard displayWidth(text) > columns else { return text }
        var result = ""
        var width = 0
        for character in text {
            let next = displayWidth(String(character))
            if width + next > columns - 1 { break }
            result.append(character)
            width += next
        }
        return result + "…"
    }

    /// The variables of a frame; null where they were not asked for, or cannot be read.
    static func json(_ frame: PythonFrame) -> Json {
        guard let locals = frame.locals else { return .null }
        return .array(
            locals.map { local in
                .object([
                    ("name", .string(local.name)), ("kind", .string(local.kind.rawValue)),
                    ("type", .string(local.type)), ("value", .string(local.value)),
                    ("truncated", .bool(local.isTruncated)), ("torn", .bool(local.isTorn)),
                ])
            })
    }
}
