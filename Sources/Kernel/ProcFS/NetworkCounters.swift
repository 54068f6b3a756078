/// What network devices carried since boot, loopback left out. Source: `/proc/net/dev`, of the reader's network namespace.
public struct NetworkCounters: Sendable, Hashable, BitwiseCopyable {
    /// Source: receive field 1.
    public var receivedBytes: UInt64 = 0
    /// Source: receive field 2.
    public var receivedPackets: UInt64 = 0
    /// Source: receive fields 3 and 4.
    public var receiveErrors: UInt64 = 0
    /// Source: transmit field 1.
    public var transmittedBytes: UInt64 = 0
    /// Source: transmit field 2.
    public var transmittedPackets: UInt64 = 0
    /// Source: transmit fields 3 and 4.
    public var transmitErrors: UInt64 = 0
    /// Devices that were counted.
    public var devices = 0

    /// No device.
    public init() {}

    /// Parses the file and adds the devices up; nil when a line is cut or the heading is missing.
    public init?(parsing bytes: Span<UInt8>) {
        guard bytes.endsWithNewline, bytes.holds("Inter-|", at: 0) else { return nil }
        self.init()
        var start = bytes.lineEnd(from: bytes.lineEnd(from: 0) + 1) + 1
        while start < bytes.count {
            let end = bytes.lineEnd(from: start)
            var index = start
            bytes.skipBlanks(&index)
            // A device may be named with a colon in it: the last one of the line ends the name.
            var colon = end - 1
            while colon > index, bytes[colon] != UInt8(ascii: ":") { colon -= 1 }
            guard colon > index else { return nil }
            let isLoopback = colon == index + 2 && bytes.holds("lo", at: index)
            if !isLoopback {
                guard add(bytes, colon + 1) else { return nil }
            }
            start = end + 1
        }
    }

    private mutating func add(_ bytes: Span<UInt8>, _ start: Int) -> Bool {
        var index = start
        var values = InlineArray<16, UInt64>(repeating: 0)
        for field in 0..<16 {
            guard let value = bytes.number(.decimal, &index) else { return false }
            values[field] = value
        }
        receivedBytes &+= values[0]
        receivedPackets &+= values[1]
        receiveErrors &+= values[2] &+ values[3]
        transmittedBytes &+= values[8]
        transmittedPackets &+= values[9]
        transmitErrors &+= values[10] &+ values[11]
        devices += 1
        return true
    }
}

extension ProcReader {
    /// Reads `/proc/net/dev`.
    public mutating func networkDevices() -> Reading<NetworkCounters> {
        read(Self.path("net/dev"), .pages(limit: 4 << 20), NetworkCounters.init(parsing:))
    }
}
