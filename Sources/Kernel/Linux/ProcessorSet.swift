internal import CLinux

/// Processors that a thread of ours may run on. Source: sched_getaffinity(2).
public struct ProcessorSet: Sendable, Equatable {
    private var words = [UInt](repeating: 0, count: Int(CL_PROCESSOR_WORDS))

    /// Those that the calling thread may run on.
    ///
    /// - Throws: what the kernel says.
    public init() throws(Errno) {
        let result = unsafe words.withUnsafeMutableBufferPointer { unsafe cl_get_affinity($0.baseAddress) }
        if result < 0 { throw Errno(rawValue: -result) }
    }

    /// One processor, as field 39 of `/proc/<pid>/stat` counts them; nil for a number that cannot be one.
    public init?(_ processor: Int32) {
        let place = Int(processor)
        guard place >= 0, place < words.count * UInt.bitWidth else { return nil }
        words[place / UInt.bitWidth] = 1 << UInt(place % UInt.bitWidth)
    }

    /// Lets the calling thread run on these alone; where it is on another it has been moved when this returns.
    ///
    /// The C function is sched_setaffinity(2).
    /// - Throws: `EINVAL` when the thread may run on none of them.
    public func useForCallingThread() throws(Errno) {
        let result = unsafe words.withUnsafeBufferPointer { unsafe cl_set_affinity($0.baseAddress) }
        if result < 0 { throw Errno(rawValue: -result) }
    }
}
