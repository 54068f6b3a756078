/// What must be read for a row beyond `/proc/<pid>/stat`; each member is one more file, call or walk per process.
public struct ProcessSources: OptionSet, Sendable, Hashable {
    /// One bit for each member below.
    public let rawValue: UInt32
    /// The sources whose bits are set.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Context switches and run-queue wait summed over threads: taskstats, or status and schedstat of each thread.
    public static let accounting = ProcessSources(rawValue: 1 << 0)
    /// `/proc/<pid>/io`.
    public static let io = ProcessSources(rawValue: 1 << 1)
    /// `/proc/<pid>/statm`.
    public static let sizes = ProcessSources(rawValue: 1 << 2)
    /// `/proc/<pid>/smaps_rollup`: expensive, the kernel walks the page table under the target's lock.
    public static let shares = ProcessSources(rawValue: 1 << 3)
    /// Number of entries of `/proc/<pid>/fd`.
    public static let openFiles = ProcessSources(rawValue: 1 << 4)
    /// `/proc/<pid>/oom_score`.
    public static let outOfMemoryScore = ProcessSources(rawValue: 1 << 5)
    /// ioprio_get(2).
    public static let ioPriority = ProcessSources(rawValue: 1 << 6)
    /// `/proc/<pid>/autogroup`.
    public static let autogroup = ProcessSources(rawValue: 1 << 7)
    /// `/proc/<pid>/syscall` and `/proc/<pid>/wchan`.
    public static let waiting = ProcessSources(rawValue: 1 << 8)
    /// Python version by the executable's name.
    public static let python = ProcessSources(rawValue: 1 << 9)
    /// `/proc/<pid>/cmdline`.
    public static let arguments = ProcessSources(rawValue: 1 << 10)
    /// `/proc/<pid>/exe`.
    public static let executable = ProcessSources(rawValue: 1 << 11)
    /// `/proc/<pid>/cwd`.
    public static let workingDirectory = ProcessSources(rawValue: 1 << 12)
    /// `/proc/<pid>/cgroup`.
    public static let cgroup = ProcessSources(rawValue: 1 << 13)
    /// Listening ports: `/proc/net/tcp`, `tcp6` and the descriptors of every process.
    public static let ports = ProcessSources(rawValue: 1 << 14)
    /// Memory of the Python interpreter, several times a second: only of rows on the screen.
    public static let glance = ProcessSources(rawValue: 1 << 15)
}

/// Texts of a process that live outside its row.
public struct ProcessTexts: Sendable, Hashable {
    /// Command line, arguments joined by single spaces; empty for kernel threads and zombies.
    public var arguments: String?
    /// Path of the executable without ` (deleted)`.
    public var executable: String?
    /// Working directory.
    public var workingDirectory: String?
    /// Path in the cgroup hierarchy that limits it.
    public var cgroup: String?
    /// Container id, shortened to twelve digits.
    public var container: String?
    /// Kernel function it sleeps in.
    public var waitChannel: String?
    /// Name of the system call it is in.
    public var systemCall: String?

    /// No text read yet: every member is nil.
    public init() {}
}
