internal import CLinux

/// One message of the process connector: `nlmsghdr`, `cn_msg` and `proc_event` one behind the other.
struct ConnectorMessage {
    /// What it says.
    enum Body: Equatable {
        case event(ProcessEvent)
        /// The answer to our own or another listener's order: 0 or an errno.
        case acknowledgement(errno: Int32)
        /// An event that viv does not need; its number counts for the gaps.
        case other
    }

    let cpu: UInt32
    /// Its number among the messages of its CPU, acknowledgements included.
    let sequence: UInt32
    /// For an acknowledgement: the number of the order, and one.
    let acknowledges: UInt32
    let body: Body
    /// Where the next message of the datagram starts.
    let end: Int

    private static let netlinkHeaderBytes = 16
    private static let connectorHeaderBytes = 20
    private static let eventHeaderBytes = 16

    /// Reads the message at an offset.
    ///
    /// - Returns: `nil` at the end, and where a length is false or the message is not the process connector's.
    init?(_ bytes: Span<UInt8>, at offset: Int, limit: Int) {
        let limit = min(limit, bytes.count)
        guard let length: UInt32 = bytes.number(at: offset, limit: limit),
            Int(length) <= limit - offset,
            Int(length) >= Self.netlinkHeaderBytes + Self.connectorHeaderBytes + Self.eventHeaderBytes
        else { return nil }
        end = min(offset + (Int(length) + 3) & ~3, limit)
        let connector = offset + Self.netlinkHeaderBytes
        let event = connector + Self.connectorHeaderBytes
        guard let index: UInt32 = bytes.number(at: connector, limit: limit), index == UInt32(CN_IDX_PROC),
            let value: UInt32 = bytes.number(at: connector + 4, limit: limit), value == UInt32(CN_VAL_PROC),
            let sequence: UInt32 = bytes.number(at: connector + 8, limit: limit),
            let acknowledges: UInt32 = bytes.number(at: connector + 12, limit: limit),
            let eventLength: UInt16 = bytes.number(at: connector + 16, limit: limit),
            Int(eventLength) <= offset + Int(length) - event,
            let what: UInt32 = bytes.number(at: event, limit: event + Int(eventLength)),
            let cpu: UInt32 = bytes.number(at: event + 4, limit: event + Int(eventLength)),
            let time: UInt64 = bytes.number(at: event + 8, limit: event + Int(eventLength))
        else { return nil }
        self.cpu = cpu
        self.sequence = sequence
        self.acknowledges = acknowledges
        let data = (event + Self.eventHeaderBytes)..<(event + Int(eventLength))
        guard let body = Self.body(what, time, bytes, data) else { return nil }
        self.body = body
    }

    private static func body(_ what: UInt32, _ time: UInt64, _ bytes: Span<UInt8>, _ data: Range<Int>) -> Body? {
        func word(_ index: Int) -> Int32? { bytes.number(at: data.lowerBound + index * 4, limit: data.upperBound) }
        func task(_ index: Int) -> EventTask? {
            guard let tid = word(index), let pid = word(index + 1) else { return nil }
            return EventTask(pid: pid, tid: tid)
        }
        switch what {
        case PROC_EVENT_NONE.rawValue:
            return word(0).map { .acknowledgement(errno: $0) }
        case PROC_EVENT_FORK.rawValue:
            guard let parent = task(0), let child = task(2) else { return nil }
            return .event(.fork(parent: parent, child: child, monotonicNanoseconds: time))
        case PROC_EVENT_EXEC.rawValue:
            return task(0).map { .event(.exec($0, monotonicNanoseconds: time)) }
        case PROC_EVENT_COMM.rawValue:
            guard let task = task(0) else { return nil }
            let name = text(bytes, (data.lowerBound + 8)..<data.upperBound)
            return .event(.comm(task, name: name, monotonicNanoseconds: time))
        case PROC_EVENT_EXIT.rawValue:
            guard let task = task(0), let status = word(2), let signal = word(3) else { return nil }
            // 0 is what the kernel leaves there where the process was reaped meanwhile.
            let parent = word(5).flatMap { $0 > 0 ? $0 : nil }
            let exit = EventExit(
                status: ExitStatus(waitStatus: UInt32(bitPattern: status)),
                parentSignal: signal >= 0 ? signal : nil, parentPid: parent)
            return .event(.exit(task, exit, monotonicNanoseconds: time))
        default:
            return .other
        }
    }

    /// At most the 16 bytes of a name, up to the first 0; invalid UTF-8 is replaced.
    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        var name: [UInt8] = []
        for index in range.prefix(16) where index < bytes.count {
            guard bytes[index] != 0 else { break }
            name.append(bytes[index])
        }
        return String(decoding: name, as: UTF8.self)
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
