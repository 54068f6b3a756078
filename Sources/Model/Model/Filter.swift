/// Which rows are kept: `cpu>20 and user=api and comm~gunicorn`; plain words mean that text in the name or command line.
public indirect enum Filter: Sendable {
    case all(Filter, Filter)
    case any(Filter, Filter)
    case not(Filter)
    /// A column compared with a value.
    case comparison(Column, Comparison, Operand)
    /// Text in the name, the command line or, for digits, the pid.
    case word(String)
    /// Whether it is a Python process.
    case python
    /// Whether it listens on or is connected from a local port; the pids are found outside.
    case port(UInt16)

    /// How a column is compared.
    public enum Comparison: String, Sendable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case contains = "~"
        case containsNot = "!~"
    }

    /// What a column is compared with.
    public struct Operand: Sendable {
        /// As it was written.
        public var text: String
        /// As a number with its unit applied, where it is one.
        public var number: Double?
    }

    /// What must be read for every row before the filter can judge.
    public var sources: ProcessSources {
        switch self {
        case .all(let left, let right), .any(let left, let right): left.sources.union(right.sources)
        case .not(let inner): inner.sources
        case .comparison(let column, _, _): column.sources
        case .word: .arguments
        case .python: .python
        case .port: .ports
        }
    }

    /// Ports it names.
    public var ports: Set<UInt16> {
        switch self {
        case .all(let left, let right), .any(let left, let right): left.ports.union(right.ports)
        case .not(let inner): inner.ports
        case .port(let port): [port]
        case .comparison, .word, .python: []
        }
    }

    /// Whether the row is kept. A value that is absent satisfies no comparison but `!=` and `!~`.
    public func matches(_ row: ProcessRow, _ table: ProcessTable) -> Bool {
        switch self {
        case .all(let left, let right): left.matches(row, table) && right.matches(row, table)
        case .any(let left, let right): left.matches(row, table) || right.matches(row, table)
        case .not(let inner): !inner.matches(row, table)
        case .python: row.extras.pythonVersion != nil
        case .port(let port): table.portOwners[port]?.contains(row.threadGroup) ?? false
        case .word(let word):
            row.name.contains(word) || table.commandLine(of: row).containsIgnoringCase(word) || String(row.pid) == word
        case .comparison(let column, let comparison, let operand):
            comparison.holds(column.value(row, table), operand)
        }
    }
}

extension Filter.Comparison {
    func holds(_ value: ColumnValue, _ operand: Filter.Operand) -> Bool {
        if case .absent = value { return self == .notEqual || self == .containsNot }
        switch self {
        case .contains: return value.text.containsIgnoringCase(operand.text)
        case .containsNot: return !value.text.containsIgnoringCase(operand.text)
        case .equal, .notEqual:
            let same =
                value.magnitude.flatMap { left in operand.number.map { left == $0 } } ?? (value.text == operand.text)
            return same == (self == .equal)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard let left = value.magnitude, let right = operand.number else { return false }
            switch self {
            case .less: return left < right
            case .lessOrEqual: return left <= right
            case .greater: return left > right
            default: return left >= right
            }
        }
    }
}

extension String {
    /// Whether `other` stands in the text, ASCII letters of either case alike.
    public func containsIgnoringCase(_ other: String) -> Bool {
        let needle = other.utf8.map(foldedCase)
        guard let first = needle.first else { return true }
        let text = utf8
        var start = text.startIndex
        while start != text.endIndex {
            if foldedCase(text[start]) == first {
                var place = start
                var matched = 0
                while matched < needle.count, place != text.endIndex, foldedCase(text[place]) == needle[matched] {
                    matched += 1
                    place = text.index(after: place)
                }
                if matched == needle.count { return true }
            }
            start = text.index(after: start)
        }
        return false
    }
}

extension InlineText {
    /// Whether `word` stands in the text, ASCII letters of either case alike.
    func contains(_ word: String) -> Bool { text.containsIgnoringCase(word) }
}

@inline(__always) private func foldedCase(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }
