internal import Dispatch
internal import Synchronization

/// Holds the newest value only: a reader that is late finds one value, not a backlog.
public final class Inbox<Value: Sendable>: Sendable {
    private let newest = Mutex<Value?>(nil)

    /// An inbox with nothing inside.
    public init() {}

    /// Replaces what is inside.
    public func put(_ value: Value) {
        newest.withLock { $0 = value }
    }

    /// Takes what is inside; nil when there is nothing new.
    public func take() -> Value? {
        newest.withLock { held in
            defer { held = nil }
            return held
        }
    }
}

/// Wakes the interface: many rings before it answers are one wake-up.
public final class Doorbell: Sendable {
    private let source: DispatchSource

    /// A bell that runs `answer` on the main queue.
    public init(answer: @escaping @Sendable () -> Void) {
        guard let made = DispatchSource.makeUserDataAddSource(queue: .main) as? DispatchSource else {
            preconditionFailure("Dispatch's sources are DispatchSource objects")
        }
        source = made
        source.setEventHandler { @Sendable in answer() }
        source.activate()
    }

    /// Rings.
    public func ring() {
        (source as any DispatchSourceUserDataAdd).add(data: 1)
    }
}

extension Feed where Source: ~Copyable {
    /// Puts what each sample tells into an inbox, and rings.
    ///
    /// - Parameter news: What a sample tells; nil for nothing new.
    public nonisolated func subscribe<News: Sendable>(
        _ inbox: Inbox<News>, _ bell: Doorbell,
        _ news: @escaping @Sendable (Result<Source.Snapshot, any Error>) -> News?
    ) -> Subscription {
        subscribe { result in
            guard let told = news(result) else { return }
            inbox.put(told)
            bell.ring()
        }
    }
}
