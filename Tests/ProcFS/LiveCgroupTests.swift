import Glibc
import Linux
import ProcFS
import TestProcesses
import Testing

/// A cgroup made for the test, by the kernel that runs it.
@Suite struct LiveCgroupTests {
    /// The directory of this process's cgroup where tasks can be limited; nil where none may be made in it.
    private static let home: String? = {
        guard var reader = try? ProcReader(), let mounts = reader.cgroupMounts().value,
            let memberships = reader.cgroups(getpid()).value
        else { return nil }
        let own = memberships.first { $0.controllers.contains("pids") } ?? memberships.first { $0.hierarchy == 0 }
        guard let own, let mount = mounts.controllers["pids"] ?? mounts.unified else { return nil }
        let isBelow = mount.root == "/" || own.path == mount.root || own.path.hasPrefix(mount.root + "/")
        guard isBelow else { return nil }
        let inside = mount.root == "/" ? own.path : String(own.path.dropFirst(mount.root.count))
        let directory = mount.directory + inside
        let probe = directory + "/viv-probe-\(getpid())"
        guard unsafe mkdir(probe, 0o755) == 0 else { return nil }
        defer { unsafe rmdir(probe) }
        return unsafe access(probe + "/pids.max", W_OK) == 0 ? directory : nil
    }()

    @Test(.enabled(if: home != nil, "no cgroup with a limit of tasks may be made here"))
    func theLimitOfARealCgroupIsFound() throws {
        let home = try #require(Self.home)
        let group = home + "/viv-test-\(getpid())"
        guard unsafe mkdir(group, 0o755) == 0 else { throw Errno(rawValue: errno) }
        defer { unsafe rmdir(group) }
        try FileDescriptor.open(group + "/pids.max", .writeOnly).writeAll(Array("2\n".utf8).span)
        let child = try Child("echo $$ > '\(group)/cgroup.procs'; exec sleep 1000")
        var reader = try ProcReader()
        var hasStarted = false
        for _ in 0..<5_000 where !hasStarted {
            usleep(1_000)
            hasStarted = reader.stat(child.pid).value?.command == CommandName("sleep")
        }
        let memberships = try #require(reader.cgroups(child.pid).value)
        #expect(memberships.contains { $0.path.hasSuffix("/viv-test-\(getpid())") })
        #expect(memberships != reader.cgroups(getpid()).value)
        let mounts = try #require(reader.cgroupMounts().value)
        let limits = CgroupReader(mounts: mounts).limits(of: memberships)
        #expect(limits.taskLimit == 2 && limits.tasks == 1)
        // The directory cannot be removed before its last process is gone.
        child.end()
    }

    @Test func thisProcessIsATaskOfItsCgroupWhichIsNotFrozen() throws {
        var reader = try ProcReader()
        let mounts = try #require(reader.cgroupMounts().value)
        let limits = CgroupReader(mounts: mounts).limits(of: try #require(reader.cgroups(getpid()).value))
        if let tasks = limits.tasks { #expect(tasks >= 1) }
        if let bytes = limits.memoryBytes { #expect(bytes > 0) }
        #expect(limits.isFrozen != true)
    }
}
