internal import Linux

/// A file that is read at any place.
final class OpenFile: Sendable {
    private let descriptor: FileDescriptor
    /// Bytes.
    let size: UInt64

    private init(_ descriptor: consuming FileDescriptor, size: UInt64) {
        self.descriptor = descriptor
        self.size = size
    }

    /// Opens a regular file.
    static func open(_ path: String) throws(CoreFileError) -> OpenFile {
        do throws(Errno) {
            let status = try FileStatus(path: path)
            // A fifo would keep us waiting, a terminal has no places.
            guard status.mode & 0o170000 == 0o100000 else { throw .invalidArgument }
            return OpenFile(try FileDescriptor.open(path, .nonBlocking), size: UInt64(max(0, status.size)))
        } catch {
            throw error == .invalidArgument ? .notCore(path, "no regular file") : .unreadable(path, error)
        }
    }

    /// Reads from a place into `room`; fewer bytes where the file ends or cannot be read.
    func read(at offset: UInt64, into room: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        while count < room.count, offset < UInt64(Int64.max) - UInt64(room.count) {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...])
            guard let part = try? unsafe descriptor.read(into: rest, at: Int64(offset) + Int64(count)), part > 0 else {
                break
            }
            count += part
        }
        return count
    }

    /// Bytes from a place on; fewer where the file ends.
    func bytes(at offset: UInt64, _ count: Int) -> [UInt8] {
        guard count > 0, offset < size else { return [] }
        var bytes = [UInt8](repeating: 0, count: Int(min(UInt64(count), size - offset)))
        let read = unsafe bytes.withUnsafeMutableBytes { unsafe self.read(at: offset, into: $0) }
        bytes.removeLast(bytes.count - read)
        return bytes
    }
}
