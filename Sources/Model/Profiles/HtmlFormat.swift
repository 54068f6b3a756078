/// A page with everything, in one file: icicle, function table, threads, and time to pick a window from.
///
/// The page holds the stacks as a tree and, for each thread, how many samples each stack had in each slot of time; all views
/// are computed from that by its script. Its policy forbids it to load or send anything.
struct HtmlFormat {
    private let profile: Profile
    private let view: CallTreeView
    private let stacks: LabelledStacks
    private let start: UInt64
    private let slotMicroseconds: UInt64
    private let slots: Int

    private static let maximumSlots = 600
    /// Triples of slot, stack and count in all threads together: some 2 MB.
    private static let maximumEntries = 250_000

    init(_ profile: Profile, _ view: CallTreeView) {
        self.profile = profile
        self.view = view
        var whole = view
        whole.grain = .line
        let stacks = LabelledStacks(profile, whole)
        self.stacks = stacks
        let period = max(1, UInt64(min(profile.statistics.nanosecondsPerSample / 1_000, 1e12)))
        let start = (view.windowNanoseconds?.lowerBound ?? 0) / 1_000
        self.start = start
        var end = start
        for thread in stacks.threads { stacks.forEachRun(of: thread) { end = max(end, $0.lastMicroseconds + period) } }
        // Whole rounds, or else slots of one and of two would stand side by side.
        let least = max(1, (end - start + UInt64(HtmlFormat.maximumSlots) - 1) / UInt64(HtmlFormat.maximumSlots))
        var width = (least + period - 1) / period * period
        while width < end - start {
            var entries = 0
            for thread in stacks.threads {
                SlotSeries.forEach(stacks, thread, from: start, width: width) { _, _, _ in entries += 1 }
            }
            if entries <= HtmlFormat.maximumEntries { break }
            width *= 2
        }
        slotMicroseconds = width
        slots = Int(max(1, (end - start + width - 1) / width))
    }

    func write(to output: inout ProfileOutput) {
        output.write(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
            script-src 'unsafe-inline'; img-src data:">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <link rel="icon" href="data:,">
            <title>\(xml(profile.title))</title>
            <style>\n
            """)
        output.write(PackageResources.profile_css)
        output.write("</style>\n</head>\n<body>\n")
        output.write(PackageResources.profile_html)
        output.write("<noscript><p>\(xml(headingLines.joined(separator: " · ")))</p></noscript>\n")
        output.write("<script type=\"application/json\" id=\"data\">\n")
        writeData(to: &output)
        output.write("</script>\n<script>\n")
        output.write(PackageResources.profile_js)
        output.write("</script>\n</body>\n</html>\n")
    }

    private var headingLines: [String] { profile.heading.map { "\($0.name): \($0.value)" } }

    private func writeData(to output: inout ProfileOutput) {
        output.write("{")
        output.writeJson("title", profile.title)
        output.write(",\"heading\":[")
        for (place, line) in headingLines.enumerated() {
            output.write(place > 0 ? "," : "")
            output.writeJson(line)
        }
        output.write("],\"statistics\":{\(profile.statistics.jsonMembers)}")
        output.write(",\"grain\":\"\(view.grain.rawValue)\",\"isByThread\":\(view.isByThread)")
        output.write(",\"isInverted\":\(view.isInverted),\"isPythonOnly\":\(view.isPythonOnly)")
        output.write(",\"nanosecondsPerSample\":\(jsonNumber(profile.statistics.nanosecondsPerSample))")
        output.write(",\"nanosecondsPerSlot\":\(slotMicroseconds * 1_000),\"slots\":\(slots),\n\"threads\":[")
        for (place, id) in stacks.threads.enumerated() {
            let thread = profile.threads[id.index]
            output.write((place > 0 ? "," : "") + "{\"pid\":\(thread.pid),\"tid\":\(thread.tid),")
            output.writeJson("title", visible(thread.title))
            output.write("}")
        }
        output.write("],\n")
        writeNames(to: &output)
        writeSeries(to: &output)
        output.write("}\n")
    }

    /// Functions as places of name, file, kind and owner; frames as function and line.
    private func writeNames(to output: inout ProfileOutput) {
        var strings = StringTable()
        output.write("\"functions\":[")
        for (place, function) in profile.frameTable.functions.enumerated() {
            let numbers = [
                strings.place(visible(function.name)), strings.place(function.place), UInt64(function.kind.rawValue),
                strings.place(visible(function.owner)),
            ]
            output.write((place > 0 ? ",[" : "[") + numbers.map(String.init).joined(separator: ",") + "]")
        }
        output.write("],\n\"frames\":[")
        for (place, frame) in profile.frameTable.frames.enumerated() {
            output.write("\(place > 0 ? "," : "")[\(frame.function),\(max(0, frame.line))]")
        }
        output.write("],\n\"strings\":[")
        for (place, text) in strings.texts.enumerated() {
            output.write(place > 0 ? "," : "")
            output.writeJson(text)
        }
        output.write("],\n")
    }

    private func writeSeries(to output: inout ProfileOutput) {
        // Stacks that are used, and their callers, numbered anew; callers still come first.
        let parents = profile.stacks.parents
        var isUsed = [Bool](repeating: false, count: parents.count)
        isUsed[0] = true
        for thread in stacks.threads { stacks.forEachRun(of: thread) { isUsed[Int($0.node.index)] = true } }
        for node in stride(from: parents.count - 1, to: 0, by: -1) where isUsed[node] {
            isUsed[Int(parents[node])] = true
        }
        var places = [Int](repeating: 0, count: parents.count)
        var count = 0
        for node in parents.indices where isUsed[node] {
            places[node] = count
            count += 1
        }
        output.write("\"nodes\":{\"parents\":[0")
        for node in parents.indices.dropFirst() where isUsed[node] { output.write(",\(places[Int(parents[node])])") }
        output.write("],\n\"frames\":[0")
        for node in parents.indices.dropFirst() where isUsed[node] { output.write(",\(profile.stacks.frames[node])") }
        output.write("]},\n\"series\":[")
        for (place, thread) in stacks.threads.enumerated() {
            output.write(place > 0 ? ",\n[" : "\n[")
            var before = 0
            var isFirst = true
            SlotSeries.forEach(stacks, thread, from: start, width: slotMicroseconds) { slot, node, samples in
                let slot = min(slot, slots - 1)
                output.write("\(isFirst ? "" : ",")\(slot - before),\(places[Int(node.index)]),\(samples)")
                before = slot
                isFirst = false
            }
            output.write("]")
        }
        output.write("]")
    }
}

/// A thread's samples in slots of time of one width.
enum SlotSeries {
    /// Slots in order, each stack of a slot once.
    static func forEach(
        _ stacks: LabelledStacks, _ thread: ThreadId, from start: UInt64, width: UInt64,
        _ body: (_ slot: Int, _ node: NodeId, _ samples: UInt64) -> Void
    ) {
        var slot = 0
        var samples: [NodeId: UInt64] = [:]
        func flush() {
            for (node, count) in samples.sorted(by: { $0.key.index < $1.key.index }) { body(slot, node, count) }
            samples.removeAll(keepingCapacity: true)
        }
        stacks.forEachRun(of: thread) { run in
            var left = run.samples
            let first = Int((run.firstMicroseconds - min(start, run.firstMicroseconds)) / width)
            let last = Int((run.lastMicroseconds - min(start, run.lastMicroseconds)) / width)
            for place in first...max(first, last) {
                let from = start + UInt64(place) * width
                let here =
                    place == last ? left : run.samples(in: from * 1_000..<(from + width) * 1_000, period: 1)
                left -= min(left, here)
                guard here > 0 else { continue }
                if place != slot {
                    flush()
                    slot = place
                }
                samples[run.node, default: 0] += here
            }
        }
        flush()
    }
}
