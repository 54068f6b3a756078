internal import ArgumentParser
internal import Glibc

/// The `viv` command.
@main
struct Viv: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "viv",
        abstract: "See what a Linux host and its Python services are doing, live.",
        discussion: """
            Without a command, viv opens the dashboard. TARGET is a pid, :PORT (who \
            listens there), or a text that matches one process's name or command line.

            EXAMPLES
              viv                          the dashboard
              viv gunicorn                 the dashboard, on that process
              viv ps --sort cpu --filter 'user=api and cpu>5'
              viv tree :8000               the tree of whoever listens on port 8000
              viv stat 4121 1 10           ten lines, one a second, and their average
              viv dump 4121                Python stacks of all threads
              viv doctor                   what works here, and remedies for the rest

            EXIT STATUS
              0 done   1 the work failed   2 usage, or several processes match
              3 permission refused         4 no such process, or it ended
            """,
        version: Viv.version,
        subcommands: [
            DashboardCommand.self, PsCommand.self, TreeCommand.self, StatCommand.self, DumpCommand.self,
            RecordCommand.self, TraceCommand.self,
            SignalCommand.self, DoctorCommand.self,
        ],
        defaultSubcommand: DashboardCommand.self)

    /// Words that are commands when they come first.
    static var commandNames: [String] {
        configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    }

    /// Version of viv.
    static let version = "0.1.0"

    static func main() {
        // A reader that goes away is a reason to end quietly, not a fault.
        signal(SIGPIPE, SIG_DFL)
        // Swift reads the words of its own command line from /proc/self/cmdline, the name of the program included.
        guard !CommandLine.arguments.isEmpty else {
            Output.error("viv: /proc is not mounted, or hidden: viv sees nothing without it (mount -t proc proc /proc)")
            _exit(Failure.Code.failed.rawValue)
        }
        if let script = CompletionScript.requested(by: CommandLine.arguments) {
            Output.line(script)
            return
        }
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failure {
            Output.error("viv: " + failure.text)
            _exit(failure.code.rawValue)
        } catch {
            let code = exitCode(for: error)
            if code.rawValue == 0 {
                exit(withError: error)
            }
            Output.error(fullMessage(for: error) + Suggestion.hint(for: CommandLine.arguments.dropFirst().first))
            _exit(code.rawValue == 64 ? Failure.Code.usage.rawValue : code.rawValue)
        }
    }
}
