/// One reading of `/proc/meminfo`, proc_meminfo(5). Unit: bytes. What a kernel does not write is nil.
public struct Meminfo: Sendable, Hashable, BitwiseCopyable {
    /// Source: `MemTotal`.
    public var totalBytes: UInt64 = 0
    /// Source: `MemFree`.
    public var freeBytes: UInt64 = 0
    /// What programs may still take without swapping. Source: `MemAvailable`. Absent: before 3.14.
    public var availableBytes: UInt64?
    /// Source: `Buffers`.
    public var buffersBytes: UInt64 = 0
    /// Pages of files, shared memory included. Source: `Cached`.
    public var cachedBytes: UInt64 = 0
    /// Source: `SwapTotal`.
    public var swapTotalBytes: UInt64 = 0
    /// Source: `SwapFree`.
    public var swapFreeBytes: UInt64 = 0
    /// In swap and in memory. Source: `SwapCached`.
    public var swapCachedBytes: UInt64?
    /// Compressed swap's memory. Source: `Zswap`. Absent: before 5.19.
    public var compressedSwapBytes: UInt64?
    /// Source: `Active`.
    public var activeBytes: UInt64?
    /// Source: `Inactive`.
    public var inactiveBytes: UInt64?
    /// Waiting to be written. Source: `Dirty`.
    public var dirtyBytes: UInt64?
    /// Being written. Source: `Writeback`.
    public var writebackBytes: UInt64?
    /// Source: `AnonPages`.
    public var anonymousBytes: UInt64?
    /// Source: `Mapped`.
    public var mappedBytes: UInt64?
    /// Shared memory and tmpfs; inside `cachedBytes`. Source: `Shmem`.
    public var sharedBytes: UInt64?
    /// Kernel memory that can be had back. Source: `SReclaimable`.
    public var slabReclaimableBytes: UInt64?
    /// Source: `SUnreclaim`.
    public var slabUnreclaimableBytes: UInt64?
    /// Source: `KernelStack`.
    public var kernelStackBytes: UInt64?
    /// Source: `PageTables`.
    public var pageTableBytes: UInt64?
    /// Promised to programs. Source: `Committed_AS`.
    public var committedBytes: UInt64?
    /// Source: `CommitLimit`.
    public var commitLimitBytes: UInt64?

    /// A reading of nothing, to be filled in.
    public init() {}

    /// Parses the file; nil when it is cut inside a line or lacks what every kernel writes.
    public init?(parsing bytes: Span<UInt8>) {
        self.init()
        var required = 0
        // Pages of huge memory are counts, not kB: they are not among the keys below.
        let isWhole = bytes.forEachField(.kibibytes) { key, value in
            switch key {
            case "MemTotal": (totalBytes, required) = (value, required + 1)
            case "MemFree": (freeBytes, required) = (value, required + 1)
            case "Buffers": (buffersBytes, required) = (value, required + 1)
            case "Cached": (cachedBytes, required) = (value, required + 1)
            case "SwapTotal": (swapTotalBytes, required) = (value, required + 1)
            case "SwapFree": (swapFreeBytes, required) = (value, required + 1)
            default: assign(key, value)
            }
        }
        guard isWhole, required == 6 else { return nil }
    }

    private mutating func assign(_ key: String, _ value: UInt64) {
        switch key {
        case "MemAvailable": availableBytes = value
        case "SwapCached": swapCachedBytes = value
        case "Zswap": compressedSwapBytes = value
        case "Active": activeBytes = value
        case "Inactive": inactiveBytes = value
        case "Dirty": dirtyBytes = value
        case "Writeback": writebackBytes = value
        case "AnonPages": anonymousBytes = value
        case "Mapped": mappedBytes = value
        case "Shmem": sharedBytes = value
        case "SReclaimable": slabReclaimableBytes = value
        case "SUnreclaim": slabUnreclaimableBytes = value
        case "KernelStack": kernelStackBytes = value
        case "PageTables": pageTableBytes = value
        case "Committed_AS": committedBytes = value
        case "CommitLimit": commitLimitBytes = value
        default: break
        }
    }
}

extension ProcReader {
    /// Reads `/proc/meminfo`.
    public mutating func meminfo() -> Reading<Meminfo> {
        read(Self.path("meminfo"), .onePiece, Meminfo.init(parsing:))
    }
}
