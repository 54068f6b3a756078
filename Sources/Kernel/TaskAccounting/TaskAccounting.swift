internal import CLinux

/// Accounts of running tasks by the kernel's taskstats interface: one request a task, 64 requests a system call.
///
/// It needs CAP_NET_ADMIN in the host's user namespace. Pids are those of the caller's pid namespace.
public struct TaskAccounting: ~Copyable {
    /// How many requests one system call carries. Their answers wait in the socket meanwhile.
    private static let batch = 64

    /// The largest request buffer: 28 bytes a request.
    private static let requestBytes = batch * 28

    private let channel: TaskstatsChannel
    private var request: [UInt8] = []
    private var reply = [UInt8](repeating: 0, count: 16_384)
    private var sequence: UInt32 = 0

    /// Opens the socket, and asks for this process to see whether it is allowed to.
    ///
    /// - Throws: ``AccountingError/refused(errno:remedy:)`` without CAP_NET_ADMIN,
    ///   ``AccountingError/unsupported(errno:remedy:)`` where the kernel has no taskstats.
    public init() throws(AccountingError) {
        let me = UInt32(bitPattern: getpid())
        var value: [UInt8] = []
        value.append(number: me)
        let channel = try TaskstatsChannel(
            receiveBufferBytes: 1 << 20, attribute: TASKSTATS_CMD_ATTR_PID, value: value)
        self.init(channel: channel)
    }

    private init(channel: consuming TaskstatsChannel) {
        self.channel = channel
        request.reserveCapacity(Self.requestBytes)
    }

    /// Whether the kernel measures the delays other than the wait for a CPU.
    ///
    /// - Source: `/proc/sys/kernel/task_delayacct`.
    /// - Absent: before Linux 5.14, where the boot parameter `nodelayacct` decides.
    public static var delayAccountingEnabled: Bool? {
        let fd = unsafe cl_open_setting("/proc/sys/kernel/task_delayacct")
        guard fd >= 0 else { return nil }
        defer { _ = close(fd) }
        var digit: UInt8 = 0
        guard unsafe read(fd, &digit, 1) == 1 else { return nil }
        return digit != UInt8(ascii: "0")
    }

    /// Asks for the accounts of processes.
    ///
    /// - Parameters:
    ///   - pids: The processes.
    ///   - body: Called once for each, with its index in `pids`; the account is `nil` where the process is gone.
    /// - Throws: ``AccountingError``; `body` may have been called for some by then.
    public mutating func processes(
        _ pids: Span<Int32>, _ body: (_ index: Int, _ account: TaskAccount?) -> Void
    ) throws(AccountingError) {
        try ask(.process, pids, body)
    }

    /// Asks for the accounts of threads.
    ///
    /// - Parameters:
    ///   - tids: The threads.
    ///   - body: Called once for each, with its index in `tids`; the account is `nil` where the thread is gone.
    /// - Throws: ``AccountingError``; `body` may have been called for some by then.
    public mutating func threads(
        _ tids: Span<Int32>, _ body: (_ index: Int, _ account: TaskAccount?) -> Void
    ) throws(AccountingError) {
        try ask(.thread, tids, body)
    }

    /// The account of one process; `nil` where it is gone.
    public mutating func account(ofProcess pid: Int32) throws(AccountingError) -> TaskAccount? {
        try single(.process, pid)
    }

    /// The account of one thread; `nil` where it is gone.
    public mutating func account(ofThread tid: Int32) throws(AccountingError) -> TaskAccount? {
        try single(.thread, tid)
    }

    private mutating func single(_ scope: TaskAccount.Scope, _ id: Int32) throws(AccountingError) -> TaskAccount? {
        var result: TaskAccount?
        let ids = [id]
        try ask(scope, ids.span) { result = $1 }
        return result
    }

    private mutating func ask(
        _ scope: TaskAccount.Scope, _ ids: Span<Int32>, _ body: (Int, TaskAccount?) -> Void
    ) throws(AccountingError) {
        let delaysKnown = Self.delayAccountingEnabled != false
        for start in stride(from: 0, to: ids.count, by: Self.batch) {
            let count = min(Self.batch, ids.count - start)
            var understood = true
            var waiting = count == Self.batch ? UInt64.max : (1 << UInt64(count)) - 1
            // The kernel answers before send returns: what is missing then was dropped, and is asked for again.
            for _ in 0..<3 where waiting != 0 {
                try send(scope, ids, start, waiting)
                try collect(&waiting) { index, bytes, range in
                    let account = range.flatMap { Self.account(bytes, $0, scope, delaysKnown) }
                    // Only a task that is gone has no account; an answer we cannot read must not look like one.
                    if range == nil || account != nil { body(start + index, account) } else { understood = false }
                }
            }
            guard understood else { throw AccountingError(errno: EPROTO) }
            guard waiting == 0 else { throw .lost(errno: ENOBUFS) }
        }
    }

    private mutating func send(
        _ scope: TaskAccount.Scope, _ ids: Span<Int32>, _ start: Int, _ waiting: UInt64
    ) throws(AccountingError) {
        // The answers to an earlier round must not be taken for this one's.
        sequence &+= UInt32(Self.batch)
        request.removeAll(keepingCapacity: true)
        let question = GenericRequest(
            family: channel.family, command: UInt8(TASKSTATS_CMD_GET),
            attribute: UInt16(scope == .process ? TASKSTATS_CMD_ATTR_TGID : TASKSTATS_CMD_ATTR_PID))
        for index in 0..<Self.batch where waiting & (1 << UInt64(index)) != 0 {
            request.append(
                question, sequence: sequence &+ UInt32(index), value: UInt32(bitPattern: ids[start + index]))
        }
        let failure = channel.socket.send(request)
        guard failure == 0 else { throw AccountingError(errno: failure) }
    }

    /// Takes in every answer that is there; `body` gets the payload of an answer, `nil` for a task that is gone.
    private mutating func collect(
        _ waiting: inout UInt64, _ body: (Int, Span<UInt8>, Range<Int>?) -> Void
    ) throws(AccountingError) {
        while waiting != 0 {
            let size = channel.socket.receive(into: &reply)
            if size == -Int(ENOBUFS) { continue }
            if size == -Int(EAGAIN) { return }
            guard size >= 0 else { throw AccountingError(errno: Int32(-size)) }
            let bytes = reply.span
            var offset = 0
            while let message = NetlinkMessage(bytes, at: offset, limit: size) {
                offset = message.end
                let index = message.sequence &- sequence
                guard index < UInt32(Self.batch), waiting & (1 << UInt64(index)) != 0 else { continue }
                var payload = message.genericPayload
                if let errno = message.errno(bytes) {
                    if errno == ENOMEM || errno == ENOBUFS { continue }
                    guard errno == ESRCH else { throw AccountingError(errno: errno) }
                    payload = nil
                } else if payload == nil || message.type != channel.family {
                    continue
                }
                waiting &= ~(1 << UInt64(index))
                body(Int(index), bytes, payload)
            }
        }
    }

    private static func account(
        _ bytes: Span<UInt8>, _ payload: Range<Int>, _ scope: TaskAccount.Scope, _ delaysKnown: Bool
    ) -> TaskAccount? {
        let type = scope == .process ? TASKSTATS_TYPE_AGGR_TGID : TASKSTATS_TYPE_AGGR_PID
        return TaskAccount(aggregate: UInt32(type), bytes, payload, scope: scope, delaysKnown: delaysKnown)
    }
}
