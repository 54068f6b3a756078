internal import CLinux

/// A classic BPF program that keeps births and ends of threads, renamings and the like from ever waking the listener.
///
/// A service that starts a thread for each request would cost viv two wake-ups a request otherwise. What it does not
/// understand it lets through: an unknown length, two messages in one datagram, another connector's message.
///
/// The C interface is setsockopt(2) with SO_ATTACH_FILTER.
enum EventFilter {
    /// Where the message of a connector starts, and the event in it: behind `nlmsghdr`, and behind `cn_msg`.
    private static let (connector, event) = (UInt32(16), UInt32(36))
    /// Where what an event tells starts: behind `what`, `cpu` and `timestamp_ns`.
    private static let data = event + 16
    /// Bytes of a message up to the last field the program looks at, the child's process of a fork.
    private static let shortest = data + 16
    /// From this length on a datagram could hold two messages.
    private static let longest = 2 * (event + UInt32(MemoryLayout<proc_event>.size))

    /// The program. Jumps lead to the names of ``Step``, so that none has to be counted.
    static var program: [sock_filter] {
        let steps: [(label: String?, step: Step)] = [
            (nil, .loadLength),
            (nil, .unlessAtLeast(shortest, "accept")),
            (nil, .ifAtLeast(longest, "accept")),
            (nil, .load(connector)),
            (nil, .unlessEqual(UInt32(CN_IDX_PROC), "accept")),
            (nil, .load(event)),
            (nil, .ifEqual(PROC_EVENT_NONE.rawValue, "accept")),
            (nil, .ifEqual(PROC_EVENT_EXEC.rawValue, "accept")),
            (nil, .ifEqual(PROC_EVENT_FORK.rawValue, "fork")),
            (nil, .unlessEqual(PROC_EVENT_EXIT.rawValue, "drop")),
            // The thread that ended, and its process.
            (nil, .load(data)), (nil, .keep), (nil, .load(data + 4)), (nil, .ifSame("accept")),
            (nil, .unlessSame("drop")),
            // The child, and its process; before them stands the parent.
            ("fork", .load(data + 8)), (nil, .keep), (nil, .load(data + 12)), (nil, .ifSame("accept")),
            ("drop", .give(0)),
            ("accept", .give(.max)),
        ]
        return steps.indices.map { index in
            steps[index].step.instruction { label in
                let target = steps.firstIndex { $0.label == label } ?? index
                return UInt8(target - index - 1)
            }
        }
    }

    /// Attaches the program to a socket; false where the kernel does not take it.
    static func attach(to fd: Int32) -> Bool {
        let program = program
        return unsafe program.withUnsafeBufferPointer {
            unsafe cl_attach_filter(fd, $0.baseAddress, UInt16($0.count))
        } == 0
    }
}

/// One instruction, with jumps by name.
private enum Step {
    /// The length of the datagram.
    case loadLength
    /// Four bytes of it. The program sees them as a number with the highest byte first, whatever the machine's order.
    case load(UInt32)
    /// Puts the number aside for a comparison.
    case keep
    case ifAtLeast(UInt32, String)
    case unlessAtLeast(UInt32, String)
    case ifEqual(UInt32, String)
    case unlessEqual(UInt32, String)
    case ifSame(String)
    case unlessSame(String)
    /// How many bytes of the datagram to let through.
    case give(UInt32)

    /// - Parameter distance: How far behind the next instruction a label is.
    func instruction(_ distance: (String) -> UInt8) -> sock_filter {
        func make(_ code: Int32, _ value: UInt32 = 0, yes: UInt8 = 0, no: UInt8 = 0) -> sock_filter {
            sock_filter(code: UInt16(code), jt: yes, jf: no, k: value)
        }
        switch self {
        case .loadLength: return make(BPF_LD | BPF_W | BPF_LEN)
        case .load(let offset): return make(BPF_LD | BPF_W | BPF_ABS, offset)
        case .keep: return make(BPF_MISC | BPF_TAX)
        case .ifAtLeast(let number, let label): return make(BPF_JMP | BPF_JGE | BPF_K, number, yes: distance(label))
        case .unlessAtLeast(let number, let label): return make(BPF_JMP | BPF_JGE | BPF_K, number, no: distance(label))
        case .ifEqual(let number, let label):
            return make(BPF_JMP | BPF_JEQ | BPF_K, number.bigEndian, yes: distance(label))
        case .unlessEqual(let number, let label):
            return make(BPF_JMP | BPF_JEQ | BPF_K, number.bigEndian, no: distance(label))
        case .ifSame(let label): return make(BPF_JMP | BPF_JEQ | BPF_X, yes: distance(label))
        case .unlessSame(let label): return make(BPF_JMP | BPF_JEQ | BPF_X, no: distance(label))
        case .give(let bytes): return make(BPF_RET | BPF_K, bytes)
        }
    }
}
