internal import CLinux

/// Wakes the calling thread at a steady rate, each time a little off the beat.
///
/// A program that does something at the same rate would otherwise always be seen at the same place of it. The moments are those of a fixed
/// grid, each shifted at random by up to half the distance, so that the rate is exact over time.
public struct Pacer: Sendable {
    private let startNanoseconds: UInt64
    private let distanceNanoseconds: Double
    private var number: UInt64 = 0
    private var random: UInt64

    /// Begins now.
    ///
    /// - Parameter hertz: wake-ups a second, more than 0.
    public init(hertz: Double) {
        precondition(hertz > 0, "a pacer needs a rate")
        startNanoseconds = KernelClock.monotonicNanoseconds()
        distanceNanoseconds = 1e9 / hertz
        random = startNanoseconds | 1
    }

    /// Makes the calling thread wake up on time: the kernel gathers wake-ups within 50 µs otherwise.
    public static func sharpenCallingThread() {
        // Without it samples come late by up to 50 µs, which costs nothing but evenness.
        _ = cl_set_timer_slack(1)
        // Who asks for little at a time is let in sooner.
        _ = cl_set_time_slice(100_000)
    }

    /// Sleeps for a while: a signal cuts it short.
    public static func sleep(nanoseconds: Int64) {
        _ = cl_sleep(nanoseconds)
    }

    /// Sleeps until the next moment.
    ///
    /// The C function is clock_nanosleep(2).
    /// - Parameter limit: Longest sleep, so that the caller can look whether it is to end. Unit: nanoseconds.
    /// - Returns: how many moments went by while the caller was busy; nil when the next has not come yet.
    public mutating func wait(atMost limit: UInt64 = 50_000_000) -> Int? {
        let now = KernelClock.monotonicNanoseconds()
        var missed = 0
        let reached = UInt64(Double(now - startNanoseconds) / distanceNanoseconds)
        if reached > number {
            missed = Int(reached - number)
            number = reached
        }
        let moment = startNanoseconds + UInt64((Double(number) + shift()) * distanceNanoseconds)
        let wake = min(moment, now + limit)
        if wake > now, wake - now < Pacer.spinNanoseconds {
            while KernelClock.monotonicNanoseconds() < wake {}
        } else if wake > now {
            var time = timespec(tv_sec: Int(wake / 1_000_000_000), tv_nsec: Int(wake % 1_000_000_000))
            _ = unsafe cl_sleep_until(&time)
        }
        guard wake == moment else { return nil }
        number += 1
        step()
        return missed
    }

    /// Waits that are shorter are waited out on the processor: to sleep and be woken costs more of it.
    private static let spinNanoseconds: UInt64 = 40_000

    /// Where in its distance a moment lies: 0.25 to 0.75.
    private func shift() -> Double { 0.25 + Double(random >> 40) / Double(1 << 25) }

    private mutating func step() {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
    }
}
