internal import Model
internal import SystemCalls

/// Sums of system calls as a table, or as JSON.
struct TraceSummary {
    private let isJson: Bool
    private var last: [Int64: SyscallSum] = [:]

    init(isJson: Bool) {
        self.isJson = isJson
    }

    /// The sums by call; only what came since the last time, where that is asked for.
    mutating func text(of sums: [SyscallSum], lost: UInt64, sinceLast: Bool) -> [UInt8] {
        var calls: [Int32: SyscallSum] = [:]
        for sum in sums {
            let key = Int64(sum.tid) << 32 | Int64(sum.number)
            var part = sum
            if sinceLast, let before = last[key] { part = sum.since(before) }
            if sinceLast { last[key] = sum }
            guard part.count > 0 else { continue }
            if calls[part.number] == nil { calls[part.number] = part } else { calls[part.number]?.add(part) }
        }
        let sorted = calls.values.sorted { ($1.totalNanoseconds, $0.number) < ($0.totalNanoseconds, $1.number) }
        return Array((isJson ? TraceSummary.json(sorted, lost) : TraceSummary.table(sorted, lost)).utf8)
    }

    private static func name(_ sum: SyscallSum) -> String {
        SystemCallTable.native.call(sum.number)?.name ?? "syscall_0x" + String(sum.number, radix: 16)
    }

    private static func json(_ sums: [SyscallSum], _ lost: UInt64) -> String {
        func duration(_ value: UInt64?) -> Json { value.map { .integer(Int64(clamping: $0)) } ?? .null }
        let calls = sums.map { sum in
            Json.object([
                ("name", .string(name(sum))), ("count", .integer(Int64(clamping: sum.count))),
                ("errors", .integer(Int64(clamping: sum.errors))), ("totalNanoseconds", duration(sum.totalNanoseconds)),
                ("p50Nanoseconds", duration(sum.p50Nanoseconds)), ("p99Nanoseconds", duration(sum.p99Nanoseconds)),
                ("maximumNanoseconds", duration(sum.longestNanoseconds)),
            ])
        }
        return Json.object([("calls", .array(calls)), ("lostEvents", .integer(Int64(clamping: lost)))]).text + "\n"
    }

    private static let heading =
        "% time     seconds  usecs/call     calls    errors       p50       p99       max syscall\n"
    private static let rule =
        "------ ----------- ----------- --------- --------- --------- --------- --------- ----------------\n"

    private static func table(_ sums: [SyscallSum], _ lost: UInt64) -> String {
        let total = sums.reduce(0) { $0 + $1.totalNanoseconds }
        var text = heading + rule
        for sum in sums { text += line(sum, total, name(sum)) }
        if var all = sums.first {
            for sum in sums.dropFirst() { all.add(sum) }
            text += rule + line(all, total, "total")
        }
        if lost > 0 { text += "\(lost) events were lost: they are in no sum\n" }
        return text
    }

    private static func line(_ sum: SyscallSum, _ total: UInt64, _ name: String) -> String {
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let share = total == 0 ? 0 : Double(sum.totalNanoseconds) * 100 / Double(total)
        let cells = [
            right(NumberText.fixed(share, 2), 6), right(NumberText.fixed(Double(sum.totalNanoseconds) / 1e9, 6), 11),
            right(NumberText.fixed(Double(sum.totalNanoseconds) / 1e3 / Double(max(sum.count, 1)), 1), 11),
            right("\(sum.count)", 9), right(sum.errors == 0 ? "" : "\(sum.errors)", 9),
            right(sum.p50Nanoseconds.map(duration) ?? "·", 9), right(sum.p99Nanoseconds.map(duration) ?? "·", 9),
            right(duration(sum.longestNanoseconds), 9), name,
        ]
        return cells.joined(separator: " ") + "\n"
    }

    /// A duration in three digits and its unit.
    private static func duration(_ nanoseconds: UInt64) -> String {
        let value = Double(nanoseconds)
        for (limit, unit, factor) in [(1e3, "ns", 1.0), (1e6, "us", 1e3), (1e9, "ms", 1e6)] where value < limit {
            let scaled = value / factor
            return NumberText.fixed(scaled, factor == 1 || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2) + unit
        }
        return NumberText.fixed(value / 1e9, 2) + "s"
    }
}
