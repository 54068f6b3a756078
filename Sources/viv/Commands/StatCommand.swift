internal import ArgumentParser
internal import Cells
internal import Dispatch
internal import Glibc
internal import Linux
internal import Model
internal import Samplers
internal import Synchronization

/// `viv stat`: rates per interval, and their average.
struct StatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat", abstract: "Print rates of a process, or of the host, per interval and on average.",
        discussion: """
            All threads are counted, those that end meanwhile too where the kernel \
            tells. ^C ends with the average. A lone number is a pid; for the host at \
            an interval of its own, write the interval with its unit: 5s, 500ms.

            EXAMPLES
              viv stat                    the host, every second until ^C
              viv stat 5s 12              the host for a minute, and the average
              viv stat gunicorn 1 10      ten lines and the average
              viv stat 4121 0.5 --json    one JSON document a line
            """)

    @Argument(
        help: ArgumentHelp(
            "[TARGET] [INTERVAL [COUNT]]: pid, :PORT or text; seconds; lines.", valueName: "target interval count"),
        completion: Completions.target)
    var words: [String] = []
    @Flag(help: "One JSON document a line.") var json = false

    func run() throws {
        let request = try parsed()
        StopFlag.watchInterrupt()
        if let target = request.target {
            try process(target, every: request.interval, count: request.count)
        } else {
            try host(every: request.interval, count: request.count)
        }
    }

    /// A first word that is no interval is the target; a lone number is a pid, as every command takes it.
    private func parsed() throws(Failure) -> (target: String?, interval: Double, count: Int?) {
        var rest = words[...]
        let target =
            rest.first.map { StatCommand.seconds($0) != nil && Double($0) == nil } == true ? nil : rest.popFirst()
        var interval = 1.0
        if let text = rest.popFirst() {
            guard let value = StatCommand.seconds(text), value >= 0.01, value <= 86400 else {
                throw Failure(.usage, "'\(visible(text))' is no interval: 0.01 to 86400 seconds")
            }
            interval = value
        }
        var count: Int?
        if let text = rest.popFirst() {
            guard let value = Int(text), value > 0 else {
                throw Failure(.usage, "'\(visible(text))' is no count of lines: 1 or more")
            }
            count = value
        }
        guard rest.isEmpty else { throw Failure(.usage, "too many words; viv stat [TARGET] [INTERVAL [COUNT]]") }
        return (target, interval, count)
    }

    /// Seconds of `2`, `0.5`, `2s` or `500ms`.
    private static func seconds(_ text: String) -> Double? {
        guard text.utf8.first.map({ (46...57).contains($0) }) == true else { return nil }
        if text.hasSuffix("ms") { return Double(text.dropLast(2)).map { $0 / 1000 } }
        return Double(text.hasSuffix("s") ? String(text.dropLast()) : text)
    }

    private func process(_ text: String, every interval: Double, count: Int?) throws {
        var reading = try TableReading()
        let target = try Target.resolve(text, in: reading.table(for: text))
        var readings = ProcessReadings(identity: target.identity)
        guard let first = readings.read() else {
            throw Failure(.gone, "process \(target.identity.pid) ended meanwhile")
        }
        var before = first
        var lines = 0
        while !StopFlag.isSet, count.map({ lines < $0 }) ?? true {
            StopFlag.wait(seconds: interval)
            guard let now = readings.read() else { break }
            print(before, now, isAverage: false, isFirst: lines == 0)
            before = now
            lines += 1
        }
        if lines > 0 { print(first, before, isAverage: true, isFirst: false) }
        if readings.read() == nil, lines < (count ?? .max), !StopFlag.isSet {
            throw Failure(.gone, "process \(target.identity.pid) ended")
        }
    }

    private func print(_ before: ProcessRow, _ now: ProcessRow, isAverage: Bool, isFirst: Bool) {
        guard let rates = ProcessRates(from: before, to: now, ticksPerSecond: Double(KernelClock.ticksPerSecond)) else {
            return
        }
        if json {
            var members: [(String, Json)] = [
                ("pid", .integer(Int64(now.pid))), ("elapsedSeconds", .number(rates.elapsedSeconds)),
                ("cpuPercent", .number(rates.cpuPercent)), ("userPercent", .number(rates.userPercent)),
                ("systemPercent", .number(rates.systemPercent)), ("runQueuePercent", .optional(rates.runQueuePercent)),
                ("blockIODelayPercent", .optional(rates.blockIOPercent)),
                ("residentBytes", .integer(Int64(clamping: now.residentBytes))),
                ("threads", .integer(Int64(now.threads))),
            ]
            members += ProcessJson.rates(rates)
            members.append(("average", .bool(isAverage)))
            Output.line(Json.object(members).text)
            return
        }
        if isFirst {
            Output.line(
                StatText.title([
                    "SECONDS", "USR%", "SYS%", "CPU%", "RUNQ%", "IOD%", "VCS/s", "ICS/s", "MNF/s", "MJF/s", "RD/s",
                    "WR/s", "RES", "THR",
                ]))
        }
        func percent(_ value: Double?) -> String { value.map(NumberText.percent) ?? "·" }
        func rate(_ value: Double?) -> String { value.map(NumberText.count) ?? "·" }
        func bytes(_ value: Double?) -> String { value.map(NumberText.bytes) ?? "·" }
        let cells = [
            isAverage ? "average" : NumberText.fixed(rates.elapsedSeconds, 2), percent(rates.userPercent),
            percent(rates.systemPercent),
            percent(rates.cpuPercent), percent(rates.runQueuePercent), percent(rates.blockIOPercent),
            rate(rates.voluntarySwitches),
            rate(rates.involuntarySwitches), rate(rates.minorFaults), rate(rates.majorFaults), bytes(rates.readBytes),
            bytes(rates.writtenBytes), bytes(Double(now.residentBytes)), String(now.threads),
        ]
        Output.line(StatText.line(cells))
    }

    private func host(every interval: Double, count: Int?) throws {
        guard var sampler = try? HostSampler(), let first = try? sampler.sample(true) else {
            throw Failure(.failed, "/proc cannot be read")
        }
        _ = first
        var before = KernelClock.monotonicNanoseconds()
        var all: [(host: HostSnapshot, seconds: Double)] = []
        while !StopFlag.isSet, count.map({ all.count < $0 }) ?? true {
            StopFlag.wait(seconds: interval)
            guard let host = try? sampler.sample(true) else { break }
            let now = KernelClock.monotonicNanoseconds()
            let seconds = Double(now - before) / 1e9
            HostStat.print(host, seconds: seconds, json: json, isFirst: all.isEmpty)
            all.append((host, seconds))
            before = now
        }
        if !all.isEmpty { HostStat.printAverage(all, json: json) }
    }
}

/// Columns of `viv stat`.
enum StatText {
    static func title(_ cells: [String]) -> String { line(cells) }

    static func line(_ cells: [String]) -> String {
        cells.enumerated().map { place, cell in
            String(repeating: " ", count: max(0, (place == 0 ? 7 : 5) - displayWidth(cell))) + cell
        }.joined(separator: " ")
    }
}

/// Set by ^C and SIGTERM, so that a command can end with what it has.
enum StopFlag {
    private static let flag = Atomic<Bool>(false)
    private static let signalled = DispatchSemaphore(value: 0)
    private static let sources = Mutex<[DispatchSource]>([])

    static var isSet: Bool { flag.load(ordering: .acquiring) }

    private static func isIgnoring(_ action: sigaction) -> Bool {
        let handler = unsafe action.__sigaction_handler.sa_handler
        return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Makes ^C and SIGTERM set the flag instead of ending the program, and where asked for the end of the terminal.
    static func watchInterrupt(orHangup: Bool = false) {
        for number in orHangup ? [SIGINT, SIGTERM, SIGHUP] : [SIGINT, SIGTERM] {
            var before = sigaction()
            unsafe sigaction(number, nil, &before)
            // Under nohup(1) it goes on.
            if number == SIGHUP, isIgnoring(before) { continue }
            signal(number, SIG_IGN)
            guard let source = DispatchSource.makeSignalSource(signal: number, queue: .global()) as? DispatchSource
            else { continue }
            source.setEventHandler { @Sendable in
                flag.store(true, ordering: .releasing)
                signalled.signal()
            }
            source.activate()
            sources.withLock { $0.append(source) }
        }
    }

    /// Sleeps, but not longer than until the flag is set.
    static func wait(seconds: Double) {
        _ = signalled.wait(timeout: .now() + seconds)
    }
}
