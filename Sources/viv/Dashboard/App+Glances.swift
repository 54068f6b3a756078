internal import Cells
internal import Model
internal import Panels
internal import Samplers
internal import Sampling

/// What the Python of each visible row is at, while there is a column for it.
extension App {
    func takeGlances() {
        guard let told = glances.take(), subscriptions.glances != nil else { return }
        newestGlances = told
        if !state.isFrozen { dashboard.table.glances = told }
    }

    func askGlances(_ layout: ScreenLayout) {
        let wanted = state.glanced(in: dashboard.table, rows: layout.tableRows, columns: layout.table.columns)
        if wanted != askedGlances {
            askedGlances = wanted
            glanceFeed.ask(wanted, now: true)
        }
        guard !wanted.isEmpty else {
            subscriptions.glances = nil
            newestGlances = [:]
            return
        }
        guard subscriptions.glances == nil, let bell else { return }
        subscriptions.glances = glanceFeed.subscribe(glances, bell) { try? $0.get() }
    }
}
