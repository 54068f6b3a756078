internal import CLinux

/// A non-blocking socket that hears what the process connector tells its listeners.
struct ConnectorSocket: ~Copyable {
    let fd: Int32
    /// Whether the kernel keeps back what concerns no process, so that gaps in its numbering mean nothing.
    let isFiltered: Bool

    /// Opens the socket and subscribes.
    ///
    /// - Parameters:
    ///   - receiveBufferBytes: What the kernel may queue between two drains.
    ///   - processesOnly: Asks the kernel to keep back what ``EventFilter`` keeps back; where it cannot, all is heard.
    ///   - nonce: A number of this order's own: every listener hears every acknowledgement.
    init(receiveBufferBytes: Int32, processesOnly: Bool, nonce: UInt32) throws(ProcessEventError) {
        let fd = cl_netlink_socket(NETLINK_CONNECTOR)
        guard fd >= 0 else { throw ProcessEventError(errno: -fd) }
        if cl_force_receive_buffer(fd, receiveBufferBytes) < 0 {
            // Without CAP_NET_ADMIN the system's limit applies.
            _ = cl_set_receive_buffer(fd, receiveBufferBytes)
        }
        // Without the numbering, losses are known only where the kernel counts them for the socket.
        let isFiltered = processesOnly && cl_socket_drops(fd) >= 0 && EventFilter.attach(to: fd)
        // Multicast group n is bit n - 1.
        var failure = -cl_netlink_bind(fd, 1 << UInt32(CN_IDX_PROC - 1))
        if failure == 0 { failure = Self.order(fd, PROC_CN_MCAST_LISTEN, nonce) }
        if failure == 0 { failure = Self.acknowledgement(fd, nonce) }
        guard failure == 0 else {
            _ = close(fd)
            throw ProcessEventError(errno: failure)
        }
        self.fd = fd
        self.isFiltered = isFiltered
    }

    deinit {
        // Kernels before 6.6 count listeners, and do not notice one that just closes its socket.
        _ = Self.order(fd, PROC_CN_MCAST_IGNORE, 0)
        _ = close(fd)
    }

    /// How many messages found no room since the socket was opened, as the kernel counts them; it starts anew at 2^32.
    var drops: UInt32 { UInt32(truncatingIfNeeded: max(0, cl_socket_drops(fd))) }

    /// Receives one datagram of the kernel's.
    ///
    /// - Returns: Its length, or -errno; EAGAIN where there is none, EMSGSIZE where it is longer than the buffer.
    func receive(into buffer: inout [UInt8]) -> Int { Self.receive(fd, into: &buffer) }

    private static func receive(_ fd: Int32, into buffer: inout [UInt8]) -> Int {
        while true {
            var sender: UInt32 = 0
            let size = unsafe buffer.withUnsafeMutableBytes {
                unsafe cl_netlink_receive(fd, $0.baseAddress, $0.count, &sender)
            }
            if size == -Int(EINTR) { continue }
            if size >= 0, sender != 0 { continue }
            return size > buffer.count ? -Int(EMSGSIZE) : size
        }
    }

    /// - Returns: 0, or the errno.
    private static func order(_ fd: Int32, _ operation: proc_cn_mcast_op, _ nonce: UInt32) -> Int32 {
        var message: [UInt8] = []
        func append<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
            unsafe withUnsafeBytes(of: number) { unsafe message.append(contentsOf: $0) }
        }
        append(40 as UInt32)  // nlmsghdr: 16 + 20 + 4 bytes
        append(3 as UInt16)  // NLMSG_DONE
        append(0 as UInt16)
        append(nonce)
        append(0 as UInt32)
        append(UInt32(CN_IDX_PROC))  // cn_msg
        append(UInt32(CN_VAL_PROC))
        append(0 as UInt32)
        append(nonce)  // the kernel answers with this number and one
        append(4 as UInt16)
        append(0 as UInt16)
        append(operation.rawValue)
        let sent = unsafe message.withUnsafeBytes { unsafe cl_netlink_send(fd, $0.baseAddress, $0.count) }
        return sent < 0 ? Int32(-sent) : 0
    }

    /// What the kernel says to the subscription: 0, or an errno; ETIMEDOUT where it says nothing.
    ///
    /// It answers before the order's send returns, so the answer is already queued. Events that come before it are
    /// dropped: nobody waits for them yet.
    private static func acknowledgement(_ fd: Int32, _ nonce: UInt32) -> Int32 {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let size = receive(fd, into: &buffer)
            if size == -Int(ENOBUFS) { continue }
            if size == -Int(EAGAIN) { return ETIMEDOUT }
            guard size >= 0 else { return Int32(-size) }
            var offset = 0
            while let message = ConnectorMessage(buffer.span, at: offset, limit: size) {
                offset = message.end
                if case .acknowledgement(let errno) = message.body, message.acknowledges == nonce &+ 1 { return errno }
            }
        }
    }
}
