internal import Dispatch
internal import Linux
internal import Model
internal import Panels
internal import Samplers
internal import Sampling
internal import Synchronization
internal import Terminal

/// What the feeds tell, and what they are asked.
extension App {
    func takeNews() {
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

    /// Whether there is something new to draw.
    func takeStacks(_ reading: StackReading) -> Bool {
        // An answer about the process that was selected before comes too late.
        guard reading.identity == askedDetails else { return false }
        newestStacks = reading
        guard !state.isFrozen else { return false }
        dashboard.stacks = reading
        stackFeed.setPeriod(reading.moves ? App.stackPeriod : .seconds(1))
        return true
    }

    func takeHost(_ result: Result<HostSnapshot, any Error>) {
        guard case .success(let host) = result else { return }
        newestHost = host
        dashboard.trends.append(host, at: KernelClock.realtimeSeconds())
        if !state.isFrozen { dashboard.host = host }
    }

    func takeTable(_ result: Result<ProcessTable, any Error>) {
        switch result {
        case .failure(let error): dashboard.troubles = ["\(error)"]
        case .success(let table):
            dashboard.troubles = []
            history.append(table, host: newestHost)
            dashboard.own = own.measure(lost: table.cost.lost)
            dashboard.historySeconds = history.spanSeconds
            if dashboard.behindSeconds != nil {
                dashboard.behindSeconds = table.realtimeSeconds - dashboard.table.realtimeSeconds
            }
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
    func ask(isByKey: Bool = false) {
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

    func askDetails() {
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
        let layout = state.layout(dashboard, rows: size.rows, columns: size.columns)
        watchDetails(layout.showsDetails || state.dialog != nil)
        watchStacks(layout.showsStacks)
    }

    /// Dialogs need details too: of the environment, and of whom a signal goes to.
    func watchDetails(_ isWanted: Bool) {
        if !isWanted {
            subscriptions.details = nil
            dashboard.details = nil
        } else if subscriptions.details == nil, let bell {
            let details = self.details
            subscriptions.details = detailsFeed.subscribe {
                details.put($0); bell.ring()
            }
        }
    }

    func watchStacks(_ isWanted: Bool) {
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
}
