extension Column {
    /// Who and whose a process is.
    static let identityColumns: [Column] = [
        column(
            "pid", "PID", "pid", 7, "", "/proc/<pid>", "Process id, or thread id for a thread", htop: "PID",
            ps: ["lwp", "tid", "spid"]
        ) {
            row, _ in .number(Int64(row.pid))
        },
        column("ppid", "PPID", "ppid", 7, "", "stat 4", "Parent process", htop: "PPID") { row, _ in
            .number(Int64(row.parent))
        },
        column(
            "tgid", "TGID", "threadGroup", 7, "", "/proc/<pid>/task", "Process that a thread belongs to", htop: "TGID"
        ) {
            row, _ in .number(Int64(row.threadGroup))
        },
        column("pgrp", "PGRP", "processGroup", 7, "", "stat 5", "Process group", htop: "PGRP", ps: ["pgid"]) { row, _ in
            .number(Int64(row.processGroup))
        },
        column("session", "SID", "session", 7, "", "stat 6", "Session", htop: "SESSION", ps: ["sid", "sess"]) {
            row, _ in
            .number(Int64(row.session))
        },
        column(
            "tty", "TTY", "terminal", 8, "", "stat 7", "Controlling terminal", htop: "TTY", ps: ["tt", "tname"],
            align: .left
        ) { row, _ in
            terminalName(row.terminal).map { .text($0) } ?? .absent
        },
        column(
            "tpgid", "TPGID", "foregroundGroup", 7, "", "stat 8", "Foreground process group of the terminal",
            htop: "TPGID"
        ) { row, _ in .number(Int64(row.foregroundGroup)) },
        column(
            "user", "USER", "user", 9, "", "owner of /proc/<pid>", "Owner (effective user)", htop: "USER",
            ps: ["euser", "uname"], align: .left
        ) {
            row, table in .text(table.user(of: row))
        },
        column("uid", "UID", "userId", 10, "", "owner of /proc/<pid>", "Owner's user id", htop: "ST_UID", ps: ["euid"])
        { row, _ in
            row.userID.map { .number(Int64($0)) } ?? .absent
        },
        column(
            "start", "START", "startedSeconds", 8, "time of day or date", "stat 22, btime of /proc/stat",
            "When it started",
            htop: "STARTTIME", ps: ["lstart", "start_time", "bsdstart"]
        ) { row, table in
            .moment(
                startSeconds(row, table) + table.scale.offsetSeconds,
                seenFrom: table.realtimeSeconds + table.scale.offsetSeconds)
        },
        column(
            "elapsed", "ELAPSED", "elapsedSeconds", 9, "time", "stat 22, btime of /proc/stat", "Time since it started",
            htop: "ELAPSED", ps: ["etime", "etimes"]
        ) { row, table in .seconds(max(0, table.realtimeSeconds - startSeconds(row, table))) },
        column(
            "python", "PY", "pythonVersion", 4, "version", "executable, mapped libpython", "CPython version",
            needs: .python, align: .left
        ) { row, _ in row.extras.pythonVersion.map { .text("\($0 >> 8).\($0 & 255)") } ?? .absent },
        column(
            "gil", "GIL%", "gilPercent", 5, "percent of the last seconds", "memory of the process, ten times a second",
            "How long some thread held the GIL", needs: .glance
        ) { row, table in .percent(table.glances[row.identity]?.lockedPercent) },
        column(
            "pyline", "PYTHON LINE", "pythonLine", 22, "", "memory of the process, once a second",
            "Innermost Python frame of the thread that ran last", needs: .glance, align: .left
        ) { row, table in .text(table.glances[row.identity]?.place) },
    ]

    /// When a row's process started. Unit: seconds since 1970.
    public static func startSeconds(_ row: ProcessRow, _ table: ProcessTable) -> Double {
        table.scale.bootSeconds + Double(row.identity.startTicks) / table.scale.ticksPerSecond
    }

    /// Name of a terminal's device number as ps writes it; nil for none.
    static func terminalName(_ device: Int32) -> String? {
        let major = UInt32(bitPattern: device) >> 8 & 0xfff
        let minor = UInt32(bitPattern: device) & 0xff | UInt32(bitPattern: device) >> 12 & 0xfff00
        switch major {
        case 0: return nil
        case 4: return minor < 64 ? "tty\(minor)" : "ttyS\(minor - 64)"
        case 136...143: return "pts/\(minor + (major - 136) * 256)"
        default: return "\(major):\(minor)"
        }
    }
}
