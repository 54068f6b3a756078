internal import Linux
internal import Model
internal import ProcFS

extension ProcessTableSampler {
    /// Reads what costs a file of its own. What may not be read becomes nil, not the value of a moment ago.
    ///
    /// - Parameter known: what was read the last time and may stay.
    mutating func readExtras(
        _ row: inout ProcessRow, _ wanted: ProcessSources, knowing known: ProcessSources, hasProbe: Bool
    ) {
        let pid = row.pid
        if wanted.contains(.accounting), !hasProbe { sumOverThreads(&row) }
        if wanted.contains(.io) {
            row.extras.io = reader.io(pid).value.map {
                IOCounters(
                    readCharacters: $0.readCharacters, writtenCharacters: $0.writtenCharacters, readCalls: $0.readCalls,
                    writeCalls: $0.writeCalls, readBytes: $0.readBytes, writtenBytes: $0.writtenBytes,
                    cancelledBytes: $0.cancelledBytes)
            }
        }
        if wanted.contains(.sizes) {
            let page = table.scale.pageBytes
            let sizes = reader.statm(pid).value
            row.extras.sizes = sizes.map {
                MemorySizes(
                    sharedBytes: $0.sharedPages &* page, textBytes: $0.textPages &* page,
                    dataBytes: $0.dataPages &* page)
            }
            // stat's count lags behind by what each processor has not handed in yet; statm sums them all.
            if let sizes { row.residentBytes = sizes.residentPages &* page }
        }
        if wanted.contains(.shares) { row.extras.shares = shares(of: pid) }
        if wanted.contains(.openFiles) {
            row.extras.openFiles = reader.openFileCount(pid).value.map { Int32(clamping: $0) }
        }
        if wanted.contains(.outOfMemoryScore) { row.extras.outOfMemoryScore = reader.oomScore(pid).value }
        if wanted.contains(.ioPriority) {
            row.extras.ioPriority = (try? IOPriority(of: pid)).map { $0.schedulingClass << 13 | $0.level }
        }
        if wanted.contains(.autogroup) {
            let group = reader.autogroup(pid).value
            row.extras.autogroup = group.map { Int32(clamping: $0.id) }
            row.extras.autogroupNice = group.map { $0.nice }
        }
        if wanted.contains(.waiting) {
            row.extras.systemCall = systemCallNumber(pid)
        }
        if wanted.contains(.python), !known.contains(.python), !row.traits.contains(.kernel) {
            row.extras.pythonVersion = pythonVersion(pid)
        }
    }

    /// Shares of memory, all of them or nothing.
    mutating func shares(of pid: Int32) -> MemoryShares? {
        reader.memoryRollup(pid).value.map {
            MemoryShares(
                proportionalBytes: $0.proportionalBytes, uniqueBytes: $0.uniqueBytes, swapBytes: $0.swapBytes,
                proportionalSwapBytes: $0.proportionalSwapBytes)
        }
    }

    /// Maps are read once for a process whose executable is no Python: an embedded interpreter is a library there.
    private mutating func pythonVersion(_ pid: Int32) -> UInt16? {
        guard let hint = reader.interpreterHint(pid, scanningMaps: false).value.flatMap({ $0 }), let minor = hint.minor
        else {
            return nil
        }
        return UInt16(clamping: hint.major) << 8 | UInt16(clamping: minor)
    }

    private mutating func systemCallNumber(_ pid: Int32) -> Int32? {
        guard case .value(let call) = reader.syscall(pid) else { return nil }
        switch call {
        case .running: return nil
        case .blockedOutside: return -1
        case .inside(let frame): return frame.number
        }
    }

    /// Switches and run-queue wait without taskstats: `/proc/<pid>/status` has the main thread's only, so every thread is read.
    private mutating func sumOverThreads(_ row: inout ProcessRow) {
        row.extras.switches = nil
        row.extras.schedule = nil
        var ids: [Int32] = [row.pid]
        if row.threads > 1 {
            guard reader.threads(of: row.pid, into: &threadIds) else { return }
            ids = threadIds
        }
        var switches = SwitchCounters(voluntary: 0, involuntary: 0)
        var schedule: ScheduleCounters? = ScheduleCounters(runNanoseconds: 0, waitNanoseconds: 0)
        for tid in ids {
            guard case .value(let status) = reader.status(row.pid, thread: tid),
                let voluntary = status.voluntarySwitches,
                let involuntary = status.involuntarySwitches
            else { continue }
            switches.voluntary &+= voluntary
            switches.involuntary &+= involuntary
            if case .value(let one) = reader.schedstat(row.pid, thread: tid) {
                schedule?.runNanoseconds &+= one.runNanoseconds
                schedule?.waitNanoseconds &+= one.waitNanoseconds
            } else {
                schedule = nil
            }
        }
        row.extras.switches = switches
        row.extras.schedule = schedule
    }
}
