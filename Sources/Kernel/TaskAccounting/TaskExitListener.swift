internal import CLinux

/// The last account of a thread, sent when it ends.
public struct TaskExit: Sendable {
    /// The thread's own account; `thread` is never `nil` in it.
    public let account: TaskAccount

    /// The process's account, sent along with the last thread of a process that had more than one.
    ///
    /// The delays and the CPU run times are the sum of all its threads. Kernels before the fix that ``TaskAccount``
    /// tells of leave user and system time and the switches at 0 here; the threads' own records have them everywhere.
    public let process: TaskAccount?
}

/// Delivers the last account of every thread of the host that ends, also of those no reading of `/proc` ever saw.
///
/// It needs CAP_NET_ADMIN and the host's pid and user namespaces. The kernel forgets the registration when the
/// socket is closed, also when this process is killed.
public struct TaskExitListener: ~Copyable {
    private let channel: TaskstatsChannel
    private let cpus: [UInt8]
    private var delaysKnown: Bool
    private var buffer = [UInt8](repeating: 0, count: 16_384)
    private var size = 0
    private var offset = 0

    /// How often the kernel had to drop records because nobody read them in time; each time one or more are missing.
    ///
    /// The kernel does not tell how many.
    public private(set) var overruns: UInt64 = 0

    /// How many records could not be understood.
    public private(set) var malformed: UInt64 = 0

    /// Registers for all CPUs.
    ///
    /// - Parameter receiveBufferBytes: What the kernel may queue between two drains; a record counts about 2.5 KB.
    /// - Throws: ``AccountingError``.
    public init(receiveBufferBytes: Int32 = 4 << 20) throws(AccountingError) {
        let cpus = Self.possibleCPUs() + [0]
        let channel = try TaskstatsChannel(
            receiveBufferBytes: receiveBufferBytes, attribute: TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, value: cpus)
        self.init(channel: channel, cpus: cpus)
    }

    private init(channel: consuming TaskstatsChannel, cpus: [UInt8]) {
        self.channel = channel
        self.cpus = cpus
        delaysKnown = TaskAccounting.delayAccountingEnabled != false
    }

    deinit {
        let order = GenericRequest(
            family: channel.family, command: UInt8(TASKSTATS_CMD_GET),
            attribute: UInt16(TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK))
        var request: [UInt8] = []
        request.append(order, sequence: 3, text: cpus)
        _ = channel.socket.send(request)
    }

    /// The socket, for a read source; it is non-blocking and belongs to the listener.
    public var fd: Int32 { channel.socket.fd }

    /// The next record; `nil` where none is waiting.
    public mutating func next() -> TaskExit? {
        while true {
            while let message = NetlinkMessage(buffer.span, at: offset, limit: size) {
                offset = message.end
                guard message.type == channel.family else { continue }
                guard let payload = message.genericPayload, let exit = Self.exit(buffer.span, payload, delaysKnown)
                else {
                    malformed += 1
                    continue
                }
                return exit
            }
            (size, offset) = (channel.socket.receive(into: &buffer), 0)
            guard size < 0 else { continue }
            let failure = -size
            size = 0
            switch Int32(failure) {
            case ENOBUFS: overruns += 1
            case EMSGSIZE: malformed += 1
            default:
                // The queue is empty: the next record is of a later time, when the setting may be another.
                delaysKnown = TaskAccounting.delayAccountingEnabled != false
                return nil
            }
        }
    }

    private static func exit(_ bytes: Span<UInt8>, _ payload: Range<Int>, _ delaysKnown: Bool) -> TaskExit? {
        guard
            let account = TaskAccount(
                aggregate: UInt32(TASKSTATS_TYPE_AGGR_PID), bytes, payload, scope: .thread, delaysKnown: delaysKnown)
        else { return nil }
        let process = TaskAccount(
            aggregate: UInt32(TASKSTATS_TYPE_AGGR_TGID), bytes, payload, scope: .process, delaysKnown: delaysKnown)
        return TaskExit(account: account, process: process)
    }

    /// The list of CPUs in the form the kernel also takes ("0-3,8"); it refuses CPUs that can never exist.
    private static func possibleCPUs() -> [UInt8] {
        let fd = unsafe cl_open_setting("/sys/devices/system/cpu/possible")
        guard fd >= 0 else { return Array("0".utf8) }
        defer { _ = close(fd) }
        var text = [UInt8](repeating: 0, count: 1024)
        let size = unsafe text.withUnsafeMutableBytes { unsafe read(fd, $0.baseAddress, $0.count) }
        return Array(text.prefix(max(size, 0)).prefix { $0 != 10 && $0 != 0 })
    }
}
