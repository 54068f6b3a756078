internal import Cells
public import Model
internal import PythonInspection

/// What somebody looks at in Stacks.
public struct StackView: Sendable {
    /// The frame that keys act on. Absent: the innermost of the first thread.
    var cursor: FramePlace?
    /// Whether source and variables of that frame are left out.
    var hidesFrame = false
    /// Whether frames that repeat stand there one by one.
    var unfolds = false
    /// What is looked for among frames and threads; empty for the next thread, whichever it is.
    var search = ""
}

/// A line of Stacks that the cursor can stand on: a frame, or a thread that has none.
struct StackStop: Equatable {
    /// Place of the thread in the snapshot.
    var thread: Int
    /// Place of the frame, innermost first, or of the first of those that are one line. Absent: the thread has none.
    var frame: Int?

    /// Whether a frame stands here or further down in its thread.
    func isAtOrAbove(_ other: StackStop) -> Bool { thread == other.thread && (frame ?? 0) <= (other.frame ?? 0) }
}

extension DashboardState {
    /// The stacks that are on the screen.
    func stackSnapshot(_ dashboard: Dashboard) -> PythonSnapshot? {
        guard dashboard.behindSeconds == nil, case .snapshot(let identity, _, let snapshot) = dashboard.stacks,
            identity == process(in: dashboard.table)?.identity
        else { return nil }
        return snapshot
    }

    /// Threads that Stacks shows, by their places.
    func shownThreads(of snapshot: PythonSnapshot, _ dashboard: Dashboard) -> [Int] {
        let only = thread(in: dashboard.table).map { UInt64(clamping: $0) }
        return snapshot.threads.indices.filter { only == nil || snapshot.threads[$0].tid == only }
    }

    /// A thread's frames as they stand on the lines.
    func frameRuns(of thread: PythonThread) -> [FrameRun] {
        FrameRun.runs(of: thread.frames, folds: !stack.unfolds)
    }

    /// What the cursor can stand on, from top to bottom.
    func stackStops(_ snapshot: PythonSnapshot, _ dashboard: Dashboard) -> [StackStop] {
        shownThreads(of: snapshot, dashboard).flatMap { place in
            let runs = frameRuns(of: snapshot.threads[place])
            return runs.isEmpty
                ? [StackStop(thread: place)] : runs.map { StackStop(thread: place, frame: $0.index) }
        }
    }

    /// Where the cursor stands; nil where there is no thread.
    func stackStop(_ snapshot: PythonSnapshot, _ dashboard: Dashboard) -> StackStop? {
        let shown = shownThreads(of: snapshot, dashboard)
        func index(_ place: Int, _ cursor: FramePlace?) -> StackStop {
            let count = snapshot.threads[place].frames.count
            return StackStop(thread: place, frame: (cursor ?? FramePlace(tid: 0, depth: nil)).index(among: count))
        }
        if let cursor = stack.cursor,
            let place = shown.first(where: {
                snapshot.threads[$0].tid == cursor.tid && snapshot.threads[$0].interpreter == cursor.interpreter
            })
        {
            return index(place, cursor)
        }
        return shown.first.map { index($0, nil) }
    }

    /// The frame whose source and variables are on the screen; nil when none is.
    public func framePlace(_ dashboard: Dashboard) -> FramePlace? {
        guard showsFrame, let snapshot = stackSnapshot(dashboard), let stop = stackStop(snapshot, dashboard),
            stop.frame != nil
        else { return nil }
        let thread = snapshot.threads[stop.thread]
        let isSame = stack.cursor?.tid == thread.tid && stack.cursor?.interpreter == thread.interpreter
        return FramePlace(
            tid: thread.tid, interpreter: thread.interpreter, depth: isSame ? stack.cursor?.depth : nil)
    }

    /// The line whose surroundings are on the screen; nil when none is.
    public func sourcePlace(_ dashboard: Dashboard) -> SourcePlace? {
        guard showsFrame, let identity = dashboard.stacks.identity, let frame = selectedFrame(dashboard) else {
            return nil
        }
        return SourcePlace(identity: identity, file: frame.file, line: frame.line ?? 0)
    }

    /// The frame that keys act on.
    func selectedFrame(_ dashboard: Dashboard) -> PythonFrame? {
        guard let snapshot = stackSnapshot(dashboard), let stop = stackStop(snapshot, dashboard), let frame = stop.frame
        else { return nil }
        return snapshot.threads[stop.thread].frames[frame]
    }

    /// Whether source and variables have a place on the screen.
    var showsFrame: Bool {
        guard panel == .stacks, !stack.hidesFrame, let area = shown.layout?.stacks else { return false }
        return StacksPanel.split(area.inside).frame.rows > 0
    }

    /// Carries out what commands mean in Stacks.
    ///
    /// - Returns: false when it means what it means everywhere.
    mutating func performInStacks(_ command: Command, _ dashboard: Dashboard) -> Bool {
        guard panel == .stacks else { return false }
        switch command {
        case .frame: stack.hidesFrame.toggle()
        case .enter: unfold(dashboard)
        case .right: stack.hidesFrame = false
        case .left: stack.hidesFrame = true
        case .follow: followInStacks(dashboard)
        case .search:
            prompt = .stackSearch
            promptText = ""
        case .searchNext: goToStackMatch(dashboard, forward: true)
        case .searchPrevious: goToStackMatch(dashboard, forward: false)
        default: return moveInStacks(command, dashboard)
        }
        return true
    }

    /// Moves to the next frame that is searched for, or of a thread that is; without a search, to the next thread.
    mutating func goToStackMatch(_ dashboard: Dashboard, forward: Bool, includingThis: Bool = false) {
        guard let snapshot = stackSnapshot(dashboard), let now = stackStop(snapshot, dashboard) else { return }
        let stops = stackStops(snapshot, dashboard)
        guard let start = stops.lastIndex(where: { $0.isAtOrAbove(now) }) else { return }
        let wanted = stack.search
        func matches(_ stop: StackStop) -> Bool {
            let thread = snapshot.threads[stop.thread]
            let isFirst = stop.frame ?? 0 == 0
            if wanted.isEmpty { return isFirst }
            if isFirst, String(thread.tid) == wanted || thread.name?.containsIgnoringCase(wanted) == true {
                return true
            }
            guard let frame = stop.frame.map({ thread.frames[$0] }) else { return false }
            return (frame.qualifiedName ?? frame.function).containsIgnoringCase(wanted)
                || StacksPanel.place(of: frame).containsIgnoringCase(wanted)
        }
        let count = stops.count
        for step in (includingThis ? 0 : 1)..<count + 1 {
            let place = ((forward ? start + step : start - step) % count + count) % count
            guard matches(stops[place]) else { continue }
            setStackCursor(stops[place], snapshot)
            return revealFrame(snapshot, dashboard)
        }
        message = "no frame or thread matches \(visible(wanted))"
    }

    /// Shows frames that repeat one by one, or folds them again.
    private mutating func unfold(_ dashboard: Dashboard) {
        guard let snapshot = stackSnapshot(dashboard) else { return }
        stack.unfolds.toggle()
        revealFrame(snapshot, dashboard)
    }

    private mutating func followInStacks(_ dashboard: Dashboard) {
        guard let snapshot = stackSnapshot(dashboard), let stop = stackStop(snapshot, dashboard) else { return }
        let thread = snapshot.threads[stop.thread]
        if stack.cursor?.tid == thread.tid, stack.cursor?.depth == nil {
            setStackCursor(stop, snapshot)
            message = "the cursor stays \(stack.cursor?.depth ?? 0) frames below the outermost"
        } else {
            stack.cursor = FramePlace(tid: thread.tid, interpreter: thread.interpreter, depth: nil)
            message = "following the innermost frame of \(thread.tid): any movement key ends it"
            revealFrame(snapshot, dashboard)
        }
    }

    private mutating func setStackCursor(_ stop: StackStop, _ snapshot: PythonSnapshot) {
        let thread = snapshot.threads[stop.thread]
        stack.cursor = FramePlace(
            tid: thread.tid, interpreter: thread.interpreter,
            depth: stop.frame.map { thread.frames.count - 1 - $0 })
    }

    private mutating func moveInStacks(_ command: Command, _ dashboard: Dashboard) -> Bool {
        let inner = shown.layout?.stacks.inside
        let page = max(1, (inner.map { (stack.hidesFrame ? $0 : StacksPanel.split($0).list).rows } ?? 10) - 1)
        guard let step = command.step(page: page) else { return false }
        guard let snapshot = stackSnapshot(dashboard) else { return true }
        let stops = stackStops(snapshot, dashboard)
        guard let now = stackStop(snapshot, dashboard), let place = stops.lastIndex(where: { $0.isAtOrAbove(now) })
        else { return true }
        setStackCursor(stops[min(max(0, place + step), stops.count - 1)], snapshot)
        revealFrame(snapshot, dashboard)
        return true
    }

    /// Scrolls so that the frame that keys act on is in view, with its thread's line where that fits.
    mutating func revealFrame(_ snapshot: PythonSnapshot, _ dashboard: Dashboard) {
        guard let area = shown.layout?.stacks, let stop = stackStop(snapshot, dashboard) else { return }
        let rows = (stack.hidesFrame ? area.inside : StacksPanel.split(area.inside).list).rows
        let lines = StacksPanel(dashboard: dashboard, state: self).lines()
        guard rows > 0, let line = lines.lastIndex(where: { $0.stop?.isAtOrAbove(stop) == true }) else { return }
        let head = lines[..<line].lastIndex { $0.isHead } ?? line
        panelOffset = min(max(panelOffset, line - rows + 1), line - head < rows ? head : line)
    }

    mutating func clickStacks(_ event: MouseEvent, _ dashboard: Dashboard) {
        guard let area = shown.layout?.stacks, let snapshot = stackSnapshot(dashboard) else { return }
        let list = showsFrame ? StacksPanel.split(area.inside).list : area.inside
        guard list.contains(event) else { return }
        let lines = StacksPanel(dashboard: dashboard, state: self).lines()
        let place = panelOffset + event.row - list.row
        guard lines.indices.contains(place), let stop = lines[place].stop else { return }
        setStackCursor(stop, snapshot)
    }
}
