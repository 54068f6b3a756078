/// JSON of Chrome's trace event format: each call of each thread from its begin (`B`) to its end (`E`), in microseconds.
///
/// Between two runs only what differs ends and begins. A thread that was away between them ended all its calls.
/// Source: "Trace Event Format", the document of the Catapult project.
struct ChromeFormat {
    private let profile: Profile
    private let stacks: LabelledStacks
    private let view: CallTreeView

    /// Pairs of events, some 150 bytes each.
    private static let maximumFrames = 500_000

    init(_ profile: Profile, _ view: CallTreeView) {
        self.profile = profile.coarsened(toFrames: ChromeFormat.maximumFrames, counting: .changes)
        self.view = view
        stacks = LabelledStacks(self.profile, view)
    }

    func write(to output: inout ProfileOutput) {
        output.write("{\"displayTimeUnit\":\"ms\",\"otherData\":{")
        for (place, line) in profile.heading.enumerated() {
            output.write(place > 0 ? "," : "")
            output.writeJson(line.name, line.value)
        }
        output.write("},\"statistics\":{\(profile.statistics.jsonMembers)},\"traceEvents\":[")
        var separator = "\n"
        var processes: Set<Int> = []
        for id in stacks.threads {
            let thread = profile.threads[id.index]
            if processes.insert(thread.pid).inserted {
                let name =
                    thread.pid == profile.subject.pid ? visible(profile.subject.command) : "process \(thread.pid)"
                writeName("process_name", name, thread, separator, to: &output)
                separator = ",\n"
            }
            writeName("thread_name", visible(thread.name ?? thread.title), thread, separator, to: &output)
        }
        let begins = stacks.labels.map(ChromeFormat.begin)
        for id in stacks.threads { writeCalls(of: id, begins, to: &output) }
        output.write("\n]}\n")
    }

    private func writeName(
        _ kind: String, _ name: String, _ thread: Profile.Thread, _ separator: String, to output: inout ProfileOutput
    ) {
        output.write(
            "\(separator){\"ph\":\"M\",\"pid\":\(thread.pid),\"tid\":\(thread.tid),\"name\":\"\(kind)\",\"args\":{")
        output.writeJson("name", name)
        output.write("}}")
    }

    private func writeCalls(of id: ThreadId, _ begins: [[UInt8]], to output: inout ProfileOutput) {
        let thread = profile.threads[id.index]
        let place = "\"pid\":\(thread.pid),\"tid\":\(thread.tid),\"ts\":"
        let period = max(1, UInt64(min(profile.statistics.nanosecondsPerSample / 1_000, 1e12)))
        var open: [Int] = []
        /// A sample stands for the time until the next: so long do its calls last, unless something else was seen earlier.
        var until: UInt64 = 0
        func end(downTo depth: Int, at time: UInt64) {
            while open.count > depth {
                open.removeLast()
                output.write(",\n{\"ph\":\"E\",\(place)\(time)}")
            }
        }
        stacks.forEachRun(of: id) { run in
            if run.firstMicroseconds > until + period * 3 / 2 { end(downTo: 0, at: until) }
            let stack = stacks.stack(of: run.node)
            var common = 0
            while common < min(open.count, stack.count), open[common] == stack[common] { common += 1 }
            end(downTo: common, at: run.firstMicroseconds)
            for label in stack[common...] {
                open.append(label)
                output.write(",\n{\"ph\":\"B\",\(place)\(run.firstMicroseconds)")
                output.write(begins[label])
            }
            until = run.lastMicroseconds + period
        }
        end(downTo: 0, at: until)
    }

    /// The part of an event that says which call begins.
    private static func begin(_ frame: ProfileFrame) -> [UInt8] {
        let kind =
            switch frame.kind {
            case .python: "python"
            case .native: "native"
            case .kernel: "kernel"
            case .group: "group"
            }
        var result = Array(",\"cat\":\"\(kind)\",\"name\":".utf8) + jsonBytes(visible(frame.name))
        var arguments: [[UInt8]] = []
        if !frame.file.isEmpty { arguments.append(Array("\"file\":".utf8) + jsonBytes(visible(frame.file))) }
        if let line = frame.line { arguments.append(Array("\"line\":\(line)".utf8)) }
        if let module = frame.module { arguments.append(Array("\"module\":".utf8) + jsonBytes(visible(module))) }
        if !arguments.isEmpty {
            result += Array(",\"args\":{".utf8) + arguments.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
        }
        return result + [UInt8(ascii: "}")]
    }
}
