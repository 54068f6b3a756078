internal import CLinux

extension FileDescriptor {
    /// Opens a file by a path as a process sees it whose root directory this is: neither `..` nor links lead out of it.
    ///
    /// The C function is openat2(2) with RESOLVE_IN_ROOT, which Linux has since 5.6.
    public borrowing func open(inRoot path: String, _ options: Options = []) throws(Errno) -> FileDescriptor {
        let flags = options.rawValue | O_CLOEXEC
        let result = unsafe path.withCString { unsafe cl_openat2_in_root(rawValue, $0, UInt64(flags)) }
        return FileDescriptor(owning: try Errno.check(result))
    }

    /// Reads the status of this file.
    ///
    /// The C function is fstat(2).
    public borrowing func status() throws(Errno) -> FileStatus {
        var status = stat()
        let descriptor = rawValue
        _ = try Errno.check(unsafe cl_fstat(descriptor, &status))
        return FileStatus(status)
    }
}

extension FileStatus {
    /// Whether it is a regular file.
    public var isRegular: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFREG) }
}
