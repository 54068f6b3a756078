/// Bytes that went to and from whole disks since boot. Source: `/proc/diskstats`, proc_diskstats(5).
public struct DiskCounters: Sendable, Hashable, BitwiseCopyable {
    /// Source: field 6, sectors of 512 bytes.
    public var readBytes: UInt64 = 0
    /// Source: field 10, sectors of 512 bytes.
    public var writtenBytes: UInt64 = 0
    /// Time in which some request was under way, added up over the disks. Unit: milliseconds. Source: field 13.
    public var busyMilliseconds: UInt64 = 0
    /// Disks that were counted.
    public var disks = 0

    /// No disk.
    public init() {}

    /// Parses the file and adds the disks up; nil when a line is cut.
    ///
    /// Partitions are left out, and devices that live in memory or on other disks (loop, ram, zram, dm, md): their bytes are counted below.
    public init?(parsing bytes: Span<UInt8>) {
        guard bytes.count == 0 || bytes.endsWithNewline else { return nil }
        self.init()
        var disk = 0..<0
        var start = 0
        while start < bytes.count {
            var index = start
            guard bytes.number(.decimal, &index) != nil, bytes.number(.decimal, &index) != nil else { return nil }
            bytes.skipBlanks(&index)
            let name = bytes.word(&index)
            guard !name.isEmpty else { return nil }
            // The kernel lists a disk's partitions right behind it.
            if !Self.isPartition(bytes, name, of: disk) {
                disk = name
                if !Self.isLayered(bytes, name) {
                    guard add(bytes, &index) else { return nil }
                }
            }
            start = bytes.lineEnd(from: index) + 1
        }
    }

    /// Adds the counters of a line; answers whether they were there.
    private mutating func add(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        var values = InlineArray<10, UInt64>(repeating: 0)
        for field in 0..<10 {
            guard let value = bytes.number(.decimal, &index) else { return false }
            values[field] = value
        }
        readBytes &+= values[2] &* 512
        writtenBytes &+= values[6] &* 512
        busyMilliseconds &+= values[9]
        disks += 1
        return true
    }

    /// Whether a name is that of the disk and a number: `sda1`, or `nvme0n1p1` where the disk's name ends in a digit.
    private static func isPartition(_ bytes: Span<UInt8>, _ name: Range<Int>, of disk: Range<Int>) -> Bool {
        guard !disk.isEmpty, name.count > disk.count else { return false }
        for offset in 0..<disk.count where bytes[disk.lowerBound + offset] != bytes[name.lowerBound + offset] {
            return false
        }
        var index = name.lowerBound + disk.count
        let last = bytes[disk.upperBound - 1]
        if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last), !bytes.skip("p", &index) { return false }
        return bytes.decimal(&index) != nil && index == name.upperBound
    }

    private static func isLayered(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        let start = name.lowerBound
        return bytes.holds("loop", at: start) || bytes.holds("ram", at: start) || bytes.holds("zram", at: start)
            || bytes.holds("dm-", at: start) || bytes.holds("md", at: start)
    }
}

extension ProcReader {
    /// Reads `/proc/diskstats`.
    public mutating func diskstats() -> Reading<DiskCounters> {
        read(Self.path("diskstats"), .pages(limit: 4 << 20), DiskCounters.init(parsing:))
    }
}
