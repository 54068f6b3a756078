internal import CLinux

/// Gives a process or thread another nice value, -20 to 19.
///
/// The C function is setpriority(2).
/// - Throws: `Errno.noSuchProcess`; `Errno.permissionDenied` when it is lowered without CAP_SYS_NICE; `Errno.operationNotPermitted`.
public func renice(_ pid: Int32, to value: Int32) throws(Errno) {
    _ = try Errno.check(cl_set_nice(pid, value))
}

/// The nice value of a process or thread.
///
/// The C function is getpriority(2).
public func nice(of pid: Int32) throws(Errno) -> Int32 {
    20 - (try Errno.check(cl_get_priority(pid)))
}

/// Class and level by which a task's disk requests are ordered.
public struct IOPriority: Sendable, Hashable {
    /// 0 none (follows the nice value), 1 real-time, 2 best effort, 3 idle.
    public var schedulingClass: Int32
    /// 0 to 7, 0 first.
    public var level: Int32

    /// Makes one of its parts.
    public init(schedulingClass: Int32, level: Int32) {
        self.schedulingClass = schedulingClass
        self.level = level
    }

    /// Reads that of a process or thread.
    ///
    /// The C function is ioprio_get(2).
    public init(of pid: Int32) throws(Errno) {
        let value = try Errno.check(cl_ioprio_get(pid))
        self.init(schedulingClass: value >> 13 & 7, level: value & 7)
    }
}

/// Lets this process open as many files as it may: the soft limit becomes the hard one. Returns the limit then in force.
///
/// The C functions are getrlimit(2) and setrlimit(2).
@discardableResult
public func raiseOpenFileLimit() throws(Errno) -> UInt64 {
    var limit = rlimit()
    _ = try Errno.check(unsafe cl_get_open_file_limit(&limit))
    limit.rlim_cur = limit.rlim_max
    _ = try Errno.check(unsafe cl_set_open_file_limit(&limit))
    return UInt64(limit.rlim_cur)
}
