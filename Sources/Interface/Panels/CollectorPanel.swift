import Cells
import Model
import PythonInspection

/// The garbage collectors of the selected process, and which objects it has how many of.
struct CollectorPanel {
    let dashboard: Dashboard
    let state: DashboardState

    private var theme: Theme { state.theme }

    private struct Line {
        var text: String
        var style: Style
    }

    /// Draws what fits from the first line in view on.
    ///
    /// - Returns: how many lines there are.
    func draw(into canvas: inout Canvas, _ area: Rect) -> Int {
        guard area.rows > 0 else { return 0 }
        let lines = self.lines(width: area.columns)
        let offset = min(
            state.panelOffsets[DashboardState.Panel.collector.rawValue], max(0, lines.count - area.rows))
        for (place, line) in lines.dropFirst(offset).prefix(area.rows).enumerated() {
            var pen = Pen(area, line: place)
            pen.writeOutside(line.text, line.style, &canvas)
        }
        return lines.count
    }

    private func lines(width: Int) -> [Line] {
        guard dashboard.behindSeconds == nil, case .value(let identity, let states) = dashboard.collectors,
            identity == state.process(in: dashboard.table)?.identity
        else {
            return note(RuntimeNote.missing(dashboard.collectors, dashboard, state), width, theme.dim)
        }
        return states.flatMap { collector($0, isOnly: states.count == 1, width: width) } + censusLines(identity, width)
    }

    private func note(_ text: String, _ width: Int, _ style: Style) -> [Line] {
        wrapped(visible(String(text.prefix(1024))), to: width).map { Line(text: $0, style: style) }
    }

    // MARK: The collectors

    private func collector(_ collector: CollectorState, isOnly: Bool, width: Int) -> [Line] {
        var title = isOnly ? "Garbage collector" : "Garbage collector of interpreter \(collector.interpreter)"
        if let isEnabled = collector.isEnabled { title += isEnabled ? "  enabled" : "  DISABLED" }
        if collector.isRunning == true { title += "  RUNNING NOW" }
        if let thread = collector.runningThread { title += " in thread \(thread)" }
        if collector.isIncremental { title += "  incremental" }
        if collector.hasFrozen == true { title += "  some objects frozen" }
        let style = collector.isEnabled == false ? theme.warm : collector.isRunning == true ? theme.hot : theme.title
        var lines = [Line(text: title, style: style)]
        let hasSeconds = collector.generations.contains { $0.seconds != nil }
        lines.append(
            Line(
                text: "gen    count/threshold  collections  collected  uncollectable"
                    + (hasSeconds ? "  seconds" : "") + (isOnly ? "  collections/s" : ""),
                style: theme.dim))
        for (number, generation) in collector.generations.enumerated() {
            func text(_ value: Int?) -> String { value.map { NumberText.count(Double($0)) } ?? "·" }
            var line = padded("\(number)", 3)
            line += padded("\(text(generation.count))/\(text(generation.threshold))", 19)
            line += padded(text(generation.collections), 13) + padded(text(generation.collected), 11)
            line += padded(text(generation.uncollectable), 15)
            if hasSeconds { line += padded(generation.seconds.map { NumberText.fixed($0, 2) } ?? "·", 9) }
            if isOnly, dashboard.collections.series.indices.contains(number) {
                let series = dashboard.collections.series[number]
                let newest = series.values.last.flatMap { $0 }
                line += padded(newest.map(NumberText.count) ?? "·", 7) + " "
                line += sparkline(series, width: max(0, min(30, width - displayWidth(line))))
            }
            lines.append(Line(text: line, style: (generation.uncollectable ?? 0) > 0 ? theme.warm : theme.text))
        }
        return lines
    }

    // MARK: The heap

    private func censusLines(_ identity: ProcessIdentity, _ width: Int) -> [Line] {
        let key = state.keyMap.keys(of: .heapCensus).first ?? ":heap-census"
        if dashboard.isCounting {
            return [Line(text: "", style: theme.text), Line(text: "counting objects …", style: theme.warm)]
        }
        guard dashboard.census.identity == identity else {
            return [
                Line(text: "", style: theme.text),
                Line(
                    text: "\(key) counts the objects by type: the process runs on, viv is busy for a moment",
                    style: theme.dim),
            ]
        }
        switch dashboard.census {
        case .none: return []
        case .ended: return [Line(text: "the process ended", style: theme.dim)]
        case .unavailable(_, let error):
            return [Line(text: "", style: theme.text)] + note("\(error)", width, theme.warm)
        case .value(_, let counted): return lines(of: counted, key)
        }
    }

    private func lines(of counted: CensusSnapshot, _ key: String) -> [Line] {
        let census = counted.census
        let about = census.walk.isExact ? "" : "about "
        let age = max(0, dashboard.table.realtimeSeconds - counted.realtimeSeconds)
        var lines = [
            Line(text: "", style: theme.text),
            Line(
                text:
                    "Heap \(NumberText.ago(seconds: age)) ago: \(about)\(NumberText.count(Double(census.walk.objects)))"
                    + " objects, \(census.typeCount) types, \(NumberText.bytes(Double(census.shallowBytes)))"
                    + "  (\(NumberText.fixed(counted.seconds, 2)) s; \(key) again)",
                style: theme.title),
        ]
        switch census.walk.cut {
        case .objects: lines.append(Line(text: "cut off: more objects than are counted at most", style: theme.warm))
        case .bytes: lines.append(Line(text: "cut off: more memory than is read at most", style: theme.warm))
        case .asked: lines.append(Line(text: "cut off: it took too long", style: theme.warm))
        case nil: break
        }
        lines.append(Line(text: "   count   size  type (only what the collector tracks)", style: theme.dim))
        for row in census.rows {
            let size = row.shallowBytes.map { NumberText.bytes(Double($0)) } ?? "·"
            let more = row.types > 1 ? "  (\(row.types) types of that name)" : ""
            lines.append(
                Line(
                    text: padded(NumberText.count(Double(row.count)), 8) + padded(size, 7) + "  " + row.type + more,
                    style: theme.text))
        }
        return lines
    }
}
