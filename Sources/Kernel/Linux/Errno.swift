/// An error number of the kernel.
public struct Errno: Error, Hashable, Sendable {
    /// The positive number, as in errno(3).
    public let rawValue: Int32

    /// Wraps a number as in errno(3).
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// EPERM.
    public static let operationNotPermitted = Errno(rawValue: 1)
    /// ENOENT.
    public static let noEntry = Errno(rawValue: 2)
    /// ESRCH.
    public static let noSuchProcess = Errno(rawValue: 3)
    /// EINTR.
    public static let interrupted = Errno(rawValue: 4)
    /// EIO.
    public static let inputOutput = Errno(rawValue: 5)
    /// E2BIG.
    public static let argumentListTooLong = Errno(rawValue: 7)
    /// EBADF.
    public static let badFileDescriptor = Errno(rawValue: 9)
    /// EAGAIN.
    public static let resourceTemporarilyUnavailable = Errno(rawValue: 11)
    /// ENOMEM.
    public static let noMemory = Errno(rawValue: 12)
    /// EACCES.
    public static let permissionDenied = Errno(rawValue: 13)
    /// EFAULT.
    public static let badAddress = Errno(rawValue: 14)
    /// EBUSY.
    public static let busy = Errno(rawValue: 16)
    /// EEXIST.
    public static let fileExists = Errno(rawValue: 17)
    /// ENODEV.
    public static let noDevice = Errno(rawValue: 19)
    /// ENOTDIR.
    public static let notDirectory = Errno(rawValue: 20)
    /// EISDIR.
    public static let isDirectory = Errno(rawValue: 21)
    /// EINVAL.
    public static let invalidArgument = Errno(rawValue: 22)
    /// ENFILE.
    public static let tooManyOpenFilesInSystem = Errno(rawValue: 23)
    /// EMFILE.
    public static let tooManyOpenFiles = Errno(rawValue: 24)
    /// EFBIG.
    public static let fileTooLarge = Errno(rawValue: 27)
    /// ENOSPC.
    public static let noSpace = Errno(rawValue: 28)
    /// EROFS.
    public static let readOnlyFileSystem = Errno(rawValue: 30)
    /// EPIPE.
    public static let brokenPipe = Errno(rawValue: 32)
    /// ENAMETOOLONG.
    public static let nameTooLong = Errno(rawValue: 36)
    /// ENOSYS.
    public static let notImplemented = Errno(rawValue: 38)
    /// ELOOP.
    public static let tooManyLinks = Errno(rawValue: 40)
    /// EOPNOTSUPP.
    public static let notSupported = Errno(rawValue: 95)
    /// EDQUOT.
    public static let quotaExceeded = Errno(rawValue: 122)

    /// Whether the caller's rights were not enough: EPERM or EACCES.
    public var isRefusal: Bool { self == .operationNotPermitted || self == .permissionDenied }

    /// Whether what was asked about is not there: ESRCH or ENOENT.
    public var isAbsence: Bool { self == .noSuchProcess || self == .noEntry }
}

extension Errno {
    /// Turns the shims' convention, a result or a negative error number, into a value or an error.
    @inlinable
    public static func check<Number: FixedWidthInteger & SignedInteger>(_ result: Number) throws(Errno) -> Number {
        guard result < 0 else { return result }
        throw Errno(rawValue: Int32(truncatingIfNeeded: 0 &- result))
    }
}
