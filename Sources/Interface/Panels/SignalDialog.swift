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

    /// Letters or digits typed to get to a line.
    public private(set) var typed = ""

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

    /// Name of a signal without its `SIG`; nil for one that has none here.
    static func name(of number: Int32) -> Substring? {
        lines.dropFirst().first { $0.number == number }?.text.split(separator: " ")[1]
    }

    /// Moves the selection.
    mutating func move(by lines: Int) {
        typed = ""
        selected = min(max(0, selected + lines), SignalDialog.lines.count - 1)
    }

    /// Goes to the signal whose number or name begins with what was typed: `9`, `kill`, `sigkill`.
    ///
    /// - Returns: false where none does, so that the key may mean something else.
    mutating func type(_ scalar: Unicode.Scalar) -> Bool {
        for text in [typed, ""] {
            let wanted = (text + String(scalar)).uppercased()
            guard let place = SignalDialog.place(of: wanted) else { continue }
            typed = wanted
            selected = place
            return true
        }
        return false
    }

    /// Takes the last letter back.
    mutating func erase() {
        if !typed.isEmpty { typed.removeLast() }
        if !typed.isEmpty, let place = SignalDialog.place(of: typed) { selected = place }
    }

    private static func place(of typed: String) -> Int? {
        // The first letters of SIGKILL are letters of every name; SIGNAL names have none of their own called SIG.
        if !typed.isEmpty, "SIG".hasPrefix(typed), typed.count > 1 { return 0 }
        let text = typed.hasPrefix("SIG") ? String(typed.dropFirst(3)) : typed
        let entries = lines.enumerated().dropFirst()
        return entries.first { String($0.element.number) == text }?.offset
            ?? entries.first { String($0.element.number).hasPrefix(text) }?.offset
            ?? entries.first { $0.element.text.split(separator: " ")[1].hasPrefix(text) }?.offset
    }
}

/// A nice value while it is chosen; what it is for is frozen as with signals.
public struct ReniceDialog: Sendable {
    /// Processes that get the value, in pid order.
    public var targets: [SignalDialog.Target]
    /// The value, -20 first to 19 last.
    public private(set) var value: Int32
    private var isFresh = true

    init(targets: [SignalDialog.Target], value: Int32) {
        self.targets = targets
        self.value = value
    }

    mutating func set(_ new: Int32) {
        value = min(19, max(-20, new))
        isFresh = false
    }

    /// Takes a digit; the first one replaces the value that is in force.
    mutating func type(_ scalar: Unicode.Scalar) {
        guard scalar.value >= 48, scalar.value <= 57 else { return }
        let digit = Int32(scalar.value) - 48
        set(isFresh ? digit : value * 10 + (value < 0 ? -digit : digit))
    }
}

/// A question before something is done to several processes; no is the answer until it is changed.
public struct ConfirmDialog: Sendable {
    /// What is about to be done.
    public var question: String
    /// To which processes.
    public var targets: [SignalDialog.Target]
    /// What the world outside is asked to do when the answer is yes.
    public var actions: [Action]
    /// Whether yes is selected.
    public var agrees = false

    init(_ question: String, _ targets: [SignalDialog.Target], _ actions: [Action]) {
        self.question = question
        self.targets = targets
        self.actions = actions
    }
}
