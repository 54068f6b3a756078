/// What an argument of a system call means, and how much memory belongs to it.
public struct ArgumentKind: Sendable {
    /// The decoder's word for it.
    enum Base: String {
        // Numbers.
        case int, uint, long, ulong, size, offset, hex, octal, address, uid, pid, signal, timer, timeout, ticks, none
        case hexOffset = "hex-offset"
        case signalNumber = "signal-number"
        case ipcKey = "ipc-key"
        case flags
        case choice = "enum"
        // Numbers with rules of their own.
        case fd, dirfd, mode, scheduler, personality
        case fileMode = "file-mode"
        case device
        case mapFlags = "map-flags"
        case ipcFlags = "ipc-flags"
        case cloneFlags = "clone-flags"
        case semctlCommand = "semctl-command"
        case socketProtocol = "protocol"
        case socketOption = "socket-option"
        case timerMode = "timer-mode"
        case waitId = "wait-id"
        case ioctlRequest = "ioctl-request"
        case ioctlArgument = "ioctl-argument"
        case fcntlArgument = "fcntl-argument"
        case fcntlResult = "fcntl-result"
        case prctlArgument = "prctl-argument"
        case prctlRest = "prctl-rest"
        case seccompArgument = "seccomp-argument"
        case futexOperation = "futex-operation"
        case futexValue = "futex-value"
        case futexTimeout = "futex-timeout"
        case futexSecond = "futex-second"
        case futexThird = "futex-third"
        case mremapAddress = "mremap-address"
        case processor
        case membarrierResult = "membarrier-result"
        // Memory.
        case random
        case path, text, texts, variables, data, vectors, message, messages, sockaddr, ints, uints, uids, length,
            mincore
        case vectorsOnly = "vectors-only"
        case returnedMask = "returned-mask"
        case cloneParent = "clone-parent"
        case archArgument = "arch-argument"
        case timerId = "timer-id"
        case pair
        case longValue = "long-value"
        case addressValue = "address-value"
        case offsets
        case pollfds, fdset, sembufs, timevals, utimespecs, dirents, dirents64, sigset, sigaction, siginfo, stack,
            sigevent, cpuset
        case epollEvents = "epoll-events"
        case epollEvent = "epoll-event"
        case waitStatus = "wait-status"
        case optionValue = "option-value"
        case schedParam = "sched-param"
        case capabilityHeader = "capability-header"
        case capabilities
        case pselectMask = "pselect-mask"
        case perfAttribute = "perf-attribute"
        case ioUringParameters = "io-uring-parameters"
        case cloneArguments = "clone-arguments"
        case structure
    }

    /// When its memory is read.
    struct Moments: OptionSet {
        let rawValue: UInt8
        static let entry = Moments(rawValue: 1)
        static let exit = Moments(rawValue: 2)
        static let failedToo = Moments(rawValue: 4)
    }

    /// How many there are in memory.
    enum Count: Equatable {
        case one
        case argument(Int)
        case pointedBy(Int)
        case result
    }

    var base: Base
    var moments: Moments = .entry
    var count: Count = .one
    /// Of `flags` and `enum`: which constants.
    var constants: Int?
    /// Of a structure: which one.
    var structure: Int?
    /// Another argument that says what this one is.
    var other: Int?
}

extension ArgumentKind {
    /// Parses a word of system-call-kinds.txt.
    init?(parsing word: Substring, _ constants: ConstantSets, _ structures: Structures) {
        var rest = word
        var moments = Moments.entry
        if rest.hasPrefix("<>") {
            moments = [.entry, .exit]
            rest = rest.dropFirst(2)
        } else if rest.hasPrefix(">") {
            moments = .exit
            rest = rest.dropFirst()
        } else if rest.hasPrefix("!") {
            moments = [.exit, .failedToo]
            rest = rest.dropFirst()
        }
        var count = Count.one
        if rest.hasSuffix("]"), let open = rest.firstIndex(of: "[") {
            let inside = rest[rest.index(after: open)...].dropLast()
            rest = rest[..<open]
            if inside == "result" {
                count = .result
            } else if inside.hasPrefix("*"), let place = Int(inside.dropFirst()) {
                count = .pointedBy(place)
            } else if let place = Int(inside) {
                count = .argument(place)
            } else {
                return nil
            }
        }
        var other: Int?
        if let mark = rest.firstIndex(of: "?") {
            other = Int(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        var set: Int?
        if let colon = rest.firstIndex(of: ":") {
            guard let found = constants.number(of: String(rest[rest.index(after: colon)...])) else { return nil }
            set = found
            rest = rest[..<colon]
        }
        if rest == "ipc-flags" { set = set ?? constants.number(of: "ipc-flags") }
        if let base = Base(rawValue: String(rest)) {
            self.init(base: base, moments: moments, count: count, constants: set, other: other)
        } else if let structure = structures.number(of: String(rest)) {
            self.init(base: .structure, moments: moments, count: count, structure: structure, other: other)
        } else {
            return nil
        }
    }

    /// What an argument is of which only the C type and the name are known.
    init(type: String, name: String) {
        let base: Base =
            switch (type, name) {
            case ("const char *", "filename"), ("const char *", "pathname"), ("const char *", "path"),
                ("const char *", "oldname"), ("const char *", "newname"):
                .path
            case ("const char *", _): .text
            case (_, "fd"), (_, "dfd"): name == "dfd" ? .dirfd : .fd
            case ("size_t", _): .size
            case ("umode_t", _): .octal
            case ("loff_t", _), ("off_t", _): .offset
            case ("unsigned int", _), ("u32", _), ("__u32", _): .uint
            case ("unsigned long", _): .hex
            default: type.hasSuffix("*") || type.hasSuffix("_t *") ? .address : .int
            }
        self.init(base: base)
    }
}
