internal import Dispatch
internal import Linux
internal import Model
internal import Panels
internal import Samplers
internal import Sampling
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
        if let reading = profiles.take(), !state.isFrozen, reading.identity == askedProfile?.identity {
            dashboard.profile = reading
        }
        takeRuntime()
        takeSource()
        takeGlances()
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
        askFrame()
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
            // Nothing is no view that could stand still: the first table is shown whatever was pressed before it.
            guard !state.isFrozen || dashboard.table.rows.isEmpty else { return }
            let (old, selected) = (dashboard.table, state.selection)
            dashboard.table = table
            dashboard.table.glances = newestGlances
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
            if selected != nil, selected != state.selection, !panelsAreCurrent { holdPanels() }
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
            // Who went away and came back before anything else was read has nothing on the screen any more.
            toldStacks.forget()
            stackFeed.setPeriod(App.stackPeriod)
            askedFrame = nil
            stackFeed.ask(StackDemand(identity: process), now: true)
        }
        let size = terminal.size
        let layout = state.layout(dashboard, rows: size.rows, columns: size.columns)
        watchDetails(layout.showsDetails || state.dialog != nil)
        watchStacks(layout.showsStacks)
        askFrame()
        askGlances(layout)
        askProfile(process, layout)
        askRuntime(process, layout)
    }

    /// Dialogs need details too: of the environment, and of whom a signal goes to.
    func watchDetails(_ isWanted: Bool) {
        if !isWanted {
            subscriptions.details = nil
            dashboard.details = nil
        } else if subscriptions.details == nil, let bell {
            subscriptions.details = detailsFeed.subscribe(details, bell) { $0 }
        }
    }

    func watchStacks(_ isWanted: Bool) {
        if !isWanted {
            subscriptions.stacks = nil
            newestStacks = .none
            dashboard.stacks = .none
        } else if subscriptions.stacks == nil, let bell {
            let told = toldStacks
            told.forget()
            subscriptions.stacks = stackFeed.subscribe(stacks, bell) { result in
                // Threads that stand still are most of what a sick service has: nothing new is no news.
                if case .success(let reading) = result, !told.isNews(reading) { return nil }
                return result
            }
        }
    }
}
