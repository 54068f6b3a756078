internal import CLinux

/// A non-blocking netlink socket that listens to the kernel only.
struct NetlinkSocket: ~Copyable {
    let fd: Int32

    /// - Parameter receiveBufferBytes: What the kernel may queue; it counts about 2 KB for a small message.
    init(family netlinkProtocol: Int32, receiveBufferBytes: Int32) throws(AccountingError) {
        let fd = cl_netlink_socket(netlinkProtocol)
        guard fd >= 0 else { throw AccountingError(errno: -fd) }
        if cl_force_receive_buffer(fd, receiveBufferBytes) < 0 {
            // Without CAP_NET_ADMIN the system's limit applies.
            _ = cl_set_receive_buffer(fd, receiveBufferBytes)
        }
        let bound = cl_netlink_bind(fd, 0)
        guard bound == 0 else {
            _ = close(fd)
            throw AccountingError(errno: -bound)
        }
        self.fd = fd
    }

    deinit { _ = close(fd) }

    /// - Returns: 0, or the errno.
    func send(_ bytes: [UInt8]) -> Int32 {
        let sent = unsafe bytes.withUnsafeBytes { unsafe cl_netlink_send(fd, $0.baseAddress, $0.count) }
        return sent < 0 ? Int32(-sent) : 0
    }

    /// Receives one datagram of the kernel's.
    ///
    /// - Returns: Its length, or -errno; EAGAIN where there is none, EMSGSIZE where it is longer than the buffer.
    func receive(into buffer: inout [UInt8]) -> Int {
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
}
