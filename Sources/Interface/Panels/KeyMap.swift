public import Cells

/// Which key means which command.
public struct KeyMap: Sendable {
    /// Sets of bindings there are.
    public enum Preset: String, Sendable, CaseIterable {
        case viv, htop
    }

    private var commands: [Key: Command] = [:]
    /// Keys in the order they were bound: the first of a command is the one to tell.
    private var bound: [Key] = []
    /// Names of each command's keys, the one to tell first: they are on the screen all the time.
    private var names: [Command: [String]] = [:]

    /// Bindings of a preset, with some replaced.
    ///
    /// - Returns: in `unknown`, names that are no command or no key.
    public init(_ preset: Preset, replacing overrides: [String: [String]] = [:], unknown: inout [String]) {
        for (command, keys) in KeyMap.shared { bind(command, keys) }
        for (command, keys) in preset == .viv ? KeyMap.viv : KeyMap.htop { bind(command, keys) }
        for (name, keys) in overrides.sorted(by: { $0.key < $1.key }) {
            guard let command = Command(rawValue: name) else {
                unknown.append(name)
                continue
            }
            for (key, other) in commands where other == command { commands[key] = nil }
            for key in keys {
                if let key = Key(key) { bind(command, key) } else { unknown.append(key) }
            }
        }
        for key in bound {
            if let command = commands[key] { names[command, default: []].append(key.description) }
        }
    }

    /// The command of a key.
    public subscript(key: Key) -> Command? { commands[key] }

    /// Keys of a command, the one to tell people first.
    public func keys(of command: Command) -> [String] { names[command] ?? [] }

    private mutating func bind(_ command: Command, _ key: Key) {
        bound.removeAll { $0 == key }
        bound.append(key)
        commands[key] = command
    }

    private mutating func bind(_ command: Command, _ keys: [String]) {
        for text in keys {
            guard let key = Key(text) else { preconditionFailure("\(text) is no key") }
            bind(command, key)
        }
    }

    private static let shared: [(Command, [String])] = [
        (.up, ["Up"]), (.down, ["Down"]), (.left, ["Left"]), (.right, ["Right"]),
        (.pageUp, ["PageUp", "^B"]), (.pageDown, ["PageDown", "^F"]), (.halfPageUp, ["^U"]), (.halfPageDown, ["^D"]),
        (.top, ["Home"]), (.bottom, ["End", "G"]),
        (.enter, ["Enter"]), (.back, ["Esc", "Backspace"]), (.nextPanel, ["Tab", "]"]),
        (.previousPanel, ["BackTab", "["]),
        (.zoom, ["z"]),
        (.panelProcesses, ["1"]), (.panelDetails, ["2"]), (.panelThreads, ["3"]), (.panelStacks, ["4"]),
        (.flame, ["f", "5"]), (.panelFunctions, ["6"]), (.panelTasks, ["7"]), (.panelCollector, ["8"]),
        (.heapCensus, ["O"]), (.profileWindow, ["W"]), (.profileClock, ["C"]),
        (.profileNative, ["X"]), (.frame, ["v"]), (.profileGrain, ["B"]), (.profilePin, ["D"]),
        (.environment, ["e"]),
        (.search, ["/", "F3"]), (.searchNext, ["n"]), (.searchPrevious, ["N"]), (.filter, ["\\", "F4"]), (.user, ["u"]),
        (.palette, [":"]),
        (.tree, ["t", "F5"]), (.collapse, ["-"]), (.expand, ["+", "="]), (.toggleAll, ["*"]), (.threads, ["H"]),
        (.pythonColumns, ["y"]), (.kernelThreads, ["K"]), (.ended, ["E"]),
        (.sort, ["F6", ">", "<"]), (.invert, ["I"]), (.sortCPU, ["P"]), (.sortMemory, ["M"]), (.sortTime, ["T"]),
        (.follow, ["F"]), (.tag, ["Space"]), (.tagSubtree, ["c"]), (.untag, ["U"]),
        (.signal, ["F9", "^K"]), (.higherPriority, ["F7"]), (.lowerPriority, ["F8"]), (.renice, ["r"]),
        (.shares, ["m"]),
        (.freeze, ["Z"]), (.historyBack, ["{"]), (.historyForward, ["}"]), (.live, ["L"]),
        (.setup, ["F2", "S"]), (.help, ["?", "F1"]), (.repaint, ["^L"]), (.suspend, ["^Z"]),
        (.quit, ["q", "F10", "^C"]), (.syscalls, ["s"]), (.locks, ["x"]), (.why, ["w"]),
    ]

    private static let viv: [(Command, [String])] = [
        (.up, ["k"]), (.down, ["j"]), (.left, ["h"]), (.right, ["l"]), (.top, ["g"]), (.sortPid, ["p"]),
        (.historyJump, ["@"]), (.files, ["o"]),
    ]

    private static let htop: [(Command, [String])] = [
        (.signal, ["k"]), (.help, ["h"]), (.sortPid, ["N"]), (.historyJump, ["@"]), (.top, ["g"]),
        (.files, ["l"]),
    ]
}
