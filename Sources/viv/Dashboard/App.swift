internal import Cells
internal import Dispatch
internal import Glibc
internal import Linux
internal import Model
internal import Panels
internal import PythonInspection
internal import Samplers
internal import Sampling
internal import Synchronization
internal import Terminal

/// The dashboard at run time: wires feeds to the state, the state to the terminal, and keys to both.
@MainActor
final class App {
    static var running: App?

    let terminal: CursesTerminal
    var state: DashboardState
    var dashboard: Dashboard
    var history = ProcessHistory()
    let tableFeed: Feed<ProcessTableSampler>
    let hostFeed: Feed<HostSampler>
    let detailsFeed: Feed<DetailsSampler>
    let stackFeed: Feed<StackSampler>
    let tables = Inbox<Result<ProcessTable, any Error>>()
    let hosts = Inbox<Result<HostSnapshot, any Error>>()
    let details = Inbox<Result<ProcessDetails?, any Error>>()
    let profileFeed: Feed<ProfileSampler>
    let taskFeed: Feed<TaskSampler>
    let tasks = Inbox<RuntimeReading<TaskSnapshot>>()
    let collectorFeed: Feed<CollectorSampler>
    let collectors = Inbox<RuntimeReading<[CollectorState]>>()
    let censusFeed: Feed<CensusSampler>
    let censuses = Inbox<RuntimeReading<CensusSnapshot>>()
    var askedCensus = CensusSampler.Demand()
    var askedRuntime: ProcessIdentity?
    let sourceFeed: Feed<SourceSampler>
    let sourceReadings = Inbox<SourceReading>()
    var askedSource: SourcePlace?
    var askedFrame: FramePlace?
    let glanceFeed: Feed<GlanceSampler>
    let glances = Inbox<[ProcessIdentity: PythonGlance]>()
    var newestGlances: [ProcessIdentity: PythonGlance] = [:]
    var askedGlances: Set<ProcessIdentity> = []
    let profiles = Inbox<ProfileReading>()
    var askedProfile: ProfileDemand?
    let stacks = Inbox<Result<StackReading, any Error>>()
    var subscriptions = Subscriptions()
    var sources: [DispatchSource] = []
    var bell: Doorbell?
    var own = OwnCostMeter()
    var askedTable: TableDemand?
    var askedDetails: ProcessIdentity?
    var isSuspended = false
    var newestHost: HostSnapshot?
    /// Comes again only when it changes, so that what came during a freeze is kept for its end.
    var newestStacks = StackReading.none
    /// What the feed of stacks told last; the feed's queue compares with it.
    let toldStacks = ToldStacks()
    var isDrawingSoon = false
    var isHolding = false
    /// What is on the screen.
    var shown: (canvas: Canvas, layout: ScreenLayout)?

    /// Time between two walks of the stacks of a process that can be read.
    static let stackPeriod = DispatchTimeInterval.milliseconds(100)

    /// Subscriptions while they last; a class field may hold what cannot be copied only inside a struct of its own.
    struct Subscriptions: ~Copyable {
        var table: Subscription?
        var host: Subscription?
        var details: Subscription?
        /// Only while a panel with stacks is on the screen.
        var stacks: Subscription?
        /// Only while a frame's source is on the screen.
        var source: Subscription?
        /// Only while a column for it is on the screen.
        var glances: Subscription?
        /// Only while a panel with a profile is on the screen.
        var profile: Subscription?
        /// Only while the panel of the tasks is on the screen.
        var tasks: Subscription?
        /// Only while the panel of the collector is on the screen.
        var collectors: Subscription?
        /// Only from when objects are to be counted until they are.
        var census: Subscription?
    }

    /// The reading that was told last.
    final class ToldStacks: Sendable {
        private let last = Mutex(StackReading.none)

        /// Whether a reading says something else than the last one.
        func isNews(_ reading: StackReading) -> Bool {
            last.withLock { last in
                defer { last = reading }
                return last != reading
            }
        }

        /// Whatever comes next is news.
        func forget() { last.withLock { $0 = .none } }
    }

    /// Starts the dashboard on an open terminal.
    static func start(_ terminal: CursesTerminal, _ state: DashboardState) throws {
        do {
            let app = try App(terminal, state)
            running = app
            app.begin()
        } catch {
            terminal.close()
            Output.error("viv: \(error)")
            _exit(1)
        }
    }

    private init(_ terminal: CursesTerminal, _ state: DashboardState) throws {
        self.terminal = terminal
        self.state = state
        let events = try? ProcessEventLog()
        let period = DispatchTimeInterval.milliseconds(state.settings.refreshMilliseconds)
        let sampler = try ProcessTableSampler(events: events, usesTasks: true)
        dashboard = Dashboard(table: ProcessTable(scale: sampler.scale))
        dashboard.isReadOnly = state.isReadOnly
        tableFeed = Feed("table", every: period, demand: TableDemand(), sampler)
        hostFeed = Feed("host", every: period, demand: true, try HostSampler())
        detailsFeed = Feed("details", every: period, demand: DetailsDemand(), try DetailsSampler())
        stackFeed = Feed("stacks", every: App.stackPeriod, demand: StackDemand(), try StackSampler())
        glanceFeed = Feed("glances", every: .milliseconds(1000 / GlanceSampler.hertz), demand: [], try GlanceSampler())
        sourceFeed = Feed("source", every: .seconds(2), demand: nil, try SourceSampler())
        taskFeed = Feed("tasks", every: .seconds(1), demand: nil, try TaskSampler())
        collectorFeed = Feed("collectors", every: .seconds(1), demand: nil, try CollectorSampler())
        censusFeed = Feed("census", every: .seconds(1), demand: CensusSampler.Demand(), try CensusSampler())
        profileFeed = Feed(
            "profile", every: .nanoseconds(1_000_000_000 / ProfileSampler.hertz), demand: ProfileDemand(),
            ProfileSampler())
    }

    func begin() {
        let bell = Doorbell { MainActor.assumeIsolated { App.running?.takeNews() } }
        self.bell = bell
        ask()
        subscriptions.table = tableFeed.subscribe(tables, bell) { $0 }
        subscriptions.host = hostFeed.subscribe(hosts, bell) { $0 }
        watchInput()
        watchSignals()
    }

    func watchInput() {
        add(DispatchSource.makeReadSource(fileDescriptor: 0, queue: .main) as? DispatchSource) {
            MainActor.assumeIsolated { App.running?.readKeys() }
        }
    }

    func watchSignals() {
        let handlers: [(Int32, @MainActor @Sendable (App) -> Void)] = [
            (SIGWINCH, { $0.resize() }), (SIGCONT, { $0.comeBack() }), (SIGTERM, { $0.end(by: SIGTERM) }),
            (SIGINT, { $0.end(by: SIGINT) }), (SIGHUP, { $0.end(by: SIGHUP) }), (SIGQUIT, { $0.end(by: SIGQUIT) }),
        ]
        for (number, handler) in handlers {
            // The handler that puts the terminal back stays in force until the source below takes over.
            let source = DispatchSource.makeSignalSource(signal: number, queue: .main) as? DispatchSource
            add(source) { MainActor.assumeIsolated { App.running.map(handler) } }
        }
    }

    func add(_ source: DispatchSource?, _ handler: @escaping @Sendable () -> Void) {
        guard let source else { return }
        source.setEventHandler { @Sendable in handler() }
        source.activate()
        sources.append(source)
    }

    func end(by number: Int32?) -> Never {
        terminal.close()
        _exit(number.map { 128 + $0 } ?? 0)
    }
}
