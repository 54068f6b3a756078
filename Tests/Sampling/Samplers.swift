import Dispatch
import Sampling
import Synchronization

/// What happened, in order, seen from any thread.
final class Record<Event: Sendable>: Sendable {
    private let events = Mutex<[Event]>([])
    private let news = DispatchSemaphore(value: 0)

    func add(_ event: Event) {
        events.withLock { $0.append(event) }
        news.signal()
    }

    var all: [Event] { events.withLock { $0 } }

    /// Waits until there are that many; false when they do not come in half a minute, which no load explains.
    func wait(for count: Int) -> Bool {
        while all.count < count {
            if news.wait(timeout: .now() + 30) == .timedOut { return false }
        }
        return true
    }
}

/// Counts its calls.
struct CountingSampler: Sampler, SendableMetatype {
    let calls: Record<Int>

    mutating func sample(_ demand: Int) throws -> Int {
        calls.add(demand)
        return calls.all.count
    }
}

/// Blocks in each call until the gate is opened for it.
struct BlockingSampler: Sampler, SendableMetatype {
    let entered = DispatchSemaphore(value: 0)
    let gate = DispatchSemaphore(value: 0)

    mutating func sample(_ demand: Int) throws -> Int {
        entered.signal()
        gate.wait()
        return demand
    }
}

/// Fails in every second call, from the first on.
struct FailingSampler: Sampler, SendableMetatype {
    struct Broken: Error, Equatable { var call: Int }

    private var call = 0

    mutating func sample(_ demand: Int) throws -> Int {
        call += 1
        if call % 2 == 1 { throw Broken(call: call) }
        return call
    }
}

extension Feed where Source: ~Copyable {
    /// Returns when everything asked of the feed before has been done.
    func settle() {}
}

/// Ends a subscription here and not somewhere before the end of the function.
func drop(_ subscription: consuming Subscription?) {}
