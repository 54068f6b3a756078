import Cells
import Model
import Profiles

/// Where the Python time of the selected process goes: callers above, what they call below, each as wide as its share.
struct FlamePanel {
    let dashboard: Dashboard
    let state: DashboardState

    private var theme: Theme { state.theme }

    /// Lines for calls in a panel of so many lines: one is for how sampling goes, one for the call that keys act on.
    static func callRows(of rows: Int) -> Int { max(1, rows - 2) }

    /// Draws what fits from the outermost call in view on.
    ///
    /// - Returns: how many lines there are.
    func draw(into canvas: inout Canvas, _ area: Rect) -> Int {
        guard area.rows > 0 else { return 0 }
        guard let snapshot = state.profileSnapshot(dashboard) else {
            return write(ProfileHead.missing(dashboard, state), wrappedInto: area, theme.dim, &canvas)
        }
        var pen = Pen(area)
        ProfileHead(snapshot: snapshot, state: state).draw(&pen, &canvas)
        let tree = snapshot.tree
        guard tree.total > 0 else {
            return 1 + write(ProfileHead.empty(snapshot, state), wrappedInto: area, from: 1, theme.dim, &canvas)
        }
        let rows = FlamePanel.callRows(of: area.rows)
        let depth = FlamePanel.depth(of: tree, below: state.profile.zooms.last.map { tree.node(at: $0) } ?? 0)
        let first = min(state.panelOffsets[DashboardState.Panel.flame.rawValue], max(0, depth - rows))
        let layout = state.flameLayout(of: tree, width: area.columns, rows: first..<first + rows)
        let cursor = tree.node(at: state.profile.cursor)
        for (line, row) in layout.rows.enumerated() where line + 1 < area.rows {
            for span in row { draw(span, of: tree, cursor, into: &canvas, area, line: line + 1) }
        }
        if area.rows > 2 { drawFoot(snapshot, cursor, layout, into: &canvas, area) }
        return depth + 2
    }

    /// Rows that the calls below a zoom and their callers take.
    private static func depth(of tree: CallTree, below zoom: Int) -> Int {
        guard tree.nodes.indices.contains(zoom) else { return 1 }
        return Int(tree.nodes[zoom..<max(zoom + 1, Int(tree.nodes[zoom].end))].lazy.map(\.depth).max() ?? 0) + 1
    }

    private func draw(
        _ span: FlameLayout.Span, of tree: CallTree, _ cursor: Int, into canvas: inout Canvas, _ area: Rect, line: Int
    ) {
        let style = self.style(span, tree, cursor)
        let row = area.row + line
        let column = area.column + span.x
        canvas.fill(Rect(row: row, column: column, rows: 1, columns: span.width), glyph: 32, style: style)
        guard let node = span.node else {
            canvas.put("…", row: row, column: column, limit: 1, style: style)
            return
        }
        let mark = node == cursor ? "▸" : "▏"
        canvas.put(mark, row: row, column: column, limit: 1, style: style)
        guard span.width > 2 else { return }
        let text = visible(label(of: node, in: tree, width: span.width - 1))
        canvas.put(
            clipped(text, to: span.width - 1), row: row, column: column + 1, limit: span.width - 1, style: style)
    }

    /// `37% render`, and how it changed when the tree is compared with another.
    private func label(of node: Int, in tree: CallTree, width: Int) -> String {
        let name =
            tree.frame(node).map { $0.name + ($0.line.map { ":\($0)" } ?? "") }
            ?? (tree.isInverted ? "all, innermost first" : "all")
        guard width > 12 else { return name }
        var share = FlamePanel.percent(tree.nodes[node].total, of: tree.total) + " "
        if let change = tree.change(of: node)?.total, abs(change) >= 0.005 {
            share = FlamePanel.signed(change) + " "
        }
        return share + name
    }

    private func style(_ span: FlameLayout.Span, _ tree: CallTree, _ cursor: Int) -> Style {
        guard let node = span.node else { return theme.dim }
        if node == cursor { return theme.selected }
        if span.isMatch { return theme.match }
        if span.isAboveZoom || !state.profile.search.isEmpty && !span.holdsMatch { return theme.dim }
        if let change = tree.change(of: node)?.total {
            return change >= 0.005 ? theme.more : change <= -0.005 ? theme.less : theme.header
        }
        guard let frame = tree.frame(node), frame.kind != .group else { return theme.header }
        // The same package looks the same each time, on every machine.
        var hash: UInt32 = 2_166_136_261
        for byte in frame.owner.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return theme.calls[Int(hash % UInt32(theme.calls.count))]
    }

    /// The call that keys act on: its share, its name, where it is.
    private func drawFoot(
        _ snapshot: ProfileSnapshot, _ cursor: Int, _ layout: FlameLayout, into canvas: inout Canvas, _ area: Rect
    ) {
        let tree = snapshot.tree
        let node = tree.nodes[cursor]
        var pen = Pen(area, line: area.rows - 1)
        pen.write("▸ own ", theme.dim, &canvas)
        pen.write(padded(FlamePanel.percent(node.own, of: tree.total), 5), theme.text, &canvas)
        pen.write(" total ", theme.dim, &canvas)
        pen.write(padded(FlamePanel.percent(node.total, of: tree.total), 5), theme.text, &canvas)
        if let change = tree.change(of: cursor)?.total {
            pen.write(" Δ " + FlamePanel.signed(change), change > 0 ? theme.hot : theme.accent, &canvas)
        }
        if !state.profile.search.isEmpty {
            pen.write(" found " + FlamePanel.percent(layout.matchedSamples, of: tree.total), theme.warm, &canvas)
        }
        guard let frame = tree.frame(cursor) else {
            pen.write("  \(node.total) samples", theme.dim, &canvas)
            return
        }
        pen.writeOutside("  " + frame.name, theme.accent, &canvas)
        var place = frame.place
        if frame.line == nil, !place.isEmpty, let line = snapshot.hotLines[frame] { place += ":\(line)" }
        pen.skip(2)
        pen.write(ending(visible(String(place.suffix(400))), to: pen.room), theme.dim, &canvas)
    }

    /// `4.2%`
    static func percent(_ part: UInt64, of whole: UInt64) -> String {
        whole == 0 ? "·" : NumberText.percent(Double(part) / Double(whole) * 100) + "%"
    }

    /// `+4.2%` or `−4.2%`, of the whole.
    static func signed(_ change: Double) -> String {
        (change < 0 ? "−" : "+") + NumberText.percent(abs(change) * 100) + "%"
    }
}

/// The first line of a profile's panels: what is sampled, and how well.
struct ProfileHead {
    let snapshot: ProfileSnapshot
    let state: DashboardState

    func draw(_ pen: inout Pen, _ canvas: inout Canvas) {
        let theme = state.theme
        let statistics = snapshot.statistics
        pen.write(snapshot.scope.mode.rawValue, theme.accent, &canvas)
        let seconds = Int(snapshot.windowSeconds.rounded())
        let window =
            snapshot.scope.window.seconds.map { "last \($0 > seconds ? seconds : $0) s" }
            ?? "all \(NumberText.span(seconds: Double(seconds)))"
        pen.write(" " + window, theme.text, &canvas)
        if snapshot.scope.isByThread { pen.write(" by thread", theme.accent, &canvas) }
        if let thread = snapshot.scope.thread { pen.write(" thread \(thread)", theme.accent, &canvas) }
        if snapshot.scope.grain == .line { pen.write(" lines", theme.accent, &canvas) }
        if snapshot.scope.isInverted { pen.write(" inverted", theme.accent, &canvas) }
        if snapshot.scope.pin != nil { pen.write(" Δ pinned", theme.warm, &canvas) }
        if !state.profile.zooms.isEmpty, state.panel == .flame { pen.write(" zoomed", theme.warm, &canvas) }
        if snapshot.scope.isMixed {
            let elapsed = max(1, Double(statistics.elapsedNanoseconds))
            pen.write(" mixed", theme.accent, &canvas)
            pen.write(
                " · threads stopped \(NumberText.percent(Double(statistics.stoppedNanoseconds) / elapsed * 100))%",
                theme.warm,
                &canvas)
        }
        if let note = snapshot.note { pen.writeOutside(" · no machine code: " + note, theme.warm, &canvas) }
        let rate = statistics.achievedHz.map { NumberText.fixed($0, 0) } ?? "·"
        pen.write(" · \(padded(rate, 3)) Hz", theme.dim, &canvas)
        pen.write(" · \(NumberText.count(Double(snapshot.tree.total))) samples", theme.dim, &canvas)
        let lost = statistics.missedRounds + statistics.torn
        pen.write(
            " · \(NumberText.count(Double(lost))) lost", lost * 100 > statistics.rounds ? theme.warm : theme.dim,
            &canvas)
        if statistics.errors > 0 { pen.write(" · \(statistics.errors) errors", theme.warm, &canvas) }
        if statistics.cutSamples + statistics.forgottenSamples > 0 {
            pen.write(" · too much to keep all", theme.warm, &canvas)
        }
    }

    /// Why there is no profile.
    static func missing(_ dashboard: Dashboard, _ state: DashboardState) -> String {
        if dashboard.behindSeconds != nil { return "profiles are not kept in the history; L returns to now" }
        guard let process = state.process(in: dashboard.table), process.identity == dashboard.profile.identity else {
            return RuntimeNote.awaited(state)
        }
        switch dashboard.profile {
        case .ended: return "the process ended"
        case .unavailable(_, let error): return "\(error)"
        case .none, .snapshot: return RuntimeNote.awaited(state)
        }
    }

    /// Why a profile has no sample.
    static func empty(_ snapshot: ProfileSnapshot, _ state: DashboardState) -> String {
        let key = state.keyMap.keys(of: .profileClock).first ?? ":profile-clock"
        switch snapshot.scope.mode {
        case .wall: return "no thread did anything so far; \(key) counts those that sleep too"
        case .idle: return "no thread runs Python"
        case .cpu: return "no thread was on a processor so far; \(key) counts others"
        case .gil: return "no thread held the GIL so far; \(key) counts others"
        }
    }
}
