import Glibc
import Linux
import ProcFS
import Testing

@Suite struct LiveHostTests {
    @Test func theHostIsWhatTheSystemCallsSay() throws {
        var reader = try ProcReader()
        let first = try #require(reader.hostStat().value)
        #expect(first.processors.count == Machine.onlineCPUs())
        let boot = KernelClock.realtimeSeconds() - Double(KernelClock.bootNanoseconds()) / 1e9
        #expect(abs(Double(first.bootTime) - boot) < 5)
        _ = try Child("exit 0").reap()
        let second = try #require(reader.hostStat().value)
        #expect(second.forks > first.forks && second.contextSwitches > first.contextSwitches)
        #expect(second.total.total >= first.total.total)
        let memory = try #require(reader.meminfo().value)
        #expect(memory.totalBytes == UInt64(sysconf(Int32(_SC_PHYS_PAGES))) * Machine.pageSize)
        #expect(memory.freeBytes < memory.totalBytes)
    }

    @Test func theUptimeLiesBetweenTwoReadingsOfTheClock() throws {
        var reader = try ProcReader()
        let before = Double(KernelClock.bootNanoseconds()) / 1e9
        let uptime = try #require(reader.uptimeSeconds().value)
        let after = Double(KernelClock.bootNanoseconds()) / 1e9
        // The file is cut to hundredths.
        #expect(before - 0.011 <= uptime && uptime <= after)
    }

    @Test func touchingMemoryIsAFault() throws {
        var reader = try ProcReader()
        let before = try #require(reader.vmstat().value)
        let pages = [UInt8](repeating: 1, count: 64 << 20)
        let after = try #require(reader.vmstat().value)
        #expect(after.faults > before.faults && pages.last == 1)
        #expect(after.majorFaults >= before.majorFaults)
    }

    @Test func theOtherFilesOfTheHostAreRead() throws {
        var reader = try ProcReader()
        let load = try #require(reader.loadAverage().value)
        #expect(load.tasks > 1 && load.lastPid > 0)
        #expect(reader.networkDevices().value != nil)
        #expect(reader.diskstats().value != nil)
        for resource in Pressure.Resource.allCases {
            if case .malformed = reader.pressure(resource) { Issue.record("pressure of \(resource)") }
        }
    }
}
