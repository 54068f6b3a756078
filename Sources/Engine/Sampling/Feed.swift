public import Dispatch

/// One sampler on one serial queue with one timer, which exists only while somebody subscribes.
///
/// Timers fire at multiples of their period on the monotonic clock: feeds of one period sample together, so that the
/// processor wakes once and the screen is drawn once.
public actor Feed<Source: Sampler & SendableMetatype & ~Copyable> {
    /// Gets each sample, or the sampler's error, on the feed's queue, where it holds up the next sample.
    public typealias Observer = @Sendable (Result<Source.Snapshot, any Error>) -> Void

    private nonisolated let executor: QueueExecutor
    private var source: Source
    private var demand: Source.Demand
    private var period: DispatchTimeInterval
    private var timer: DispatchSource?
    private var observers: [Int: Observer] = [:]
    private var nextObserver = 0

    /// The feed's own serial queue, where a sampler that blocks holds up nobody else.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// A feed that sleeps until the first subscription.
    public init(
        _ name: String, every period: DispatchTimeInterval, demand: Source.Demand, _ source: consuming sending Source
    ) {
        executor = QueueExecutor(name)
        self.source = source
        self.demand = demand
        self.period = period
    }

    /// Observes every sample until the subscription is dropped; the first one is taken at once where nobody observed
    /// before, else it is the next.
    public nonisolated func subscribe(_ observer: @escaping Observer) -> Subscription {
        let ticket = Ticket()
        executor.queue.async { [self] in
            assumeIsolated { feed in ticket.number = feed.add(observer) }
        }
        return Subscription { [self] in
            executor.queue.async { [self] in
                assumeIsolated { feed in feed.remove(ticket.number) }
            }
        }
    }

    /// Changes what is asked of the sampler; takes effect with the next sample, or at once with `now`.
    public nonisolated func ask(_ demand: Source.Demand, now: Bool = false) {
        executor.queue.async { [self] in
            assumeIsolated { feed in
                feed.demand = demand
                if now, feed.timer != nil { feed.tick() }
            }
        }
    }

    /// Changes the time between samples.
    public nonisolated func setPeriod(_ period: DispatchTimeInterval) {
        executor.queue.async { [self] in
            assumeIsolated { feed in
                guard feed.period != period else { return }
                feed.period = period
                feed.timer?.schedule(deadline: feed.nextBeat(), repeating: period, leeway: .milliseconds(1))
            }
        }
    }

    private func add(_ observer: @escaping Observer) -> Int {
        nextObserver += 1
        observers[nextObserver] = observer
        if timer == nil { start() }
        return nextObserver
    }

    private func remove(_ number: Int) {
        observers[number] = nil
        if observers.isEmpty {
            timer?.cancel()
            timer = nil
        }
    }

    private func start() {
        guard let made = DispatchSource.makeTimerSource(queue: executor.queue) as? DispatchSource else { return }
        made.schedule(deadline: nextBeat(), repeating: period, leeway: .milliseconds(1))
        made.setEventHandler { [weak self] in self?.assumeIsolated { $0.tick() } }
        made.activate()
        timer = made
        tick()
    }

    /// The next multiple of the period, or the one after it: rates over a moment would be noise.
    private func nextBeat() -> DispatchTime {
        let now = DispatchTime.now()
        let beat = (now + period).uptimeNanoseconds - now.uptimeNanoseconds
        guard beat > 0, beat < UInt64(Int64.max) else { return now + period }
        let ahead = beat - now.uptimeNanoseconds % beat
        return DispatchTime(uptimeNanoseconds: now.uptimeNanoseconds + (ahead < beat / 2 ? ahead + beat : ahead))
    }

    private func tick() {
        let result: Result<Source.Snapshot, any Error>
        do {
            result = .success(try source.sample(demand))
        } catch {
            result = .failure(error)
        }
        for observer in observers.values { observer(result) }
    }
}

/// The number a feed gave to a subscription; written and read on the feed's queue only.
private final class Ticket: @unchecked Sendable {
    var number = 0
}

/// A wish to see samples; dropping it ends the wish.
public struct Subscription: ~Copyable, Sendable {
    private let end: @Sendable () -> Void

    init(end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    deinit { end() }
}
