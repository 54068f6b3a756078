/// JSON for speedscope: one sampled profile a thread, weights in nanoseconds.
///
/// Time in which a thread was not sampled (idle, not on CPU, without the GIL) is an empty stack, so that the view in the order
/// of time has the clock's own scale. Source: speedscope's file-format-spec.ts, 0.6 and later.
struct SpeedscopeFormat {
    private let profile: Profile
    private let stacks: LabelledStacks
    private let view: CallTreeView

    /// Frames of all samples together.
    private static let maximumFrames = 8_000_000

    init(_ profile: Profile, _ view: CallTreeView) {
        self.profile = profile.coarsened(toFrames: SpeedscopeFormat.maximumFrames, counting: .everyFrame)
        self.view = view
        stacks = LabelledStacks(self.profile, view)
    }

    func write(to output: inout ProfileOutput) {
        output.write("{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",")
        output.writeJson("exporter", visible(profile.subject.recorder))
        output.write(",")
        output.writeJson("name", profile.title)
        output.write(",\"activeProfileIndex\":0,")
        // The schema allows members of one's own, and speedscope passes over them.
        output.write("\"statistics\":{\(profile.statistics.jsonMembers)},\"recording\":[")
        for (place, line) in profile.heading.enumerated() {
            output.write(place > 0 ? "," : "")
            output.writeJson("\(line.name): \(line.value)")
        }
        output.write("],\"shared\":{\"frames\":[")
        for (place, label) in stacks.labels.enumerated() {
            output.write(place > 0 ? ",\n{" : "\n{")
            output.writeJson("name", visible(label.name))
            let file = label.file.isEmpty ? label.module ?? "" : label.file
            if !file.isEmpty {
                output.write(",")
                output.writeJson("file", visible(file))
            }
            if let line = label.line { output.write(",\"line\":\(line)") }
            output.write("}")
        }
        output.write("]},\"profiles\":[")
        for (place, thread) in stacks.threads.enumerated() {
            output.write(place > 0 ? ",\n" : "\n")
            write(thread, to: &output)
        }
        output.write("]}\n")
    }

    private func write(_ thread: ThreadId, to output: inout ProfileOutput) {
        let period = profile.statistics.nanosecondsPerSample
        var time = view.windowNanoseconds?.lowerBound ?? 0
        var weights: [UInt8] = []
        var isFirst = true
        let start = time
        output.write("{\"type\":\"sampled\",")
        output.writeJson("name", visible(profile.threads[thread.index].title))
        output.write(",\"unit\":\"nanoseconds\",\"samples\":[")
        func sample(_ stack: [Int], _ nanoseconds: UInt64) {
            var text = isFirst ? "[" : ",["
            for (place, frame) in stack.enumerated() { text += place > 0 ? ",\(frame)" : "\(frame)" }
            output.write(text + "]")
            weights += (isFirst ? "\(nanoseconds)" : ",\(nanoseconds)").utf8
            time += nanoseconds
            isFirst = false
        }
        stacks.forEachRun(of: thread) { run in
            let first = run.firstMicroseconds * 1_000
            if first > time, Double(first - time) > period { sample([], first - time) }
            sample(stacks.stack(of: run.node), max(1, UInt64(min(Double(run.samples) * period, 1e18))))
        }
        output.write("],\"weights\":[")
        output.write(weights)
        output.write("],\"startValue\":\(start),\"endValue\":\(time)}")
    }
}

extension Profile {
    /// One line that says whose profile it is and how well it went.
    var title: String {
        var parts: [String] = []
        if !subject.command.isEmpty { parts.append(visible(subject.command)) }
        if let pid = subject.pid { parts.append("pid \(pid)") }
        parts.append(statistics.mode.rawValue)
        parts.append((statistics.achievedHz.map { fixed($0, 1) } ?? "·") + " of \(jsonNumber(statistics.askedHz)) Hz")
        parts.append("\(statistics.samples) samples, \(statistics.errors) errors")
        return parts.joined(separator: " · ")
    }
}
