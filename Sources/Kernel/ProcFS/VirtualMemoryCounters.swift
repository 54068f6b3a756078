/// Counters of memory management since boot. Source: `/proc/vmstat`.
public struct VirtualMemoryCounters: Sendable, Hashable, BitwiseCopyable {
    /// Page faults of both kinds. Source: `pgfault`.
    public var faults: UInt64 = 0
    /// Those that waited for a disk. Source: `pgmajfault`.
    public var majorFaults: UInt64 = 0
    /// Pages brought from swap. Source: `pswpin`. Absent: without swap support.
    public var swapInPages: UInt64?
    /// Pages sent to swap. Source: `pswpout`. Absent: without swap support.
    public var swapOutPages: UInt64?
    /// Read from disks. Unit: KiB. Source: `pgpgin`.
    public var pagedInKibibytes: UInt64?
    /// Written to disks. Unit: KiB. Source: `pgpgout`.
    public var pagedOutKibibytes: UInt64?
    /// Processes ended because memory ran out. Source: `oom_kill`. Absent: before 4.13.
    public var outOfMemoryKills: UInt64?

    /// No event.
    public init() {}

    /// Parses the file; nil when a line is cut or the faults are missing.
    public init?(parsing bytes: Span<UInt8>) {
        guard bytes.endsWithNewline else { return nil }
        self.init()
        var counted: UInt64?
        var major: UInt64?
        var start = 0
        while start < bytes.count {
            switch bytes[start] {
            case UInt8(ascii: "p"):
                _ =
                    bytes.field("pgfault ", at: start, into: &counted)
                    || bytes.field("pgmajfault ", at: start, into: &major)
                    || bytes.field("pswpin ", at: start, into: &swapInPages)
                    || bytes.field("pswpout ", at: start, into: &swapOutPages)
                    || bytes.field("pgpgin ", at: start, into: &pagedInKibibytes)
                    || bytes.field("pgpgout ", at: start, into: &pagedOutKibibytes)
            case UInt8(ascii: "o"): _ = bytes.field("oom_kill ", at: start, into: &outOfMemoryKills)
            default: break
            }
            start = bytes.lineEnd(from: start) + 1
        }
        guard let counted, let major else { return nil }
        faults = counted
        majorFaults = major
    }
}

extension ProcReader {
    /// Reads `/proc/vmstat`.
    public mutating func vmstat() -> Reading<VirtualMemoryCounters> {
        read(Self.path("vmstat"), .pages(limit: 1 << 20), VirtualMemoryCounters.init(parsing:))
    }
}
