import ProcFS
import Testing

@Suite struct HostFileTests {
    @Test func processorsAndCountersAreRead() throws {
        let stat = try #require(parse(Fixture.hostStat.bytes, HostStat.init(parsing:)))
        #expect(stat.total.user == 13_175 && stat.total.nice == 1 && stat.total.system == 4_700)
        #expect(stat.total.idle == 1_632_195 && stat.total.ioWait == 2_453 && stat.total.hardwareInterrupt == 5)
        #expect(stat.total.softwareInterrupt == 79 && stat.total.steal == 4_930)
        #expect(stat.total.guest == 7 && stat.total.guestNice == 8)
        #expect(stat.total.total == 13_175 + 1 + 4_700 + 1_632_195 + 2_453 + 5 + 79 + 4_930)
        #expect(stat.processors.map(\.number) == [0, 3])
        #expect(stat.processors[1].times.guestNice == 8)
        #expect(stat.interrupts == 285_845 && stat.contextSwitches == 435_760 && stat.bootTime == 1_795_225_780)
        #expect(stat.forks == 8_494 && stat.running == 4 && stat.blocked == 2)
        for prefix in prefixes(Fixture.hostStat) {
            guard let cut = parse(prefix, HostStat.init(parsing:)) else { continue }
            #expect(cut == stat)
        }
        for bytes in mutations(Fixture.hostStat) { _ = parse(bytes, HostStat.init(parsing:)) }
    }

    @Test func processorsOfAnOldKernelHaveFewerTimes() throws {
        let text = Fixture.hostStat.replacing(" 13175 1 4700 1632195 2453 5 79 4930 7 8", with: " 1 2 3 4")
        let total = try #require(parse(text.bytes, HostStat.init(parsing:))).total
        #expect(total.idle == 4 && total.steal == 0)
        #expect(parse(text.replacing(" 1 2 3 4", with: " 1 2 3").bytes, HostStat.init(parsing:)) == nil)
    }

    @Test func memoryIsInBytesAndWhatIsMissingIsNil() throws {
        let memory = try #require(parse(Fixture.meminfo.bytes, Meminfo.init(parsing:)))
        #expect(memory.totalBytes == 24_684_092 << 10 && memory.freeBytes == 23_462_524 << 10)
        #expect(memory.availableBytes == 24_136_072 << 10 && memory.buffersBytes == 4_284 << 10)
        #expect(memory.cachedBytes == 854_460 << 10 && memory.swapTotalBytes == 2_048 << 10)
        #expect(memory.swapFreeBytes == 1_024 << 10 && memory.dirtyBytes == 87_464 << 10)
        #expect(memory.sharedBytes == 8_856 << 10 && memory.slabReclaimableBytes == 60_536 << 10)
        #expect(memory.writebackBytes == nil && memory.activeBytes == nil)
        for prefix in prefixes(Fixture.meminfo) {
            guard let cut = parse(prefix, Meminfo.init(parsing:)) else { continue }
            #expect(cut.totalBytes == memory.totalBytes && untrueFields(of: cut, in: memory) == [])
        }
        for bytes in mutations(Fixture.meminfo) { _ = parse(bytes, Meminfo.init(parsing:)) }
        #expect(parse("MemTotal: 18446744073709551615 kB\n".bytes, Meminfo.init(parsing:)) == nil)
    }

    @Test func loadIsReadToTheHundredth() throws {
        let load = try #require(parse(Fixture.loadavg.bytes, LoadAverage.init(parsing:)))
        #expect(load.oneMinute == 0.25 && load.fiveMinutes == 1.07 && load.fifteenMinutes == 12.5)
        #expect(load.running == 3 && load.tasks == 190 && load.lastPid == 8_494)
        for prefix in prefixes(Fixture.loadavg) { #expect(parse(prefix, LoadAverage.init(parsing:)) == nil) }
        for bytes in mutations(Fixture.loadavg) { _ = parse(bytes, LoadAverage.init(parsing:)) }
    }

    @Test func pressureMayHaveOneLineOrTwo() throws {
        let pressure = try #require(parse(Fixture.pressure.bytes, Pressure.init(parsing:)))
        #expect(pressure.some.average10 == 19.81 && pressure.some.average60 == 5.94 && pressure.some.average300 == 1.66)
        #expect(pressure.some.totalMicroseconds == 22_670_041)
        #expect(pressure.full?.average10 == 0.2 && pressure.full?.totalMicroseconds == 21_206_630)
        for prefix in prefixes(Fixture.pressure) {
            guard let cut = parse(prefix, Pressure.init(parsing:)) else { continue }
            #expect(cut.some == pressure.some && cut.full == nil)
        }
        for bytes in mutations(Fixture.pressure) { _ = parse(bytes, Pressure.init(parsing:)) }
    }

    @Test func faultsAreRequiredAndSwapIsNot() throws {
        let counters = try #require(parse(Fixture.vmstat.bytes, VirtualMemoryCounters.init(parsing:)))
        #expect(counters.faults == 500 && counters.majorFaults == 6 && counters.outOfMemoryKills == 1)
        #expect(counters.swapInPages == 3 && counters.swapOutPages == 4)
        #expect(counters.pagedInKibibytes == 10 && counters.pagedOutKibibytes == 20)
        let without = try #require(parse("pgfault 1\npgmajfault 0\n".bytes, VirtualMemoryCounters.init(parsing:)))
        #expect(without.swapInPages == nil && without.outOfMemoryKills == nil)
        for prefix in prefixes(Fixture.vmstat) {
            guard let cut = parse(prefix, VirtualMemoryCounters.init(parsing:)) else { continue }
            #expect(cut.faults == 500 && untrueFields(of: cut, in: counters) == [])
        }
        for bytes in mutations(Fixture.vmstat) { _ = parse(bytes, VirtualMemoryCounters.init(parsing:)) }
    }

    @Test func onlyWholeDisksAreCounted() throws {
        let disks = try #require(parse(Fixture.diskstats.bytes, DiskCounters.init(parsing:)))
        #expect(disks.disks == 4)
        #expect(disks.readBytes == (100 + 10 + 1 + 1_000) * 512)
        #expect(disks.writtenBytes == (200 + 20 + 2 + 2_000) * 512)
        #expect(disks.busyMilliseconds == 7 + 70 + 1 + 2)
        for prefix in prefixes(Fixture.diskstats) {
            guard let cut = parse(prefix, DiskCounters.init(parsing:)) else { continue }
            // Whole disks only: the sum of none, of the first, of the first two and so on.
            #expect([0, 100, 110, 111, 1_111].map { $0 * 512 }[cut.disks] == cut.readBytes)
            #expect([0, 200, 220, 222, 2_222].map { $0 * 512 }[cut.disks] == cut.writtenBytes)
            #expect([0, 7, 77, 78, 80][cut.disks] == cut.busyMilliseconds)
        }
        for bytes in mutations(Fixture.diskstats) { _ = parse(bytes, DiskCounters.init(parsing:)) }
        #expect(try #require(parse([UInt8](), DiskCounters.init(parsing:))).disks == 0)
    }

    @Test func loopbackIsNotTheNetwork() throws {
        let network = try #require(parse(Fixture.networkDevices.bytes, NetworkCounters.init(parsing:)))
        #expect(network.devices == 2)
        #expect(network.receivedBytes == 12_058_690 && network.receivedPackets == 283 && network.receiveErrors == 3)
        #expect(network.transmittedBytes == 16_031 && network.transmittedPackets == 197 && network.transmitErrors == 7)
        for prefix in prefixes(Fixture.networkDevices) {
            guard let cut = parse(prefix, NetworkCounters.init(parsing:)) else { continue }
            #expect([0, 12_058_683, 12_058_690][cut.devices] == cut.receivedBytes)
            #expect([0, 16_022, 16_031][cut.devices] == cut.transmittedBytes)
            #expect([0, 282, 283][cut.devices] == cut.receivedPackets && [0, 3, 3][cut.devices] == cut.receiveErrors)
        }
        for bytes in mutations(Fixture.networkDevices) { _ = parse(bytes, NetworkCounters.init(parsing:)) }
    }
}
