import Cells
import Model
import PythonInspection

extension TaskLines {
    /// Greenlets of each thread as a tree, each under the one that goes on when it ends; those that are alike share a line.
    mutating func appendGreenlets(thread wanted: UInt64?) {
        var byThread: [UInt64?: [PythonGreenlet]] = [:]
        for greenlet in snapshot.greenlets { byThread[greenlet.pythonThreadId, default: []].append(greenlet) }
        let threads = byThread.keys.sorted { ($0 ?? .max) < ($1 ?? .max) }
        for id in threads {
            let thread = id.flatMap { snapshot.threads[$0] }
            if let wanted, thread?.tid != wanted { continue }
            guard let group = byThread[id] else { continue }
            var title = "greenlets"
            if id == nil {
                title += " never switched to"
            } else {
                title += " of thread \(thread.map { String($0.tid) } ?? "·")"
                if let name = thread?.name { title += " " + name }
            }
            lines.append(Line(name: title + "  \(group.count)", isTitle: true))
            append(greenlets: group)
        }
    }

    private mutating func append(greenlets: [PythonGreenlet]) {
        let known = Set(greenlets.map(\.id))
        var children: [UInt64: [PythonGreenlet]] = [:]
        var roots: [PythonGreenlet] = []
        for greenlet in greenlets.sorted(by: { $0.id < $1.id }) {
            if let parent = greenlet.parent, parent != greenlet.id, known.contains(parent) {
                children[parent, default: []].append(greenlet)
            } else {
                roots.append(greenlet)
            }
        }
        var left = known
        append(roots, children, &left, " ", isRoot: true)
        // What is left are parents of themselves: the target's memory is not to be trusted.
        append(greenlets.filter { left.contains($0.id) }, [:], &left, " ", isRoot: true)
    }

    private mutating func append(
        _ greenlets: [PythonGreenlet], _ children: [UInt64: [PythonGreenlet]], _ left: inout Set<UInt64>,
        _ indent: String, isRoot: Bool
    ) {
        guard indent.utf8.count < 200 else { return }
        var groups: [[PythonGreenlet]] = []
        var places: [GreenletLikeness: Int] = [:]
        for greenlet in greenlets where left.remove(greenlet.id) != nil {
            let likeness = GreenletLikeness(greenlet)
            if children[greenlet.id] == nil, let place = places[likeness] {
                groups[place].append(greenlet)
            } else {
                if children[greenlet.id] == nil { places[likeness] = groups.count }
                groups.append([greenlet])
            }
        }
        for (index, group) in groups.enumerated() {
            let isLast = index == groups.count - 1
            lines.append(line(of: group, branch: isRoot ? indent : indent + (isLast ? "└ " : "├ ")))
            let below = group.flatMap { children[$0.id] ?? [] }
            if !below.isEmpty {
                append(below, children, &left, isRoot ? " " : indent + (isLast ? "  " : "│ "), isRoot: false)
            }
        }
    }

    private func line(of group: [PythonGreenlet], branch: String) -> Line {
        let greenlet = group[0]
        var line = Line(branch: branch, name: TaskLines.bare(greenlet.type))
        line.name += group.count > 1 ? " (\(group.count))" : " 0x" + String(greenlet.id, radix: 16)
        var words: [String] = []
        if greenlet.isMain { words.append("main") }
        if greenlet.isHub { words.append("hub") }
        words.append(greenlet.state.rawValue)
        if greenlet.isTorn { words.append("moved too fast to be read whole") }
        line.words = words.joined(separator: ", ")
        line.place = TaskLines.chain(greenlet.frames)
        line.runs = greenlet.state == .running
        line.isWrong = greenlet.isTorn
        return line
    }

    /// What makes two greenlets alike.
    private struct GreenletLikeness: Hashable {
        var type: String
        var state: PythonGreenlet.State
        var frames: [PythonFrame]

        init(_ greenlet: PythonGreenlet) {
            (type, state, frames) = (greenlet.type, greenlet.state, greenlet.frames)
        }
    }
}
