internal import Cells
internal import Model
internal import Panels
internal import Samplers
internal import Sampling

/// The profile of the selected process: sampled only while somebody looks at it.
extension App {
    func askProfile(_ process: ProcessIdentity?, _ layout: ScreenLayout) {
        guard layout.showsProfile else {
            subscriptions.profile = nil
            return
        }
        state.narrowProfile(dashboard)
        let demand = ProfileDemand(
            identity: process, scope: state.profile.scope, showsFunctions: layout.functions.rows > 1)
        if demand != askedProfile {
            if demand.identity != askedProfile?.identity { dashboard.profile = .none }
            askedProfile = demand
            profileFeed.ask(demand, now: true)
        }
        guard subscriptions.profile == nil, let bell else { return }
        // Most rounds have nothing to tell.
        subscriptions.profile = profileFeed.subscribe(profiles, bell) { try? $0.get() }
    }
}
