/// When the stacks that threads took are read, and for how long the program in the kernel believes that code at an address is what it was.
///
/// Both are long while nothing happens that asks for more: each reading wakes a processor, and each look at code costs the thread.
struct ClockPace {
    /// How long stacks wait to be read. Unit: nanoseconds.
    private(set) var drainNanoseconds = shortestDrain
    /// How long code is believed. Unit: nanoseconds.
    private(set) var beliefNanoseconds = firstBelief
    private var churnEnd: UInt64?
    private var hasChurned = false

    /// Shorter where stacks are many, and where code dies that they are of: it is looked up when they are read.
    private static let (churningDrain, shortestDrain, longestDrain): (UInt64, UInt64, UInt64) =
        (2_000_000, 3_000_000, 50_000_000)
    private static let (fewBytes, manyBytes) = (128 << 10, 512 << 10)
    /// Shorter in the first second, in which it is not known yet whether code is replaced, and for five once it was.
    private static let (churningBelief, firstBelief, belief): (UInt64, UInt64, UInt64) =
        (1_000_000, 5_000_000, 50_000_000)
    private static let (firstNanoseconds, churnNanoseconds): (UInt64, UInt64) = (1_000_000_000, 5_000_000_000)

    /// Settles both anew after a reading.
    mutating func adapt(readBytes: Int, hasSeenReplacements: Bool, atNanoseconds now: UInt64) {
        if hasSeenReplacements {
            hasChurned = true
            churnEnd = now + ClockPace.churnNanoseconds
        }
        let end = churnEnd ?? now + ClockPace.firstNanoseconds
        churnEnd = end
        if readBytes > ClockPace.manyBytes {
            drainNanoseconds = max(ClockPace.shortestDrain, drainNanoseconds / 2)
        } else if readBytes < ClockPace.fewBytes {
            drainNanoseconds = min(ClockPace.longestDrain, drainNanoseconds * 2)
        }
        if now < end, hasChurned { drainNanoseconds = ClockPace.churningDrain }
        beliefNanoseconds =
            now >= end ? ClockPace.belief : hasChurned ? ClockPace.churningBelief : ClockPace.firstBelief
    }
}
