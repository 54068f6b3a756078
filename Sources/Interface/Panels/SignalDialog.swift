public import Model

/// The signal menu: what it acts on is frozen when it opens, whatever the table does meanwhile.
public struct SignalDialog: Sendable {
    /// A process as it was when the dialog opened.
    public struct Target: Sendable, Hashable {
        /// Pid and start time, by which the signal is sent: a process that got the pid later is never hit.
        public var identity: ProcessIdentity
        /// Command line at that moment, hostile as the target wrote it.
        public var command: String

        /// A process with what it was called when the dialog opened.
        public init(identity: ProcessIdentity, command: String) {
            self.identity = identity
            self.command = command
        }
    }

    /// Processes that get the signal, in pid order.
    public var targets: [Target]
    /// Selected line; 0 cancels.
    public var selected = 0

    /// A menu on these processes, with `Cancel` selected.
    public init(targets: [Target]) {
        self.targets = targets
    }

    /// Lines of the menu: the number, the name and what it is for. The first one cancels.
    public static let lines: [(number: Int32, text: String)] = [
        (0, "Cancel"), (15, "15 TERM    ask it to end"), (2, " 2 INT     as ^C does"),
        (1, " 1 HUP     reload, or terminal gone"),
        (3, " 3 QUIT    end with a core file"), (9, " 9 KILL    end at once, no clean-up"),
        (19, "19 STOP    stop it, cannot be refused"), (18, "18 CONT    let it run on"),
        (10, "10 USR1    what the program makes of it"),
        (12, "12 USR2    what the program makes of it"), (4, " 4 ILL"), (5, " 5 TRAP"),
        (6, " 6 ABRT    end with a core file"),
        (7, " 7 BUS"), (8, " 8 FPE"), (11, "11 SEGV"), (13, "13 PIPE"), (14, "14 ALRM"), (16, "16 STKFLT"),
        (17, "17 CHLD"),
        (20, "20 TSTP    as ^Z does"), (21, "21 TTIN"), (22, "22 TTOU"), (23, "23 URG"), (24, "24 XCPU"),
        (25, "25 XFSZ"),
        (26, "26 VTALRM"), (27, "27 PROF"), (28, "28 WINCH"), (29, "29 IO"), (30, "30 PWR"), (31, "31 SYS"),
    ]
}

/// The settings while they are edited.
public struct SetupDialog: Sendable {
    /// What a line changes.
    public enum Line: Sendable, Hashable {
        case theme, keys, refresh, tree, kernelThreads, mouse, escapeDelay
        case column(Int)
    }

    /// The settings as they would be saved now; those in force stay as they are until then.
    public var settings: Settings
    /// Index of the selected line in ``lines``.
    public var selected = 0

    /// A dialog on a copy of the settings.
    public init(settings: Settings) {
        self.settings = settings
    }

    /// Lines from top to bottom: the general ones, then every column that there is.
    public static let lines: [Line] =
        [.theme, .keys, .refresh, .tree, .kernelThreads, .mouse, .escapeDelay] + Column.all.indices.map { .column($0) }

    /// Steps the selected line's value.
    mutating func change(by step: Int) {
        switch SetupDialog.lines[selected] {
        case .theme: settings.theme = next(settings.theme, in: Theme.Name.allCases, step)
        case .keys: settings.keys = next(settings.keys, in: KeyMap.Preset.allCases, step)
        case .refresh:
            settings.refreshMilliseconds = next(
                settings.refreshMilliseconds, in: [250, 500, 1000, 2000, 3000, 5000, 10000], step)
        case .tree: settings.tree.toggle()
        case .kernelThreads: settings.hidesKernelThreads.toggle()
        case .mouse: settings.mouse.toggle()
        case .escapeDelay:
            settings.escapeDelayMilliseconds = next(
                settings.escapeDelayMilliseconds, in: [0, 10, 25, 50, 100, 250], step)
        case .column(let index):
            let name = Column.all[index].name
            if let place = settings.columns.firstIndex(of: name) {
                settings.columns.remove(at: place)
            } else {
                // The command takes the rest of the line, so it stays last.
                settings.columns.insert(
                    name, at: settings.columns.last == "command" ? settings.columns.count - 1 : settings.columns.count)
            }
        }
    }

    /// Moves the selected column one place to the left or right.
    mutating func moveColumn(by step: Int) {
        guard case .column(let index) = SetupDialog.lines[selected],
            let place = settings.columns.firstIndex(of: Column.all[index].name),
            settings.columns.indices.contains(place + step)
        else { return }
        settings.columns.swapAt(place, place + step)
    }

    private func next<Value: Equatable>(_ value: Value, in all: [Value], _ step: Int) -> Value {
        let place = all.firstIndex(of: value) ?? 0
        return all[(place + step + all.count) % all.count]
    }
}
