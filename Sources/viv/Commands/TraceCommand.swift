internal import ArgumentParser
internal import Cells
internal import Glibc
internal import Linux
internal import Model
internal import Samplers
internal import SystemCalls

/// `viv trace`: the system calls of a process.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Show the system calls of a process, or sum them up.",
        discussion: """
            All threads of the process are followed, the processes that it makes, and \
            those that it has made. Until ^C, the end of them all, or for the seconds \
            of -d. Nothing is stopped: programs in the kernel copy what the calls point \
            to, and viv writes it down fifty times a second. Events that found no room \
            are counted and told.

            Where the kernel lets viv load no program, --ptrace does the same by stopping \
            each thread at the begin and end of each call, as strace does and at its cost.

            While viv traces without --ptrace, every system call of every process of the host takes \
            longer, by up to a fifth of a microsecond.

            A line reads as strace's: the thread, the call with its arguments, the \
            result, how long it took. Descriptors have what they are behind them. A \
            call that goes on for a fifth of a second is shown as unfinished.

            FILTER is terms with blanks between them, all of which must be true:
              call=open,%file,!close   names and classes of calls; the key may be left out
              fd=3   path~/etc   error   error=ENOENT   slower>10ms   tid=12   WORD
            Classes: %file %desc %network %process %memory %signal %ipc %wait %clock %creds

            EXAMPLES
              viv trace gunicorn                          all there is
              viv trace :8000 --filter '%network slower>10ms'
              viv trace 4121 -e openat,stat --failed      which files it misses
              viv trace 4121 --summary -d 10              how often, how long, p50 and p99
              viv trace 4121 --summary --interval 1       every second
              viv trace 4121 --json | jq -c 'select(.error)'
              viv trace -o calls.txt -- python3 job.py    a program from its start

            EXIT STATUS
              1  the kernel does not take the program   4  no such process
              3  refused: needs root, or CAP_BPF and CAP_PERFMON; with --ptrace the right to trace it
              with a COMMAND its own status
            """)

    @Argument(help: "Process: pid, :PORT or text.", completion: Completions.target) var target: String?
    @Argument(parsing: .postTerminator, help: "A program to start and follow, with its arguments.")
    var command: [String] = []
    @Option(name: [.customShort("d"), .long], help: "Seconds; until ^C without.") var duration: Double?
    @Flag(name: [.customShort("c"), .long], help: "Sums of all calls instead of each.") var summary = false
    @Option(name: [.customShort("i"), .long], help: "With --summary: sums every so many seconds.")
    var interval: Double?
    @Flag(help: "One JSON object a line.") var json = false
    @Option(name: [.customShort("o"), .long], help: "File for what is shown.", completion: .file()) var output: String?
    @Option(help: "Which calls are shown.") var filter: String?
    @Option(name: [.customShort("e"), .long], help: "Names and %classes of calls, with commas; ! for not.")
    var calls: String?
    @Flag(help: "Only calls that failed.") var failed = false
    @Option(help: "Only calls that took as long: 10ms, 500us.") var slower: String?
    @Option(name: [.customShort("s"), .long], help: "Bytes shown of a buffer, at most 512.") var size = 32
    @Flag(name: [.customShort("t"), .long], help: "Time of day before each line.") var time = false
    @Flag(help: "Without what descriptors are.") var plain = false
    @Flag(help: "Not the processes that it has made, nor those that it makes.") var noChildren = false
    @Flag(help: "Stop the process at each call, where no program may be loaded: exact, and slow.") var ptrace = false

    func validate() throws {
        guard (target == nil) != command.isEmpty else {
            throw ValidationError("name a process, or a program behind --; see viv trace --help")
        }
        guard duration.map({ $0 > 0 && $0 <= 1e7 }) ?? true else {
            throw ValidationError("--duration is more than 0 seconds")
        }
        guard interval.map({ $0 >= 0.1 && $0 <= 86400 }) ?? true else {
            throw ValidationError("--interval is 0.1 to 86400 seconds")
        }
        guard interval == nil || summary else { throw ValidationError("--interval goes with --summary") }
        guard (0...512).contains(size) else { throw ValidationError("--size is 0 to 512 bytes") }
    }

    func run() throws {
        let filter = try wantedCalls()
        var options = SyscallOptions()
        (options.tells, options.sums, options.follows) = (!summary, summary, !noChildren)
        (options.wanted, options.onlyFailed) = (filter.wanted, filter.onlyFailed)
        (options.slowerThanNanoseconds, options.dataLimit) = (filter.slowerThanNanoseconds, size)
        let place = try TraceOutput(output)
        // Found before anything is loaded: a name that nobody has is said at once.
        var pids = try target.map { try family(of: $0) } ?? []
        var tracer = try load(options)
        StopFlag.watchInterrupt(orHangup: true)
        let launched = command.isEmpty ? nil : try LaunchedCommand(command)
        if let launched { pids = [launched.pid] }
        do {
            try tracer.watch(processes: pids, fromExec: launched != nil)
        } catch {
            throw TraceCommand.failure(error)
        }
        let end = duration.map { KernelClock.monotonicNanoseconds() + UInt64($0 * 1e9) } ?? .max
        if summary {
            try sum(&tracer, place, pids, end, launched)
        } else {
            try follow(&tracer, place, filter, pids, end, launched)
        }
        let lost = tracer.lost
        if lost.events + lost.threads > 0 {
            Output.error("viv: \(lost.events) events were lost, and \(lost.threads) threads not followed")
        }
        if let overhead = tracer.overhead {
            let seconds = NumberText.fixed(Double(overhead.stoppedNanoseconds) / 1e9, 3)
            Output.error(
                "viv: \(overhead.stops) stops, in which threads stood still for \(seconds) s and the switches to and fro"
            )
        }
        if let status = launched?.status, status != 0 { _exit(status) }
    }

    private func wantedCalls() throws(Failure) -> SyscallFilter {
        do throws(SyscallFilter.Fault) {
            var found = try SyscallFilter(parsing: filter ?? "", .native)
            if let calls { try found.want(calls, .native) }
            if let slower {
                found.slowerThanNanoseconds =
                    try SyscallFilter(parsing: "slower>\(slower)", .native).slowerThanNanoseconds
            }
            if failed { found.onlyFailed = true }
            return found
        } catch {
            throw Failure(.usage, visible(error.description))
        }
    }

    /// The process that a text names, and those that it has made.
    private func family(of target: String) throws -> [Int32] {
        var reading = try TableReading()
        let table = try reading.table(for: target)
        let found = try Target.resolve(target, in: table)
        guard found.row.state != UInt8(ascii: "Z") else {
            throw Failure(.gone, "process \(found.identity.pid) is a zombie: it ended and waits for its parent")
        }
        guard found.identity.pid != Machine.ownPid() else { throw Failure(.usage, "viv does not trace itself") }
        guard !noChildren else { return [found.identity.pid] }
        var pids = [found.identity.pid]
        let all = try reading.table(ProcessSources()).rows.filter { !$0.isThread && !$0.hasEnded }
        var next = 0
        while next < pids.count {
            pids += all.filter { $0.parent == pids[next] && $0.pid != Machine.ownPid() }.map(\.pid)
            next += 1
        }
        return pids
    }

    private func load(_ options: SyscallOptions) throws(Failure) -> SyscallTracer {
        do {
            return try SyscallTracer(options, provider: ptrace ? .ptrace : .bpf)
        } catch {
            throw TraceCommand.failure(error)
        }
    }

    private static func failure(_ error: any Error) -> Failure {
        let code: Failure.Code =
            SyscallTracer.isRefusal(error) ? .refused : SyscallTracer.isAbsence(error) ? .gone : .failed
        return Failure(code, "system calls cannot be followed: \(error)")
    }

    private func follow(
        _ tracer: inout SyscallTracer, _ place: borrowing TraceOutput, _ filter: SyscallFilter, _ pids: [Int32],
        _ end: UInt64, _ launched: LaunchedCommand?
    ) throws(Failure) {
        var text = TraceText(filter, isJson: json, hasTimes: time, names: plain ? nil : try? DescriptorNames())
        text.begins(with: pids)
        launched?.begin()
        var isLast = false
        repeat {
            StopFlag.wait(seconds: 0.02)
            // Asked before the last events are taken.
            isLast =
                StopFlag.isSet || KernelClock.monotonicNanoseconds() >= end || !TraceCommand.isAlive(pids, launched)
            tracer.drain(unfinishedAfterNanoseconds: isLast || filter.isTimed ? nil : 200_000_000) { text.add($0) }
            text.add(lost: tracer.lost.events)
            try place.write(text.taken())
        } while !isLast
    }

    private func sum(
        _ tracer: inout SyscallTracer, _ place: borrowing TraceOutput, _ pids: [Int32], _ end: UInt64,
        _ launched: LaunchedCommand?
    ) throws(Failure) {
        launched?.begin()
        let start = KernelClock.monotonicNanoseconds()
        var table = TraceSummary(isJson: json)
        var next = interval.map { start + UInt64($0 * 1e9) }
        while !StopFlag.isSet, KernelClock.monotonicNanoseconds() < end, TraceCommand.isAlive(pids, launched) {
            let now = KernelClock.monotonicNanoseconds()
            let due = [next ?? .max, end, now + 50_000_000].min() ?? now
            StopFlag.wait(seconds: Double(due > now ? due - now : 0) / 1e9)
            if let moment = next, let interval, KernelClock.monotonicNanoseconds() >= moment {
                try place.write(table.text(of: tracer.sums(), lost: tracer.lost.events, sinceLast: true))
                next = moment + UInt64(interval * 1e9)
            }
        }
        try place.write(table.text(of: tracer.sums(), lost: tracer.lost.events, sinceLast: false))
    }

    /// Whether one of them is still there.
    private static func isAlive(_ pids: [Int32], _ launched: LaunchedCommand?) -> Bool {
        if let launched { return launched.isRunning }
        return pids.contains { kill($0, 0) == 0 || errno == EPERM }
    }
}
