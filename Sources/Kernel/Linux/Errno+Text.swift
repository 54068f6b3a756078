internal import CLinux

extension Errno: CustomStringConvertible {
    /// The name in C, such as `EACCES`; `errno 999` for a number without one.
    public var name: String {
        Self.names.indices.contains(Int(rawValue)) && Self.names[Int(rawValue)] != "-"
            ? Self.names[Int(rawValue)] : "errno \(rawValue)"
    }

    /// The name and what it says to a person, such as `EACCES (permission denied)`.
    public var description: String {
        switch self {
        case .operationNotPermitted: "\(name) (operation not permitted)"
        case .noEntry: "\(name) (no such file or directory)"
        case .noSuchProcess: "\(name) (no such process)"
        case .inputOutput: "\(name) (input or output error)"
        case .noMemory: "\(name) (out of memory)"
        case .permissionDenied: "\(name) (permission denied)"
        case .badAddress: "\(name) (bad address)"
        case .noDevice: "\(name) (no such device)"
        case .notDirectory: "\(name) (not a directory)"
        case .isDirectory: "\(name) (is a directory)"
        case .fileTooLarge: "\(name) (file too large)"
        case .noSpace: "\(name) (no space left on device)"
        case .readOnlyFileSystem: "\(name) (read-only file system)"
        case .tooManyLinks: "\(name) (too many symbolic links)"
        case .nameTooLong: "\(name) (file name too long)"
        case .quotaExceeded: "\(name) (disk quota exceeded)"
        case .invalidArgument: "\(name) (invalid argument)"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "\(name) (too many open files)"
        case .notImplemented: "\(name) (not in this kernel)"
        case .notSupported: "\(name) (not supported)"
        default: name
        }
    }

    /// Names by number as in asm-generic/errno.h, which x86 and ARM share; `-` where a number has none.
    private static let names: [String] = """
        -
        EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST
        EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM
        ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG
        EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET
        ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG
        ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE
        EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE
        EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN
        ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL
        EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD
        ENOTRECOVERABLE ERFKILL EHWPOISON
        """
        .split(whereSeparator: \.isWhitespace).map(String.init)
}

extension Errno {
    /// What the C library says of it, such as `Permission denied`: the words that strace(1) and perror(3) use.
    public var message: String {
        guard let text = unsafe cl_error_text(rawValue) else { return "error \(rawValue)" }
        return unsafe String(cString: text)
    }
}
