internal import Model
internal import Panels
internal import Samplers
internal import Sampling

/// Source and variables of the frame that somebody looks at in Stacks.
extension App {
    func takeSource() {
        guard let reading = sourceReadings.take(), reading.place == askedSource else { return }
        dashboard.source = reading
    }

    /// Tells the feeds which frame is looked at: after a key, and when its thread went on to another one.
    func askFrame() {
        guard !state.isFrozen else { return }
        let frame = subscriptions.stacks == nil ? nil : state.framePlace(dashboard)
        if frame != askedFrame {
            askedFrame = frame
            stackFeed.ask(StackDemand(identity: askedDetails, frame: frame), now: frame != nil)
        }
        let place = subscriptions.stacks == nil ? nil : state.sourcePlace(dashboard)
        if place != askedSource {
            askedSource = place
            sourceFeed.ask(place, now: true)
        }
        guard place != nil else {
            subscriptions.source = nil
            dashboard.source = nil
            return
        }
        guard subscriptions.source == nil, let bell else { return }
        subscriptions.source = sourceFeed.subscribe(sourceReadings, bell) { try? $0.get() }
    }
}
