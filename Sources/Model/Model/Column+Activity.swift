extension Column {
    /// What it does: faults, switches, I/O.
    static let activityColumns: [Column] = [
        column(
            "minflt", "MINF", "minorFaults", 5, "count", "stat 10", "Minor faults since it started", htop: "MINFLT",
            ps: ["min_flt"]
        ) { row, _ in
            .count(Double(row.counters.minorFaults))
        },
        column(
            "cminflt", "CMINF", "childMinorFaults", 5, "count", "stat 11", "Minor faults of waited-for children",
            htop: "CMINFLT"
        ) {
            row, _ in .count(Double(row.counters.childMinorFaults))
        },
        column(
            "majflt", "MAJF", "majorFaults", 5, "count", "stat 12", "Major faults since it started", htop: "MAJFLT",
            ps: ["maj_flt"]
        ) { row, _ in
            .count(Double(row.counters.majorFaults))
        },
        column(
            "cmajflt", "CMAJF", "childMajorFaults", 5, "count", "stat 13", "Major faults of waited-for children",
            htop: "CMAJFLT"
        ) {
            row, _ in .count(Double(row.counters.childMajorFaults))
        },
        column("minflt/s", "MNF/s", "minorFaultsPerSecond", 5, "1/s", "stat 10", "Minor faults: pages found in memory")
        { row, _ in
            .count(row.rates?.minorFaults)
        },
        column(
            "majflt/s", "MJF/s", "majorFaultsPerSecond", 5, "1/s", "stat 12", "Major faults: pages read from storage"
        ) { row, _ in
            .count(row.rates?.majorFaults)
        },
        column(
            "vcsw/s", "VCS/s", "voluntarySwitchesPerSecond", 5, "1/s", "taskstats nvcsw or task/*/status",
            "Context switches it asked for, all threads", needs: .accounting
        ) { row, _ in .count(row.rates?.voluntarySwitches) },
        column(
            "icsw/s", "ICS/s", "involuntarySwitchesPerSecond", 5, "1/s", "taskstats nivcsw or task/*/status",
            "Context switches forced on it, all threads", needs: .accounting
        ) { row, _ in .count(row.rates?.involuntarySwitches) },
        column(
            "csw/s", "CSW/s", "switchesPerSecond", 5, "1/s", "taskstats nvcsw+nivcsw or task/*/status",
            "Context switches of both kinds, all threads", needs: .accounting, htop: "CTXT"
        ) { row, _ in
            .count(row.rates.flatMap { rates in rates.voluntarySwitches.map { $0 + (rates.involuntarySwitches ?? 0) } })
        },
        column(
            "read/s", "RD/s", "readBytesPerSecond", 5, "bytes/s", "io read_bytes", "Read from storage", needs: .io,
            htop: "IO_READ_RATE"
        ) { row, _ in .bytes(row.rates?.readBytes) },
        column(
            "write/s", "WR/s", "writeBytesPerSecond", 5, "bytes/s", "io write_bytes", "Written to storage", needs: .io,
            htop: "IO_WRITE_RATE"
        ) { row, _ in .bytes(row.rates?.writtenBytes) },
        column(
            "io/s", "IO/s", "ioBytesPerSecond", 5, "bytes/s", "io", "Read from and written to storage", needs: .io,
            htop: "IO_RATE"
        ) { row, _ in .bytes(row.rates.flatMap { rates in rates.readBytes.map { $0 + (rates.writtenBytes ?? 0) } }) },
        column(
            "rchar", "RCHAR", "readCharacters", 5, "bytes", "io rchar", "Bytes read by calls", needs: .io, htop: "RCHAR"
        ) {
            row, _ in .bytes(row.extras.io?.readCharacters)
        },
        column(
            "wchar", "WCHAR", "writtenCharacters", 5, "bytes", "io wchar", "Bytes written by calls", needs: .io,
            htop: "WCHAR"
        ) {
            row, _ in .bytes(row.extras.io?.writtenCharacters)
        },
        column("syscr", "SYSCR", "readCalls", 5, "count", "io syscr", "Read calls", needs: .io, htop: "SYSCR") {
            row, _ in
            .count(row.extras.io?.readCalls)
        },
        column("syscw", "SYSCW", "writeCalls", 5, "count", "io syscw", "Write calls", needs: .io, htop: "SYSCW") {
            row, _ in
            .count(row.extras.io?.writeCalls)
        },
        column(
            "rbytes", "RBYTE", "readBytes", 5, "bytes", "io read_bytes", "Bytes read from storage", needs: .io,
            htop: "RBYTES"
        ) {
            row, _ in .bytes(row.extras.io?.readBytes)
        },
        column(
            "wbytes", "WBYTE", "writtenBytes", 5, "bytes", "io write_bytes", "Bytes written to storage", needs: .io,
            htop: "WBYTES"
        ) { row, _ in .bytes(row.extras.io?.writtenBytes) },
        column(
            "cancelled", "CNCLW", "cancelledBytes", 5, "bytes", "io cancelled_write_bytes",
            "Writes that became needless",
            needs: .io, htop: "CNCLWB"
        ) { row, _ in .bytes(row.extras.io?.cancelledBytes) },
        column(
            "ionice", "IO", "ioPriority", 3, "", "ioprio_get(2)", "I/O class and level", needs: .ioPriority,
            htop: "IO_PRIORITY",
            align: .left
        ) { row, _ in row.extras.ioPriority.map { .text(ioPriorityName($0)) } ?? .absent },
        column("fd", "FD", "openFiles", 5, "count", "/proc/<pid>/fd", "Open file descriptors", needs: .openFiles) {
            row, _ in row.extras.openFiles.map { .exact($0) } ?? .absent
        },
    ]

    /// I/O class and level as htop writes them: `R4` real time, `B4` best effort, `id` idle.
    static func ioPriorityName(_ value: Int32) -> String {
        switch value >> 13 {
        case 1: "R\(value & 7)"
        case 2: "B\(value & 7)"
        case 3: "id"
        default: "B4"
        }
    }
}
