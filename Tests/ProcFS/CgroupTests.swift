import ProcFS
import TestProcesses
import Testing

@Suite struct CgroupTests {
    private static let id = String(repeating: "0123456789abcdef", count: 4)

    private func mounts(_ text: String) -> CgroupMounts { CgroupMounts(parsing: text.bytes.span) }

    private let unifiedMount = "41 31 0:38 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"

    private let firstMounts = """
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:1 master:2 - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        36 31 0:33 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer
        39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids

        """

    @Test func versionTwoTakesTheTightestLimitOnTheWayUp() throws {
        let tree = try TemporaryDirectory()
        let top = "sys/fs/cgroup"
        try tree.write(top + "/a/b/cpu.max", "max 100000\n")
        try tree.write(top + "/a/b/cpu.stat", "usage_usec 9\nnr_periods 1\nnr_throttled 0\nthrottled_usec 0\n")
        try tree.write(top + "/a/cpu.max", "150000 100000\n")
        try tree.write(top + "/a/cpu.stat", "usage_usec 9\nnr_periods 100\nnr_throttled 40\nthrottled_usec 5000\n")
        try tree.write(top + "/a/b/memory.current", "1000\n")
        try tree.write(top + "/a/b/memory.max", "max\n")
        try tree.write(top + "/a/b/memory.events", "low 0\noom 3\noom_kill 2\n")
        try tree.write(top + "/a/memory.max", "4096\n")
        try tree.write(top + "/a/b/pids.current", "5\n")
        try tree.write(top + "/a/b/pids.max", "10\n")
        try tree.write(top + "/a/pids.max", "100\n")
        try tree.write(top + "/a/b/cgroup.events", "populated 1\nfrozen 1\n")
        try tree.write(top + "/a/b/cpu.pressure", Fixture.pressure)
        let reader = CgroupReader(mounts: mounts(unifiedMount), prefix: tree.path)
        let limits = reader.limits(of: [CgroupMembership(hierarchy: 0, controllers: [], path: "/a/b")])
        #expect(limits.version == .v2 && limits.path == "/a/b" && limits.cpuLimit == 1.5)
        #expect(limits.periods == 100 && limits.throttledCount == 40 && limits.throttledNanoseconds == 5_000_000)
        #expect(limits.memoryBytes == 1_000 && limits.memoryLimitBytes == 4_096 && limits.outOfMemoryKills == 2)
        #expect(limits.tasks == 5 && limits.taskLimit == 10 && limits.isFrozen == true)
        #expect(limits.cpuPressure?.some.average10 == 19.81 && limits.ioPressure == nil)
    }

    @Test func versionOneHasOtherNamesAndOtherUnits() throws {
        let tree = try TemporaryDirectory()
        let top = "sys/fs/cgroup"
        try tree.write(top + "/cpu,cpuacct/x/cpu.cfs_quota_us", "50000\n")
        try tree.write(top + "/cpu,cpuacct/x/cpu.cfs_period_us", "100000\n")
        try tree.write(top + "/cpu,cpuacct/x/cpu.stat", "nr_periods 7\nnr_throttled 3\nthrottled_time 123456\n")
        try tree.write(top + "/cpu,cpuacct/cpu.cfs_quota_us", "-1\n")
        try tree.write(top + "/cpu,cpuacct/cpu.cfs_period_us", "100000\n")
        try tree.write(top + "/memory/y/memory.usage_in_bytes", "2000\n")
        try tree.write(top + "/memory/y/memory.limit_in_bytes", "9223372036854771712\n")
        try tree.write(top + "/memory/y/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
        try tree.write(top + "/pids/pids.current", "8\n")
        try tree.write(top + "/freezer/z/freezer.state", "FROZEN\n")
        let reader = CgroupReader(mounts: mounts(firstMounts), prefix: tree.path)
        let limits = reader.limits(of: [
            CgroupMembership(hierarchy: 5, controllers: ["cpu", "cpuacct"], path: "/x"),
            CgroupMembership(hierarchy: 4, controllers: ["memory"], path: "/y"),
            CgroupMembership(hierarchy: 3, controllers: ["pids"], path: "/"),
            CgroupMembership(hierarchy: 2, controllers: ["freezer"], path: "/z"),
        ])
        #expect(limits.version == .v1 && limits.path == "/y" && limits.cpuLimit == 0.5)
        #expect(limits.throttledCount == 3 && limits.throttledNanoseconds == 123_456)
        #expect(limits.memoryBytes == 2_000 && limits.memoryLimitBytes == nil && limits.outOfMemoryKills == 1)
        #expect(limits.tasks == 8 && limits.taskLimit == nil && limits.isFrozen == true && limits.cpuPressure == nil)
    }

    @Test func aHybridHostTakesEachControllerWhereItIs() throws {
        let tree = try TemporaryDirectory()
        try tree.write("sys/fs/cgroup/memory/y/memory.usage_in_bytes", "2000\n")
        try tree.write("sys/fs/cgroup/unified/u/cpu.max", "20000 10000\n")
        let unified = unifiedMount.replacing(" /sys/fs/cgroup ", with: " /sys/fs/cgroup/unified ")
        let memory = try #require(firstMounts.split(separator: "\n").first { $0.contains("memory") })
        let reader = CgroupReader(mounts: mounts(memory + "\n" + unified), prefix: tree.path)
        let limits = reader.limits(of: [
            CgroupMembership(hierarchy: 4, controllers: ["memory"], path: "/y"),
            CgroupMembership(hierarchy: 0, controllers: [], path: "/u"),
        ])
        #expect(limits.version == .hybrid && limits.memoryBytes == 2_000 && limits.cpuLimit == 2)
    }

    @Test func aContainerSeesItsOwnPartOfTheHierarchy() throws {
        let tree = try TemporaryDirectory()
        try tree.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n")
        try tree.write("sys/fs/cgroup/memory/in/memory.usage_in_bytes", "2\n")
        let mount = "35 31 0:32 /docker/c /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
        let reader = CgroupReader(mounts: mounts(mount), prefix: tree.path)
        func memory(_ path: String) -> UInt64? {
            reader.limits(of: [CgroupMembership(hierarchy: 4, controllers: ["memory"], path: path)]).memoryBytes
        }
        #expect(memory("/docker/c") == 1 && memory("/docker/c/in") == 2)
        #expect(memory("/docker/cc") == nil && memory("/docker") == nil && memory("/docker/c/../c") == nil)
    }

    @Test func aPathOutsideOfTheNamespaceHasNoLimits() throws {
        let tree = try TemporaryDirectory()
        try tree.write("sys/fs/cgroup/memory.current", "1\n")
        let reader = CgroupReader(mounts: mounts(unifiedMount), prefix: tree.path)
        let limits = reader.limits(of: [CgroupMembership(hierarchy: 0, controllers: [], path: "/../other")])
        #expect(limits.memoryBytes == nil && limits.path == "/../other")
        #expect(reader.limits(of: []).memoryBytes == nil)
    }

    @Test func aMountPointMayHoldABlankAndACutLineIsPassedOver() {
        let whole = mounts(Fixture.mountinfo)
        #expect(whole.unified?.directory == "/mnt/a b\\" && whole.unified?.root == "/")
        #expect(whole.controllers["cpuacct"]?.directory == "/sys/fs/cgroup/cpu,cpuacct")
        #expect(whole.controllers["memory"]?.root == "/docker/c" && whole.controllers["ext4"] == nil)
        for prefix in prefixes(Fixture.mountinfo) {
            let cut = CgroupMounts(parsing: prefix.span)
            #expect(cut.unified == nil && cut.controllers.allSatisfy { whole.controllers[$0.key] == $0.value })
        }
        for bytes in mutations(Fixture.mountinfo) { _ = CgroupMounts(parsing: bytes.span) }
    }

    @Test func aFileOfACgroupThatIsCutIsNoLimit() throws {
        let tree = try TemporaryDirectory()
        let files = [
            ("cpu.max", "150000 100000\n"), ("memory.max", "4096\n"), ("memory.current", "1234\n"),
            ("pids.max", "100\n"), ("pids.current", "12\n"), ("cgroup.events", "populated 1\nfrozen 1\n"),
            ("cpu.stat", "nr_periods 100\nnr_throttled 40\nthrottled_usec 5000\n"),
            ("memory.events", "oom 31\noom_kill 12\n"), ("io.pressure", Fixture.pressure),
        ]
        for (name, text) in files { try tree.write("sys/fs/cgroup/a/" + name, text) }
        let reader = CgroupReader(mounts: mounts(unifiedMount), prefix: tree.path)
        let memberships = [CgroupMembership(hierarchy: 0, controllers: [], path: "/a")]
        let whole = reader.limits(of: memberships)
        #expect(whole.cpuLimit == 1.5 && whole.memoryLimitBytes == 4_096 && whole.taskLimit == 100)
        for (name, text) in files {
            for prefix in prefixes(text) {
                try tree.write("sys/fs/cgroup/a/" + name, prefix)
                #expect(
                    untrueFields(of: reader.limits(of: memberships), in: whole) == [], "\(name), \(prefix.count) bytes")
            }
            try tree.write("sys/fs/cgroup/a/" + name, text)
        }
        #expect(reader.limits(of: memberships) == whole)
    }

    @Test func aGroupMayBeNamedByAMarkThatJoinsTheSlashBeforeIt() throws {
        let tree = try TemporaryDirectory()
        // U+0301 makes one character of two with what stands before it.
        try tree.write("sys/fs/cgroup/a/\u{301}b/pids.max", "100\n")
        try tree.write("sys/fs/cgroup/a/pids.max", "7\n")
        let reader = CgroupReader(mounts: mounts(unifiedMount), prefix: tree.path)
        let path = "/a/\u{301}b"
        #expect(reader.limits(of: [CgroupMembership(hierarchy: 0, controllers: [], path: path)]).taskLimit == 7)
        let hidden = "/a/../\u{301}b"
        #expect(reader.limits(of: [CgroupMembership(hierarchy: 0, controllers: [], path: hidden)]).taskLimit == nil)
        #expect(ContainerIdentity(cgroupPath: "/lxc/\u{301}web")?.id == "\u{301}web")
    }

    @Test(
        "A container is known by its cgroup",
        arguments: [
            ("/docker/" + id, "docker"), ("/system.slice/docker-\(id).scope", "docker"),
            ("/machine.slice/libpod-\(id).scope/container", "podman"), ("/user.slice/libpod-\(id).scope", "podman"),
            ("/kubepods.slice/kubepods-burstable.slice/cri-containerd-\(id).scope", "containerd"),
            ("/kubepods/besteffort/pod12345678-1234-1234-1234-123456789012/\(id)", "kubernetes"),
            ("/kubepods.slice/crio-\(id).scope", "cri-o"), ("/default/" + id, "containerd"), ("/x/" + id, "container"),
        ])
    func containers(path: String, runtime: String) throws {
        let container = try #require(ContainerIdentity(cgroupPath: path))
        #expect(container.runtime == runtime && container.id == Self.id && container.shortId == "0123456789ab")
    }

    @Test func lxcContainersHaveNames() {
        #expect(ContainerIdentity(cgroupPath: "/lxc/web/init.scope")?.id == "web")
        #expect(ContainerIdentity(cgroupPath: "/lxc.payload.web/system.slice")?.shortId == "web")
    }

    @Test(
        "Other cgroups are no containers",
        arguments: ["/", "", "/user.slice/session-1.scope", "/x/" + id + "0", "/lxc", "/x/" + id.uppercased()])
    func noContainer(path: String) {
        #expect(ContainerIdentity(cgroupPath: path) == nil)
    }

    @Test func theContainerIsFoundInAnyHierarchy() {
        let memberships = [
            CgroupMembership(hierarchy: 0, controllers: [], path: "/"),
            CgroupMembership(hierarchy: 3, controllers: ["memory"], path: "/docker/" + Self.id),
        ]
        #expect(ContainerIdentity.identify(memberships)?.id == Self.id)
    }
}
