/// pprof's profile: a protocol buffer in a gzip envelope.
///
/// Two values a sample, count and time; the thread and process as labels; functions and lines always, whatever the view's
/// grain, for pprof has its own switch for it. Field numbers are those of profile.proto in github.com/google/pprof.
struct PprofFormat {
    private let profile: Profile
    private let stacks: LabelledStacks
    private var strings = StringTable()

    init(_ profile: Profile, _ view: CallTreeView) {
        var view = view
        view.grain = .line
        self.profile = profile
        stacks = LabelledStacks(profile, view)
    }

    mutating func write(to output: inout ProfileOutput) {
        var gzip = StoredGzip()
        gzip.begin(&output)
        let mode = profile.statistics.mode.rawValue
        for (name, unit) in [("samples", "count"), (mode, "nanoseconds")] {
            gzip.write(valueType(1, name, unit), &output)
        }
        for thread in stacks.threads { writeSamples(of: thread, &gzip, &output) }
        writeTables(&gzip, &output)

        var last = ProtobufMessage()
        for line in profile.heading { last.integer(13, strings.place("\(line.name): \(line.value)")) }
        last.integer(14, strings.place(mode))
        last.integer(9, profile.subject.startedAtUnixNanoseconds ?? 0)
        last.integer(10, profile.statistics.elapsedNanoseconds)
        last.integer(12, UInt64(profile.statistics.nanosecondsPerSample))
        last.bytes += valueType(11, mode, "nanoseconds")
        gzip.write(last.bytes, &output)
        for text in strings.texts {
            var message = ProtobufMessage()
            message.text(6, text)
            gzip.write(message.bytes, &output)
        }
        gzip.end(&output)
    }

    private mutating func valueType(_ field: UInt64, _ type: String, _ unit: String) -> [UInt8] {
        var value = ProtobufMessage()
        value.integer(1, strings.place(type))
        value.integer(2, strings.place(unit))
        var result = ProtobufMessage()
        result.message(field, value)
        return result.bytes
    }

    private mutating func writeSamples(of id: ThreadId, _ gzip: inout StoredGzip, _ output: inout ProfileOutput) {
        let thread = profile.threads[id.index]
        var samples: [NodeId: UInt64] = [:]
        stacks.forEachRun(of: id) { samples[$0.node, default: 0] += $0.samples }
        var labels = ProtobufMessage()
        var label = ProtobufMessage()
        label.integer(1, strings.place("thread"))
        label.integer(2, strings.place(visible(thread.name ?? thread.title)))
        labels.message(3, label)
        for (name, number) in [("tid", thread.tid), ("pid", thread.pid)] {
            var label = ProtobufMessage()
            label.integer(1, strings.place(name))
            label.integer(3, UInt64(max(0, number)))
            labels.message(3, label)
        }
        for (node, count) in samples.sorted(by: { $0.key.index < $1.key.index }) {
            var sample = ProtobufMessage()
            // Leaf first.
            sample.integers(1, stacks.stack(of: node).reversed().map { UInt64($0) + 1 })
            let nanoseconds = min(Double(count) * profile.statistics.nanosecondsPerSample, 9e18)
            sample.integers(2, [count, UInt64(nanoseconds)])
            sample.bytes += labels.bytes
            var message = ProtobufMessage()
            message.message(2, sample)
            gzip.write(message.bytes, &output)
        }
    }

    private mutating func writeTables(_ gzip: inout StoredGzip, _ output: inout ProfileOutput) {
        // The first mapping is the main binary: Python code belongs to it.
        var modules = [""]
        var modulePlaces = ["": UInt64(1)]
        var functionPlaces: [ProfileFrame: UInt64] = [:]
        for (place, frame) in stacks.labels.enumerated() {
            let module = frame.module ?? ""
            if modulePlaces[module] == nil {
                modules.append(module)
                modulePlaces[module] = UInt64(modules.count)
            }
            var function = frame
            function.line = nil
            if functionPlaces[function] == nil {
                functionPlaces[function] = UInt64(functionPlaces.count + 1)
                gzip.write(self.function(function, functionPlaces.count), &output)
            }
            var line = ProtobufMessage()
            line.integer(1, functionPlaces[function] ?? 0)
            line.integer(2, UInt64(max(0, frame.line ?? 0)))
            var location = ProtobufMessage()
            location.integer(1, UInt64(place + 1))
            location.integer(2, modulePlaces[module] ?? 1)
            location.message(4, line)
            var message = ProtobufMessage()
            message.message(4, location)
            gzip.write(message.bytes, &output)
        }
        for (place, module) in modules.enumerated() {
            var mapping = ProtobufMessage()
            mapping.integer(1, UInt64(place + 1))
            mapping.integer(5, strings.place(module.isEmpty ? mainBinary : visible(module)))
            // All is resolved: nobody need look for the binaries.
            for field in 7...9 { mapping.integer(UInt64(field), 1) }
            var message = ProtobufMessage()
            message.message(3, mapping)
            gzip.write(message.bytes, &output)
        }
    }

    private mutating func function(_ frame: ProfileFrame, _ place: Int) -> [UInt8] {
        var function = ProtobufMessage()
        function.integer(1, UInt64(place))
        function.integer(2, strings.place(visible(frame.name)))
        // No system name: pprof takes names that equal it for C++ and strips `<module>` and `<locals>` from them.
        function.integer(4, strings.place(visible(frame.file)))
        var message = ProtobufMessage()
        message.message(5, function)
        return message.bytes
    }

    private var mainBinary: String {
        let program = profile.subject.command.split(separator: " ").first.map(String.init) ?? "python"
        return visible(program)
    }
}

/// Fields of a protocol buffer message, as they go over the wire.
struct ProtobufMessage {
    var bytes: [UInt8] = []

    /// A number; 0 is what a missing field means and is not written.
    mutating func integer(_ field: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        bytes.appendVarint(field << 3)
        bytes.appendVarint(value)
    }

    /// Numbers side by side ("packed").
    mutating func integers(_ field: UInt64, _ values: [UInt64]) {
        var packed: [UInt8] = []
        for value in values { packed.appendVarint(value) }
        lengthDelimited(field, packed)
    }

    mutating func text(_ field: UInt64, _ text: String) { lengthDelimited(field, Array(text.utf8)) }

    mutating func message(_ field: UInt64, _ message: ProtobufMessage) { lengthDelimited(field, message.bytes) }

    private mutating func lengthDelimited(_ field: UInt64, _ value: [UInt8]) {
        bytes.appendVarint(field << 3 | 2)
        bytes.appendVarint(UInt64(value.count))
        bytes += value
    }
}
