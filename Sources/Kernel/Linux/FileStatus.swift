internal import CLinux

/// What stat(2) says of a file, as far as it is used here.
public struct FileStatus: Sendable, Hashable {
    /// Owner.
    public var uid: UInt32
    /// Group.
    public var gid: UInt32
    /// Type and permissions as in inode(7).
    public var mode: UInt32
    /// Size in bytes; for `/proc/<pid>/fd` on kernels since 6.2 the number of open descriptors.
    public var size: Int64
    /// Number of the file in its file system.
    public var inode: UInt64
    /// Device of the file system.
    public var device: UInt64
    /// Last change of the content. Unit: nanoseconds of the epoch.
    public var modifiedNanoseconds: Int64

    init(_ status: stat) {
        uid = status.st_uid
        gid = status.st_gid
        mode = UInt32(status.st_mode)
        size = Int64(status.st_size)
        inode = UInt64(status.st_ino)
        device = UInt64(status.st_dev)
        modifiedNanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }

    /// Reads the status of the file a path leads to.
    ///
    /// The C function is fstatat(2).
    public init(path: String) throws(Errno) {
        var status = stat()
        _ = try Errno.check(unsafe path.withCString { unsafe cl_fstatat(AT_FDCWD, $0, &status, 0) })
        self.init(status)
    }

    /// Reads the status of the file a path under a directory leads to, without allocating.
    ///
    /// The C function is fstatat(2).
    public init(of path: borrowing KernelPath, in directory: borrowing FileDescriptor) throws(Errno) {
        var status = stat()
        let descriptor = directory.rawValue
        _ = try Errno.check(unsafe path.withCString { unsafe cl_fstatat(descriptor, $0, &status, 0) })
        self.init(status)
    }
}

extension FileDescriptor {
    /// Reads a symbolic link under this directory into `buffer`; returns its length, at most that of the buffer.
    ///
    /// The C function is readlinkat(2).
    public borrowing func readLink(_ path: borrowing KernelPath, into buffer: inout [UInt8]) throws(Errno) -> Int {
        let descriptor = rawValue
        return try unsafe Errno.check(
            path.withCString { name in
                unsafe buffer.withUnsafeMutableBytes { bytes in
                    let text = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                    return unsafe cl_readlinkat(descriptor, name, text, bytes.count)
                }
            })
    }

    /// Reads directory entries into `buffer` as the kernel lays them out; 0 when there are no more.
    ///
    /// The C function is getdents64(2).
    public borrowing func readDirectory(into buffer: inout [UInt8]) throws(Errno) -> Int {
        let descriptor = rawValue
        return try unsafe Errno.check(
            buffer.withUnsafeMutableBytes { unsafe cl_getdents64(descriptor, $0.baseAddress, $0.count) })
    }

    /// Whether this directory is of the proc file system (and not a recorded tree).
    ///
    /// The C function is fstatfs(2).
    public borrowing func isProcessFileSystem() -> Bool {
        cl_file_system_magic(rawValue) == 0x9fa0
    }
}
