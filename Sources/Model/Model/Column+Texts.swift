extension Column {
    /// Names and paths.
    static let textColumns: [Column] = [
        column(
            "syscall", "SYSCALL", "systemCall", 12, "", "/proc/<pid>/syscall", "System call it is in", needs: .waiting,
            align: .left
        ) { row, table in .text(table.texts[row.identity]?.systemCall) },
        column(
            "wchan", "WCHAN", "waitChannel", 14, "", "/proc/<pid>/wchan", "Kernel function it sleeps in",
            needs: .waiting,
            align: .left
        ) { row, table in .text(table.texts[row.identity]?.waitChannel) },
        column(
            "cgroup", "CGROUP", "cgroup", 20, "", "/proc/<pid>/cgroup", "Cgroup", needs: .cgroup, htop: "CGROUP",
            align: .left
        ) {
            row, table in .text(table.texts[row.identity]?.cgroup)
        },
        column(
            "container", "CONTAINER", "container", 12, "", "/proc/<pid>/cgroup", "Container id", needs: .cgroup,
            htop: "CONTAINER",
            align: .left
        ) { row, table in .text(table.texts[row.identity]?.container) },
        column(
            "comm", "COMM", "command", 15, "", "stat 2", "Kernel's name of the task", htop: "COMM",
            ps: ["ucmd", "ucomm"], align: .left
        ) {
            row, _ in
            .text(row.name.text)
        },
        column(
            "exe", "EXE", "executable", 24, "", "/proc/<pid>/exe", "Executable", needs: .executable, htop: "EXE",
            align: .left
        ) {
            row, table in .text(table.texts[row.identity]?.executable)
        },
        column(
            "cwd", "CWD", "workingDirectory", 24, "", "/proc/<pid>/cwd", "Working directory", needs: .workingDirectory,
            htop: "CWD",
            align: .left
        ) { row, table in .text(table.texts[row.identity]?.workingDirectory) },
        column(
            "command", "COMMAND", "arguments", 0, "", "/proc/<pid>/cmdline",
            "Command line, or the name where there is none",
            needs: .arguments, htop: "Command", ps: ["args", "cmd"], align: .left
        ) { row, table in .text(table.commandLine(of: row)) },
    ]
}

extension ProcessTable {
    /// Command line of a row; the name in brackets for kernel threads, the bare name where nothing was read yet.
    public func commandLine(of row: ProcessRow) -> String {
        if let ending = row.ending { return ending.summary + "  " + (texts[row.identity]?.arguments ?? row.name.text) }
        if row.isThread { return row.name.text }
        if let line = texts[row.identity]?.arguments, !line.isEmpty { return line }
        return row.traits.contains(.kernel) ? "[" + row.name.text + "]" : row.name.text
    }
}

extension ProcessEnding {
    /// How it ended in words: `exited 0 after 0.41s`, `killed by 9`.
    public var summary: String {
        var text = "ended"
        if let signal { text = "killed by signal \(signal)" } else if let code { text = "exited \(code)" }
        if let lifetimeNanoseconds { text += " after " + NumberText.fixed(Double(lifetimeNanoseconds) / 1e9, 2) + "s" }
        return text
    }
}
