internal import Glibc
internal import Linux
internal import ProcFS
internal import Samplers
internal import SystemCalls

/// Events as lines, of text or of JSON.
struct TraceText {
    private let filter: SyscallFilter
    private let isJson: Bool
    private let hasTimes: Bool
    private let names: DescriptorNames?
    private var text: CallText
    private var json: [UInt8] = []
    /// The one thread that there is; nil when there are more: then each line says whose it is.
    private var onlyTask: Int32?
    /// Calls that were shown as unfinished.
    private var open: Set<Int32> = []
    private var lost: UInt64 = 0
    /// From the clock of the events to the time of day. Unit: nanoseconds.
    private let epoch: UInt64
    /// What local time is ahead of UTC. Unit: seconds.
    private let ahead: Int

    init(_ filter: SyscallFilter, isJson: Bool, hasTimes: Bool, names: DescriptorNames?) {
        self.filter = filter
        self.isJson = isJson
        self.hasTimes = hasTimes
        self.names = names
        text = CallText()
        epoch = KernelClock.realtimeNanoseconds() &- KernelClock.monotonicNanoseconds()
        ahead = Int(LocalTime.offsetSeconds())
        if let names { text.describe = { names.name($0, $1) } }
    }

    /// Who is followed at first.
    mutating func begins(with pids: [Int32]) {
        for pid in pids { names?.learn(pid) }
        guard pids.count == 1, let pid = pids.first, var reader = try? ProcReader() else { return }
        var tids: [Int32] = []
        onlyTask = reader.threads(of: pid, into: &tids) && tids == [pid] ? pid : nil
    }

    /// Adds an event, unless it is filtered out.
    mutating func add(_ event: SyscallEvent) {
        names?.begin(event)
        defer { names?.end(event) }
        guard event.kind != .birth, filter.keeps(event, text.table) else { return }
        if isJson {
            addJson(event)
        } else {
            addLine(event)
        }
    }

    private mutating func addLine(_ event: SyscallEvent) {
        let start = text.bytes.count
        if hasTimes { text.put(timeOfDay: epoch &+ TraceText.moment(event), ahead: ahead) }
        if onlyTask != event.tid {
            onlyTask = nil
            text.put(task: event.tid)
        }
        if open.remove(event.tid) != nil, event.kind == .call {
            text.writeResumed(event)
        } else {
            text.write(event)
        }
        if event.flags.contains(.unfinished) { open.insert(event.tid) }
        if let duration = event.durationNanoseconds { text.put(duration: duration) }
        text.bytes.append(10)
        if !filter.keeps(text: text.bytes[start...]) { text.bytes.removeSubrange(start...) }
    }

    /// Says how many events were lost since the last time.
    mutating func add(lost now: UInt64) {
        guard now > lost else { return }
        let count = now - lost
        lost = now
        if isJson {
            json += Array((Json.object([("lostEvents", .integer(Int64(clamping: count)))]).text + "\n").utf8)
        } else {
            text.bytes += Array("--- \(count) events lost ---\n".utf8)
        }
    }

    /// What was added since the last call.
    mutating func taken() -> [UInt8] {
        if isJson {
            defer { json.removeAll(keepingCapacity: true) }
            return json
        }
        defer { text.bytes.removeAll(keepingCapacity: true) }
        return text.bytes
    }

    private mutating func addJson(_ event: SyscallEvent) {
        guard !event.flags.contains(.unfinished) else { return }
        var members: [(String, Json)] = [
            ("time", .number(Double(epoch &+ TraceText.moment(event)) / 1e9)), ("pid", .integer(Int64(event.pid))),
            ("tid", .integer(Int64(event.tid))),
        ]
        switch event.kind {
        case .call: members += call(event)
        case .signal, .end, .birth:
            text.write(event)
            members.append(("event", .string(event.kind == .signal ? "signal" : "end")))
            members.append(("text", .string(String(decoding: text.bytes, as: UTF8.self))))
            text.bytes.removeAll(keepingCapacity: true)
        }
        let line = Array(Json.object(members).text.utf8)
        if filter.keeps(text: line[...]) { json += line + [10] }
    }

    private static func moment(_ event: SyscallEvent) -> UInt64 {
        event.enteredNanoseconds == 0 ? event.leftNanoseconds : event.enteredNanoseconds
    }

    private mutating func call(_ event: SyscallEvent) -> [(String, Json)] {
        text.writeName(event)
        let name = String(decoding: text.bytes, as: UTF8.self)
        text.bytes.removeAll(keepingCapacity: true)
        let arguments = text.arguments(of: event).map { argument in
            Json.object([("name", .string(argument.name)), ("text", .string(argument.text))])
        }
        return [
            ("name", .string(name)), ("number", .integer(Int64(event.number))), ("arguments", .array(arguments)),
            ("result", event.flags.contains(.final) ? .null : .integer(event.result)),
            ("error", event.error.map { .string(Errno(rawValue: $0).name) } ?? .null),
            ("durationNanoseconds", event.durationNanoseconds.map { .integer(Int64(clamping: $0)) } ?? .null),
        ]
    }
}
