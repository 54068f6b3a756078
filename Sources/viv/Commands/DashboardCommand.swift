internal import ArgumentParser
internal import Cells
internal import Dispatch
internal import Linux
internal import Model
internal import Panels
internal import Terminal

/// `viv`: the dashboard.
struct DashboardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard", abstract: "Open the dashboard (the default).",
        discussion: """
            EXAMPLES
              viv
              viv gunicorn
              viv :8000 --readonly
              viv --keys htop --theme high-contrast
            """)

    @Argument(
        help: "Process to open on: pid, :PORT or text; several that match are shown alone.",
        completion: Completions.target) var target: String?
    @Flag(help: "Forbid signals and priorities.") var readonly = false
    @Option(help: "Key preset: viv or htop.", completion: .list(KeyMap.Preset.allCases.map(\.rawValue)))
    var keys: String?
    @Option(
        help: "Theme: default, mono or high-contrast.", completion: .list(Theme.Name.allCases.map(\.rawValue)))
    var theme: String?
    @Option(help: "Time between refreshes, in seconds.") var refresh: Double?

    func run() throws {
        Heap.keepSmall()
        var (settings, trouble) = Configuration.load()
        if let keys {
            guard let preset = KeyMap.Preset(rawValue: keys) else { throw Failure(.usage, "--keys takes viv or htop") }
            settings.keys = preset
        }
        if let theme {
            guard let name = Theme.Name(rawValue: theme) else {
                throw Failure(.usage, "--theme takes default, mono or high-contrast")
            }
            settings.theme = name
        }
        if let refresh {
            guard refresh >= 0.1, refresh <= 60 else { throw Failure(.usage, "--refresh takes 0.1 to 60 seconds") }
            settings.refreshMilliseconds = Int(refresh * 1000)
        }
        var state = DashboardState(settings: settings, isReadOnly: readonly)
        state.message = trouble ?? state.message
        state.ownPid = Machine.ownPid()
        if let target { try DashboardCommand.open(&state, on: target) }
        let start = state
        let opened = MainActor.assumeIsolated { () -> Result<Void, Failure> in
            do throws(TerminalError) {
                let terminal = try CursesTerminal(
                    escapeDelayMilliseconds: start.settings.escapeDelayMilliseconds, mouse: start.settings.mouse,
                    usesColor: Output.usesColor)
                try? App.start(terminal, start)
                return .success(())
            } catch {
                return .failure(Failure(.usage, error.description))
            }
        }
        try opened.get()
        dispatchMain()
    }

    /// Chooses the process to open on; where a text means several, as it does with a server and its workers, all of them
    /// and no others are shown.
    private static func open(_ state: inout DashboardState, on target: String) throws(Failure) {
        var reading = try TableReading()
        let table = try reading.table(.arguments)
        let found = try candidates(target, table)
        if found.contains(where: { $0.row.traits.contains(.kernel) }) { state.settings.hidesKernelThreads = false }
        if found.count == 1 {
            state.selection = found[0].identity
            state.follows = true
        } else {
            // viv carries the text on its own command line.
            state.filterText =
                target.hasPrefix(":")
                ? "port=\(target.dropFirst())" : "\(Filter.word(keeping: target)) and pid!=\(Machine.ownPid())"
            state.filter = try? Filter(parsing: state.filterText)
            state.message = "\(found.count) processes match; \\ changes the filter, Esc removes it"
        }
    }

    /// The processes to open on. A text that matches none may have been meant for a command.
    private static func candidates(_ target: String, _ table: ProcessTable) throws(Failure) -> [Target] {
        do {
            return try Target.candidates(target, in: table)
        } catch {
            guard error.code == .gone, target.first?.isLetter == true else { throw error }
            let hint = Suggestion.hint(for: target)
            throw Failure(
                .gone, error.text + (hint.isEmpty ? ", and `viv --help` the commands" : hint))
        }
    }
}
