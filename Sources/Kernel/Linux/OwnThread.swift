internal import CLinux

/// Threads of our own process, as the kernel numbers them.
public enum OwnThread {
    /// The calling thread. Source: gettid(2).
    public static func current() -> Int32 { cl_gettid() }

    /// Sends a signal to one of them; 0 only asks. Whether it is there.
    ///
    /// The C function is tgkill(2).
    @discardableResult
    public static func send(_ signal: Int32, to tid: Int32) -> Bool { cl_tgkill(getpid(), tid, signal) == 0 }
}
