internal import Model

/// `viv stat` without a target: the host.
enum HostStat {
    static func print(_ host: HostSnapshot, seconds: Double, json: Bool, isFirst: Bool) {
        show(host.total, host.rates, seconds: seconds, json: json, isFirst: isFirst, isAverage: false)
    }

    /// The mean of the lines, each weighing as much as it lasted.
    static func printAverage(_ all: [(host: HostSnapshot, seconds: Double)], json: Bool) {
        func mean(_ value: (HostSnapshot) -> Double?) -> Double? {
            let known = all.compactMap { line in value(line.host).map { (value: $0, seconds: line.seconds) } }
            let seconds = known.reduce(0) { $0 + $1.seconds }
            return seconds > 0 ? known.reduce(0) { $0 + $1.value * $1.seconds } / seconds : nil
        }
        guard var shares = all.last?.host.total, var rates = all.last?.host.rates else { return }
        shares.user = mean { $0.total?.user } ?? 0
        shares.system = mean { $0.total?.system } ?? 0
        shares.nice = mean { $0.total?.nice } ?? 0
        shares.ioWait = mean { $0.total?.ioWait } ?? 0
        shares.interrupts = mean { $0.total?.interrupts } ?? 0
        shares.steal = mean { $0.total?.steal } ?? 0
        rates.switches = mean { $0.rates?.switches } ?? 0
        rates.forks = mean { $0.rates?.forks } ?? 0
        rates.minorFaults = mean { $0.rates?.minorFaults }
        rates.majorFaults = mean { $0.rates?.majorFaults }
        rates.diskReadBytes = mean { $0.rates?.diskReadBytes }
        rates.diskWrittenBytes = mean { $0.rates?.diskWrittenBytes }
        let seconds = all.reduce(0) { $0 + $1.seconds }
        show(shares, rates, seconds: seconds, json: json, isFirst: false, isAverage: true)
    }

    private static func show(
        _ shares: CPUShares?, _ rates: HostRates?, seconds: Double, json: Bool, isFirst: Bool, isAverage: Bool
    ) {
        if json {
            Output.line(
                Json.object([
                    ("elapsedSeconds", .number(seconds)), ("userPercent", .optional(shares?.user)),
                    ("systemPercent", .optional(shares?.system)), ("nicePercent", .optional(shares?.nice)),
                    ("ioWaitPercent", .optional(shares?.ioWait)), ("interruptPercent", .optional(shares?.interrupts)),
                    ("stealPercent", .optional(shares?.steal)), ("switchesPerSecond", .optional(rates?.switches)),
                    ("forksPerSecond", .optional(rates?.forks)),
                    ("minorFaultsPerSecond", .optional(rates?.minorFaults)),
                    ("majorFaultsPerSecond", .optional(rates?.majorFaults)),
                    ("readBytesPerSecond", .optional(rates?.diskReadBytes)),
                    ("writeBytesPerSecond", .optional(rates?.diskWrittenBytes)), ("average", .bool(isAverage)),
                ]).text)
            return
        }
        if isFirst {
            Output.line(
                StatText.title([
                    "SECONDS", "USR%", "SYS%", "NICE%", "IOW%", "IRQ%", "STL%", "CSW/s", "FRK/s", "MNF/s", "MJF/s",
                    "RD/s", "WR/s",
                ]))
        }
        func percent(_ value: Double?) -> String { value.map(NumberText.percent) ?? "·" }
        func rate(_ value: Double?) -> String { value.map(NumberText.count) ?? "·" }
        func bytes(_ value: Double?) -> String { value.map(NumberText.bytes) ?? "·" }
        Output.line(
            StatText.line([
                isAverage ? "average" : NumberText.fixed(seconds, 2), percent(shares?.user), percent(shares?.system),
                percent(shares?.nice),
                percent(shares?.ioWait), percent(shares?.interrupts), percent(shares?.steal), rate(rates?.switches),
                rate(rates?.forks),
                rate(rates?.minorFaults), rate(rates?.majorFaults), bytes(rates?.diskReadBytes),
                bytes(rates?.diskWrittenBytes),
            ]))
    }
}
