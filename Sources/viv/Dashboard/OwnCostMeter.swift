internal import Linux
internal import Panels
internal import ProcFS

/// Measures what viv itself costs.
struct OwnCostMeter: ~Copyable {
    private var reader = try? ProcReader()
    private var before: (cpu: UInt64, written: UInt64, nanoseconds: UInt64)?
    private var lost: UInt64 = 0
    private var newest = OwnCost()

    /// Time that a cost is the mean of: a shorter one would be noise. Unit: nanoseconds.
    private static let stretchNanoseconds: UInt64 = 4_500_000_000
    /// The same for the first cost, which is waited for: what came before was the start.
    private static let firstStretchNanoseconds: UInt64 = 1_500_000_000

    /// The cost of the last five seconds or so.
    ///
    /// Bytes to the terminal are those of all write(2) calls of viv, which but for its wake-ups all go there.
    mutating func measure(lost more: UInt64) -> OwnCost {
        lost += more
        newest.lost = lost
        let moment = KernelClock.monotonicNanoseconds()
        let stretch =
            newest.cpuPercent == nil ? OwnCostMeter.firstStretchNanoseconds : OwnCostMeter.stretchNanoseconds
        if let before, moment < before.nanoseconds + stretch { return newest }
        let pid = Machine.ownPid()
        let written = reader?.io(pid).value?.writtenCharacters ?? 0
        let now = (cpu: KernelClock.processCPUNanoseconds(), written: written, nanoseconds: moment)
        defer { before = now }
        var cost = OwnCost()
        cost.lost = lost
        cost.residentBytes = (reader?.statm(pid).value?.residentPages ?? 0) &* Machine.pageSize
        defer { newest = cost }
        guard let before, now.nanoseconds > before.nanoseconds else { return cost }
        let seconds = Double(now.nanoseconds - before.nanoseconds) / 1e9
        cost.cpuPercent = Double(now.cpu - before.cpu) / 1e7 / seconds
        cost.terminalBytesPerSecond = Double(now.written - before.written) / seconds
        return cost
    }
}
