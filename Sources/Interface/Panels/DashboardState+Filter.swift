internal import Model

extension DashboardState {
    /// Narrows the table to what a filter keeps; one that is not understood leaves the last one in force.
    public mutating func setFilter(_ text: String, _ dashboard: Dashboard) {
        filterText = text
        filterPending = nil
        do throws(FilterError) {
            filter = try Filter(parsing: text)
            filterError = nil
            reorder(dashboard.table)
        } catch {
            filterError = error
        }
    }

    /// What of a text that is being typed is not in force yet, and why.
    struct Pending: Sendable {
        /// Characters at the start of the text that are in force.
        var used: Int
        /// What is wrong with the rest; empty when it is only not finished.
        var note: String
    }

    /// Narrows the table to the longest part of a text, from its start, that makes sense already.
    ///
    /// A word that may still become `cpu>20` is no word to look for: the table would be empty at every second letter.
    mutating func typeFilter(_ text: String, _ table: ProcessTable) {
        filterText = text
        filterError = nil
        filterPending = nil
        var used = Substring(text)
        var note: String?
        while true {
            do throws(FilterError) {
                let candidate = try Filter(parsing: DashboardState.closed(used))
                if let candidate, let reason = doubt(about: candidate, used, isWhole: used.count == text.count, table) {
                    note = note ?? reason
                } else {
                    filter = candidate
                    break
                }
            } catch {
                if used.count == text.count { filterError = error }
                note = note ?? error.text
            }
            guard let space = used.lastIndex(of: " ") else {
                used = used.prefix(0)
                filter = nil
                break
            }
            used = used[..<space]
        }
        if used.count < text.count { filterPending = Pending(used: used.count, note: note ?? "") }
    }

    /// Why a filter should not be in force while it is typed; nil when it should.
    private func doubt(about filter: Filter, _ text: Substring, isWhole: Bool, _ table: ProcessTable) -> String? {
        let words = text.split(separator: " ")
        guard isWhole, let last = words.last, text.last != " " else { return nil }
        let isWord = !last.contains { "=<>~!()\"'".contains($0) }
        if isWord, words.count > 1, DashboardState.mayGrow(last) { return "" }
        let finds = table.rows.contains { filter.matches($0, table) }
        // What must be read first finds nothing yet.
        guard !finds, filter.sources.subtracting(.arguments).isEmpty else { return nil }
        if isWord, words.count == 1, !DashboardState.mayGrow(last) { return nil }
        return "nothing matches `\(last)`"
    }

    /// Words that mean something in a filter, with all names that a column has.
    private static let filterWords =
        ["and", "or", "not", "python", "port"] + Column.all.flatMap { [$0.name] + $0.aliases }.map { $0.lowercased() }

    /// Whether a word is the beginning of a column's name or of a keyword.
    private static func mayGrow(_ word: Substring) -> Bool {
        let lower = word.lowercased()
        return DashboardState.filterWords.contains { $0.hasPrefix(lower) }
    }

    /// The text with the brackets closed that are open in it.
    private static func closed(_ text: Substring) -> String {
        let open = text.count { $0 == "(" } - text.count { $0 == ")" }
        return text + String(repeating: ")", count: max(0, open))
    }
}
