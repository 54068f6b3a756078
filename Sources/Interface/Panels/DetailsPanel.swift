import Cells
import Model

/// Everything about the selected process.
struct DetailsPanel {
    let dashboard: Dashboard
    let state: DashboardState

    private var theme: Theme { state.theme }

    /// One line: a label and its pieces.
    struct Line {
        var label: String
        var text: String
        var style: Style?
        var trend: Trends.Series?
        var ceiling: Double?

        init(
            _ label: String, _ text: String, _ style: Style? = nil, trend: Trends.Series? = nil, ceiling: Double? = nil
        ) {
            self.label = label
            self.text = text
            self.style = style
            self.trend = trend
            self.ceiling = ceiling
        }
    }

    /// Draws what fits from the first line in view on.
    ///
    /// - Returns: how many lines there are.
    func draw(into canvas: inout Canvas, _ area: Rect) -> Int {
        guard area.rows > 0, area.columns > 4 else { return 0 }
        let lines = self.lines.flatMap { DetailsPanel.fitted($0, to: area.columns - DetailsPanel.labelWidth) }
        let offset = min(state.panelOffsets[DashboardState.Panel.details.rawValue], max(0, lines.count - area.rows))
        for (place, line) in lines.dropFirst(offset).prefix(area.rows).enumerated() {
            var pen = Pen(area, line: place)
            pen.field(line.label, width: DetailsPanel.labelWidth, right: false, theme.dim, &canvas)
            guard let trend = line.trend else {
                pen.write(line.text, line.style ?? theme.text, &canvas)
                continue
            }
            pen.field(line.text, width: 7, right: true, line.style ?? theme.text, &canvas)
            pen.skip(1)
            let width = min(60, max(0, pen.room - 1))
            pen.write(sparkline(trend, width: width, ceiling: line.ceiling), theme.accent, &canvas)
        }
        return lines.count
    }

    private static let labelWidth = 10

    /// The lines that a text needs in a width; the label stands beside the first.
    private static func fitted(_ line: Line, to width: Int) -> [Line] {
        guard line.trend == nil else { return [line] }
        let pieces = wrapped(visible(String(line.text.prefix(8192))), to: width)
        return pieces.enumerated().map { Line($0 == 0 ? line.label : "", $1, line.style) }
    }

    /// The lines, the most telling first so that a short panel still says what matters.
    var lines: [Line] {
        guard let row = state.process(in: dashboard.table) else {
            let text = state.selection.map { "\($0.pid) has ended and left the table" } ?? "no process is selected"
            return [Line("", state.drilled == nil ? text : text + "; Esc goes back", theme.dim)]
        }
        let isPast = dashboard.behindSeconds != nil
        let details = dashboard.details.flatMap { $0.identity == row.identity && !isPast ? $0 : nil }
        var lines: [Line] = []
        if let tid = state.thread(in: dashboard.table) {
            lines +=
                thread(tid, details) + [Line("", ""), Line("process", ProcessPanel.command(of: row, dashboard.table))]
        }
        if row.traits.contains(.shortLived), let ending = row.ending {
            return lines + [
                Line("ended", ProcessPanel.outcome(ending), theme.hot), Line("parent", String(row.parent)),
                Line("note", "it ended before anything of it could be read", theme.dim),
            ]
        }
        lines += identity(row)
        lines += activity(row)
        if isPast {
            lines.append(
                Line("note", "memory, limits and cgroup are not kept in the history; L returns to now", theme.warm))
        }
        guard let details else { return lines }
        // Nothing new is read of what ended.
        guard !row.hasEnded else { return lines }
        lines += memory(details)
        lines += counters(row, details)
        lines += confinement(details)
        if !details.arguments.isEmpty { lines.append(Line("command", details.arguments.joined(separator: " "))) }
        lines += limits(row, details)
        lines += details.notes.map { Line("note", $0, theme.warm) }
        return lines
    }

    private func thread(_ tid: Int32, _ details: ProcessDetails?) -> [Line] {
        guard let details else { return [Line("thread", String(tid))] }
        guard let thread = details.threads.first(where: { $0.tid == tid }) else {
            return [Line("thread", "\(tid) has ended", theme.warm)]
        }
        func percent(_ value: Double?) -> String { padded(value.map { NumberText.percent($0) + "%" } ?? "·", 6) }
        func count(_ value: Double?) -> String { padded(value.map { NumberText.count($0) + "/s" } ?? "·", 7) }
        return [
            Line("thread", "\(tid)  \(thread.name)  \(UnicodeScalar(thread.state))  cpu \(thread.processor)"),
            Line("", "CPU \(percent(thread.cpuPercent))  run queue \(percent(thread.runQueuePercent))"),
            Line("", "csw vol \(count(thread.voluntarySwitches))  invol \(count(thread.involuntarySwitches))"),
            Line("", "flt min \(count(thread.minorFaults))  maj \(count(thread.majorFaults))"),
            Line("waits in", thread.systemCall ?? thread.waitChannel ?? "·"),
        ]
    }

    private func identity(_ row: ProcessRow) -> [Line] {
        let table = dashboard.table
        var text = "\(Character(UnicodeScalar(row.state)))  parent \(row.parent)  \(table.user(of: row) ?? "·")"
        text +=
            "  nice \(row.effectiveNice.map(String.init) ?? "·")  \(Column.policyName(row.policy))  prio \(row.priority)  cpu \(row.processor)"
        text += "  \(row.threads) thr"
        if let version = row.extras.pythonVersion { text += "  py\(version >> 8).\(version & 255)" }
        var lines = [Line("state", text)]
        if let ending = row.ending { lines.append(Line("ended", ProcessPanel.outcome(ending), theme.hot)) }
        if let details = dashboard.details, details.identity == row.identity {
            let executable = (details.executable ?? "·") + (details.executableDeleted ? "  (deleted or replaced)" : "")
            lines.append(Line("exe", executable, details.executableDeleted ? theme.warm : nil))
            lines.append(Line("cwd", details.workingDirectory ?? "·"))
        }
        return lines
    }

    private func activity(_ row: ProcessRow) -> [Line] {
        let rates = row.rates
        // The series end now: beside numbers of then they would be a lie.
        let isTheirs = dashboard.trends.identity == row.identity && dashboard.behindSeconds == nil
        let trends = isTheirs ? dashboard.trends : Trends()
        func count(_ value: Double?) -> String { value.map { NumberText.count($0) + "/s" } ?? "·" }
        func bytes(_ value: Double?) -> String { value.map { NumberText.bytes($0) + "/s" } ?? "·" }
        let cpu = rates.map { NumberText.percent($0.cpuPercent) + "%" } ?? "·"
        let runQueue = rates?.runQueuePercent.map { NumberText.percent($0) + "%" } ?? "·"
        var lines = [
            Line("CPU", cpu, theme.level(rates?.cpuPercent ?? 0), trend: trends.cpu, ceiling: 100),
            Line("run queue", runQueue, trend: trends.runQueue, ceiling: 100),
            Line("RSS", NumberText.bytes(Double(row.residentBytes)), trend: trends.resident),
            Line("vol csw", count(rates?.voluntarySwitches), trend: trends.voluntary),
            Line("invol csw", count(rates?.involuntarySwitches), trend: trends.involuntary),
            Line("min flt", count(rates?.minorFaults), trend: trends.minorFaults),
            Line("maj flt", count(rates?.majorFaults), trend: trends.majorFaults),
            Line("read", bytes(rates?.readBytes), trend: trends.read),
            Line("write", bytes(rates?.writtenBytes), trend: trends.written),
        ]
        if let rates {
            lines.insert(
                Line(
                    "",
                    "usr \(padded(NumberText.percent(rates.userPercent), 5))%"
                        + "  sys \(padded(NumberText.percent(rates.systemPercent), 5))%"
                ), at: 1)
        }
        return lines
    }

    private func memory(_ details: ProcessDetails) -> [Line] {
        func bytes(_ value: UInt64?) -> String { padded(value.map { NumberText.bytes(Double($0)) } ?? "·", 5) }
        var lines: [Line] = []
        if let split = details.memory {
            lines.append(
                Line(
                    "memory",
                    "anon \(bytes(split.anonymousBytes))  file \(bytes(split.fileBytes))  shmem \(bytes(split.sharedBytes))"
                        + "  swap \(bytes(split.swapBytes))  peak \(bytes(split.peakBytes))"))
        }
        if let shares = details.shares {
            lines.append(
                Line(
                    "shares",
                    "PSS \(bytes(shares.proportionalBytes))  USS \(bytes(shares.uniqueBytes))  swap \(bytes(shares.swapBytes))"
                ))
        } else {
            lines.append(
                Line(
                    "shares", "PSS USS swap: press \(state.keyMap.keys(of: .shares).first ?? ":shares") to read them",
                    theme.dim))
        }
        return lines
    }

    private func counters(_ row: ProcessRow, _ details: ProcessDetails) -> [Line] {
        var lines: [Line] = []
        if let rates = row.rates, let blockIO = rates.blockIOPercent, let swapIn = rates.swapInPercent {
            let text =
                "block I/O \(padded(NumberText.percent(blockIO), 5))%"
                + "  swap \(padded(NumberText.percent(swapIn), 5))%"
            lines = [Line("delays", text), Line("", details.delayProvider, theme.dim)]
        } else {
            lines = [Line("delays", details.delayProvider, theme.dim)]
        }
        guard let counters = details.counters else {
            return lines + [Line("perf", details.countersNote ?? "·", theme.dim)]
        }
        func count(_ value: Double?) -> String { padded(value.map { NumberText.count($0) } ?? "·", 5) }
        let clock = padded(counters.taskClockPercent.map { NumberText.percent($0) + "%" } ?? "·", 6)
        lines.append(
            Line(
                "perf",
                "task-clock \(clock)  csw \(count(counters.contextSwitches))/s  migr \(count(counters.migrations))/s"
                    + "  flt min \(count(counters.minorFaults)) maj \(count(counters.majorFaults))/s"))
        guard counters.cycles != nil || counters.instructions != nil else {
            return lines + [Line("perf hw", "no hardware counters on this host", theme.dim)]
        }
        let ipc = counters.instructionsPerCycle.map { NumberText.fixed($0, 2) } ?? "·"
        lines.append(
            Line(
                "perf hw",
                "cycles \(count(counters.cycles))/s  instr \(count(counters.instructions))/s  IPC \(ipc)"
                    + "  cache-miss \(count(counters.cacheMisses))/s  branch-miss \(count(counters.branchMisses))/s"))
        return lines
    }

    private func confinement(_ details: ProcessDetails) -> [Line] {
        var lines: [Line] = []
        if let group = details.cgroup {
            lines.append(Line("cgroup", "\(group.path)  (\(group.version))"))
            lines.append(Line("", cgroupText(group)))
        }
        if let container = details.container { lines.append(Line("container", container)) }
        if details.namespacePids.count > 1 {
            lines.append(Line("pids", details.namespacePids.map(String.init).joined(separator: " → ")))
        }
        if !details.namespaces.isEmpty { lines.append(Line("own ns", details.namespaces.joined(separator: "  "))) }
        var rights =
            details.effectiveUser == details.realUser
            ? details.realUser : "\(details.realUser) as \(details.effectiveUser)"
        if let login = details.loginUser { rights += "  login \(login)" }
        if let mode = details.seccompMode, mode > 0 { rights += "  seccomp \(mode == 2 ? "filter" : "strict")" }
        if details.noNewPrivileges == true { rights += "  no-new-privs" }
        lines.append(Line("user", rights))
        if let capabilities = details.capabilities {
            lines.append(
                Line(
                    "caps",
                    capabilities.isEmpty
                        ? "none" : capabilities.count > 38 ? "all" : capabilities.joined(separator: " ")))
        }
        if let tracer = details.tracer, tracer > 0 { lines.append(Line("traced", "by \(tracer)", theme.hot)) }
        if let score = details.outOfMemoryScore {
            lines.append(Line("oom", "score \(score)  adjust \(details.outOfMemoryAdjust.map(String.init) ?? "·")"))
        }
        return lines
    }

    private func cgroupText(_ group: CgroupUse) -> String {
        func bytes(_ value: UInt64?) -> String { padded(value.map { NumberText.bytes(Double($0)) } ?? "·", 5) }
        var text = "cpu " + (group.cpuLimit.map { "≤ " + NumberText.fixed($0, 2) } ?? "no limit")
        if let rate = group.throttledPerSecond { text += "  throttled \(padded(NumberText.count(rate), 5))/s" }
        text +=
            "  mem \(bytes(group.memoryBytes))/\(group.memoryLimitBytes.map { NumberText.bytes(Double($0)) } ?? "no limit")"
        if let tasks = group.tasks { text += "  tasks \(tasks)/\(group.taskLimit.map(String.init) ?? "no limit")" }
        if let pressure = group.cpuPressure { text += "  PSI cpu \(padded(NumberText.percent(pressure.some), 4))" }
        if let pressure = group.memoryPressure { text += " mem \(padded(NumberText.percent(pressure.some), 4))" }
        if let pressure = group.ioPressure { text += " io \(padded(NumberText.percent(pressure.some), 4))" }
        return text
    }

    private func limits(_ row: ProcessRow, _ details: ProcessDetails) -> [Line] {
        let limits = details.limits.map { limit in
            var limit = limit
            if limit.name == "processes", let user = row.userID { limit.used = dashboard.table.tasks(ofUser: user) }
            return limit
        }
        return limits.filter { $0.used != nil || $0.soft != nil }.map { limit in
            func amount(_ value: UInt64?) -> String {
                value.map { limit.isBytes ? NumberText.bytes(Double($0)) : NumberText.count(Double($0)) } ?? "unlimited"
            }
            let used =
                limit.used.map {
                    (limit.isBytes ? NumberText.bytes(Double($0)) : NumberText.count(Double($0))) + " of "
                } ?? ""
            let isNear = limit.used.flatMap { used in limit.soft.map { Double(used) > Double($0) * 0.8 } } ?? false
            return Line(
                "limit", "\(limit.name): \(used)\(amount(limit.soft)) (hard \(amount(limit.hard)))",
                isNear ? theme.hot : theme.dim)
        }
    }
}
