internal import Linux

/// Reads the limits of cgroups of version 1, version 2 and both at once.
public struct CgroupReader: Sendable {
    /// Where the hierarchies are mounted.
    public let mounts: CgroupMounts
    /// Put in front of every mount point: a recorded tree, or nothing.
    public let prefix: String

    /// A reader for the given mounts; nothing is opened.
    public init(mounts: CgroupMounts, prefix: String = "") {
        self.mounts = mounts
        self.prefix = prefix
    }

    /// Reads the limits that hold for a process in these cgroups. What cannot be read is nil.
    public func limits(of memberships: [CgroupMembership]) -> CgroupLimits {
        let unified = memberships.first { $0.hierarchy == 0 && $0.controllers.isEmpty }
        let hasFirst = memberships.contains { !$0.controllers.isEmpty }
        let version: CgroupLimits.Version = hasFirst ? (unified != nil && mounts.unified != nil ? .hybrid : .v1) : .v2
        let memory = memberships.first { $0.controllers.contains("memory") }
        let path = memory ?? unified ?? memberships.first
        var limits = CgroupLimits(version: version, path: path?.path ?? "/")
        readCPU(directories("cpu", memberships), &limits)
        readMemory(directories("memory", memberships), &limits)
        readTasks(directories("pids", memberships), &limits)
        readFreezer(directories("freezer", memberships), &limits)
        if let unified, let own = mounts.unified?.directories(of: unified.path)?.first {
            limits.cpuPressure = pressure(own + "/cpu.pressure")
            limits.memoryPressure = pressure(own + "/memory.pressure")
            limits.ioPressure = pressure(own + "/io.pressure")
        }
        return limits
    }

    /// Directories of a controller from the process's own up.
    private struct Directories {
        var paths: [String]
        /// Whether the controller is of version 1, whose files have other names.
        var isFirst: Bool
    }

    /// A controller belongs to version 1 where a hierarchy of its own names it, else to version 2.
    private func directories(_ controller: String, _ memberships: [CgroupMembership]) -> Directories {
        if let own = memberships.first(where: { $0.controllers.contains(controller) }) {
            let paths = mounts.controllers[controller]?.directories(of: own.path) ?? []
            return Directories(paths: paths, isFirst: true)
        }
        guard let unified = memberships.first(where: { $0.hierarchy == 0 && $0.controllers.isEmpty }) else {
            return Directories(paths: [], isFirst: false)
        }
        return Directories(paths: mounts.unified?.directories(of: unified.path) ?? [], isFirst: false)
    }

    private func readCPU(_ directories: Directories, _ limits: inout CgroupLimits) {
        var throttling = directories.paths.first
        for directory in directories.paths {
            guard let (quota, period) = cpuQuota(directory, isFirst: directories.isFirst) else { continue }
            let share = Double(quota) / Double(period)
            if let tightest = limits.cpuLimit, tightest <= share { continue }
            limits.cpuQuotaMicroseconds = quota
            limits.cpuPeriodMicroseconds = period
            throttling = directory
        }
        guard let throttling else { return }
        fields(throttling + "/cpu.stat") { key, value in
            switch key {
            case "nr_periods": limits.periods = value
            case "nr_throttled": limits.throttledCount = value
            case "throttled_usec": limits.throttledNanoseconds = value &* 1_000
            case "throttled_time": limits.throttledNanoseconds = value
            default: break
            }
        }
    }

    /// Quota and period of one cgroup, nil without a limit.
    private func cpuQuota(_ directory: String, isFirst: Bool) -> (quota: UInt64, period: UInt64)? {
        let quota: UInt64?
        let period: UInt64?
        if isFirst {
            // A quota of -1 is none.
            quota = numbers(directory + "/cpu.cfs_quota_us").first ?? nil
            period = numbers(directory + "/cpu.cfs_period_us").first ?? nil
        } else {
            let values = numbers(directory + "/cpu.max")
            guard values.count == 2 else { return nil }
            (quota, period) = (values[0], values[1])
        }
        guard let quota, let period, period > 0 else { return nil }
        return (quota, period)
    }

    private func readMemory(_ directories: Directories, _ limits: inout CgroupLimits) {
        guard let own = directories.paths.first else { return }
        let isFirst = directories.isFirst
        limits.memoryBytes = numbers(own + (isFirst ? "/memory.usage_in_bytes" : "/memory.current")).first ?? nil
        let name = isFirst ? "/memory.limit_in_bytes" : "/memory.max"
        // Version 1 writes no limit as the largest number of pages.
        limits.memoryLimitBytes = smallest(directories, name).flatMap { $0 >= 1 << 62 ? nil : $0 }
        fields(own + (isFirst ? "/memory.oom_control" : "/memory.events")) { key, value in
            if key == "oom_kill" { limits.outOfMemoryKills = value }
        }
    }

    private func readTasks(_ directories: Directories, _ limits: inout CgroupLimits) {
        guard let own = directories.paths.first else { return }
        limits.tasks = numbers(own + "/pids.current").first ?? nil
        limits.taskLimit = smallest(directories, "/pids.max")
    }

    private func readFreezer(_ directories: Directories, _ limits: inout CgroupLimits) {
        guard let own = directories.paths.first else { return }
        if directories.isFirst {
            guard let state = contents(own + "/freezer.state") else { return }
            limits.isFrozen = !state.span.holds("THAWED", at: 0)
        } else {
            fields(own + "/cgroup.events") { key, value in
                if key == "frozen" { limits.isFrozen = value != 0 }
            }
        }
    }

    /// The smallest number of that file in the given directories; `max` is none.
    private func smallest(_ directories: Directories, _ name: String) -> UInt64? {
        directories.paths.compactMap { numbers($0 + name).first ?? nil }.min()
    }
}

extension CgroupReader {
    /// The whole of a file; nil when it is not there or cut.
    private func contents(_ path: String) -> [UInt8]? {
        guard let file = try? FileDescriptor.open(prefix + path, .nonBlocking),
            let bytes = try? file.readToEnd(limit: 64 << 10), bytes.span.endsWithNewline
        else { return nil }
        return bytes
    }

    /// The words of a file's first line as numbers; nil for `max`, `-1` and other words.
    private func numbers(_ path: String) -> [UInt64?] {
        guard let bytes = contents(path) else { return [] }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        return line.split(separator: UInt8(ascii: " ")).map { UInt64(String(decoding: $0, as: UTF8.self)) }
    }

    private func fields(_ path: String, _ body: (String, UInt64) -> Void) {
        guard let bytes = contents(path) else { return }
        _ = bytes.span.forEachField(.decimal, body)
    }

    private func pressure(_ path: String) -> Pressure? {
        contents(path).flatMap { Pressure(parsing: $0.span) }
    }
}
