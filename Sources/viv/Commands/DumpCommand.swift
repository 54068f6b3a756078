internal import ArgumentParser
internal import Cells
internal import Linux
internal import Model
internal import NativeStacks
internal import PythonInspection
internal import Samplers

/// `viv dump`: Python stacks of all threads now.
struct DumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Print the Python stacks of all threads, while the process runs on.",
        discussion: """
            Reads CPython 3.6 to 3.15, with and without the GIL, and all \
            interpreters of the process. Frames are printed innermost first. \
            The process runs on and is not written to. A thread that moves is read on \
            its own processor. Only where that cannot be, and after 200 readings, it is \
            stopped, for some tens of microseconds; with --never-stop it then says that \
            it moved too fast. With \
            --native each thread is stopped for as long, so that its machine code and \
            its Python frames belong together.

            With --locals the variables of each frame follow it, arguments first. \
            No code of the process runs for that: what repr() would print is made from \
            its memory, objects with their attributes. … marks what is left out, ~ what \
            changed while it was read. Of a module, whose variables are its globals, \
            none are printed; of a class that is being made, those of its body are.

            EXAMPLES
              viv dump 4121
              viv dump gunicorn --locals
              viv dump gunicorn --json
              viv dump :8000 --tasks
              viv dump web --heap --top 40
              viv dump 4121 --native
              viv dump --core core.4121 --executable /usr/bin/python3.11

            EXIT STATUS
              1  no Python, or a version that is not read yet
              3  its memory may not be read: needs CAP_SYS_PTRACE, or its owner with
                 kernel.yama.ptrace_scope=0; in a container --cap-add=SYS_PTRACE
            """)

    @Argument(help: "Process: pid, :PORT or text.", completion: Completions.target) var target: String?
    @Flag(help: "Arguments and variables of each frame, printed like repr().") var locals = false
    @Flag(help: "Also asyncio tasks and who waits for whom, and greenlets.") var tasks = false
    @Flag(help: "Machine code too, of all threads; each is stopped for less than a millisecond.") var native = false
    @Flag(help: "Never stop a thread, not even for microseconds.") var neverStop = false
    @Flag(help: "One JSON document.") var json = false
    @Flag(help: "Also the garbage collector, and which objects there are how many of.") var heap = false
    @Option(help: "With --heap: how many types.") var top = 20
    @Option(help: "A core file instead of a process.", completion: .file()) var core: String?
    @Option(
        help: "With --core: a program or library that is not where it was (may be repeated).", completion: .file())
    var executable: [String] = []
    @Option(help: "With --core: the directory that was its root, for a container.", completion: .directory)
    var sysroot: String?

    func validate() throws {
        guard (target == nil) != (core == nil) else {
            throw ValidationError(
                core == nil ? "name a process, or a core file with --core" : "a process or --core, not both")
        }
        guard core != nil || (executable.isEmpty && sysroot == nil) else {
            throw ValidationError("--executable and --sysroot go with --core")
        }
        guard core == nil || !native else { throw ValidationError("--native goes with a process that runs") }
        guard !(native && neverStop) else { throw ValidationError("--native stops threads, --never-stop does not") }
        guard top > 0 else { throw ValidationError("--top is at least 1") }
    }

    func run() throws {
        if let core {
            let (pid, command, dump) = try DumpCore.dump(self, core)
            return show(pid, command, dump)
        }
        guard let target else { return }
        var reading = try TableReading()
        let table = try reading.table(for: target)
        let found = try Target.resolve(target, in: table)
        let identity = found.identity
        guard found.row.state != UInt8(ascii: "Z") else {
            throw Failure(
                .gone, "process \(identity.pid) is a zombie: it ended and waits for its parent \(found.row.parent)")
        }
        var dump: Dump
        do {
            var process = try LiveTarget(pid: identity.pid)
            dump = try DumpCommand.read(&process, self)
            if native { dump.native = try NativeDump(identity.pid, dump.snapshot, &process) }
            guard process.isStill(identity) else { throw PythonInspectionError.memory(.gone) }
        } catch let error as PythonInspectionError {
            throw DumpCommand.failure(error, identity.pid)
        } catch let error as Failure {
            throw error
        } catch let error as UnwindLibraryMissing {
            throw Failure(.failed, "--native needs a library: \(error)")
        } catch {
            throw Failure(.failed, "/proc cannot be read: \(error)")
        }
        show(identity.pid, table.commandLine(of: found.row), dump)
    }

    private func show(_ pid: Int32, _ command: String, _ dump: Dump) {
        if json {
            Output.line(DumpJson.document(pid, dump).text)
        } else {
            for line in DumpText.lines(pid, command, dump) { Output.line(line) }
        }
    }

    /// Everything that was asked for, of a running process or of a core file.
    static func read<Process: RemoteProcess & ~Copyable>(
        _ process: inout Process, _ options: DumpCommand
    ) throws(PythonInspectionError) -> Dump {
        var inspector = try PythonInspector(&process)
        var snapshot = try inspector.snapshot(of: &process, mayStop: !options.neverStop)
        if options.locals {
            // A reader of lines has less patience than a program.
            let limits =
                options.json
                ? ValueLimits(characters: 4000, innerCharacters: 1000) : ValueLimits(characters: 400)
            inspector.addLocals(LocalsDemand(limits: limits), to: &snapshot, of: &process)
        }
        var dump = Dump(version: inspector.version, snapshot: snapshot)
        if options.tasks { dump.tasks = try DumpTasks.read(&process, &inspector, dump.snapshot.threads) }
        guard options.heap else { return dump }
        do throws(PythonInspectionError) {
            dump.heap = try DumpHeap.read(&process, inspector, top: options.top)
        } catch {
            // The stacks are there all the same.
            guard case .noObjectLists = error else { throw error }
            dump.heapTrouble = error
        }
        return dump
    }

    /// The failure with the exit code of the contract.
    static func failure(_ error: PythonInspectionError, _ pid: Int32) -> Failure {
        if case .memory(.refused) = error, Privileges.holds(.sysPtrace) {
            let reason =
                Privileges.isInOtherUserNamespace
                ? HostNamespace.remedy([.user])
                : "a security module (SELinux, AppArmor, Landlock, BPF) protects it, and more rights do not help"
            return Failure(
                .refused, "process \(pid): its memory may not be read though viv has CAP_SYS_PTRACE: \(reason)")
        }
        let code: Failure.Code =
            switch error {
            case .memory(.refused): .refused
            case .memory(.gone): .gone
            default: .failed
            }
        return Failure(code, "process \(pid): \(error)")
    }
}

/// What `viv dump` found.
struct Dump {
    var version: PythonVersion
    var snapshot: PythonSnapshot
    /// Absent: unless asked for.
    var tasks: DumpTasks?
    /// Absent: unless asked for.
    var heap: DumpHeap?
    /// Why there is no heap though it was asked for.
    var heapTrouble: PythonInspectionError?
    /// Absent: of a process that runs.
    var core: DumpCore?
    /// Absent: unless asked for.
    var native: NativeDump?
}
