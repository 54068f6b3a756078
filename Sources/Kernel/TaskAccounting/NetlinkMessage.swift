/// The header of one netlink message inside a datagram; every range lies within the datagram.
struct NetlinkMessage {
    static let headerBytes = 16
    /// `NLMSG_ERROR`: an errno instead of an answer, 0 for an acknowledgement.
    static let error: UInt16 = 2

    let type: UInt16
    let sequence: UInt32
    let payload: Range<Int>
    /// Where the next message starts.
    let end: Int

    /// Reads the message at an offset.
    ///
    /// - Returns: `nil` at the end, and where the message does not fit into the datagram.
    init?(_ bytes: Span<UInt8>, at offset: Int, limit: Int) {
        let limit = min(limit, bytes.count)
        guard let length: UInt32 = bytes.number(at: offset, limit: limit),
            let type: UInt16 = bytes.number(at: offset + 4, limit: limit),
            let sequence: UInt32 = bytes.number(at: offset + 8, limit: limit),
            length >= Self.headerBytes, Int(length) <= limit - offset
        else { return nil }
        self.type = type
        self.sequence = sequence
        self.payload = (offset + Self.headerBytes)..<(offset + Int(length))
        self.end = min(offset + (Int(length) + 3) & ~3, limit)
    }
}

/// One attribute of a message or of another attribute.
struct NetlinkAttribute {
    let type: UInt16
    let payload: Range<Int>
    let end: Int

    init?(_ bytes: Span<UInt8>, at offset: Int, limit: Int) {
        let limit = min(limit, bytes.count)
        guard let length: UInt16 = bytes.number(at: offset, limit: limit),
            let type: UInt16 = bytes.number(at: offset + 2, limit: limit),
            length >= 4, Int(length) <= limit - offset
        else { return nil }
        // The two highest bits are NLA_F_NESTED and NLA_F_NET_BYTEORDER.
        self.type = type & 0x3fff
        self.payload = (offset + 4)..<(offset + Int(length))
        self.end = min(offset + (Int(length) + 3) & ~3, limit)
    }

    /// The payload of the first attribute of a type.
    static func find(_ type: UInt32, in bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
        var offset = range.lowerBound
        while let attribute = NetlinkAttribute(bytes, at: offset, limit: range.upperBound) {
            if UInt32(attribute.type) == type { return attribute.payload }
            offset = attribute.end
        }
        return nil
    }
}

extension Span<UInt8> {
    /// An integer in the machine's byte order.
    ///
    /// - Returns: `nil` where it would reach beyond the limit or the bytes.
    func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, limit: Int) -> Number? {
        let end = Swift.min(limit, count)
        guard offset >= 0, offset <= end, end - offset >= MemoryLayout<Number>.size else { return nil }
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self)
    }
}

extension [UInt8] {
    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(number: Number) {
        unsafe Swift.withUnsafeBytes(of: number) { unsafe append(contentsOf: $0) }
    }

    /// Appends a generic netlink request with one attribute.
    mutating func append(_ request: GenericRequest, sequence: UInt32, text: [UInt8]) {
        append(header: request, sequence, valueBytes: text.count)
        append(contentsOf: text)
        while count % 4 != 0 { append(0) }
    }

    /// The same with a number, without an array for it.
    mutating func append(_ request: GenericRequest, sequence: UInt32, value: UInt32) {
        append(header: request, sequence, valueBytes: 4)
        append(number: value)
    }

    private mutating func append(header request: GenericRequest, _ sequence: UInt32, valueBytes: Int) {
        append(number: UInt32(NetlinkMessage.headerBytes + 4 + 4 + (valueBytes + 3) & ~3))
        append(number: request.family)
        // NLM_F_REQUEST, and NLM_F_ACK where the kernel would not answer by itself.
        append(number: (request.acknowledge ? 5 : 1) as UInt16)
        append(number: sequence)
        append(number: 0 as UInt32)
        append(number: request.command)
        append(number: 1 as UInt8)
        append(number: 0 as UInt16)
        append(number: UInt16(4 + valueBytes))
        append(number: request.attribute)
    }
}

/// What a generic netlink request asks, apart from its value.
struct GenericRequest {
    var family: UInt16
    var command: UInt8
    var attribute: UInt16
    var acknowledge = false
}
