internal import Linux
internal import ProcFS
public import SystemCalls

/// What the descriptors of traced processes are: read when they are first seen, and followed by what the processes do to them.
///
/// Events are a little late: a descriptor that was closed since may be another one by now. What is known from its opening comes first.
public final class DescriptorNames {
    private struct Key: Hashable {
        var pid: Int32, descriptor: Int32
    }

    /// What a call does to a descriptor.
    private enum Effect {
        /// Its result is a new one, of the path of an argument.
        case opens(path: Int, directory: Int?)
        /// Its result is a new one.
        case makes
        /// Its result is a connection to whom an argument names.
        case accepts
        /// A new one, of which an argument is the number.
        case replaces(Int)
        /// What the argument is changes.
        case changes
        case closes
        case closesRange
        /// All may be others.
        case changesAll
    }

    private let effects: [Int32: Effect]
    private var reader: ProcReader
    private var names: [Key: [UInt8]] = [:]
    private var sockets: [UInt64: String] = [:]
    private var nextSockets: UInt64 = 0

    /// Knows nothing yet.
    ///
    /// - Throws: when /proc cannot be opened.
    public init(_ table: SystemCallTable = .native) throws {
        reader = try ProcReader()
        var effects: [Int32: Effect] = [:]
        func add(_ names: String, _ effect: Effect) {
            for name in names.split(separator: " ") {
                if let number = table.number(of: String(name)) { effects[number] = effect }
            }
        }
        add("open creat", .opens(path: 0, directory: nil))
        add("openat openat2", .opens(path: 1, directory: 0))
        add("accept accept4", .accepts)
        add("socket dup eventfd eventfd2 epoll_create epoll_create1 signalfd signalfd4", .makes)
        add("timerfd_create inotify_init inotify_init1 memfd_create pidfd_open fcntl userfaultfd bpf", .makes)
        add("perf_event_open io_uring_setup pidfd_getfd", .makes)
        add("dup2 dup3", .replaces(1))
        add("connect bind listen", .changes)
        add("close", .closes)
        add("close_range", .closesRange)
        add("execve execveat pipe pipe2 socketpair recvmsg", .changesAll)
        self.effects = effects
    }

    /// Reads what a process has open now: later it may be closed when its events arrive.
    public func learn(_ pid: Int32) {
        var descriptors: [Int32] = []
        guard reader.listDescriptors(of: pid, into: &descriptors) else { return }
        // Of more than that, those are read that appear.
        for descriptor in descriptors.prefix(4096) { _ = name(pid, descriptor) }
    }

    /// Takes notice of an event before it is shown: what it makes is known then.
    public func begin(_ event: SyscallEvent) {
        if event.kind == .birth, event.number != event.pid {
            // It has what its parent has.
            for (key, name) in names where key.pid == event.pid {
                names[Key(pid: event.number, descriptor: key.descriptor)] = name
            }
            return
        }
        guard event.kind == .call, event.error == nil, let effect = effects[event.number] else { return }
        let made = Key(pid: event.pid, descriptor: Int32(truncatingIfNeeded: event.result))
        switch effect {
        case .opens(let path, let directory): names[made] = self.path(event, path, directory)
        case .makes: names[made] = nil
        case .accepts: names[made] = connection(event)
        case .replaces(let argument):
            names[Key(pid: event.pid, descriptor: Int32(truncatingIfNeeded: event.arguments[argument]))] = nil
        case .changes:
            names[Key(pid: event.pid, descriptor: Int32(truncatingIfNeeded: event.arguments[0]))] = nil
            nextSockets = 0
        case .changesAll:
            for (key, _) in names where key.pid == event.pid && key.descriptor > 2 { names[key] = nil }
        case .closes, .closesRange: break
        }
    }

    /// Takes notice of an event after it was shown: what it took away is gone then.
    public func end(_ event: SyscallEvent) {
        if event.kind == .end, event.tid == event.pid {
            names = names.filter { $0.key.pid != event.pid }
            return
        }
        guard event.kind == .call, let effect = effects[event.number] else { return }
        switch effect {
        case .closes: names[Key(pid: event.pid, descriptor: Int32(truncatingIfNeeded: event.arguments[0]))] = nil
        case .closesRange: names = names.filter { $0.key.pid != event.pid }
        default: break
        }
    }

    /// What a descriptor is; nil where that is not known any more. -100 is the working directory.
    public func name(_ pid: Int32, _ descriptor: Int32) -> [UInt8]? {
        let key = Key(pid: pid, descriptor: descriptor)
        if let known = names[key] { return known }
        if names.count > 100_000 { names.removeAll() }
        let link = descriptor == -100 ? reader.link(pid, .workingDirectory) : reader.descriptor(pid, descriptor)
        guard case .value(let bytes) = link else { return nil }
        let name = socket(bytes, pid) ?? bytes
        // Where it is may change at any time, and no event of ours says so.
        if descriptor != -100 { names[key] = name }
        return name
    }

    private func path(_ event: SyscallEvent, _ argument: Int, _ directory: Int?) -> [UInt8]? {
        guard let path = event.text(of: argument), let first = path.first else { return nil }
        if first == UInt8(ascii: "/") { return path }
        let place = directory.map { Int32(truncatingIfNeeded: event.arguments[$0]) } ?? -100
        return name(event.pid, place).map { ($0.last == UInt8(ascii: "/") ? $0 : $0 + [UInt8(ascii: "/")]) + path }
    }

    /// A connection that was accepted: it may be over before anybody looks at it.
    private func connection(_ event: SyscallEvent) -> [UInt8]? {
        guard let peer = event.internetAddress(of: 1) else { return nil }
        let listener = name(event.pid, Int32(truncatingIfNeeded: event.arguments[0])) ?? []
        let words = listener.split(separator: UInt8(ascii: " "))
        guard words.count == 3, words[2].elementsEqual("listening".utf8) else { return nil }
        return Array("tcp ".utf8) + words[1] + Array("→\(peer)".utf8)
    }

    /// Addresses of a socket, where it still has them.
    private func socket(_ link: [UInt8], _ pid: Int32) -> [UInt8]? {
        let text = String(decoding: link, as: UTF8.self)
        guard text.hasPrefix("socket:["), let inode = UInt64(text.dropFirst(8).dropLast()) else { return nil }
        // A socket that is not in the list is asked for again, but not with each event.
        let now = KernelClock.monotonicNanoseconds()
        if sockets[inode] == nil, now >= nextSockets {
            sockets = reader.socketTexts(of: pid)
            nextSockets = now + 50_000_000
        }
        return sockets[inode].map { Array($0.utf8) }
    }
}
