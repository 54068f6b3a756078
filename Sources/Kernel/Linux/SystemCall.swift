internal import CLinux

/// System calls that must not be interrupted lightly, by number.
enum SystemCall {
    /// Calls that the kernel never repeats of its own accord: stopped in one, a thread sees EINTR without a signal, signal(7).
    static let neverRepeated: Set<Int> = {
        #if arch(x86_64)
        let old = [SYS_epoll_wait]
        #else
        let old: [Int32] = []
        #endif
        let waiting = [
            SYS_epoll_pwait, SYS_epoll_pwait2, SYS_semop, SYS_semtimedop, SYS_rt_sigtimedwait, SYS_io_getevents,
            SYS_io_pgetevents, SYS_io_uring_enter,
        ]
        return Set((old + waiting).map { Int($0) })
    }()

    /// Those, and the calls on sockets, which are not repeated where a time limit was set with SO_RCVTIMEO or SO_SNDTIMEO.
    static let endingWhenStopped: Set<Int> = neverRepeated.union(
        [
            SYS_read, SYS_readv, SYS_recvfrom, SYS_recvmsg, SYS_write, SYS_writev, SYS_sendto, SYS_sendmsg, SYS_accept,
            SYS_accept4,
        ].map { Int($0) })

    /// Calls in which a parent waits for its child to leave its memory, vfork(2): only a fatal signal ends them.
    static let creatingProcesses: Set<Int> = {
        #if arch(x86_64)
        let old = [SYS_vfork]
        #else
        let old: [Int32] = []
        #endif
        return Set((old + [SYS_clone, SYS_clone3]).map { Int($0) })
    }()

    /// The call a thread is blocked in; nil when it is in none, or that may not be known.
    ///
    /// Source: the first word of `/proc/<pid>/task/<tid>/syscall`.
    static func blocking(_ tid: Int32, of pid: Int32) -> Int? {
        guard let file = try? FileDescriptor.open("/proc/\(pid)/task/\(tid)/syscall") else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard let count = try? file.read(into: &bytes) else { return nil }
        var number = 0
        for byte in bytes.prefix(count) {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), number < 10_000 else {
                return byte == UInt8(ascii: " ") ? number : nil
            }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return nil
    }
}
