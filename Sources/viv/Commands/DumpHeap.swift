internal import Cells
internal import Linux
internal import Model
internal import ProcFS
internal import PythonInspection

/// The collector's state and the census of the heap, of a dump.
struct DumpHeap {
    var collectors: [CollectorState]
    var census: HeapCensus
    /// Nanoseconds that the census may take.
    private static let timeLimit: UInt64 = 10_000_000_000

    /// Reads both.
    static func read<Process: RemoteProcess & ~Copyable>(
        _ process: inout Process, _ inspector: PythonInspector, top: Int
    ) throws(PythonInspectionError) -> DumpHeap {
        let collectors: [CollectorState]
        let reader = try CollectorReader(inspector, &process)
        do throws(RemoteMemoryError) {
            collectors = try reader.states(of: &process)
        } catch {
            throw .memory(error)
        }
        let end = KernelClock.monotonicNanoseconds() + timeLimit
        let census = try inspector.heapCensus(of: &process, top: top, limits: HeapLimits(cacheBytes: cacheBytes())) {
            KernelClock.monotonicNanoseconds() > end
        }
        return DumpHeap(collectors: collectors, census: census)
    }

    /// What the census may keep of the process's memory: a part of what the host can spare.
    private static func cacheBytes() -> Int {
        var reader = try? ProcReader()
        let available = reader?.meminfo().value?.availableBytes ?? 1 << 30
        return Int(min(max(available / 8, 32 << 20), 1 << 30))
    }

    // MARK: Text

    func lines() -> [String] {
        collectors.flatMap(lines(of:)) + censusLines()
    }

    private func lines(of state: CollectorState) -> [String] {
        var title = "Garbage collector"
        if collectors.count > 1 { title += " of interpreter \(state.interpreter)" }
        if let isEnabled = state.isEnabled { title += isEnabled ? ": enabled" : ": DISABLED" }
        if let isRunning = state.isRunning { title += isRunning ? ", RUNNING NOW" : ", not running" }
        if let thread = state.runningThread { title += " in thread \(thread)" }
        if state.isIncremental { title += ", incremental" }
        if state.hasFrozen == true, census.walk.byGeneration[3] > 0 {
            title += ", \(DumpHeap.grouped(census.walk.byGeneration[3])) objects frozen"
        }
        let hasSeconds = state.generations.contains { $0.seconds != nil }
        var table = [
            ["generation", "count", "threshold", "collections", "collected", "uncollectable"]
                + (hasSeconds ? ["seconds"] : [])
        ]
        for (index, generation) in state.generations.enumerated() {
            func text(_ value: Int?) -> String { value.map(DumpHeap.grouped) ?? "·" }
            table.append(
                [
                    "\(index)", text(generation.count), text(generation.threshold), text(generation.collections),
                    text(generation.collected), text(generation.uncollectable),
                ] + (hasSeconds ? [generation.seconds.map { NumberText.fixed($0, 3) } ?? "·"] : []))
        }
        return ["", title] + DumpHeap.aligned(table)
    }

    private func censusLines() -> [String] {
        let about = census.walk.isExact ? "" : "about "
        let types = census.typeCount == 1 ? "type" : "types"
        var lines = [
            "",
            "Heap: \(about)\(DumpHeap.grouped(census.walk.objects)) objects of "
                + "\(DumpHeap.grouped(census.typeCount)) \(types), "
                + "\(NumberText.bytes(Double(census.shallowBytes))) without what they point to",
        ]
        if let note = note { lines.append("    (\(note))") }
        var table = [["count", "size", "type"]]
        for row in census.rows {
            let more = row.types > 1 ? " (\(row.types) types of that name)" : ""
            table.append([
                DumpHeap.grouped(row.count), row.shallowBytes.map { NumberText.bytes(Double($0)) } ?? "·",
                visible(row.type) + more,
            ])
        }
        lines += DumpHeap.aligned(table, textFrom: 2)
        let rest = census.typeCount - census.rows.reduce(0) { $0 + $1.types }
        if rest > 0 { lines.append("    and \(DumpHeap.grouped(rest)) more types (--top)") }
        lines.append("    (Only what the collector tracks: str, int, float, bytes and the like are on no list.)")
        return lines
    }

    /// Why the numbers are not exact; nil when they are.
    private var note: String? {
        switch census.walk.cut {
        case .objects: "cut off: more objects than are counted at most"
        case .bytes: "cut off: more memory than is read at most"
        case .asked: "cut off: it took too long"
        case nil:
            census.walk.tears == 0 ? nil : "the lists changed while they were read: the counts are about right"
        }
    }

    /// A number with its thousands set apart.
    private static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    /// Columns to the right, but for text behind some column.
    private static func aligned(_ table: [[String]], textFrom: Int = .max) -> [String] {
        guard let columns = table.first?.count else { return [] }
        let widths = (0..<columns).map { column in table.map { $0[column].count }.max() ?? 0 }
        return table.map { row in
            let cells = row.enumerated().map { column, text in
                column >= textFrom ? text : String(repeating: " ", count: widths[column] - text.count) + text
            }
            return "    " + cells.joined(separator: "  ")
        }
    }

    // MARK: JSON

    func json() -> [(String, Json)] {
        let more = collectors.dropFirst().map { Json.object(DumpHeap.members(of: $0)) }
        let main = collectors.first.map { DumpHeap.members(of: $0) } ?? []
        return [("gc", .object(main + [("subinterpreters", .array(more))])), ("heap", heapJson())]
    }

    private static func members(of state: CollectorState) -> [(String, Json)] {
        [
            ("interpreter", .integer(Int64(state.interpreter))), ("enabled", .optional(state.isEnabled)),
            ("running", .optional(state.isRunning)),
            ("runningThread", .optional(state.runningThread)), ("incremental", .bool(state.isIncremental)),
            ("frozen", .optional(state.hasFrozen)),
            (
                "generations",
                .array(
                    state.generations.map { generation in
                        .object([
                            ("count", .integer(Int64(generation.count))),
                            ("threshold", .integer(Int64(generation.threshold))),
                            ("collections", .optional(generation.collections)),
                            ("collected", .optional(generation.collected)),
                            ("uncollectable", .optional(generation.uncollectable)),
                            ("seconds", .optional(generation.seconds)),
                        ])
                    })
            ),
        ]
    }

    private func heapJson() -> Json {
        .object([
            ("trackedOnly", .bool(true)), ("objects", .integer(Int64(census.walk.objects))),
            ("byGeneration", .array(census.walk.byGeneration.prefix(3).map { .integer(Int64($0)) })),
            ("frozenObjects", .integer(Int64(census.walk.byGeneration[3]))),
            ("types", .integer(Int64(census.typeCount))), ("shallowBytes", .integer(Int64(census.shallowBytes))),
            ("exact", .bool(census.walk.isExact)), ("tears", .integer(Int64(census.walk.tears))),
            ("cut", .optional(census.walk.cut?.rawValue)), ("readBytes", .integer(Int64(census.walk.bytesRead))),
            (
                "top",
                .array(
                    census.rows.map { row in
                        .object([
                            ("type", .string(row.type)), ("count", .integer(Int64(row.count))),
                            ("shallowBytes", .optional(row.shallowBytes)), ("types", .integer(Int64(row.types))),
                        ])
                    })
            ),
        ])
    }
}
