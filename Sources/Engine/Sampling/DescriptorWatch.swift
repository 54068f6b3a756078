internal import Dispatch

/// Runs a handler on a queue of its own whenever a descriptor has something to read, until it is dropped.
public final class DescriptorWatch: Sendable {
    private let source: DispatchSource

    /// Watches `descriptor`, which must stay open as long as the watch.
    public init?(_ descriptor: Int32, name: String, handler: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "viv." + name)
        guard let made = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue) as? DispatchSource
        else {
            return nil
        }
        source = made
        source.setEventHandler { @Sendable in handler() }
        source.activate()
    }

    deinit { source.cancel() }
}
