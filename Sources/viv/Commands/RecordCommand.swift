internal import ArgumentParser
internal import Cells
internal import Glibc
internal import Linux
internal import Model
internal import NativeStacks
internal import Profiles
internal import PythonInspection
internal import Samplers

/// `viv record`: samples Python stacks to a file.
struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Sample the Python stacks of a process to a file.",
        discussion: """
            Samples until ^C, the end of the process, or for the seconds of -d; what was \
            sampled is written in every case. The format follows the file's name where -f \
            does not say it: .svg, .html, .pb.gz, .speedscope.json, .trace.json, .txt.

            A thread is sampled while it runs, waits for the GIL, or waits for a disk; \
            with --idle also while it sleeps or waits for anything else.

            With CAP_BPF and CAP_PERFMON each thread takes its own stack, in the interrupts \
            of its clock and where it leaves its processor: nothing is stopped, nothing is \
            torn, and viv only reads what they took, twenty times a second.

            Without them, with --poll and --async, viv reads the stacks from outside. A \
            thread that moves faster than it can be read is read on its own \
            processor, which it gives to viv for some tens of microseconds at a sample. \
            Above 2000 Hz, and where viv may not run there, it is stopped for as long instead, \
            together for about 0.7 % of the time. --never-stop forbids that: samples are then \
            lost, and counted, and of functions shorter than a microsecond the callers get \
            a part of the time. With --native every thread is stopped at \
            each sample.

            Every file says who took the stacks, and carries the rate that was \
            reached, misses, retries, stops and errors.

            EXAMPLES
              viv record gunicorn -d 30                     profile-PID.svg
              viv record :8000 -d 60 -r 1000 -o slow.html
              viv record 4121 --gil -f pprof -o gil.pb.gz   who holds the GIL
              viv record 4121 --idle --subprocesses -d 10
              viv record :8000 --async -o tasks.html        what its tasks wait for
              viv record 4121 --native -d 20                C, C++ and Rust between them
              viv record 4121 -d 5 -f collapsed -o - | sort | head

            EXIT STATUS
              1  no Python, a version that is not read, or the file cannot be written
              3  its memory may not be read: needs CAP_SYS_PTRACE, or its owner with
                 kernel.yama.ptrace_scope=0
            """)

    @Argument(help: "Process: pid, :PORT or text.", completion: Completions.target) var target: String
    @Option(name: [.customShort("d"), .long], help: "Seconds; until ^C without.") var duration: Double?
    @Option(name: [.customShort("r"), .long], help: "Samples a second, 1 to 50000.") var rate = 100.0
    @Option(name: [.customShort("f"), .long], help: "Format of the file.") var format: ProfileFormat?
    @Option(name: [.customShort("o"), .long], help: "File; - for standard output.", completion: .file())
    var output: String?
    @Flag(help: "Only threads on a processor or ready for one.") var cpu = false
    @Flag(help: "Only the thread that holds the GIL.") var gil = false
    @Flag(help: "Also threads that sleep.") var idle = false
    @Flag(help: "Also processes that it begins: fork, spawn, exec.") var subprocesses = false
    @Flag(help: "Stacks apart for each thread.") var threads = false
    @Flag(name: .customLong("async"), help: "Stacks by asyncio task, those that wait too.") var byTask = false
    @Flag(help: "Machine code too; each thread is stopped at each sample.") var native = false
    @Flag(help: "Whole functions instead of lines.") var functions = false
    @Flag(help: "Read stacks from outside, even where threads can take their own.") var poll = false
    @Flag(help: "Never stop a thread, not even for microseconds.") var neverStop = false

    func validate() throws {
        guard rate >= 1, rate <= 50_000 else { throw ValidationError("--rate is 1 to 50000 samples a second") }
        guard duration.map({ $0 > 0 && $0 <= 1e7 }) ?? true else {
            throw ValidationError("--duration is more than 0 seconds")
        }
        guard !(cpu && gil) else { throw ValidationError("--cpu or --gil, not both") }
        guard !(byTask && (cpu || gil)) else { throw ValidationError("--async goes with neither --cpu nor --gil") }
        guard !(native && (byTask || neverStop)) else {
            throw ValidationError("--native goes with neither --async nor --never-stop")
        }
        guard !(idle && (cpu || gil)) else { throw ValidationError("--idle goes with neither --cpu nor --gil") }
    }

    func run() throws {
        var reading = try TableReading()
        let table = try reading.table(for: target)
        let found = try Target.resolve(target, in: table)
        guard found.row.state != UInt8(ascii: "Z") else {
            throw Failure(
                .gone,
                "process \(found.identity.pid) is a zombie: it ended and waits for its parent \(found.row.parent)")
        }
        if native, UnwindLibrary.shared == nil {
            throw Failure(.failed, "--native: \(UnwindLibrary.fileName) is not there: \(UnwindLibrary.remedy)")
        }
        let file = try RecordFile(output, format, pid: found.identity.pid)
        StopFlag.watchInterrupt(orHangup: true)
        var recorder: Recorder
        do {
            recorder = try Recorder(found.identity, options)
        } catch {
            throw DumpCommand.failure(error, found.identity.pid)
        }
        recorder.profile.subject.command = table.commandLine(of: found.row)
        recorder.profile.subject.recorder = "viv \(Viv.version)"
        var progress = RecordProgress(seconds: duration)
        let end = duration.map { KernelClock.monotonicNanoseconds() + UInt64($0 * 1e9) } ?? .max
        while recorder.step(until: end), !StopFlag.isSet, KernelClock.monotonicNanoseconds() < end {
            if let remedy = recorder.refusal {
                progress.clear()
                throw Failure(
                    .refused,
                    "process \(found.identity.pid): its threads may not be stopped for machine code: \(remedy)")
            }
            progress.show(recorder.profile.statistics)
        }
        recorder.finish()
        progress.clear()
        if let unread = recorder.countUnread() {
            let count = recorder.profile.statistics.unreadProcesses
            Output.error("viv: \(count) of its processes \(count == 1 ? "is" : "are") not in the recording: \(unread)")
        }
        var view = CallTreeView()
        view.grain = functions ? .function : .line
        view.isByThread = threads
        let path = file.path
        try file.write(recorder.profile, view)
        Output.error(RecordProgress.summary(recorder.profile.statistics, path))
    }

    private var options: RecordingOptions {
        var options = RecordingOptions()
        options.mode = gil ? .gil : cpu ? .cpu : .wall
        options.includesIdle = idle
        options.includesChildren = subprocesses
        options.byTask = byTask
        options.threadsAreApart = threads
        options.neverStops = neverStop
        options.includesNative = native
        options.hertz = rate
        options.ownsThread = true
        options.usesClocks = !poll
        return options
    }
}
