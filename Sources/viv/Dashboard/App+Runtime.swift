internal import Cells
internal import Linux
internal import Model
internal import Panels
internal import Samplers
internal import Sampling

/// Tasks, collector and objects of the selected process: each is read only while somebody looks at it.
extension App {
    func takeRuntime() {
        if let reading = tasks.take(), !state.isFrozen, reading.identity == askedRuntime { dashboard.tasks = reading }
        if let reading = collectors.take(), !state.isFrozen, reading.identity == askedRuntime {
            dashboard.collectors = reading
            if case .value(let identity, let states) = reading {
                let seconds = Double(KernelClock.monotonicNanoseconds()) / 1e9
                dashboard.collections.append(states, of: identity, at: seconds)
            }
        }
        if let reading = censuses.take() {
            dashboard.census = reading
            dashboard.isCounting = false
            subscriptions.census = nil
        }
    }

    func askRuntime(_ process: ProcessIdentity?, _ layout: ScreenLayout) {
        if process != askedRuntime {
            askedRuntime = process
            dashboard.tasks = .none
            dashboard.collectors = .none
            taskFeed.ask(process, now: true)
            collectorFeed.ask(process, now: true)
        }
        if layout.tasks.rows <= 1 {
            subscriptions.tasks = nil
        } else if subscriptions.tasks == nil, let bell {
            subscriptions.tasks = taskFeed.subscribe(tasks, bell) { try? $0.get() }
        }
        if layout.collector.rows <= 1 {
            subscriptions.collectors = nil
        } else if subscriptions.collectors == nil, let bell {
            subscriptions.collectors = collectorFeed.subscribe(collectors, bell) { try? $0.get() }
        }
    }

    /// Has the objects of a process counted on the census's own queue.
    func countObjects(of identity: ProcessIdentity) {
        guard !dashboard.isCounting, let bell else { return }
        dashboard.isCounting = true
        askedCensus = CensusSampler.Demand(identity: identity, number: askedCensus.number + 1)
        censusFeed.ask(askedCensus)
        subscriptions.census = censusFeed.subscribe(censuses, bell) { try? $0.get() }
    }
}
