internal import CLinux

/// An open file, closed when the value ends.
@safe
public struct FileDescriptor: ~Copyable, Sendable {
    /// The number the kernel knows it by; valid for as long as this value lives.
    public let rawValue: Int32

    /// Takes over an open descriptor: this value closes it.
    public init(owning rawValue: Int32) {
        self.rawValue = rawValue
    }

    deinit {
        _ = cl_close(rawValue)
    }

    /// Gives the descriptor away: the caller closes it.
    public consuming func release() -> Int32 {
        let number = rawValue
        discard self
        return number
    }
}

extension FileDescriptor {
    /// How a file is opened.
    public struct Options: OptionSet, Sendable {
        /// The flags of open(2).
        public let rawValue: Int32

        /// Wraps flags of open(2).
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        /// O_WRONLY; without it or `readWrite` a file is opened for reading.
        public static let writeOnly = Options(rawValue: O_WRONLY)
        /// O_RDWR.
        public static let readWrite = Options(rawValue: O_RDWR)
        /// O_CREAT, with mode 0666 less the umask.
        public static let create = Options(rawValue: O_CREAT)
        /// O_EXCL: fails where the file exists.
        public static let exclusive = Options(rawValue: O_EXCL)
        /// O_TRUNC.
        public static let truncate = Options(rawValue: O_TRUNC)
        /// O_APPEND.
        public static let append = Options(rawValue: O_APPEND)
        /// O_DIRECTORY: fails on anything else.
        public static let directory = Options(rawValue: O_DIRECTORY)
        /// O_NONBLOCK: opening a fifo without a peer, or reading from it, does not wait.
        public static let nonBlocking = Options(rawValue: O_NONBLOCK)
        /// O_NOFOLLOW.
        public static let noFollow = Options(rawValue: O_NOFOLLOW)
    }

    /// Opens a file; it is not inherited by children.
    ///
    /// The C function is open(2).
    public static func open(_ path: String, _ options: Options = []) throws(Errno) -> FileDescriptor {
        try openUnderDirectory(AT_FDCWD, path, options)
    }

    /// Opens a file named relative to this directory.
    ///
    /// The C function is openat(2).
    public borrowing func open(_ path: String, _ options: Options = []) throws(Errno) -> FileDescriptor {
        try Self.openUnderDirectory(rawValue, path, options)
    }

    /// Opens a file named relative to this directory by NUL-terminated bytes, without allocating.
    ///
    /// The C function is openat(2).
    public borrowing func open(_ path: borrowing KernelPath, _ options: Options = []) throws(Errno) -> FileDescriptor {
        let flags = options.rawValue | O_CLOEXEC
        let result = unsafe path.withCString { unsafe cl_openat(rawValue, $0, flags, 0o666) }
        return FileDescriptor(owning: try Errno.check(result))
    }

    private static func openUnderDirectory(
        _ directory: Int32, _ path: String, _ options: Options
    ) throws(Errno) -> FileDescriptor {
        let flags = options.rawValue | O_CLOEXEC
        let result = unsafe path.withCString { unsafe cl_openat(directory, $0, flags, 0o666) }
        return FileDescriptor(owning: try Errno.check(result))
    }
}
