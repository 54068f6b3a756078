import ProcFS
import Testing

@Suite struct ProcessFileTests {
    @Test func statusHasEveryField() throws {
        let status = try #require(parse(Fixture.status.bytes, ProcessStatus.init(parsing:)))
        let (users, groups) = (status.users, status.groups)
        #expect([users.real, users.effective, users.saved, users.fileSystem] == [1_000, 1_001, 1_002, 1_003])
        #expect([groups.real, groups.effective, groups.saved, groups.fileSystem] == [2_000, 2_001, 2_002, 2_003])
        #expect(status.umask == 0o027 && status.tracer == 77 && status.numaGroup == 3 && status.descriptorSlots == 256)
        #expect(status.namespacePids.array == [4_242, 17, 1])
        #expect(status.threads == 9 && status.noNewPrivileges == 1 && status.seccomp == 2)
        #expect(status.voluntarySwitches == 123 && status.involuntarySwitches == 456)
        let memory = status.memory
        #expect(memory.peakVirtualBytes == 3_060 << 10 && memory.virtualBytes == 3_050 << 10)
        #expect(memory.peakResidentBytes == 1_708 << 10 && memory.residentBytes == 1_700 << 10)
        #expect(memory.residentAnonymousBytes == 112 << 10 && memory.residentFileBytes == 1_500 << 10)
        #expect(memory.residentSharedBytes == 88 << 10 && memory.lockedBytes == 8 << 10)
        #expect(memory.dataBytes == 360 << 10 && memory.stackBytes == 132 << 10 && memory.textBytes == 20 << 10)
        #expect(memory.libraryBytes == 1_528 << 10 && memory.pageTableBytes == 52 << 10 && memory.swapBytes == 12 << 10)
        let signals = status.signals
        #expect(signals.pending == 1 && signals.sharedPending == 2 && signals.blocked == 4)
        #expect(signals.ignored == 0x0100_1000 && signals.caught == 0xFFFF_FFFF_0000_4000)
        let capabilities = status.capabilities
        #expect(
            capabilities.inheritable == 8 && capabilities.permitted == 0x1FF_FFFF_FFFF && capabilities.ambient == 16)
        #expect(capabilities.effective == 0x80000 && capabilities.bounding == 0x1FF_FEFF_FFFF)
    }

    @Test func aStatusThatIsCutGivesNothingOrTrueValues() throws {
        let whole = try #require(parse(Fixture.status.bytes, ProcessStatus.init(parsing:)))
        var readings = 0
        for prefix in prefixes(Fixture.status) {
            guard let status = parse(prefix, ProcessStatus.init(parsing:)) else { continue }
            readings += 1
            #expect(status.users == whole.users && status.groups == whole.groups && status.involuntarySwitches == nil)
            #expect(untrueFields(of: status.memory, in: whole.memory) == [])
            #expect(untrueFields(of: status.signals, in: whole.signals) == [])
            #expect(untrueFields(of: status.capabilities, in: whole.capabilities) == [])
            let numbers = [status.tracer, status.umask, status.descriptorSlots, status.threads, status.seccomp]
            let truth = [whole.tracer, whole.umask, whole.descriptorSlots, whole.threads, whole.seccomp]
            for (number, whole) in zip(numbers, truth) { #expect(number == nil || number == whole) }
            #expect(status.voluntarySwitches == nil || status.voluntarySwitches == 123)
            #expect(status.namespacePids.array.isEmpty || status.namespacePids.array == [4_242, 17, 1])
        }
        // Whole lines only: from the groups' on, less the last.
        #expect(readings == Fixture.status.split(separator: "\n").count - 10)
        for bytes in mutations(Fixture.status) { _ = parse(bytes, ProcessStatus.init(parsing:)) }
    }

    @Test func moreNamespacesThanThereIsRoomForAreLeftOut() throws {
        let text = Fixture.status.replacing("NSpid:\t4242", with: "NSpid:" + String(repeating: "\t5", count: 40))
        #expect(
            try #require(parse(text.bytes, ProcessStatus.init(parsing:))).namespacePids.array
                == Array(repeating: 5, count: 8))
    }

    @Test func ioIsWholeOrNothing() throws {
        let io = try #require(parse(Fixture.io.bytes, ProcessIO.init(parsing:)))
        #expect(io.readCharacters == 6_976 && io.writtenCharacters == 11 && io.readCalls == 10 && io.writeCalls == 2)
        #expect(io.readBytes == 4_096 && io.writtenBytes == 8_192 && io.cancelledBytes == 512)
        for prefix in prefixes(Fixture.io) { #expect(parse(prefix, ProcessIO.init(parsing:)) == nil) }
        for bytes in mutations(Fixture.io) { _ = parse(bytes, ProcessIO.init(parsing:)) }
        #expect(parse(Fixture.io.replacing("rchar", with: "xchar").bytes, ProcessIO.init(parsing:)) == nil)
    }

    @Test func scheduleAndSizesAreWholeOrNothing() throws {
        let schedule = try #require(parse("630213 163085 3\n".bytes, TaskSchedule.init(parsing:)))
        #expect((schedule.runNanoseconds, schedule.waitNanoseconds, schedule.timeslices) == (630_213, 163_085, 3))
        for prefix in prefixes("630213 163085 3\n") { #expect(parse(prefix, TaskSchedule.init(parsing:)) == nil) }
        let sizes = try #require(parse("765 406 378 5 0 123 0\n".bytes, ProcessSizes.init(parsing:)))
        #expect(sizes.virtualPages == 765 && sizes.residentPages == 406 && sizes.sharedPages == 378)
        #expect(sizes.textPages == 5 && sizes.dataPages == 123)
        for prefix in prefixes("765 406 378 5 0 123 0\n") { #expect(parse(prefix, ProcessSizes.init(parsing:)) == nil) }
    }

    @Test func limitsKeepNamesWithBlanks() throws {
        let limits = try #require(parse(Fixture.limits.bytes, ResourceLimit.parse))
        #expect(limits.map(\.name) == ["Max cpu time", "Max stack size", "Max open files", "Max nice priority"])
        #expect(limits[0].soft == nil && limits[0].hard == nil && limits[0].unit == "seconds")
        #expect(limits[1].soft == 8_388_608 && limits[1].hard == nil)
        #expect(limits[2].soft == 1_024 && limits[2].hard == 20_000)
        #expect(limits[3].hard == 3 && limits[3].unit == nil)
        for prefix in prefixes(Fixture.limits) {
            guard let cut = parse(prefix, ResourceLimit.parse) else { continue }
            #expect(cut == Array(limits.prefix(cut.count)))
        }
        for bytes in mutations(Fixture.limits) { _ = parse(bytes, ResourceLimit.parse) }
    }

    @Test func cgroupPathsMayHoldColons() throws {
        let memberships = try #require(parse(Fixture.cgroup.bytes, CgroupMembership.parse))
        #expect(
            memberships == [
                CgroupMembership(hierarchy: 9, controllers: ["name=systemd"], path: "/a:b"),
                CgroupMembership(hierarchy: 4, controllers: ["cpu", "cpuacct"], path: "/docker/x"),
                CgroupMembership(hierarchy: 0, controllers: [], path: "/../up"),
            ])
        for prefix in prefixes(Fixture.cgroup) {
            guard let cut = parse(prefix, CgroupMembership.parse) else { continue }
            #expect(cut == Array(memberships.prefix(cut.count)))
        }
        for bytes in mutations(Fixture.cgroup) { _ = parse(bytes, CgroupMembership.parse) }
    }

    @Test func sharedMemoryIsDivided() throws {
        let rollup = try #require(parse(Fixture.rollup.bytes, MemoryRollup.init(parsing:)))
        #expect(rollup.residentBytes == 1_624 << 10 && rollup.proportionalBytes == 289 << 10)
        #expect(rollup.proportionalAnonymousBytes == 112 << 10 && rollup.proportionalFileBytes == 177 << 10)
        #expect(rollup.proportionalSharedBytes == 3 << 10 && rollup.uniqueBytes == (56 + 112 + 4) << 10)
        #expect(rollup.swapBytes == 7 << 10 && rollup.proportionalSwapBytes == 5 << 10)
        for prefix in prefixes(Fixture.rollup) {
            guard let cut = parse(prefix, MemoryRollup.init(parsing:)) else { continue }
            #expect(cut == rollup)
        }
        for bytes in mutations(Fixture.rollup) { _ = parse(bytes, MemoryRollup.init(parsing:)) }
    }

    @Test func theGroupOfASessionHasANiceValue() throws {
        let group = try #require(parse("/autogroup-512 nice -5\n".bytes, Autogroup.init(parsing:)))
        #expect(group.id == 512 && group.nice == -5)
        for prefix in prefixes("/autogroup-512 nice -5\n") { #expect(parse(prefix, Autogroup.init(parsing:)) == nil) }
    }
}
