internal import CLinux
import Testing

@testable import TaskAccounting

/// `struct taskstats` as a kernel of some version would send it: every aligned word holds its own offset.
private func stats(version: UInt16, bytes: Int) -> [UInt8] {
    var stats: [UInt8] = []
    while stats.count < bytes { stats.append(number: UInt64(stats.count)) }
    stats[0] = UInt8(version & 0xff)
    stats[1] = UInt8(version >> 8)
    return stats
}

private func parse(_ bytes: [UInt8], scope: TaskAccount.Scope = .thread, delaysKnown: Bool = true) -> TaskAccount? {
    TaskAccount(bytes.span, 0..<bytes.count, scope: scope, delaysKnown: delaysKnown)
}

struct TaskAccountParsingTests {
    /// Up to version 10, which the oldest supported distribution's header has.
    @Test func theLayoutIsTheHeaders() {
        typealias Layout = TaskAccountLayout
        let header: [(Int, Int?)] = [
            (Layout.exitCode, MemoryLayout<taskstats>.offset(of: \.ac_exitcode)),
            (Layout.flag, MemoryLayout<taskstats>.offset(of: \.ac_flag)),
            (Layout.nice, MemoryLayout<taskstats>.offset(of: \.ac_nice)),
            (Layout.cpuDelay, MemoryLayout<taskstats>.offset(of: \.cpu_count)),
            (Layout.blockIODelay, MemoryLayout<taskstats>.offset(of: \.blkio_count)),
            (Layout.swapInDelay, MemoryLayout<taskstats>.offset(of: \.swapin_count)),
            (Layout.cpuRunReal, MemoryLayout<taskstats>.offset(of: \.cpu_run_real_total)),
            (Layout.cpuRunVirtual, MemoryLayout<taskstats>.offset(of: \.cpu_run_virtual_total)),
            (Layout.comm, MemoryLayout<taskstats>.offset(of: \.ac_comm)),
            (Layout.uid, MemoryLayout<taskstats>.offset(of: \.ac_uid)),
            (Layout.gid, MemoryLayout<taskstats>.offset(of: \.ac_gid)),
            (Layout.pid, MemoryLayout<taskstats>.offset(of: \.ac_pid)),
            (Layout.parentPid, MemoryLayout<taskstats>.offset(of: \.ac_ppid)),
            (Layout.elapsed, MemoryLayout<taskstats>.offset(of: \.ac_etime)),
            (Layout.userTime, MemoryLayout<taskstats>.offset(of: \.ac_utime)),
            (Layout.systemTime, MemoryLayout<taskstats>.offset(of: \.ac_stime)),
            (Layout.minorFaults, MemoryLayout<taskstats>.offset(of: \.ac_minflt)),
            (Layout.majorFaults, MemoryLayout<taskstats>.offset(of: \.ac_majflt)),
            (Layout.voluntarySwitches, MemoryLayout<taskstats>.offset(of: \.nvcsw)),
            (Layout.involuntarySwitches, MemoryLayout<taskstats>.offset(of: \.nivcsw)),
            (Layout.freePagesDelay, MemoryLayout<taskstats>.offset(of: \.freepages_count)),
            (Layout.thrashingDelay, MemoryLayout<taskstats>.offset(of: \.thrashing_count)),
            (Layout.beginTime64, MemoryLayout<taskstats>.offset(of: \.ac_btime64)),
        ]
        for (ours, theirs) in header { #expect(ours == theirs) }
    }

    @Test func fieldsAreReadFromTheirPlaces() throws {
        let account = try #require(parse(stats(version: 16, bytes: 560)))
        #expect(account.version == 16)
        #expect(account.cpuDelay == .init(count: 16, nanoseconds: 24))
        #expect(account.blockIODelay == .init(count: 32, nanoseconds: 40))
        #expect(account.irqDelay == .init(count: 416, nanoseconds: 424))
        #expect(account.voluntarySwitches == 272 && account.involuntarySwitches == 280)
        #expect(account.thread?.minorFaults == 168 && account.thread?.pid == 368)
    }

    @Test func version15MovedEveryFieldBehindItsDelays() throws {
        let account = try #require(parse(stats(version: 15, bytes: 560)))
        #expect(account.cpuDelay == .init(count: 16, nanoseconds: 24))
        #expect(account.blockIODelay == .init(count: 48, nanoseconds: 56))
        #expect(account.swapInDelay == .init(count: 80, nanoseconds: 88))
        #expect(account.cpuRunRealNanoseconds == 112)
        #expect(account.voluntarySwitches == 320)
        #expect(account.freePagesDelay?.count == 360)
        #expect(account.thrashingDelay?.count == 392)
        #expect(account.compactDelay?.count == 432)
        #expect(account.thread?.pid == 464)
        #expect(account.writeProtectCopyDelay?.count == 496)
        #expect(account.irqDelay?.count == 528)
    }

    @Test func anOlderKernelLacksTheLaterFields() throws {
        let account = try #require(parse(stats(version: 8, bytes: 328)))
        #expect(account.freePagesDelay?.count == 312)
        #expect(account.thrashingDelay == nil && account.compactDelay == nil && account.irqDelay == nil)
        #expect(account.thread?.pid == nil && account.thread?.startSeconds == nil && account.thread?.endsProcess == nil)
    }

    @Test func delaysThatAreNotMeasuredAreAbsent() throws {
        let account = try #require(parse(stats(version: 16, bytes: 560), delaysKnown: false))
        #expect(account.blockIODelay == nil && account.irqDelay == nil)
        #expect(account.cpuDelay.count == 16)
    }

    @Test func aReplyCutAnywhereIsReadOnlyAsFarAsItGoes() {
        let whole = stats(version: 16, bytes: 560)
        for length in 0..<whole.count {
            let account = parse(Array(whole.prefix(length)))
            #expect((account == nil) == (length < 288))
            if length < 432 { #expect(account?.irqDelay == nil) }
        }
    }

    @Test func messagesWithFalseLengthsEndTheReading() {
        var message: [UInt8] = []
        let request = GenericRequest(family: 20, command: 1, attribute: 1)
        message.append(request, sequence: 7, value: 42)
        #expect(NetlinkMessage(message.span, at: 0, limit: message.count)?.sequence == 7)
        for length in 0..<message.count {
            #expect(NetlinkMessage(message.span, at: 0, limit: length) == nil)
            #expect(NetlinkMessage(Array(message.prefix(length)).span, at: 0, limit: message.count) == nil)
        }
        for wrong in [0, 3, 15, 29, 0xff] as [UInt8] {
            var bad = message
            bad[0] = wrong
            bad[3] = wrong == 0xff ? 0xff : 0
            #expect(NetlinkMessage(bad.span, at: 0, limit: bad.count) == nil)
        }
        for wrong in [0, 3, 9, 0xff] as [UInt8] {
            var bad = message
            bad[20] = wrong
            #expect(NetlinkAttribute(bad.span, at: 20, limit: bad.count) == nil)
            #expect(NetlinkAttribute.find(1, in: bad.span, 20..<bad.count) == nil)
        }
    }
}
