internal import ArgumentParser
internal import Cells
internal import Linux
internal import Model
internal import Samplers

/// `viv signal`: send a signal by pidfd.
struct SignalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal",
        abstract: "Send a signal to processes, each held by a pidfd so that a reused pid is never hit.",
        discussion: """
            A text that matches several processes sends nothing and lists them.

            EXAMPLES
              viv signal TERM 4121
              viv signal HUP gunicorn
              viv signal 0 4121            asks whether it is there and may be signalled
            """)

    @Argument(help: "Name or number: TERM, SIGTERM, 15; 0 sends nothing.", completion: Completions.signal)
    var signal: String
    @Argument(help: "pid, :PORT or text; several are allowed.", completion: Completions.target) var targets: [String]

    func run() throws {
        guard let number = signal == "0" ? 0 : SignalName.number(of: signal) else {
            throw Failure(
                .usage,
                "'\(visible(signal))' is no signal: TERM, HUP, INT, KILL, USR1, … or a number (kill -l lists them)")
        }
        var reading = try TableReading()
        let table = try reading.table(.arguments)
        // All are found before the first is signalled: a mistake in the last word must not leave half the work done.
        let found = try targets.map { text throws(Failure) in try Target.resolve(text, in: table) }
        for target in found { try ProcessActing.send(number, to: target.identity) }
    }
}

/// What viv does to processes.
enum ProcessActing {
    /// Sends a signal to the very process that was meant.
    ///
    /// - Throws: ``Failure``: 4 when it ended or its pid was reused, 3 when it is refused.
    static func send(_ number: Int32, to identity: ProcessIdentity) throws(Failure) {
        do throws(Errno) {
            let handle = try ProcessHandle.open(identity.pid)
            // The pidfd is open: from here on the pid cannot come to mean another process. Only now the start is compared.
            guard ProcessStart.ticks(of: identity.pid) == identity.startTicks else { throw .noSuchProcess }
            try handle.sendSignal(number)
        } catch {
            throw failure(error, identity.pid, "signalled", "be its owner, or use sudo (CAP_KILL)")
        }
    }

    /// Changes the nice value of all threads of a process by a step.
    static func renice(_ step: Int32, _ identity: ProcessIdentity) throws(Failure) -> ProcessNice {
        do throws(Errno) {
            return try ProcessNice.change(identity, by: step)
        } catch {
            throw failure(error, identity.pid, "reniced", "lowering needs root (CAP_SYS_NICE), raising its owner")
        }
    }

    private static func failure(_ error: Errno, _ pid: Int32, _ what: String, _ remedy: String) -> Failure {
        switch error {
        case .noSuchProcess: Failure(.gone, "process \(pid) ended before it could be \(what)")
        case .operationNotPermitted, .permissionDenied:
            Failure(.refused, "process \(pid) may not be \(what): \(remedy)")
        default: Failure(.failed, "process \(pid) could not be \(what): \(error)")
        }
    }
}
