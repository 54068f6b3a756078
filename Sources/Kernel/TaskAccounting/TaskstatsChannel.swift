internal import CLinux

/// A socket on which the kernel is known to answer taskstats requests of this process.
struct TaskstatsChannel: ~Copyable {
    let socket: NetlinkSocket
    let family: UInt16

    /// Opens the socket, and sends one order to see whether it is allowed.
    ///
    /// - Parameters:
    ///   - attribute: The order: an attribute of `TASKSTATS_CMD_GET`.
    ///   - value: Its value.
    init(receiveBufferBytes: Int32, attribute: Int, value: [UInt8]) throws(AccountingError) {
        let socket = try NetlinkSocket(family: NETLINK_GENERIC, receiveBufferBytes: receiveBufferBytes)
        let family = try Self.family(socket)
        let order = GenericRequest(
            family: family, command: UInt8(TASKSTATS_CMD_GET), attribute: UInt16(attribute), acknowledge: true)
        var request: [UInt8] = []
        request.append(order, sequence: 2, text: value)
        var failure = socket.send(request)
        if failure == 0 { failure = Self.acknowledgement(socket) }
        guard failure == 0 else { throw AccountingError(errno: failure) }
        self.socket = socket
        self.family = family
    }

    /// Asks generic netlink for the number it gave to the taskstats family.
    private static func family(_ socket: borrowing NetlinkSocket) throws(AccountingError) -> UInt16 {
        let question = GenericRequest(
            family: UInt16(GENL_ID_CTRL), command: UInt8(CTRL_CMD_GETFAMILY), attribute: UInt16(CTRL_ATTR_FAMILY_NAME))
        var request: [UInt8] = []
        request.append(question, sequence: 1, text: Array(TASKSTATS_GENL_NAME.utf8) + [0])
        let failure = socket.send(request)
        guard failure == 0 else { throw AccountingError(errno: failure) }
        var reply = [UInt8](repeating: 0, count: 16_384)
        let size = socket.receive(into: &reply)
        guard size >= 0 else { throw AccountingError(errno: Int32(-size)) }
        let bytes = reply.span
        guard let message = NetlinkMessage(bytes, at: 0, limit: size) else { throw AccountingError(errno: EPROTO) }
        if let errno = message.errno(bytes) { throw AccountingError(errno: errno) }
        guard message.type == UInt16(GENL_ID_CTRL), let attributes = message.genericPayload,
            let value = NetlinkAttribute.find(UInt32(CTRL_ATTR_FAMILY_ID), in: bytes, attributes),
            let family: UInt16 = bytes.number(at: value.lowerBound, limit: value.upperBound)
        else { throw AccountingError(errno: EPROTO) }
        return family
    }

    /// What the kernel says to the order: 0, or an errno.
    ///
    /// Answers and exit records that come before the acknowledgement are dropped: nobody waits for them yet.
    private static func acknowledgement(_ socket: borrowing NetlinkSocket) -> Int32 {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let size = socket.receive(into: &buffer)
            if size == -Int(ENOBUFS) { continue }
            guard size >= 0 else { return Int32(-size) }
            let bytes = buffer.span
            if let errno = NetlinkMessage(bytes, at: 0, limit: size)?.errno(bytes) { return errno }
        }
    }
}

extension NetlinkMessage {
    /// The errno of an `NLMSG_ERROR`, 0 for an acknowledgement; `nil` for every other message.
    func errno(_ bytes: Span<UInt8>) -> Int32? {
        guard type == Self.error else { return nil }
        let error: Int32? = bytes.number(at: payload.lowerBound, limit: payload.upperBound)
        return 0 &- (error ?? -EPROTO)
    }

    /// The attributes behind the generic netlink header; `nil` where not even that fits.
    var genericPayload: Range<Int>? {
        payload.count >= 4 ? (payload.lowerBound + 4)..<payload.upperBound : nil
    }
}

extension TaskAccount {
    /// Reads the account inside one of a message's aggregates; `nil` where it is missing or too short.
    init?(aggregate: UInt32, _ bytes: Span<UInt8>, _ attributes: Range<Int>, scope: Scope, delaysKnown: Bool) {
        guard let nested = NetlinkAttribute.find(aggregate, in: bytes, attributes),
            let stats = NetlinkAttribute.find(UInt32(TASKSTATS_TYPE_STATS), in: bytes, nested)
        else { return nil }
        self.init(bytes, stats, scope: scope, delaysKnown: delaysKnown)
    }
}
