internal import Linux
internal import Model
internal import ProcFS
internal import SystemCalls

extension ProcessTableSampler {
    private static let textSources: ProcessSources = [.arguments, .executable, .workingDirectory, .cgroup, .waiting]

    /// Reads the texts of a row that is looked at or filtered by; what it waits in each time, the rest when it is due: a
    /// program may replace its command line.
    mutating func readTexts(_ row: ProcessRow, _ sources: ProcessSources, isDue: Bool) {
        let wanted = sources.intersection(ProcessTableSampler.textSources)
        guard !wanted.isEmpty, !row.traits.contains(.kernel) || wanted.contains(.cgroup) || wanted.contains(.waiting)
        else { return }
        let known = table.texts[row.identity]
        let due = isDue ? wanted : wanted.intersection(.waiting)
        guard !due.isEmpty else { return }
        let read = texts(of: row, due, known ?? ProcessTexts())
        if read != known { table.texts[row.identity] = read }
    }

    /// Forgets, now and then, the texts of rows that are gone.
    mutating func forgetTexts() {
        guard round % 32 == 0 else { return }
        let alive = Set(table.rows.lazy.map(\.identity))
        table.texts = table.texts.filter { alive.contains($0.key) }
    }

    private mutating func texts(of row: ProcessRow, _ wanted: ProcessSources, _ known: ProcessTexts) -> ProcessTexts {
        var texts = known
        let pid = row.pid
        if wanted.contains(.arguments), !row.traits.contains(.kernel) {
            texts.arguments = reader.arguments(pid).value.map { CommandLine.text(of: $0, limit: 4096) }
        }
        if wanted.contains(.executable) {
            texts.executable = reader.link(pid, .executable).value.map { CommandLine.path(of: $0).path }
        }
        if wanted.contains(.workingDirectory) {
            texts.workingDirectory = reader.link(pid, .workingDirectory).value.map { CommandLine.path(of: $0).path }
        }
        if wanted.contains(.cgroup), let groups = reader.cgroups(pid).value {
            texts.cgroup = CgroupChoice.limiting(groups)
            texts.container = ContainerIdentity.identify(groups)?.shortId
        }
        if wanted.contains(.waiting) {
            texts.waitChannel = reader.waitChannel(pid).value.flatMap { $0 }
            texts.systemCall = row.extras.systemCall.flatMap {
                $0 >= 0 ? SystemCallNames.native.name(of: $0) ?? "#\($0)" : nil
            }
        }
        return texts
    }

    /// Finds the processes behind local ports.
    mutating func findPorts(_ demand: TableDemand) {
        table.portOwners = [:]
        for port in demand.ports { table.portOwners[port] = PortOwners.pids(of: port, listeningOnly: false, &reader) }
    }
}

/// Which of a process's cgroups is the one to name.
enum CgroupChoice {
    /// The memory controller's path, else the first one that is not the root.
    static func limiting(_ groups: [CgroupMembership]) -> String? {
        let memory = groups.first { $0.controllers.contains("memory") } ?? groups.first { $0.controllers.isEmpty }
        if let memory, memory.path != "/" { return memory.path }
        return (groups.first { $0.path != "/" } ?? memory ?? groups.first)?.path
    }
}

/// Command lines and paths as the kernel hands them out.
enum CommandLine {
    /// Arguments of a NUL-separated block; invalid UTF-8 becomes U+FFFD.
    static func arguments(of bytes: [UInt8]) -> [String] {
        var trimmed = bytes[...]
        while trimmed.last == 0 { trimmed.removeLast() }
        guard !trimmed.isEmpty else { return [] }
        return trimmed.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The arguments joined by spaces.
    static func text(of bytes: [UInt8], limit: Int) -> String {
        var given = bytes.prefix(limit)
        if given.last == 0 { given.removeLast() }
        // A title that a program wrote over its arguments is followed by the rest of their room, all zeros.
        let padding = given.reversed().prefix { $0 == 0 }.count
        if padding > 8 { given.removeLast(padding) }
        let text = given.map { $0 == 0 ? 32 : $0 }
        return String(decoding: text, as: UTF8.self)
    }

    /// A link's target and whether the kernel says its file was deleted.
    static func path(of bytes: [UInt8]) -> (path: String, isDeleted: Bool) {
        let text = String(decoding: bytes, as: UTF8.self)
        let mark = " (deleted)"
        return text.hasSuffix(mark) ? (String(text.dropLast(mark.count)), true) : (text, false)
    }
}
