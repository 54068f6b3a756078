/// The command that somebody meant who wrote a word that is none.
///
/// Without a command the first word is a target, so `viv dmup` asks for a process of that name.
enum Suggestion {
    /// The command that a word resembles: its beginning, or written with a slip or two.
    ///
    /// - Returns: `nil` where the word is a command itself, or like none.
    static func command(for word: String) -> String? {
        let names = Viv.commandNames
        guard word.utf8.count >= 2, !names.contains(word) else { return nil }
        let meant = word.lowercased()
        if let beginning = names.first(where: { $0.hasPrefix(meant) }) { return beginning }
        let near = names.map { (name: $0, slips: slips(Array(meant.utf8), Array($0.utf8))) }
            .filter { $0.slips <= ($0.name.utf8.count > 4 ? 2 : 1) }
        return near.min { $0.slips < $1.slips }?.name
    }

    /// What to say about a first word that is no command; empty where it resembles none.
    static func hint(for word: String?) -> String {
        word.flatMap(command).map { "\nDid you mean `viv \($0)`? `viv --help` lists the commands." } ?? ""
    }

    /// Letters left out, added, replaced or exchanged with their neighbour.
    private static func slips(_ left: [UInt8], _ right: [UInt8]) -> Int {
        // A word much longer than every command is none: no table for it.
        guard abs(left.count - right.count) <= 2 else { return .max }
        var rows = [Array(0...right.count)]
        for i in 1...left.count {
            var row = [i]
            for j in 1...right.count {
                let isSame = left[i - 1] == right[j - 1]
                var least = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (isSame ? 0 : 1))
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    least = min(least, rows[i - 2][j - 2] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
