/// A thread that stayed in one stack for some samples in a row.
public struct SampleRun: Sendable, Equatable {
    /// The stack.
    public var node: NodeId
    /// First sample, since the recording began.
    public var firstMicroseconds: UInt64
    /// Last sample.
    public var lastMicroseconds: UInt64
    /// Samples from the first to the last.
    public var samples: UInt64

    /// A run from the values that its members name.
    public init(node: NodeId, firstMicroseconds: UInt64, lastMicroseconds: UInt64, samples: UInt64) {
        self.node = node
        self.firstMicroseconds = firstMicroseconds
        self.lastMicroseconds = lastMicroseconds
        self.samples = samples
    }
}

/// Runs of one thread in the order of time, a few bytes each.
///
/// A chunk holds runs as variable-length integers: the time since the end of the run before, the time from the first to the
/// last sample, the node, the count. Chunks are read one by one, so that a window does not cost the whole recording, and
/// are folded one group after another.
struct RunLog: Sendable {
    /// A chunk is full when the next run might make its array grow beyond this: an array twice as large would be half empty.
    private static let leastChunkBytes = 2048
    /// Four integers of ten bytes at most.
    private static let runBytes = 40

    struct Chunk: Sendable {
        var first: UInt64
        var last: UInt64
        /// Width of the buckets into which it was folded; 0 where it is as it was recorded.
        var foldedTo: UInt64 = 0
        var bytes: [UInt8] = []
    }

    var chunks: [Chunk] = []

    /// Appends a run and says by how many bytes the log grew, and whether a chunk is full now.
    mutating func append(_ run: SampleRun, foldedTo width: UInt64 = 0) -> (bytes: Int, isFull: Bool) {
        if chunks.last.map({ $0.foldedTo != width || RunLog.isFull($0) }) ?? true {
            chunks.append(Chunk(first: run.firstMicroseconds, last: run.firstMicroseconds, foldedTo: width))
        }
        let place = chunks.count - 1
        let before = chunks[place].bytes.count
        let last = chunks[place].last
        chunks[place].bytes.appendVarint(run.firstMicroseconds - min(last, run.firstMicroseconds))
        chunks[place].bytes.appendVarint(run.lastMicroseconds - run.firstMicroseconds)
        chunks[place].bytes.appendVarint(UInt64(run.node.index))
        chunks[place].bytes.appendVarint(run.samples)
        chunks[place].last = max(last, run.lastMicroseconds)
        return (chunks[place].bytes.count - before, RunLog.isFull(chunks[place]))
    }

    private static func isFull(_ chunk: Chunk) -> Bool {
        chunk.bytes.count >= leastChunkBytes && chunk.bytes.capacity - chunk.bytes.count < runBytes
    }

    /// Runs that touch a window, in order.
    func forEachRun(from: UInt64 = 0, to: UInt64 = .max, _ body: (SampleRun) -> Void) {
        for chunk in chunks where chunk.last >= from && chunk.first <= to {
            chunk.forEachRun(body)
        }
    }
}

extension RunLog.Chunk {
    func forEachRun(_ body: (SampleRun) -> Void) {
        var place = 0
        var time = first
        while place < bytes.count {
            let start = time + bytes.varint(at: &place)
            let end = start + bytes.varint(at: &place)
            let node = UInt32(truncatingIfNeeded: bytes.varint(at: &place))
            let samples = bytes.varint(at: &place)
            body(
                SampleRun(
                    node: NodeId(index: node), firstMicroseconds: start, lastMicroseconds: end, samples: samples))
            time = end
        }
    }
}

extension [UInt8] {
    /// Base 128, least significant group first, as protobuf has it too.
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    func varint(at place: inout Int) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while place < count {
            let byte = self[place]
            place += 1
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return result
    }
}
