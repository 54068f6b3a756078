/// One reading of `/proc/<pid>/status`, of a process or of a thread. What a kernel does not write is nil.
public struct ProcessStatus: Sendable, BitwiseCopyable {
    /// Four ids of one kind, users or groups.
    public struct Owners: Sendable, Hashable, BitwiseCopyable {
        /// Who started it.
        public var real: UInt32 = 0
        /// Whose rights it has.
        public var effective: UInt32 = 0
        /// Which it may take back.
        public var saved: UInt32 = 0
        /// Whose rights it has on files.
        public var fileSystem: UInt32 = 0

        /// The ids of root.
        public init() {}
    }

    /// Memory by kind. Unit: bytes. Absent: for kernel threads and zombies.
    public struct Memory: Sendable, Hashable, BitwiseCopyable {
        /// Source: `VmPeak`.
        public var peakVirtualBytes: UInt64?
        /// Source: `VmSize`.
        public var virtualBytes: UInt64?
        /// Source: `VmLck`.
        public var lockedBytes: UInt64?
        /// Source: `VmHWM`.
        public var peakResidentBytes: UInt64?
        /// Source: `VmRSS`.
        public var residentBytes: UInt64?
        /// Source: `RssAnon`.
        public var residentAnonymousBytes: UInt64?
        /// Source: `RssFile`.
        public var residentFileBytes: UInt64?
        /// Source: `RssShmem`.
        public var residentSharedBytes: UInt64?
        /// Source: `VmData`.
        public var dataBytes: UInt64?
        /// Source: `VmStk`.
        public var stackBytes: UInt64?
        /// Source: `VmExe`.
        public var textBytes: UInt64?
        /// Source: `VmLib`.
        public var libraryBytes: UInt64?
        /// Source: `VmPTE`.
        public var pageTableBytes: UInt64?
        /// Source: `VmSwap`; shared memory that is swapped out is not in it.
        public var swapBytes: UInt64?

        /// No value known.
        public init() {}
    }

    /// Sets of signals: bit n - 1 is signal n.
    public struct Signals: Sendable, Hashable, BitwiseCopyable {
        /// Signals that wait for any process of the real user. Unit: count. Source: `SigQ`, first number.
        public var queuedOfUser: UInt64?
        /// Source: `SigPnd`, of the thread.
        public var pending: UInt64?
        /// Source: `ShdPnd`, of the process.
        public var sharedPending: UInt64?
        /// Source: `SigBlk`.
        public var blocked: UInt64?
        /// Source: `SigIgn`.
        public var ignored: UInt64?
        /// Source: `SigCgt`.
        public var caught: UInt64?

        /// No set known.
        public init() {}
    }

    /// Sets of capabilities: bit n is capability n of capabilities(7).
    public struct Capabilities: Sendable, Hashable, BitwiseCopyable {
        /// Source: `CapInh`.
        public var inheritable: UInt64?
        /// Source: `CapPrm`.
        public var permitted: UInt64?
        /// Source: `CapEff`.
        public var effective: UInt64?
        /// Source: `CapBnd`.
        public var bounding: UInt64?
        /// Source: `CapAmb`.
        public var ambient: UInt64?

        /// No set known.
        public init() {}
    }

    /// Users. Source: `Uid`.
    public var users = Owners()
    /// Groups. Source: `Gid`.
    public var groups = Owners()
    /// Source: `Vm…` and `Rss…`.
    public var memory = Memory()
    /// Source: `Sig…` and `ShdPnd`.
    public var signals = Signals()
    /// Source: `Cap…`.
    public var capabilities = Capabilities()
    /// Process that traces it, 0 for none. Source: `TracerPid`.
    public var tracer: UInt64?
    /// Permission bits that new files do not get. Source: `Umask`. Absent: for kernel threads on some kernels.
    public var umask: UInt64?
    /// Places in the table of descriptors, not those in use. Source: `FDSize`.
    public var descriptorSlots: UInt64?
    /// NUMA group, 0 for none. Source: `Ngid`.
    public var numaGroup: UInt64?
    /// Threads of the process. Source: `Threads`.
    public var threads: UInt64?
    /// 1 when it can gain no rights by execve(2). Source: `NoNewPrivs`.
    public var noNewPrivileges: UInt64?
    /// 0 none, 1 strict, 2 filter. Source: `Seccomp`.
    public var seccomp: UInt64?
    /// Times it gave the processor up: of this thread only, of the main one in the file of a process. Source: `voluntary_ctxt_switches`.
    public var voluntarySwitches: UInt64?
    /// Times it was made to give it up: of one thread, as above. Source: `nonvoluntary_ctxt_switches`.
    public var involuntarySwitches: UInt64?
    /// Its pids, one for each pid namespace it is in, the innermost last. Source: `NSpid`.
    public var namespacePids = PidList()

    /// A reading of nothing, to be filled in.
    public init() {}
}

/// Up to eight pids, kept in place.
public struct PidList: Sendable, BitwiseCopyable {
    private var storage = InlineArray<8, Int32>(repeating: 0)
    /// Pids held.
    public private(set) var count = 0

    /// The empty list.
    public init() {}

    /// The pid at `index`, which must be below `count`.
    public subscript(index: Int) -> Int32 { storage[index] }

    /// The pids as an array.
    public var array: [Int32] { (0..<count).map { storage[$0] } }

    /// Adds a pid; beyond eight it is dropped.
    mutating func append(_ pid: Int32) {
        guard count < 8 else { return }
        storage[count] = pid
        count += 1
    }
}
