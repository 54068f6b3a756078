public import Linux

/// Reads the files of /proc, or of a recorded tree of the same form.
///
/// One value belongs to one thread at a time: every reading goes through the same buffer, so that none allocates.
public struct ProcReader: ~Copyable, Sendable {
    /// The root directory, held open: names are looked up relative to it.
    let root: FileDescriptor
    /// Whether the root is the kernel's own and not a recording.
    public let isKernelTree: Bool
    /// Holds the file read last; grows with the largest.
    var buffer: [UInt8]

    /// Bytes read since the reader was made.
    public internal(set) var bytesRead: UInt64 = 0
    /// Files and directories read since the reader was made.
    public internal(set) var filesRead: UInt64 = 0

    /// Opens a tree.
    ///
    /// - Throws: what open(2) says of `root`.
    public init(root: String = "/proc") throws(Errno) {
        self.root = try FileDescriptor.open(root, .directory)
        isKernelTree = self.root.isProcessFileSystem()
        buffer = [UInt8](repeating: 0, count: 64 << 10)
    }
}

/// How much of a file one read gives.
enum FileLength {
    /// The kernel hands the file out in one piece: one read is enough.
    case onePiece
    /// Handed out page by page: read until nothing comes, at most `limit` bytes.
    case pages(limit: Int)
}

extension ProcReader {
    /// The path of a file of a process.
    static func path(_ pid: Int32, _ file: StaticString) -> KernelPath {
        var path = KernelPath()
        path.append(pid)
        path.append("/")
        path.append(file)
        return path
    }

    /// The path of a file of a thread.
    static func path(_ pid: Int32, thread: Int32, _ file: StaticString) -> KernelPath {
        var path = KernelPath()
        path.append(pid)
        path.append("/task/")
        path.append(thread)
        path.append("/")
        path.append(file)
        return path
    }

    /// The path of a file of the host.
    static func path(_ file: StaticString) -> KernelPath {
        var path = KernelPath()
        path.append(file)
        return path
    }

    /// Reads a file and parses it in place.
    mutating func read<Value>(
        _ path: KernelPath, _ length: FileLength = .onePiece, _ parse: (Span<UInt8>) -> Value?
    ) -> Reading<Value> {
        do throws(Errno) {
            let count = try fill(path, length)
            guard let value = parse(buffer.span.extracting(0..<count)) else { return .malformed }
            return .value(value)
        } catch {
            return Reading(error)
        }
    }

    /// Reads a file into the buffer; the number of bytes there.
    private mutating func fill(_ path: KernelPath, _ length: FileLength) throws(Errno) -> Int {
        // Opened without waiting: a recording may hold a fifo where the kernel has a file.
        let file = try root.open(path, .nonBlocking)
        filesRead += 1
        var limit = 16 << 20
        var isOnePiece = true
        if case .pages(let most) = length { (limit, isOnePiece) = (most, false) }
        var count = 0
        while count < limit {
            if count == buffer.count { buffer.append(contentsOf: repeatElement(0, count: count)) }
            let received = try file.read(into: &buffer, from: count)
            count += received
            if received == 0 || isOnePiece && count < buffer.count { break }
        }
        count = min(count, limit)
        bytesRead += UInt64(count)
        return count
    }

    /// Reads a symbolic link; the bytes it leads to.
    mutating func readLink(_ path: KernelPath) -> Reading<[UInt8]> {
        do throws(Errno) {
            let count = try root.readLink(path, into: &buffer)
            filesRead += 1
            bytesRead += UInt64(count)
            return .value(buffer.span.copy(0..<count))
        } catch {
            return Reading(error)
        }
    }
}
