internal import Linux
public import Model
internal import ProcFS
public import Sampling

/// Reads the host's totals.
public struct HostSampler: Sampler, ~Copyable, SendableMetatype {
    private var reader: ProcReader
    private var before: HostSnapshot?
    private var ticks: [CPUTicks] = []
    private var totalTicks: CPUTicks?

    /// A sampler of the running host.
    public init(root: String = "/proc") throws {
        reader = try ProcReader(root: root)
    }

    /// Reads everything the header shows.
    public mutating func sample(_ demand: Bool) throws -> HostSnapshot {
        let cpuBefore = KernelClock.threadCPUNanoseconds()
        let filesBefore = reader.filesRead
        var host = HostSnapshot()
        host.name = Machine.hostName()
        host.kernelRelease = Machine.kernelRelease()
        host.uptimeSeconds = reader.uptimeSeconds().value ?? 0
        host.load = reader.loadAverage().value.map { ($0.oneMinute, $0.fiveMinutes, $0.fifteenMinutes) }
        host.nanoseconds = KernelClock.monotonicNanoseconds()
        host.realtimeSeconds = KernelClock.realtimeSeconds()
        if let stat = reader.hostStat().value { take(stat, into: &host) }
        if let memory = reader.meminfo().value {
            host.memory = MemoryUse(
                totalBytes: memory.totalBytes, availableBytes: memory.availableBytes ?? memory.freeBytes,
                freeBytes: memory.freeBytes,
                buffersBytes: memory.buffersBytes, cachedBytes: memory.cachedBytes,
                swapTotalBytes: memory.swapTotalBytes,
                swapFreeBytes: memory.swapFreeBytes)
        }
        host.cpuPressure = pressure(.cpu)
        host.memoryPressure = pressure(.memory)
        host.ioPressure = pressure(.io)
        takeCounters(into: &host)
        if let before {
            host.rates = HostRates(
                from: before.counters, to: host.counters, seconds: Double(host.nanoseconds - before.nanoseconds) / 1e9)
        }
        host.cost.cpuNanoseconds = KernelClock.threadCPUNanoseconds() - cpuBefore
        host.cost.filesRead = Int(reader.filesRead - filesBefore)
        before = host
        return host
    }

    private mutating func take(_ stat: HostStat, into host: inout HostSnapshot) {
        let now = stat.processors.map { HostSampler.ticks($0.times) }
        let total = HostSampler.ticks(stat.total)
        if let totalTicks { host.total = CPUShares(from: totalTicks, to: total) }
        for (index, ticks) in now.enumerated() {
            // A processor that went offline shifts the list: then there is no earlier reading of it.
            let earlier = self.ticks.count == now.count ? self.ticks[index] : nil
            host.processors.append(earlier.flatMap { CPUShares(from: $0, to: ticks) } ?? CPUShares())
        }
        ticks = now
        totalTicks = total
        host.counters.switches = stat.contextSwitches
        host.counters.forks = stat.forks
    }

    private static func ticks(_ times: CPUTimes) -> CPUTicks {
        var ticks = CPUTicks()
        ticks.user = times.user
        ticks.system = times.system
        ticks.nice = times.nice
        ticks.idle = times.idle
        ticks.ioWait = times.ioWait
        ticks.interrupts = times.hardwareInterrupt &+ times.softwareInterrupt
        ticks.steal = times.steal
        return ticks
    }

    private mutating func takeCounters(into host: inout HostSnapshot) {
        if let memory = reader.vmstat().value {
            host.counters.faults = memory.faults
            host.counters.majorFaults = memory.majorFaults
        }
        if let disks = reader.diskstats().value {
            host.counters.diskReadBytes = disks.readBytes
            host.counters.diskWrittenBytes = disks.writtenBytes
        }
        if let network = reader.networkDevices().value {
            host.counters.receivedBytes = network.receivedBytes
            host.counters.transmittedBytes = network.transmittedBytes
        }
    }

    private mutating func pressure(_ resource: Pressure.Resource) -> PressureShares? {
        reader.pressure(resource).value.map { PressureShares(some: $0.some.average10, full: $0.full?.average10) }
    }
}
