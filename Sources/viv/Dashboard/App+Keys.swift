internal import Dispatch
internal import Glibc
internal import Linux
internal import Model
internal import Panels
internal import Samplers
internal import Sampling
internal import Terminal

/// What keys ask of the world outside.
extension App {
    func readKeys() {
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

    func carryOut(_ action: Action) {
        switch action {
        case .quit: end(by: nil)
        case .suspend: suspend()
        case .repaint: terminal.repaint()
        case .signal(let number, let identities): signal(number, identities)
        case .renice(let step, let identities): renice(step, identities)
        case .readShares(let identity):
            // Once: the kernel walks the page table for it.
            detailsFeed.ask(DetailsDemand(identity: identity, readsShares: true), now: true)
            detailsFeed.ask(DetailsDemand(identity: identity))
        case .countObjects(let identity): countObjects(of: identity)
        case .save(let settings):
            let period = DispatchTimeInterval.milliseconds(settings.refreshMilliseconds)
            tableFeed.setPeriod(period)
            hostFeed.setPeriod(period)
            detailsFeed.setPeriod(period)
            do throws(Failure) {
                try Configuration.save(settings)
                state.message = "saved to \(Configuration.path ?? "")"
            } catch {
                state.message = error.text
            }
        case .stepHistory(let back):
            // Counted from what is in view: the newest table moves on meanwhile.
            showHistory(history.stepsBack(to: dashboard.table.realtimeSeconds) + back)
        case .showNow: showHistory(0)
        case .jump(let minutes): jump(to: minutes)
        }
    }

    func signal(_ number: Int32, _ identities: [ProcessIdentity]) {
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
        readAgain(identities)
    }

    /// Has processes read at once that something was done to: they may sleep through it.
    func readAgain(_ identities: [ProcessIdentity]) {
        guard var demand = askedTable else { return }
        demand.acted = Set(identities)
        tableFeed.ask(demand, now: true)
    }

    func renice(_ step: Int32, _ identities: [ProcessIdentity]) {
        for identity in identities {
            do throws(Failure) {
                let value = try ProcessActing.renice(step, identity)
                state.message = "nice of \(identity.pid) is \(value)"
            } catch {
                state.message = error.text
            }
        }
        readAgain(identities)
    }

    func showHistory(_ back: Int) {
        let reachable = max(0, min(back, history.depth))
        if back > reachable { state.message = "the history begins here" }
        if reachable == 0, state.isFrozen { state.message = "this is now, but it stands still; L or Z goes on" }
        guard let (table, host) = history.table(back: reachable) else { return }
        let now = history.newest?.realtimeSeconds ?? table.realtimeSeconds
        dashboard.behindSeconds = reachable > 0 ? now - table.realtimeSeconds : nil
        let old = dashboard.table
        dashboard.table = table
        dashboard.host = host ?? dashboard.host
        state.update(from: old, to: table, now: 0)
    }

    func jump(to minutes: Int) {
        let (count, note) = history.stepsBack(toTimeOfDay: minutes)
        showHistory(count)
        if let note { state.message = note }
    }
}
