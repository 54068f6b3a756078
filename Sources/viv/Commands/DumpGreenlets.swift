internal import Cells
internal import PythonInspection

/// The greenlets of a dump: by thread, and as JSON.
struct DumpGreenlets {
    private let greenlets: [PythonGreenlet]
    private let isIncomplete: Bool
    private let threads: [UInt64: PythonThread]
    /// Names that are told apart: the class, and a number in the order of addresses.
    private let names: [UInt64: String]

    init(_ found: PythonGreenlets, _ threads: [PythonThread]) {
        isIncomplete = found.isIncomplete
        let byId = Dictionary(threads.map { ($0.pythonThreadId, $0) }) { first, _ in first }
        self.threads = byId
        // The frames of one that runs are its thread's: they tell whether it is the loop of eventlet.
        let greenlets = found.greenlets.map { greenlet in
            var greenlet = greenlet
            if greenlet.state == .running, !greenlet.isMain,
                let outermost = greenlet.pythonThreadId.flatMap({ byId[$0]?.frames.last })
            {
                greenlet.isHub = greenlet.isHub || outermost.file.hasSuffix("/eventlet/hubs/hub.py")
            }
            return greenlet
        }
        self.greenlets = greenlets
        var names: [UInt64: String] = [:]
        var counts: [String: Int] = [:]
        for greenlet in greenlets {
            let kind = greenlet.isHub ? "Hub" : String(greenlet.type.split(separator: ".").last ?? "greenlet")
            counts[kind, default: 0] += 1
            names[greenlet.id] = greenlet.isMain ? "main greenlet" : "\(visible(kind)) #\(counts[kind] ?? 0)"
        }
        self.names = names
    }

    /// Whether there is nothing to say of greenlets.
    var isEmpty: Bool { greenlets.isEmpty && !isIncomplete }

    // MARK: Text

    func lines() -> [String] {
        var lines: [String] = []
        var byThread: [UInt64?: [PythonGreenlet]] = [:]
        for greenlet in greenlets { byThread[greenlet.pythonThreadId, default: []].append(greenlet) }
        let order = byThread.keys.sorted {
            ($0.flatMap { threads[$0]?.tid } ?? .max) < ($1.flatMap { threads[$0]?.tid } ?? .max)
        }
        for key in order {
            let own = byThread[key] ?? []
            let thread = key.flatMap { threads[$0] }
            var heading = "Greenlets of " + (thread.map { "thread \($0.tid)" } ?? "no thread that is known")
            if let name = thread?.name { heading += " \"\(visible(name))\"" }
            lines += ["", heading + ": \(own.count)"]
            var groups: [[PythonGreenlet]] = []
            var places: [Likeness: Int] = [:]
            // The hub first, which the others give way to; the main one last.
            for greenlet in own.sorted(by: { rank($0) < rank($1) }) {
                let likeness = Likeness(greenlet)
                if let place = places[likeness] {
                    groups[place].append(greenlet)
                } else {
                    places[likeness] = groups.count
                    groups.append([greenlet])
                }
            }
            for group in groups { append(group, &lines) }
        }
        if isIncomplete { lines += ["", "(greenlets may be missing: the lists of objects could not be read whole)"] }
        return lines
    }

    private func rank(_ greenlet: PythonGreenlet) -> Int { greenlet.isHub ? 0 : greenlet.isMain ? 2 : 1 }

    private func append(_ group: [PythonGreenlet], _ lines: inout [String]) {
        guard let greenlet = group.first else { return }
        let names = group.map { self.names[$0.id] ?? "greenlet" }
        var text = "  "
        if names.count <= 3 {
            text += names.joined(separator: ", ")
        } else {
            text += "\(names[0]) … \(names[names.count - 1]) (\(names.count) greenlets)"
        }
        text +=
            greenlet.state == .running
            ? ": runs now, its frames are those of the thread" : ": \(greenlet.state.rawValue)"
        if greenlet.isTorn { text += ", not read whole" }
        if let parent = greenlet.parent, let name = self.names[parent] { text += ", below \(name)" }
        lines.append(text)
        for frame in greenlet.frames { lines.append("     " + DumpTasks.text(frame)) }
    }

    /// What makes two greenlets alike.
    private struct Likeness: Hashable {
        var type: String
        var state: PythonGreenlet.State
        var isMain: Bool
        var isTorn: Bool
        var parent: UInt64?
        var frames: [PythonFrame]

        init(_ greenlet: PythonGreenlet) {
            (type, state, isMain) = (greenlet.type, greenlet.state, greenlet.isMain)
            (isTorn, parent, frames) = (greenlet.isTorn, greenlet.parent, greenlet.frames)
        }
    }

    // MARK: JSON

    func json() -> [(String, Json)] {
        [("greenlets", .array(greenlets.map(json))), ("greenletsComplete", .bool(!isIncomplete))]
    }

    private func json(_ greenlet: PythonGreenlet) -> Json {
        .object([
            ("id", .integer(Int64(clamping: greenlet.id))), ("type", .string(greenlet.type)),
            ("state", .string(greenlet.state.rawValue)), ("main", .bool(greenlet.isMain)),
            ("hub", .bool(greenlet.isHub)),
            ("parent", .optional(greenlet.parent)),
            ("tid", .optional(greenlet.pythonThreadId.flatMap { threads[$0]?.tid })),
            ("torn", .bool(greenlet.isTorn)), ("frames", .array(greenlet.frames.map(DumpJson.frame))),
        ])
    }
}
