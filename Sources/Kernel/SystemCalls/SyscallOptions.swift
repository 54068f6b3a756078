/// What is told of system calls, whoever follows them.
public struct SyscallOptions: Sendable {
    /// Whether each call is told. Who stops threads tells each in any case.
    public var tells = true
    /// Whether calls are summed up where they are made.
    public var sums = false
    /// Whether processes that the targets make are followed, too.
    public var follows = true
    /// Whether only calls are told that failed.
    public var onlyFailed = false
    /// Calls that took less are not told. Unit: nanoseconds.
    public var slowerThanNanoseconds: UInt64 = 0
    /// Most bytes of data that are told of a buffer: no more than 512.
    public var dataLimit = 32
    /// Numbers of the calls that are wanted; nil for all.
    public var wanted: Set<Int32>?

    /// All calls, one by one.
    public init() {}
}
