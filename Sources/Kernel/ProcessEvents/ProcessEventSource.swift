internal import CLinux

/// Every birth, exec, renaming and death of the host's processes and threads, pushed by the kernel.
///
/// What lives shorter than a refresh of `/proc` is seen here only. It needs the host's network, pid and user
/// namespaces, and before Linux 6.6 CAP_NET_ADMIN. Nothing is missed silently: ``ProcessEvent/lost(count:)``.
public struct ProcessEventSource: ~Copyable {
    private let socket: ConnectorSocket
    private var buffer = [UInt8](repeating: 0, count: 4096)
    private var size = 0
    private var offset = 0
    /// The number of the last event of each CPU; `nil` before its first.
    private var lastSequence: [UInt32?] = []
    private var held: ProcessEvent?
    /// Whether the queue ran over since the drops of the socket were last read.
    private var ranOver = false
    private var lastDrops: UInt32 = 0

    /// How many events were lost since the subscription, as far as the numbering shows by now.
    public private(set) var lostCount: UInt64 = 0

    /// How many messages could not be understood.
    public private(set) var malformed: UInt64 = 0

    /// Subscribes.
    ///
    /// - Parameters:
    ///   - processesOnly: Leaves out births and ends of threads that are no processes, and renamings: the kernel then does
    ///     not even wake the listener for them. Where it cannot, they come all the same. What it had no memory to send to
    ///     anybody is then not counted as lost.
    ///   - receiveBufferBytes: What the kernel may queue between two drains; an event counts about 1 KB. Without
    ///     CAP_NET_ADMIN at most `net.core.rmem_max`.
    /// - Throws: ``ProcessEventError``.
    public init(processesOnly: Bool = false, receiveBufferBytes: Int32 = 8 << 20) throws(ProcessEventError) {
        let nonce = UInt32.random(in: .min ... .max)
        let socket = try ConnectorSocket(
            receiveBufferBytes: receiveBufferBytes, processesOnly: processesOnly, nonce: nonce)
        self.init(socket: socket)
    }

    private init(socket: consuming ConnectorSocket) {
        lastDrops = socket.drops
        self.socket = socket
    }

    /// Whether the kernel keeps back what concerns no process.
    public var isFiltered: Bool { socket.isFiltered }

    /// The socket, for a read source; it is non-blocking and belongs to this value.
    public var fd: Int32 { socket.fd }

    /// The next event; `nil` where none is waiting.
    public mutating func next() -> ProcessEvent? {
        if let event = held.take() { return event }
        while true {
            while offset < size {
                guard let message = ConnectorMessage(buffer.span, at: offset, limit: size) else {
                    malformed += 1
                    break
                }
                offset = message.end
                guard let event = take(message) else { continue }
                return event
            }
            (size, offset) = (socket.receive(into: &buffer), 0)
            guard size < 0 else { continue }
            let failure = Int32(-size)
            size = 0
            switch failure {
            case ENOBUFS:
                ranOver = true
                return .overrun
            case EMSGSIZE: malformed += 1
            default: return dropped()
            }
        }
    }

    /// What found no room, once the queue is empty again: until then the kernel goes on dropping.
    private mutating func dropped() -> ProcessEvent? {
        guard ranOver, isFiltered else { return nil }
        ranOver = false
        let drops = socket.drops
        let missing = UInt64(drops &- lastDrops)
        lastDrops = drops
        lostCount += missing
        return missing > 0 ? .lost(count: missing) : nil
    }

    /// Waits for the next event; false where none comes in time. In a storm that is one wake-up an event, where a read
    /// source has its own thread woken first.
    ///
    /// The C function is poll(2).
    public func wait(milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: socket.fd, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&waiting, 1, milliseconds) > 0
    }

    /// The event of a message, or first what is missing before it.
    private mutating func take(_ message: ConnectorMessage) -> ProcessEvent? {
        var event: ProcessEvent?
        if case .event(let body) = message.body { event = body }
        let missing = gap(cpu: message.cpu, sequence: message.sequence)
        guard missing > 0 else { return event }
        lostCount += missing
        held = event
        return .lost(count: missing)
    }

    /// How many events of this CPU are missing before this one.
    private mutating func gap(cpu: UInt32, sequence: UInt32) -> UInt64 {
        // What the filter keeps back has a number too. No kernel can be built for more CPUs than these.
        guard !isFiltered, cpu < 8192 else { return 0 }
        while lastSequence.count <= Int(cpu) { lastSequence.append(nil) }
        let last = lastSequence[Int(cpu)]
        lastSequence[Int(cpu)] = sequence
        guard let last else { return 0 }
        let missing = sequence &- last &- 1
        // The numbers go around at 32 bits; one that goes back is no gap.
        return missing < 1 << 31 ? UInt64(missing) : 0
    }
}
