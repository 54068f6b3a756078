internal import CLinux

/// Every birth, exec, renaming and death of the host's processes and threads, pushed by the kernel.
///
/// What lives shorter than a refresh of `/proc` is seen here only. It needs the host's pid and user namespaces, and
/// before Linux 6.6 CAP_NET_ADMIN. Nothing is missed silently: ``ProcessEvent/lost(count:)``.
public struct ProcessEventSource: ~Copyable {
    private let socket: ConnectorSocket
    private var buffer = [UInt8](repeating: 0, count: 4096)
    private var size = 0
    private var offset = 0
    /// The number of the last event of each CPU; `nil` before its first.
    private var lastSequence: [UInt32?] = []
    private var held: ProcessEvent?

    /// How many events were lost since the subscription, as far as the numbering shows by now.
    public private(set) var lostCount: UInt64 = 0

    /// How many messages could not be understood.
    public private(set) var malformed: UInt64 = 0

    /// Subscribes.
    ///
    /// - Parameter receiveBufferBytes: What the kernel may queue between two drains; an event counts about 1 KB. Without
    ///   CAP_NET_ADMIN at most `net.core.rmem_max`.
    /// - Throws: ``ProcessEventError``.
    public init(receiveBufferBytes: Int32 = 8 << 20) throws(ProcessEventError) {
        let nonce = UInt32.random(in: .min ... .max)
        let socket = try ConnectorSocket(receiveBufferBytes: receiveBufferBytes, nonce: nonce)
        self.init(socket: socket)
    }

    private init(socket: consuming ConnectorSocket) { self.socket = socket }

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
            case ENOBUFS: return .overrun
            case EMSGSIZE: malformed += 1
            default: return nil
            }
        }
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
        // No kernel can be built for more CPUs; a larger number is not worth a table.
        guard cpu < 8192 else { return 0 }
        while lastSequence.count <= Int(cpu) { lastSequence.append(nil) }
        let last = lastSequence[Int(cpu)]
        lastSequence[Int(cpu)] = sequence
        guard let last else { return 0 }
        let missing = sequence &- last &- 1
        // The numbers go around at 32 bits; one that goes back is no gap.
        return missing < 1 << 31 ? UInt64(missing) : 0
    }
}
