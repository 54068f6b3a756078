internal import Linux

/// `stat` files of processes that are read again and again, kept open: half the cost of opening each time.
///
/// An open file is also proof against a reused pid: once its process has ended it answers ESRCH. Each pins about 5.6 KB of kernel memory, so
/// the store is bounded and the caller chooses who is in it.
public struct StatDescriptors: ~Copyable, Sendable {
    private var descriptors: [Int32: Int32] = [:]
    /// Most files that may be open at once.
    public let limit: Int

    /// An empty store.
    public init(limit: Int) {
        self.limit = max(0, limit)
    }

    deinit {
        for (_, descriptor) in descriptors { _ = FileDescriptor(owning: descriptor) }
    }

    /// Files open now.
    public var count: Int { descriptors.count }

    /// Whether the file of a process is open.
    public func contains(_ pid: Int32) -> Bool { descriptors[pid] != nil }

    /// Opens the file of a process and reads it; opens nothing when the store is full or it is open already, but reads all the same.
    public mutating func keep(_ pid: Int32, with reader: inout ProcReader) -> Reading<ProcessStat> {
        if descriptors[pid] == nil, count < limit,
            let file = try? reader.root.open(ProcReader.path(pid, "stat"), .nonBlocking)
        {
            descriptors[pid] = file.release()
        }
        return read(pid, with: &reader)
    }

    /// Reads the kept file, or opens and closes it when it is not kept; one whose process has ended is dropped.
    public mutating func read(_ pid: Int32, with reader: inout ProcReader) -> Reading<ProcessStat> {
        guard let descriptor = descriptors[pid] else { return reader.stat(pid) }
        let reading = reader.read(kept: descriptor, ProcessStat.init(parsing:))
        if reading.isGone { drop(pid) }
        return reading
    }

    /// Closes the file of a process.
    public mutating func drop(_ pid: Int32) {
        guard let descriptor = descriptors.removeValue(forKey: pid) else { return }
        _ = FileDescriptor(owning: descriptor)
    }

    /// Closes the files of all processes that `isWanted` does not name.
    public mutating func keepOnly(where isWanted: (Int32) -> Bool) {
        for pid in descriptors.keys.filter({ !isWanted($0) }) { drop(pid) }
    }
}

extension ProcReader {
    /// Reads a file that is open already.
    mutating func read<Value>(kept descriptor: Int32, _ parse: (Span<UInt8>) -> Value?) -> Reading<Value> {
        let count = FileDescriptor.preadRepeating(descriptor, &buffer, 0)
        guard count >= 0 else { return Reading(Errno(rawValue: Int32(-count))) }
        filesRead += 1
        bytesRead += UInt64(count)
        return parse(buffer.span.extracting(0..<count)).map { .value($0) } ?? .malformed
    }
}
