/// Something a key can be bound to; help, the palette and the configuration use the same names.
public enum Command: String, Sendable, CaseIterable {
    case up, down, left, right, pageUp = "page-up", pageDown = "page-down"
    case halfPageUp = "half-page-up", halfPageDown = "half-page-down", top, bottom
    case enter, back, nextPanel = "next-panel", previousPanel = "previous-panel", zoom
    case panelProcesses = "processes", panelDetails = "details", panelThreads = "threads-panel", panelStacks = "stacks"
    case environment
    case search, searchNext = "search-next", searchPrevious = "search-previous", filter, user, palette
    case tree, collapse, expand, toggleAll = "toggle-all", threads, kernelThreads = "kernel-threads"
    case sort, invert, sortCPU = "sort-cpu", sortMemory = "sort-memory", sortPid = "sort-pid", sortTime = "sort-time"
    case follow, tag, tagSubtree = "tag-subtree", untag
    case signal, higherPriority = "higher-priority", lowerPriority = "lower-priority", renice, shares
    case freeze, historyBack = "history-back", historyForward = "history-forward", historyJump = "history-jump", live
    case setup, help, repaint, suspend, quit
    case syscalls, files, locks, why, flame

    /// Heading it stands under in the help.
    public var group: String {
        switch self {
        case .up, .down, .left, .right, .pageUp, .pageDown, .halfPageUp, .halfPageDown, .top, .bottom: "Move"
        case .enter, .back, .nextPanel, .previousPanel, .zoom, .panelProcesses, .panelDetails, .panelThreads,
            .panelStacks,
            .environment:
            "Panels"
        case .search, .searchNext, .searchPrevious, .filter, .user, .palette: "Find"
        case .tree, .collapse, .expand, .toggleAll, .threads, .kernelThreads, .sort, .invert, .sortCPU, .sortMemory,
            .sortPid,
            .sortTime:
            "Order"
        case .follow, .tag, .tagSubtree, .untag, .signal, .higherPriority, .lowerPriority, .renice, .shares:
            "Process"
        case .freeze, .historyBack, .historyForward, .historyJump, .live: "Time"
        case .setup, .help, .repaint, .suspend, .quit: "Program"
        case .syscalls, .files, .locks, .why, .flame: "Not built yet"
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
        case .kernelThreads: "show or hide kernel threads"
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
        case .flame: "flame graph of its stacks"
        }
    }

    /// Whether it changes a process, so that `--readonly` forbids it.
    public var acts: Bool {
        self == .signal || self == .higherPriority || self == .lowerPriority || self == .renice
    }
}
