import Cells
import Model

/// The host at the top of the screen.
struct HeaderPanel {
    let dashboard: Dashboard
    let theme: Theme

    func draw(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0, let host = dashboard.host else { return }
        if area.columns < HeaderPanel.wide {
            drawNarrow(host, into: &canvas, area)
        } else {
            drawFirst(host, into: &canvas, area)
        }
        guard area.rows > 1 else { return }
        if area.rows == 2 {
            drawRates(host, into: &canvas, area, line: 1)
            return
        }
        drawShares(host, into: &canvas, area, line: 1)
        drawRates(host, into: &canvas, area, line: 2)
        for line in 3..<max(3, area.rows) { drawProcessors(host, into: &canvas, area, line: line) }
    }

    /// Cells from which on nothing has to be shortened.
    private static let wide = 118

    /// The first line of a narrow screen: what tells most, shortened so that it fits into 80 cells.
    private func drawNarrow(_ host: HostSnapshot, into canvas: inout Canvas, _ area: Rect) {
        let tasks = TaskCounts(dashboard.table)
        var pen = Pen(area)
        pen.writeOutside(String(host.name.prefix(12)), theme.title, &canvas)
        let days = Int(min(max(0, host.uptimeSeconds), 1e10)) / 86400
        whole(" up \(days > 0 ? "\(days)d" : HeaderPanel.uptime(host.uptimeSeconds))", theme.dim, &pen, &canvas)
        if let load = host.load {
            whole(
                " load \(NumberText.fixed(load.0, 1)) \(NumberText.fixed(load.1, 1))", theme.text, &pen, &canvas)
        }
        drawCompact(host, &pen, &canvas)
        guard pen.room > 15 else { return }
        pen.write(" PSI", theme.dim, &canvas)
        for (name, shares) in [("c", host.cpuPressure), ("m", host.memoryPressure), ("i", host.ioPressure)] {
            let text = shares.map { NumberText.fixed($0.some, 0) } ?? "·"
            pen.write(" ", theme.dim, &canvas)
            pen.field(
                name + text, width: max(3, 1 + text.count), right: false,
                (shares?.some ?? 0) >= 10 ? theme.hot : theme.dim, &canvas)
        }
        for (count, letter, style) in [
            (tasks.running, "R", theme.good), (tasks.disk, "D", theme.hot), (tasks.zombies, "Z", theme.warm),
            (tasks.stopped, "T", theme.warm),
        ] where count > 0 {
            whole(" \(count)\(letter)", style, &pen, &canvas)
        }
        whole(" \(HeaderPanel.short(tasks.processes))p", theme.text, &pen, &canvas)
        whole(" \(HeaderPanel.short(tasks.threads))t", theme.text, &pen, &canvas)
    }

    /// Writes a text only where all of it fits.
    private func whole(_ text: String, _ style: Style, _ pen: inout Pen, _ canvas: inout Canvas) {
        if pen.room >= displayWidth(text) { pen.write(text, style, &canvas) } else { pen.skip(pen.room) }
    }

    /// A count in at most five cells.
    private static func short(_ count: Int) -> String { count < 10_000 ? "\(count)" : NumberText.count(Double(count)) }

    private func drawFirst(_ host: HostSnapshot, into canvas: inout Canvas, _ area: Rect) {
        let tasks = TaskCounts(dashboard.table)
        var pen = Pen(area)
        pen.writeOutside(host.name, theme.title, &canvas)
        pen.write("  Linux \(visible(host.kernelRelease))", theme.dim, &canvas)
        pen.write("  up \(HeaderPanel.uptime(host.uptimeSeconds))", theme.dim, &canvas)
        if let load = host.load {
            let text = [load.0, load.1, load.2].map { NumberText.fixed($0, 2) }.joined(separator: " ")
            pen.write("  load \(text)", theme.text, &canvas)
        }
        if area.rows < 3 {
            pen.skip(1)
            drawCompact(host, &pen, &canvas)
        }
        pen.write("  \(tasks.processes) procs \(tasks.threads) thr", theme.text, &canvas)
        pen.write("  \(tasks.running)R", tasks.running > 0 ? theme.good : theme.dim, &canvas)
        pen.write(" \(tasks.disk)D", tasks.disk > 0 ? theme.hot : theme.dim, &canvas)
        if tasks.stopped > 0 { pen.write(" \(tasks.stopped)T", theme.warm, &canvas) }
        pen.write(" \(tasks.zombies)Z", tasks.zombies > 0 ? theme.warm : theme.dim, &canvas)
        pen.write(" \(tasks.sleeping)S \(tasks.idle)I", theme.dim, &canvas)
    }

    private func drawCompact(_ host: HostSnapshot, _ pen: inout Pen, _ canvas: inout Canvas) {
        if let total = host.total, pen.room >= 9 {
            pen.write(" CPU ", theme.dim, &canvas)
            pen.field(NumberText.fixed(total.busy, 0) + "%", width: 4, right: true, theme.level(total.busy), &canvas)
        }
        if let memory = host.memory, pen.room >= 16 {
            pen.write(" MEM ", theme.dim, &canvas)
            drawMemory(memory, &pen, &canvas)
        }
    }

    private func drawMemory(_ memory: MemoryUse, _ pen: inout Pen, _ canvas: inout Canvas) {
        pen.field(NumberText.bytes(Double(memory.usedBytes)), width: 5, right: true, theme.text, &canvas)
        pen.write("/" + NumberText.bytes(Double(memory.totalBytes)), theme.text, &canvas)
    }

    /// The series, which end now; none while the view is of the past.
    private var trends: Trends { dashboard.behindSeconds == nil ? dashboard.trends : Trends() }

    private func drawShares(_ host: HostSnapshot, into canvas: inout Canvas, _ area: Rect, line: Int) {
        let isVeryWide = area.columns >= 150
        var pen = Pen(area, line: line)
        pen.write("cpu ", theme.dim, &canvas)
        pen.write(
            sparkline(trends.hostCPU, width: isVeryWide ? 24 : 8, ceiling: 100), theme.accent, &canvas)
        if let total = host.total {
            // Nice and interrupts are rarely the answer: they come where there is room for everything.
            for (name, value, isRare) in [
                ("us", total.user, false), ("sy", total.system, false), ("ni", total.nice, true),
                ("wa", total.ioWait, false), ("ir", total.interrupts, true), ("st", total.steal, false),
            ] where isVeryWide || !isRare {
                pen.write(" \(name) ", theme.dim, &canvas)
                pen.field(NumberText.percent(value), width: 4, right: true, theme.level(value), &canvas)
            }
        }
        if let memory = host.memory {
            pen.write("  mem ", theme.dim, &canvas)
            if area.columns >= HeaderPanel.wide {
                pen.write(sparkline(trends.hostMemory, width: 8, ceiling: 100), theme.accent, &canvas)
                pen.skip(1)
            }
            drawMemory(memory, &pen, &canvas)
            pen.write("  swp ", theme.dim, &canvas)
            pen.field(
                NumberText.bytes(Double(memory.swapUsedBytes)), width: 5, right: true,
                memory.swapUsedBytes > 0 ? theme.warm : theme.dim, &canvas)
            if isVeryWide {
                pen.write("/\(NumberText.bytes(Double(memory.swapTotalBytes)))", theme.dim, &canvas)
            }
        }
        if area.columns >= HeaderPanel.wide { pressure(host, withFull: isVeryWide, &pen, &canvas) }
    }

    private func pressure(_ host: HostSnapshot, withFull: Bool, _ pen: inout Pen, _ canvas: inout Canvas) {
        pen.write("  PSI", theme.dim, &canvas)
        for (name, shares) in [("cpu", host.cpuPressure), ("mem", host.memoryPressure), ("io", host.ioPressure)] {
            pen.write(" \(name) ", theme.dim, &canvas)
            guard let shares else {
                pen.field("·", width: 4, right: true, theme.dim, &canvas)
                continue
            }
            pen.field(
                NumberText.percent(shares.some), width: 4, right: true, shares.some >= 10 ? theme.hot : theme.text,
                &canvas)
            if withFull, let full = shares.full {
                pen.write("/", theme.dim, &canvas)
                pen.field(NumberText.percent(full), width: 4, right: false, theme.dim, &canvas)
            }
        }
    }

    private func drawRates(_ host: HostSnapshot, into canvas: inout Canvas, _ area: Rect, line: Int) {
        var pen = Pen(area, line: line)
        let rates = host.rates
        func item(_ name: String, _ value: Double?, bytes: Bool = false, isGlued: Bool = false) {
            let label = isGlued ? name : name + " "
            guard pen.room >= displayWidth(label) + 5 else { return pen.skip(pen.room) }
            pen.write(label, theme.dim, &canvas)
            let text = value.map { bytes ? NumberText.bytes($0) : NumberText.count($0) } ?? "·"
            pen.field(text, width: 5, right: true, theme.text, &canvas)
        }
        let isWide = area.columns >= HeaderPanel.wide
        let gap = isWide ? "  " : " ", perSecond = isWide ? "/s" : ""
        item("disk r", rates?.diskReadBytes, bytes: true)
        item(gap + "w", rates?.diskWrittenBytes, bytes: true)
        // Arrows are no letters: nothing runs together where 80 cells leave no room behind them.
        item(gap + "net ↓", rates?.receivedBytes, bytes: true, isGlued: !isWide)
        item(gap + "↑", rates?.transmittedBytes, bytes: true, isGlued: !isWide)
        item(gap + (isWide ? "flt/s min" : "minf"), rates?.minorFaults)
        item(gap + "maj", rates?.majorFaults)
        item(gap + "csw" + perSecond, rates?.switches)
        item(gap + "fork" + perSecond, rates?.forks)
        if area.rows < 3, isWide { pressure(host, withFull: false, &pen, &canvas) }
    }

    /// Processors that did not fit on an earlier line, as many as do.
    private func drawProcessors(_ host: HostSnapshot, into canvas: inout Canvas, _ area: Rect, line: Int) {
        let perLine = max(1, area.columns / 22)
        let start = (line - 3) * perLine
        var pen = Pen(area, line: line)
        for (index, processor) in host.processors.enumerated().dropFirst(start).prefix(perLine) {
            pen.write("\(index)".count == 1 ? " \(index) " : "\(index) ", theme.dim, &canvas)
            pen.write(gauge(processor.busy, width: 10), theme.level(processor.busy), &canvas)
            pen.field(NumberText.percent(processor.busy) + "%", width: 6, right: true, theme.text, &canvas)
            pen.skip(2)
        }
    }

    static func uptime(_ seconds: Double) -> String {
        let whole = Int(min(max(0, seconds), 1e10))
        let clock = "\(NumberText.two(whole / 3600 % 24)):\(NumberText.two(whole / 60 % 60))"
        return whole >= 86400 ? "\(whole / 86400)d \(clock)" : clock
    }
}
