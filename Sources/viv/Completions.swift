internal import ArgumentParser
internal import Cells
internal import Linux
internal import Model

/// What the shell offers for the words of a command line.
enum Completions {
    /// One column.
    static let column = CompletionKind.custom { _, _, prefix in columnNames(behind: "", typed: value(of: prefix)) }

    /// Columns separated by commas: the last of them is being typed.
    static let columns = CompletionKind.custom { _, _, prefix in
        let list = value(of: prefix)
        let behind = list.lastIndex(of: ",").map { list[...$0] } ?? ""
        return columnNames(behind: String(behind), typed: list[behind.endIndex...])
            + (behind.isEmpty ? [offer("help", "lists them")] : [])
    }

    /// Of `--columns=pid,maj` zsh gives the whole word, and takes back what stands behind the `=`.
    private static func value(of word: String) -> Substring {
        word.hasPrefix("--") ? word.drop { $0 != "=" }.dropFirst() : word[...]
    }

    /// Names of the columns that a list does not have yet; those that other programs give them once one is begun.
    private static func columnNames(behind list: String, typed: Substring) -> [String] {
        let chosen = list.split(separator: ",").compactMap { Column.named(String($0))?.name }
        return Column.all.filter { !chosen.contains($0.name) }.flatMap { column in
            ([column.name] + (typed.isEmpty ? [] : column.psNames)).map { offer(list + $0, column.summary) }
        }
    }

    /// Names of signals.
    static let signal = CompletionKind.list(SignalName.all.map(\.name))

    /// A process that runs now: names of programs, or pids once a digit is typed.
    static let target = CompletionKind.custom { _, _, prefix in
        guard var reading = try? TableReading(), let table = try? reading.table(.arguments) else { return [] }
        let own = Machine.ownPid()
        let rows = table.rows.filter {
            !$0.isThread && !$0.hasEnded && !$0.traits.contains(.kernel) && $0.pid != own
        }
        if prefix.first?.isNumber == true {
            return rows.map { offer(String($0.pid), table.commandLine(of: $0)) }
        }
        let named = Dictionary(grouping: rows.filter { canBeTyped($0.name.text) }, by: \.name.text)
        return named.sorted { $0.key < $1.key }.map { name, rows in
            offer(
                name,
                rows.count == 1
                    ? "\(rows[0].pid) \(table.commandLine(of: rows[0]))"
                    : "\(rows.count) processes: " + rows.prefix(8).map { String($0.pid) }.joined(separator: " "))
        }
    }

    /// Whether a name needs quotes in no shell, and is neither an option nor cut where bash cuts words. A process with
    /// another name is named by its pid.
    private static func canBeTyped(_ name: String) -> Bool {
        name.utf8.first.map { $0 != UInt8(ascii: "-") } == true
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_.+/%,".utf8.contains(byte)
                }
            }
    }

    /// A word with what it means, as the shell that asks wants it; bash shows words only.
    private static func offer(_ word: String, _ meaning: String) -> String {
        let text = visible(String(meaning.prefix(80)))
        switch CompletionShell.requesting {
        case .some(.fish): return word + "\t" + text
        case .some(.zsh):
            return word.split(separator: ":", omittingEmptySubsequences: false).joined(separator: "\\:")
                + (text.isEmpty ? "" : ":" + text)
        default: return word
        }
    }
}
