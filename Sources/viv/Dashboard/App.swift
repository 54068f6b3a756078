internal import Cells
internal import Dispatch
internal import Glibc
internal import Linux
internal import Model
internal import Panels
internal import Samplers
internal import Sampling
internal import Synchronization
internal import Terminal

/// The dashboard at run time: wires feeds to the state, the state to the terminal, and keys to both.
@MainActor
final class App {
    private static var running: App?

    private let terminal: CursesTerminal
    private var state: DashboardState
    private var dashboard: Dashboard
    private var history = ProcessHistory()
    private let tableFeed: Feed<ProcessTableSampler>
    private let hostFeed: Feed<HostSampler>
    private let detailsFeed: Feed<DetailsSampler>
    private let stackFeed: Feed<StackSampler>
    private let tables = Inbox<Result<ProcessTable, any Error>>()
    private let hosts = Inbox<Result<HostSnapshot, any Error>>()
    private let details = Inbox<Result<ProcessDetails?, any Error>>()
    private let stacks = Inbox<Result<StackReading, any Error>>()
    private var subscriptions = Subscriptions()
    private var sources: [DispatchSource] = []
    private var bell: Doorbell?
    private var own = OwnCostMeter()
    private var askedTable: TableDemand?
    private var askedDetails: ProcessIdentity?
    private var isSuspended = false
    private var isDrawingSoon = false
    private var isHolding = false
    /// What is on the screen.
    private var shown: (canvas: Canvas, layout: ScreenLayout)?

    /// Subscriptions while they last; a class field may hold what cannot be copied only inside a struct of its own.
    private struct Subscriptions: ~Copyable {
        var table: Subscription?
        var host: Subscription?
        var details: Subscription?
        /// Only while a panel with stacks is on the screen.
        var stacks: Subscription?
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
        let sampler = try ProcessTableSampler(events: events)
        dashboard = Dashboard(table: ProcessTable(scale: sampler.scale))
        dashboard.isReadOnly = state.isReadOnly
        tableFeed = Feed("table", every: period, demand: TableDemand(), sampler)
        hostFeed = Feed("host", every: period, demand: true, try HostSampler())
        detailsFeed = Feed("details", every: period, demand: DetailsDemand(), try DetailsSampler())
        stackFeed = Feed("stacks", every: App.stackPeriod, demand: nil, try StackSampler())
    }

    private func begin() {
        let bell = Doorbell { MainActor.assumeIsolated { App.running?.takeNews() } }
        self.bell = bell
        let (tables, hosts, details) = (self.tables, self.hosts, self.details)
        ask()
        subscriptions.table = tableFeed.subscribe {
            tables.put($0); bell.ring()
        }
        subscriptions.host = hostFeed.subscribe {
            hosts.put($0); bell.ring()
        }
        subscriptions.details = detailsFeed.subscribe {
            details.put($0); bell.ring()
        }
        watchInput()
        watchSignals()
    }

    private func watchInput() {
        add(DispatchSource.makeReadSource(fileDescriptor: 0, queue: .main) as? DispatchSource) {
            MainActor.assumeIsolated { App.running?.readKeys() }
        }
    }

    private func watchSignals() {
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

    private func add(_ source: DispatchSource?, _ handler: @escaping @Sendable () -> Void) {
        guard let source else { return }
        source.setEventHandler { @Sendable in handler() }
        source.activate()
        sources.append(source)
    }

    // MARK: News from the feeds

    private func takeNews() {
        var isAwaited = dashboard.host == nil
        if let result = hosts.take() { takeHost(result) }
        if let result = details.take(), case .success(let value) = result, !state.isFrozen {
            isAwaited = isAwaited || dashboard.details == nil
            dashboard.details = value
        }
        if let result = stacks.take(), case .success(let value) = result { isAwaited = takeStacks(value) || isAwaited }
        if let result = tables.take() {
            takeTable(result)
            isAwaited = true
        }
        if isHolding, !panelsAreCurrent { return }
        if isAwaited || isHolding { draw() } else { drawSoon() }
    }

    /// Whether the panels can be drawn for the selected process.
    private var panelsAreCurrent: Bool {
        dashboard.details?.identity == askedDetails
            && (subscriptions.stacks == nil || dashboard.stacks.identity == askedDetails)
    }

    /// Leaves the panels as they are until there is something to draw for the newly selected process, but not for long.
    ///
    /// Else each step through the list would empty and fill half of the screen.
    private func holdPanels() {
        isHolding = true
        DispatchQueue.main.asyncAfter(deadline: .now() + .milliseconds(80)) {
            MainActor.assumeIsolated {
                guard let app = App.running, app.isHolding else { return }
                app.isHolding = false
                app.draw()
            }
        }
    }

    /// Draws a little later: host and details come a moment before the table of the same beat, and are drawn with it.
    private func drawSoon() {
        guard !isDrawingSoon else { return }
        isDrawingSoon = true
        DispatchQueue.main.asyncAfter(deadline: .now() + .milliseconds(30)) {
            MainActor.assumeIsolated {
                if let app = App.running, app.isDrawingSoon { app.draw() }
            }
        }
    }

    /// Whether there is something new to draw.
    private func takeStacks(_ reading: StackReading) -> Bool {
        // An answer about the process that was selected before comes too late.
        guard reading.identity == askedDetails else { return false }
        newestStacks = reading
        guard !state.isFrozen else { return false }
        dashboard.stacks = reading
        stackFeed.setPeriod(reading.moves ? App.stackPeriod : .seconds(1))
        return true
    }

    /// Time between two walks of the stacks of a process that can be read.
    private static let stackPeriod = DispatchTimeInterval.milliseconds(100)

    private func takeHost(_ result: Result<HostSnapshot, any Error>) {
        guard case .success(let host) = result else { return }
        newestHost = host
        dashboard.trends.append(host, at: KernelClock.realtimeSeconds())
        if !state.isFrozen { dashboard.host = host }
    }

    private var newestHost: HostSnapshot?
    /// Comes again only when it changes, so that what came during a freeze is kept for its end.
    private var newestStacks = StackReading.none

    private func takeTable(_ result: Result<ProcessTable, any Error>) {
        switch result {
        case .failure(let error): dashboard.troubles = ["\(error)"]
        case .success(let table):
            dashboard.troubles = []
            history.append(table, host: newestHost)
            dashboard.own = own.measure(lost: table.cost.lost)
            dashboard.historySeconds = history.spanSeconds
            guard !state.isFrozen else { return }
            let old = dashboard.table
            dashboard.table = table
            dashboard.stacks = newestStacks
            state.update(from: old, to: table, now: KernelClock.monotonicNanoseconds())
            if let selection = state.selection, let index = table.index(of: selection) {
                dashboard.trends.append(table.rows[index], at: table.realtimeSeconds)
            }
            let size = terminal.size
            let rows = state.layout(dashboard, rows: size.rows, columns: size.columns).tableRows
            for action in state.handleWaiting(dashboard, rows: rows, now: KernelClock.monotonicNanoseconds()) {
                carryOut(action)
            }
            ask()
        }
    }

    /// Tells the feeds what the screen needs now.
    ///
    /// - Parameter isByKey: whether somebody waits for rows that came into view: only then is it asked out of turn. With
    ///   processes that come and go every table brings other rows, and asking at once for each would never end.
    private func ask(isByKey: Bool = false) {
        let size = terminal.size
        let rows = state.layout(dashboard, rows: size.rows, columns: size.columns).tableRows
        let visible = state.visibleIdentities(in: dashboard.table, rows: rows)
        var selected = state.visibleSources
        // The details show these of the selected process whatever the columns are.
        selected.formUnion([.accounting, .io, .sizes, .python])
        let demand = TableDemand(
            visible: visible, visibleSources: selected, tableSources: state.tableSources,
            showsThreads: state.showsThreads,
            ports: state.filter?.ports ?? [])
        let isFirst = askedTable == nil || askedTable?.visible.isEmpty == true
        let isNew = askedTable.map { $0.visible != demand.visible || $0.showsThreads != demand.showsThreads } ?? true
        guard askedTable != demand else { return askDetails() }
        askedTable = demand
        tableFeed.ask(demand, now: isFirst && !visible.isEmpty || isNew && !isFirst && demand.showsThreads && isByKey)
        askDetails()
    }

    private func askDetails() {
        var process = state.selection
        if let selection = state.selection, let index = dashboard.table.index(of: selection),
            dashboard.table.rows[index].isThread
        {
            process = dashboard.table.process(dashboard.table.rows[index].threadGroup)
                .map { dashboard.table.rows[$0].identity }
        }
        if askedDetails != process {
            askedDetails = process
            detailsFeed.ask(DetailsDemand(identity: process), now: true)
            newestStacks = .none
            dashboard.stacks = .none
            stackFeed.setPeriod(App.stackPeriod)
            stackFeed.ask(process, now: true)
        }
        let size = terminal.size
        watchStacks(state.layout(dashboard, rows: size.rows, columns: size.columns).showsStacks)
    }

    private func watchStacks(_ isWanted: Bool) {
        if !isWanted {
            subscriptions.stacks = nil
            newestStacks = .none
            dashboard.stacks = .none
        } else if subscriptions.stacks == nil, let bell {
            let stacks = self.stacks
            let known = Mutex(StackReading.none)
            subscriptions.stacks = stackFeed.subscribe { result in
                // Threads that stand still are most of what a sick service has: nothing new is no news.
                if case .success(let reading) = result {
                    let isNews = known.withLock { last in
                        defer { last = reading }
                        return last != reading
                    }
                    guard isNews else { return }
                }
                stacks.put(result); bell.ring()
            }
        }
    }

    // MARK: Keys

    private func readKeys() {
        guard !isSuspended else { return }
        // A terminal that hung up is always readable and never has anything: leave at once instead of spinning.
        var poller = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        if unsafe poll(&poller, 1, 0) > 0, poller.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { end(by: SIGHUP) }
        let before = state.selection
        while let key = terminal.nextKey() {
            let size = terminal.size
            let rows = state.layout(dashboard, rows: size.rows, columns: size.columns).tableRows
            for action in state.handle(key, dashboard, rows: rows, now: KernelClock.monotonicNanoseconds()) {
                carryOut(action)
            }
        }
        if before != state.selection {
            dashboard.details = nil
            if let selection = state.selection {
                for (seconds, row) in history.trail(of: selection) { dashboard.trends.append(row, at: seconds) }
            }
        }
        ask(isByKey: true)
        if before != state.selection, !panelsAreCurrent { holdPanels() }
        draw()
    }

    private func carryOut(_ action: Action) {
        switch action {
        case .quit: end(by: nil)
        case .suspend: suspend()
        case .repaint: terminal.repaint()
        case .signal(let number, let identities): signal(number, identities)
        case .renice(let step, let identities): renice(step, identities)
        case .readShares(let identity): detailsFeed.ask(DetailsDemand(identity: identity, readsShares: true), now: true)
        case .save(let settings):
            tableFeed.setPeriod(.milliseconds(settings.refreshMilliseconds))
            hostFeed.setPeriod(.milliseconds(settings.refreshMilliseconds))
            do throws(Failure) {
                try Configuration.save(settings)
                state.message = "saved to \(Configuration.path ?? "")"
            } catch {
                state.message = error.text
            }
        case .showHistory(let back): showHistory(back)
        case .jump(let minutes): jump(to: minutes)
        }
    }

    private func signal(_ number: Int32, _ identities: [ProcessIdentity]) {
        var sent = 0
        var failure: String?
        for identity in identities {
            do throws(Failure) {
                try ProcessActing.send(number, to: identity)
                sent += 1
            } catch {
                failure = error.text
            }
        }
        let name = SignalName.name(of: number) ?? String(number)
        state.message =
            failure
            ?? "sent \(name) to \(sent == 1 ? identities.first.map { String($0.pid) } ?? "" : "\(sent) processes")"
    }

    private func renice(_ step: Int32, _ identities: [ProcessIdentity]) {
        for identity in identities {
            do throws(Failure) {
                let value = try ProcessActing.renice(step, identity)
                state.message = "nice of \(identity.pid) is \(value)"
            } catch {
                state.message = error.text
            }
        }
    }

    // MARK: History

    private func showHistory(_ back: Int) {
        let reachable = min(back, history.depth)
        if back > reachable { state.message = "the history begins here" }
        state.stepsBack = reachable
        guard let (table, host) = history.table(back: reachable) else { return }
        let now = history.newest?.realtimeSeconds ?? table.realtimeSeconds
        dashboard.behindSeconds = reachable > 0 ? now - table.realtimeSeconds : nil
        let old = dashboard.table
        dashboard.table = table
        dashboard.host = host ?? dashboard.host
        state.update(from: old, to: table, now: 0)
    }

    private func jump(to minutes: Int) {
        guard let newest = history.newest else { return }
        let local = newest.realtimeSeconds + newest.scale.offsetSeconds
        var wanted = (local / 86400).rounded(.down) * 86400 + Double(minutes * 60)
        if wanted > local { wanted -= 86400 }
        let back = history.stepsBack(to: wanted - newest.scale.offsetSeconds)
        if local - wanted > history.spanSeconds + 60 {
            state.message = "the history reaches back \(Int(history.spanSeconds)) s only"
        }
        showHistory(back)
    }

    // MARK: The terminal

    private func draw() {
        isDrawingSoon = false
        guard !isSuspended else { return }
        let size = terminal.size
        var canvas = state.draw(dashboard, rows: size.rows, columns: size.columns)
        let layout = state.layout(dashboard, rows: size.rows, columns: size.columns)
        isHolding = isHolding && !panelsAreCurrent && state.dialog == nil && layout == shown?.layout
        if isHolding, let shown {
            for area in [layout.details, layout.threads, layout.stacks] { canvas.copy(area, from: shown.canvas) }
        }
        shown = (canvas, layout)
        terminal.show(canvas)
    }

    private func resize() {
        terminal.resize()
        draw()
        ask()
    }

    private func suspend() {
        isSuspended = true
        terminal.suspend()
        // The whole job stops, as ^Z from a shell would make it.
        Glibc.signal(SIGTSTP, SIG_DFL)
        kill(0, SIGTSTP)
    }

    private func comeBack() {
        isSuspended = false
        terminal.resume()
        draw()
    }

    private func end(by number: Int32?) -> Never {
        terminal.close()
        _exit(number.map { 128 + $0 } ?? 0)
    }
}
