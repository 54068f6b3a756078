import Model
import Panels
import PythonInspection

extension Fixture {
    static let dashboard: Dashboard = {
        var dashboard = Dashboard(table: table)
        dashboard.host = host
        dashboard.details = details
        dashboard.stacks = .snapshot(worker, PythonVersion(major: 3, minor: 12, patch: 4), stacks)
        dashboard.trends = trends
        dashboard.own.cpuPercent = 0.8
        dashboard.own.residentBytes = 21 << 20
        dashboard.own.terminalBytesPerSecond = 1480
        dashboard.historySeconds = 312
        return dashboard
    }()

    private static let host: HostSnapshot = {
        var host = HostSnapshot()
        host.name = "shop-3"
        host.kernelRelease = "6.8.0-45-generic"
        host.uptimeSeconds = 260_000
        host.load = (2.31, 1.87, 1.02)
        host.total = shares(busy: 118, idle: 282)
        host.processors = [
            shares(busy: 97, idle: 3), shares(busy: 14, idle: 86), shares(busy: 4, idle: 96),
            shares(busy: 0, idle: 100),
        ]
        host.memory = MemoryUse(
            totalBytes: 8 << 30, availableBytes: 3 << 30, freeBytes: 1 << 30, buffersBytes: 200 << 20,
            cachedBytes: 2 << 30, swapTotalBytes: 2 << 30, swapFreeBytes: 1900 << 20)
        host.cpuPressure = PressureShares(some: 12.4, full: nil)
        host.memoryPressure = PressureShares(some: 0.3, full: 0.1)
        var before = HostCounters(), now = HostCounters()
        (before.faults, before.majorFaults, before.diskReadBytes, before.receivedBytes) = (0, 0, 0, 0)
        (now.switches, now.forks, now.faults, now.majorFaults) = (18_400, 12, 96_000, 91)
        (now.diskReadBytes, now.receivedBytes) = (22_100_000, 4_300)
        host.rates = HostRates(from: before, to: now, seconds: 1)
        return host
    }()

    private static func shares(busy: UInt64, idle: UInt64) -> CPUShares {
        var ticks = CPUTicks()
        ticks.user = busy * 3 / 4
        ticks.system = busy - ticks.user
        ticks.ioWait = idle / 10
        ticks.idle = idle - ticks.ioWait
        return CPUShares(from: CPUTicks(), to: ticks) ?? CPUShares()
    }

    private static let trends: Trends = {
        var trends = Trends()
        var row = Fixture.row(1201, "gunicorn", mebibytes: 100, threads: 6)
        for second in 0..<40 as Range<UInt64> {
            row = after(
                row,
                Activity(
                    user: second * 2, system: second % 5, minorFaults: second * second, majorFaults: second % 7 / 6,
                    voluntary: 100 - second, involuntary: second * 16, waitMilliseconds: second * 8,
                    readBytes: second % 10 * 4096, writtenBytes: second % 3 * 100_000))
            row.residentBytes += 8 << 20
            let moment = Double(second) * Trends.Series.stretchSeconds
            trends.append(row, at: moment)
            trends.append(host, at: moment)
        }
        return trends
    }()

    private static let details: ProcessDetails = {
        var details = ProcessDetails(identity: worker)
        details.realUser = "ada"
        details.effectiveUser = "api"
        details.executable = "/usr/bin/python3.12"
        details.executableDeleted = true
        details.workingDirectory = "/srv/shop"
        details.rootDirectory = "/"
        details.arguments = ["gunicorn: worker [shop.wsgi]", "--workers", "3", "--bind", "0.0.0.0:8000"]
        details.environment = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TITLE=\u{1b}]0;owned\u{7}", "HOME=/srv/shop"]
        var memory = MemorySplit()
        memory.anonymousBytes = 380 << 20
        memory.fileBytes = 32 << 20
        memory.sharedBytes = 0
        memory.peakBytes = 455 << 20
        details.memory = memory
        details.limits = [
            LimitUse(name: "open files", soft: 256, hard: 4096, used: 213, isBytes: false),
            LimitUse(name: "address space", soft: nil, hard: nil, used: 1 << 30, isBytes: true),
            LimitUse(name: "file locks", soft: nil, hard: nil, used: nil, isBytes: false),
        ]
        var group = CgroupUse(version: "v2", path: "/system.slice/shop.service")
        group.cpuLimit = 1.5
        group.throttledPerSecond = 4.2
        group.memoryBytes = 1900 << 20
        group.memoryLimitBytes = 2 << 30
        group.tasks = 19
        group.cpuPressure = PressureShares(some: 31.5, full: 2)
        details.cgroup = group
        details.capabilities = ["net_bind_service"]
        details.container = "docker 3f2a9c81d0be"
        details.namespacePids = [1201, 7]
        details.namespaces = ["pid:4026532201"]
        details.seccompMode = 2
        details.tracer = 0
        details.outOfMemoryScore = 702
        details.outOfMemoryAdjust = 100
        details.delayProvider = "taskstats, delays accounted"
        details.countersNote = "counting …"
        details.threads = threads
        details.notes = ["mapped files of another mount namespace have no path"]
        return details
    }()

    private static var threads: [ThreadDetail] {
        var main = ThreadDetail(tid: 1201, name: "gunicorn", state: UInt8(ascii: "R"), processor: 1)
        (main.cpuPercent, main.runQueuePercent, main.voluntarySwitches, main.involuntarySwitches) = (
            91.5, 30.2, 12, 640
        )
        (main.minorFaults, main.majorFaults) = (1240, 3)
        var waiting = ThreadDetail(tid: 1205, name: "pool-\u{1b}1", state: UInt8(ascii: "S"), processor: 0)
        (waiting.cpuPercent, waiting.runQueuePercent) = (0, 0)
        waiting.waitChannel = "futex_wait_queue"
        waiting.systemCall = "futex"
        let fresh = ThreadDetail(tid: 1206, name: "pool-2", state: UInt8(ascii: "D"), processor: 3)
        return [main, waiting, fresh]
    }

    private static let stacks = PythonSnapshot(threads: [
        PythonThread(
            tid: 1201, pythonThreadId: 1, name: "MainThread", isMain: true, state: .running, holdsGIL: true,
            frames: [
                PythonFrame(function: "price", qualifiedName: "Cart.price", file: "/srv/shop/shop/cart.py", line: 88),
                PythonFrame(function: "<listcomp>", qualifiedName: nil, file: "/srv/shop/shop/cart.py", line: nil),
                PythonFrame(function: "view", qualifiedName: "view", file: "/srv/shop/shop/日本.py", line: 12),
            ]),
        PythonThread(
            tid: 1205, pythonThreadId: 2, name: "pool\u{1b}[2J", isMain: false, state: .gilWait, holdsGIL: false,
            frames: [
                PythonFrame(
                    function: "get", qualifiedName: "Queue.get", file: "/usr/lib/python3.12/queue.py", line: 171)
            ]),
        PythonThread(
            tid: 1206, pythonThreadId: 3, name: nil, isMain: false, state: .idle, holdsGIL: false, frames: []),
    ])

    /// The state of somebody who looks at the busy worker.
    static func state(_ change: (inout Settings) -> Void = { _ in }) -> DashboardState {
        var settings = Settings()
        change(&settings)
        var state = DashboardState(settings: settings)
        state.selection = worker
        state.reorder(table)
        return state
    }
}
