public import Linux

/// What reading a file of /proc gave.
public enum Reading<Value> {
    /// The file, whole.
    case value(Value)
    /// The process has ended, or it or this kernel has no such file: ENOENT, ESRCH.
    case gone
    /// The caller may not read it: EACCES, EPERM.
    case refused
    /// The file is not as the kernel writes it: cut off, or of another format.
    case malformed
    /// The kernel could not answer, such as EOPNOTSUPP, or EMFILE here.
    case unavailable(Errno)

    /// The value, nil where there is none for whatever reason.
    public var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }

    /// Whether the caller's rights were not enough.
    public var isRefused: Bool {
        if case .refused = self { true } else { false }
    }

    /// Whether the process or the file is not there.
    public var isGone: Bool {
        if case .gone = self { true } else { false }
    }

    /// The same outcome with the value changed; nil makes it malformed.
    public func map<Other>(_ change: (Value) -> Other?) -> Reading<Other> {
        switch self {
        case .value(let value): change(value).map { .value($0) } ?? .malformed
        case .gone: .gone
        case .refused: .refused
        case .malformed: .malformed
        case .unavailable(let error): .unavailable(error)
        }
    }

    /// The outcome of a call that failed.
    init(_ error: Errno) {
        if error.isAbsence {
            self = .gone
        } else if error.isRefusal {
            self = .refused
        } else {
            self = .unavailable(error)
        }
    }
}

extension Reading: Sendable where Value: Sendable {}
extension Reading: Equatable where Value: Equatable {}
