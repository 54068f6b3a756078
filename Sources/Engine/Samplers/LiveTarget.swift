internal import Linux
internal import ProcFS
public import PythonInspection

/// A running process as the target of an inspection: its memory is copied while it runs on.
public struct LiveTarget: RemoteProcess, ~Copyable {
    private let pid: Int32
    private let memory: ProcessMemory
    private var reader: ProcReader
    /// Thread ids here by those in the target's own pid namespace; nil when both are the same.
    private var threadIds: [UInt64: Int32]?
    private let isNested: Bool
    private var received: [Int] = []
    private var ranges: [RemoteRange] = []
    /// Most bytes that one reading may ask for: lengths come from the target.
    private static let limit = 256 << 20

    /// Names a running process; nothing of it is opened.
    ///
    /// - Throws: when /proc cannot be opened.
    public init(pid: Int32) throws {
        self.pid = pid
        memory = ProcessMemory(pid: pid)
        reader = try ProcReader()
        isNested = (reader.status(pid).value?.namespacePids.array.count ?? 1) > 1
    }

    /// Copies pieces of memory with one system call. Source: process_vm_readv(2).
    public mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        var total = 0
        ranges.removeAll(keepingCapacity: true)
        for piece in pieces {
            guard piece.length >= 0, piece.length <= LiveTarget.limit, total + piece.length <= LiveTarget.limit else {
                throw .unmapped
            }
            total += piece.length
            ranges.append(RemoteRange(address: piece.address.rawValue, length: piece.length))
        }
        // Made anew, not grown: the old bytes are of no use, and a memory set whole is set by one instruction.
        if bytes.count < total { bytes = [UInt8](repeating: 0, count: total) }
        if bytes.count > total { bytes.removeLast(bytes.count - total) }
        var failure: Errno?
        unsafe bytes.withUnsafeMutableBytes { room in
            do throws(Errno) {
                try unsafe memory.read(scattered: ranges, into: room, received: &received)
            } catch {
                failure = error
            }
        }
        if let failure {
            throw failure.isRefusal ? .refused : failure.isAbsence ? .gone : .unmapped
        }
        for (range, count) in zip(ranges, received) where count != range.length { throw .unmapped }
    }

    /// Everything mapped into it. Source: `/proc/<pid>/maps`.
    public mutating func mappings() throws(RemoteMemoryError) -> [RemoteMapping] {
        switch reader.mappings(pid) {
        case .value(let mappings):
            return mappings.map {
                RemoteMapping(
                    start: RemoteAddress($0.start), end: RemoteAddress($0.end), fileOffset: $0.fileOffset, path: $0.path
                )
            }
        case .gone: throw .gone
        case .refused: throw .refused
        case .malformed, .unavailable: throw .unmapped
        }
    }

    /// Bytes of a mapped file: through the mapping itself where the kernel lets us, else through the target's root.
    public mutating func file(of mapping: RemoteMapping, at offset: UInt64, count: Int) -> [UInt8]? {
        let range = String(mapping.start.rawValue, radix: 16) + "-" + String(mapping.end.rawValue, radix: 16)
        for path in ["/proc/\(pid)/map_files/\(range)", "/proc/\(pid)/root\(mapping.path)"] {
            guard count > 0, count <= LiveTarget.limit, offset < 1 << 40,
                let file = try? FileDescriptor.open(path, .nonBlocking)
            else { continue }
            var bytes = [UInt8](repeating: 0, count: count)
            guard let read = try? file.read(into: &bytes, at: Int64(offset)) else { continue }
            bytes.removeLast(count - read)
            return bytes
        }
        return nil
    }

    /// What a thread does now. Source: `/proc/<pid>/task/<tid>/stat` and `syscall`.
    public mutating func activity(ofNative nativeThreadId: UInt64) -> ThreadActivity? {
        guard let tid = tid(ofNative: nativeThreadId), case .value(let stat) = reader.stat(pid, thread: tid) else {
            return nil
        }
        var activity = ThreadActivity(tid: tid, isMain: tid == pid, isRunning: stat.state == UInt8(ascii: "R"))
        if !activity.isRunning, case .value(.inside(let call)) = reader.syscall(pid, thread: tid), call.name == "futex"
        {
            activity.futex = RemoteAddress(call.argument(0))
        }
        return activity
    }

    private mutating func tid(ofNative native: UInt64) -> Int32? {
        guard isNested else { return Int32(exactly: native) }
        if let known = threadIds?[native] { return known }
        var found: [UInt64: Int32] = [:]
        var threads: [Int32] = []
        guard reader.threads(of: pid, into: &threads) else { return nil }
        for tid in threads {
            if let inner = reader.status(pid, thread: tid).value?.namespacePids.array.last, inner > 0 {
                found[UInt64(inner)] = tid
            }
        }
        threadIds = found
        return found[native]
    }
}
