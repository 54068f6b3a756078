import Glibc
import Linux
import ProcFS
import TestProcesses
import Testing

@Suite struct LiveHostTests {
    @Test func theHostIsWhatTheSystemCallsSay() throws {
        var reader = try ProcReader()
        let first = try #require(reader.hostStat().value)
        #expect(first.processors.count == Machine.onlineCPUs())
        let boot = KernelClock.realtimeSeconds() - Double(KernelClock.bootNanoseconds()) / 1e9
        #expect(abs(Double(first.bootTime) - boot) < 5)
        try Child("exit 0").reap()
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

    @Test func aListeningSocketIsFoundByItsPort() throws {
        // A child of another test that held it too would keep it open.
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        let owner = FileDescriptor(owning: try Errno.check(descriptor))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                // Port 0 asks the kernel for a free one, whose number comes back.
                unsafe bind(descriptor, address, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        #expect(bound)
        let port = UInt16(bigEndian: address.sin_port)
        let inode = try FileStatus(path: "/proc/self/fd/\(descriptor)").inode
        var reader = try ProcReader()
        #expect(reader.socketInodes(localPort: port, listeningOnly: true) == [inode])
        let isHeld = reader.holdsSocket(in: [inode], pid: getpid())
        #expect(isHeld)
        _ = consume owner
        #expect(!reader.socketInodes(localPort: port, listeningOnly: false).contains(inode))
        let isHeldStill = reader.holdsSocket(in: [inode], pid: getpid())
        #expect(!isHeldStill)
    }
}
