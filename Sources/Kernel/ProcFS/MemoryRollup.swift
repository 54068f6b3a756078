/// Memory of a process with what it shares divided among the sharers. Unit: bytes. Source: `/proc/<pid>/smaps_rollup`.
public struct MemoryRollup: Sendable, Hashable, BitwiseCopyable {
    /// Source: `Rss`.
    public var residentBytes: UInt64 = 0
    /// Resident memory, each page divided by the number of its users. Source: `Pss`.
    public var proportionalBytes: UInt64 = 0
    /// Source: `Pss_Anon`. Absent: before 5.4.
    public var proportionalAnonymousBytes: UInt64?
    /// Source: `Pss_File`. Absent: before 5.4.
    public var proportionalFileBytes: UInt64?
    /// Source: `Pss_Shmem`. Absent: before 5.4.
    public var proportionalSharedBytes: UInt64?
    /// Memory that its end would free. Source: `Private_Clean` + `Private_Dirty` + `Private_Hugetlb`.
    public var uniqueBytes: UInt64 = 0
    /// Source: `Swap`.
    public var swapBytes: UInt64 = 0
    /// Source: `SwapPss`.
    public var proportionalSwapBytes: UInt64 = 0

    /// No memory.
    public init() {}

    /// Parses the file; nil unless it is whole.
    public init?(parsing bytes: Span<UInt8>) {
        // The first line is the range of addresses.
        let start = bytes.lineEnd(from: 0) + 1
        guard start < bytes.count else { return nil }
        self.init()
        var found = 0
        let isWhole = bytes.extracting(droppingFirst: start).forEachField(.kibibytes) { key, value in
            switch key {
            case "Rss": (residentBytes, found) = (value, found + 1)
            case "Pss": (proportionalBytes, found) = (value, found + 1)
            case "Pss_Anon": proportionalAnonymousBytes = value
            case "Pss_File": proportionalFileBytes = value
            case "Pss_Shmem": proportionalSharedBytes = value
            case "Private_Clean", "Private_Dirty": (uniqueBytes, found) = (uniqueBytes &+ value, found + 1)
            case "Private_Hugetlb": uniqueBytes &+= value
            case "Swap": (swapBytes, found) = (value, found + 1)
            case "SwapPss": (proportionalSwapBytes, found) = (value, found + 1)
            default: break
            }
        }
        guard isWhole, found == 6 else { return nil }
    }
}

extension ProcReader {
    /// Reads `/proc/<pid>/smaps_rollup`; refused without the right to trace the process, gone for a kernel thread.
    ///
    /// Expensive: the kernel walks all page tables of the process under its memory lock.
    public mutating func memoryRollup(_ pid: Int32) -> Reading<MemoryRollup> {
        read(Self.path(pid, "smaps_rollup"), .onePiece, MemoryRollup.init(parsing:))
    }
}
