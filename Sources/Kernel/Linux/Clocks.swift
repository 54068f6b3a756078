internal import CLinux

/// Clocks and constants of this machine.
public enum KernelClock {
    /// Time since an arbitrary moment, standing still while the machine sleeps. Source: CLOCK_MONOTONIC.
    public static func monotonicNanoseconds() -> UInt64 { nanoseconds(CLOCK_MONOTONIC) }

    /// Time since boot, sleep included: the scale of `startTicks`. Source: CLOCK_BOOTTIME.
    public static func bootNanoseconds() -> UInt64 { nanoseconds(CLOCK_BOOTTIME) }

    /// CPU time of this process, all threads. Source: CLOCK_PROCESS_CPUTIME_ID.
    public static func processCPUNanoseconds() -> UInt64 { nanoseconds(CLOCK_PROCESS_CPUTIME_ID) }

    /// CPU time of the calling thread. Source: CLOCK_THREAD_CPUTIME_ID.
    public static func threadCPUNanoseconds() -> UInt64 { nanoseconds(CLOCK_THREAD_CPUTIME_ID) }

    /// Time of day. Unit: seconds of the epoch. Source: CLOCK_REALTIME.
    public static func realtimeSeconds() -> Double { Double(realtimeNanoseconds()) / 1e9 }

    /// The same moment. Unit: nanoseconds.
    public static func realtimeNanoseconds() -> UInt64 { nanoseconds(CLOCK_REALTIME) }

    /// Clock ticks per second of the times in /proc. Source: sysconf(3), `_SC_CLK_TCK`.
    public static let ticksPerSecond = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))

    private static func nanoseconds(_ clock: Int32) -> UInt64 {
        var time = timespec()
        // These clocks exist on every kernel this builds for: a failure would be our own mistake.
        guard unsafe cl_clock_gettime(clock, &time) == 0 else { fatalError("clock \(clock) is missing") }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// What this machine is.
public enum Machine {
    /// Bytes of a page. Source: sysconf(3), `_SC_PAGESIZE`.
    public static let pageSize = UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))

    /// Processors that are online now; cgroup limits do not change it. Source: sysconf(3), `_SC_NPROCESSORS_ONLN`.
    public static func onlineCPUs() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Name of the host. Source: uname(2), `nodename`.
    public static func hostName() -> String { names().host }

    /// Release of the running kernel, such as `6.1.0-18-amd64`. Source: uname(2), `release`.
    public static func kernelRelease() -> String { names().release }

    /// Effective user of this process. Source: geteuid(2).
    public static func effectiveUser() -> UInt32 { geteuid() }

    /// Pid of this process. Source: getpid(2).
    public static func ownPid() -> Int32 { getpid() }

    private static func names() -> (host: String, release: String) {
        var names = utsname()
        guard unsafe cl_uname(&names) == 0 else { return ("", "") }
        return (text(of: names.nodename), text(of: names.release))
    }

    /// The characters before the first NUL of a C array, which Swift sees as a tuple.
    private static func text<Characters: BitwiseCopyable>(of characters: Characters) -> String {
        unsafe withUnsafeBytes(of: characters) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
