internal import ArgumentParser
internal import Linux
internal import Model

/// What the shell offers for the words of a command line.
enum Completions {
    /// One column.
    static let column = CompletionKind.list(Column.all.map(\.name))

    /// Columns separated by commas: the last of them is being typed.
    static let columns = CompletionKind.custom { _, _, prefix in
        let typed = prefix.lastIndex(of: ",").map { String(prefix[...$0]) } ?? ""
        let chosen = typed.split(separator: ",").map(String.init)
        return Column.all.map(\.name).filter { !chosen.contains($0) }.map { typed + $0 }
            + (typed.isEmpty ? ["help"] : [])
    }

    /// Names of signals.
    static let signal = CompletionKind.list(SignalName.all.map(\.name))

    /// A process that runs now: names of programs, or pids once a digit is typed.
    static let target = CompletionKind.custom { _, _, prefix in
        guard var reading = try? TableReading(), let table = try? reading.table([]) else { return [] }
        let rows = table.rows.filter { !$0.isThread && !$0.hasEnded && !$0.traits.contains(.kernel) }
        if prefix.first?.isNumber == true { return rows.map { String($0.pid) } }
        // A name of several words would need quotes that not every shell puts; such a process is named by its pid.
        let names = Set(rows.map(\.name.text)).filter { $0.utf8.allSatisfy { (33...126).contains($0) } }
        return names.sorted()
    }
}
