internal import CLinux

/// Opens the groups of a list of threads, weakening what is asked for where the kernel refuses.
struct CounterOpening {
    /// How often a group that was caught half inherited is tried again.
    static let attempts = 4

    var access: CounterAccess
    var groups: [CounterGroup] = []
    var descriptors: [Int32] = []
    var threads = 0
    /// Hardware events this machine does not have: asked for once, not once a thread.
    private var missing = Set<CounterEvent>()

    private init(access: CounterAccess) { self.access = access }

    /// What stopped the opening of one thread.
    private enum Stop: Error {
        case vanished
        case halfInherited
        case kernelRefused(errno: Int32)
        case threadsOnlyUnknown
        case failed(PerfError)
    }

    static func open(_ threads: [Int32], access: CounterAccess) throws(PerfError) -> CounterOpening {
        var opening = CounterOpening(access: access)
        do {
            for tid in threads { try opening.open(tid) }
        } catch {
            opening.close(from: 0)
            // Each fallback is taken once, so this ends. Everything is opened anew: all threads count alike.
            switch error {
            case .kernelRefused where !access.userOnly:
                return try open(threads, access: CounterAccess(userOnly: true, threadsOnly: access.threadsOnly))
            case .threadsOnlyUnknown where access.threadsOnly:
                return try open(threads, access: CounterAccess(userOnly: access.userOnly, threadsOnly: false))
            case .kernelRefused(let errno): throw refusal(errno)
            case .threadsOnlyUnknown: throw unsupported(EINVAL)
            case .failed(let reason): throw reason
            case .vanished, .halfInherited: throw .gone
            }
        }
        guard opening.threads > 0 else { throw .gone }
        return opening
    }

    /// Opens one thread; one that ended meanwhile is left out.
    private mutating func open(_ tid: Int32) throws(Stop) {
        let (firstGroup, firstDescriptor) = (groups.count, descriptors.count)
        for attempt in 1...Self.attempts {
            do throws(Stop) {
                for events in CounterEvent.groups { try open(events, on: tid) }
                try verify(from: firstGroup)
                threads += 1
                return
            } catch {
                switch error {
                case .vanished:
                    break
                case .halfInherited where attempt < Self.attempts:
                    close(from: firstDescriptor)
                    groups.removeSubrange(firstGroup...)
                    continue
                case .halfInherited:
                    // It starts threads faster than we open: the group stays and counts once it can be read.
                    threads += 1
                    return
                default:
                    throw error
                }
            }
            close(from: firstDescriptor)
            groups.removeSubrange(firstGroup...)
            return
        }
    }

    /// A thread that clones between the opening of a leader and of its members passes on a part of the group, and
    /// the kernel refuses to sum up the two shapes.
    private mutating func verify(from first: Int) throws(Stop) {
        for index in groups.indices[first...] where groups[index].update() == ECHILD { throw .halfInherited }
    }

    private mutating func open(_ events: [CounterEvent], on tid: Int32) throws(Stop) {
        var group: CounterGroup?
        for event in events where !(missing.contains(event) || access.userOnly && event.happensInKernelOnly) {
            var fd = open(event, on: tid, leader: group?.leader ?? -1)
            if fd == -EINVAL, event.isHardware, let full = group {
                // The PMU has no room for one more in this group: the event leads a group of its own.
                groups.append(full)
                group = nil
                fd = open(event, on: tid, leader: -1)
            }
            guard fd >= 0 else {
                if let reason = stop(event, errno: -fd) {
                    throw reason
                }
                missing.insert(event)
                continue
            }
            descriptors.append(fd)
            if group?.add(event) == nil { group = CounterGroup(leader: fd, first: event) }
        }
        if let group { groups.append(group) }
    }

    private func open(_ event: CounterEvent, on tid: Int32, leader: Int32) -> Int32 {
        var attributes = access.attributes(of: event)
        return unsafe cl_perf_event_open(&attributes, tid, leader)
    }

    /// - Returns: `nil` where only this event is missing.
    private func stop(_ event: CounterEvent, errno: Int32) -> Stop? {
        switch errno {
        case ESRCH: .vanished
        case EACCES, EPERM: .kernelRefused(errno: errno)
        case EMFILE, ENFILE: .failed(Self.exhausted(errno))
        case ENOENT, EOPNOTSUPP, ENODEV, EINVAL, ENOSPC, EBUSY, E2BIG:
            event.isHardware ? nil : errno == EINVAL ? .threadsOnlyUnknown : .failed(Self.unsupported(errno))
        default: .failed(Self.unsupported(errno))
        }
    }

    private mutating func close(from first: Int) {
        for fd in descriptors[first...] { _ = CLinux.close(fd) }
        descriptors.removeSubrange(first...)
    }

    private static func refusal(_ errno: Int32) -> PerfError {
        .refused(
            errno: errno,
            remedy: "run as root or as the owner of the process, or grant CAP_PERFMON; "
                + "some hosts also need sysctl kernel.perf_event_paranoid=2, "
                + "a container needs perf_event_open in its seccomp profile")
    }

    private static func exhausted(_ errno: Int32) -> PerfError {
        .refused(errno: errno, remedy: "raise the limit of open files (ulimit -n): a thread needs 5 to 11 descriptors")
    }

    private static func unsupported(_ errno: Int32) -> PerfError {
        .unsupported(errno: errno, remedy: "the kernel needs CONFIG_PERF_EVENTS")
    }
}
