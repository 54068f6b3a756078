/// Something a key can be bound to; help, the palette and the configuration use the same names.
public enum Command: String, Sendable, CaseIterable {
    case up, down, left, right, pageUp = "page-up", pageDown = "page-down"
    case halfPageUp = "half-page-up", halfPageDown = "half-page-down", top, bottom
    case enter, back, nextPanel = "next-panel", previousPanel = "previous-panel", zoom
    case panelProcesses = "processes", panelDetails = "details", panelThreads = "threads-panel", panelStacks = "stacks"
    case flame, panelFunctions = "functions", panelTasks = "tasks", panelCollector = "gc"
    case heapCensus = "heap-census"
    case profileWindow = "profile-window", profileClock = "profile-clock", profileGrain = "profile-grain"
    case profilePin = "profile-pin"
    case profileNative = "profile-native", frame
    case environment
    case search, searchNext = "search-next", searchPrevious = "search-previous", filter, user, palette
    case tree, collapse, expand, toggleAll = "toggle-all", threads, pythonColumns = "python-columns", kernelThreads =
        "kernel-threads", ended
    case sort, invert, sortCPU = "sort-cpu", sortMemory = "sort-memory", sortPid = "sort-pid", sortTime = "sort-time"
    case follow, tag, tagSubtree = "tag-subtree", untag
    case signal, higherPriority = "higher-priority", lowerPriority = "lower-priority", renice, shares
    case freeze, historyBack = "history-back", historyForward = "history-forward", historyJump = "history-jump", live
    case setup, help, repaint, suspend, quit
    case syscalls, files, locks, why

    /// Commands of one kind, in the order of the help; the raw value is their heading there.
    public enum Group: String, Sendable, CaseIterable {
        case move = "Move", panels = "Panels", find = "Find", order = "Order", process = "Process", time = "Time"
        case profile = "Stacks, Flame and Functions", program = "Program", notBuilt = "Not built yet"
    }

    /// Rows that it moves a cursor by, down as a positive number; to either end that is more than any list has, so whoever moves
    /// stops there. nil when it is no such movement.
    func step(page: Int) -> Int? {
        switch self {
        case .up: -1
        case .down: 1
        case .pageUp: -page
        case .pageDown: page
        case .halfPageUp: -max(1, page / 2)
        case .halfPageDown: max(1, page / 2)
        case .top: -1_000_000_000
        case .bottom: 1_000_000_000
        default: nil
        }
    }

    /// Kind of the command.
    public var group: Group {
        switch self {
        case .up, .down, .left, .right, .pageUp, .pageDown, .halfPageUp, .halfPageDown, .top, .bottom: .move
        case .enter, .back, .nextPanel, .previousPanel, .zoom, .panelProcesses, .panelDetails, .panelThreads,
            .panelStacks, .flame, .panelFunctions, .panelTasks, .panelCollector, .environment:
            .panels
        case .frame, .profileNative, .profileWindow, .profileClock, .profileGrain, .profilePin: .profile
        case .search, .searchNext, .searchPrevious, .filter, .user, .palette: .find
        case .tree, .collapse, .expand, .toggleAll, .threads, .pythonColumns, .kernelThreads, .ended, .sort, .invert,
            .sortCPU,
            .sortMemory, .sortPid, .sortTime:
            .order
        case .follow, .tag, .tagSubtree, .untag, .signal, .higherPriority, .lowerPriority, .renice, .shares,
            .heapCensus:
            .process
        case .freeze, .historyBack, .historyForward, .historyJump, .live: .time
        case .setup, .help, .repaint, .suspend, .quit: .program
        case .syscalls, .files, .locks, .why: .notBuilt
        }
    }

    /// What it does, in a few words.
    public var summary: String {
        switch self {
        case .up: "one row up"
        case .down: "one row down"
        case .left: "scroll left"
        case .right: "scroll right"
        case .pageUp: "one page up"
        case .pageDown: "one page down"
        case .halfPageUp: "half a page up"
        case .halfPageDown: "half a page down"
        case .top: "first row"
        case .bottom: "last row"
        case .enter: "drill into the selected process or thread"
        case .back: "back out, close, or clear the filter"
        case .nextPanel: "next panel"
        case .previousPanel: "previous panel"
        case .zoom: "give the panel the whole screen"
        case .panelProcesses: "process table"
        case .panelDetails: "details of the selected process"
        case .panelThreads: "its threads"
        case .panelStacks: "its Python stacks"
        case .flame: "where its Python time goes, as a flame graph that is live"
        case .panelFunctions: "its Python functions and what each costs"
        case .panelTasks: "its asyncio tasks, and who waits for whom"
        case .panelCollector: "its garbage collector and its objects"
        case .heapCensus: "count its Python objects by type now"
        case .profileNative: "machine code too: stops each thread for some 50 µs a sample"
        case .frame: "source and variables of the selected frame, or none"
        case .profileWindow: "the last 5 s, 30 s, or all since the panel was opened"
        case .profileClock: "threads: busy (wall), all (idle), on a CPU (cpu), gil"
        case .profileGrain: "tell functions apart, or lines"
        case .profilePin: "compare with this moment; again to stop"
        case .environment: "its environment"
        case .search: "jump to the next match"
        case .searchNext: "next match"
        case .searchPrevious: "previous match"
        case .filter: "show only what matches: cpu>20 and user=api"
        case .user: "show one user's processes"
        case .palette: "command by name"
        case .tree: "tree or list"
        case .collapse: "fold the children into a sum"
        case .expand: "unfold"
        case .toggleAll: "fold or unfold all"
        case .threads: "show threads as rows"
        case .pythonColumns: "columns for Python: version, GIL%, line; or the usual ones"
        case .kernelThreads: "show or hide kernel threads"
        case .ended: "show or hide processes that ended"
        case .sort: "choose the sort column"
        case .invert: "turn the order round"
        case .sortCPU: "sort by CPU"
        case .sortMemory: "sort by resident memory"
        case .sortPid: "sort by pid"
        case .sortTime: "sort by CPU time"
        case .follow: "follow the selected process until a movement key"
        case .tag: "tag and go on"
        case .tagSubtree: "tag it and its children"
        case .untag: "remove all tags"
        case .signal: "send a signal"
        case .higherPriority: "nice - 1: more CPU (root)"
        case .lowerPriority: "nice + 1: less CPU"
        case .renice: "set the nice value"
        case .shares: "read PSS, USS and swap now"
        case .freeze: "freeze or thaw the view"
        case .historyBack: "one step back in time"
        case .historyForward: "one step forward"
        case .historyJump: "jump to a time of day: HH:MM; while frozen also g HH:MM"
        case .live: "back to now"
        case .setup: "settings"
        case .help: "this help"
        case .repaint: "draw everything anew"
        case .suspend: "to the shell; `fg` comes back"
        case .quit: "quit"
        case .syscalls: "system calls of the process"
        case .files: "its files and sockets"
        case .locks: "locks that it holds and waits for"
        case .why: "what it is waiting for"
        }
    }

    /// Whether it changes a process, so that `--readonly` forbids it.
    public var acts: Bool {
        self == .signal || self == .higherPriority || self == .lowerPriority || self == .renice
            || self == .profileNative
    }
}
