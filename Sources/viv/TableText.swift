internal import Cells
internal import Model
internal import Samplers

/// What a command that prints once asks of the table.
enum TableDemandBuilder {
    static func all(_ sources: ProcessSources, threads: Bool, ports: Set<UInt16>) -> TableDemand {
        TableDemand(visibleSources: sources, showsThreads: threads, ports: ports, allVisible: true)
    }
}

/// The process table as lines of text.
enum TableText {
    /// The header and one line a row; cut at `width` cells unless that is 0.
    static func lines(_ rows: [ProcessRow], _ columns: [Column], _ table: ProcessTable, width: Int) -> [String] {
        let cells = rows.map { row in columns.map { visible($0.value(row, table).text) } }
        var widths = columns.map { displayWidth($0.title) }
        for line in cells {
            for (place, text) in line.enumerated() { widths[place] = max(widths[place], displayWidth(text)) }
        }
        return ([columns.map(\.title)] + cells).map { line in
            var text = ""
            for (place, cell) in line.enumerated() {
                let isLast = place == line.count - 1
                let blank = String(repeating: " ", count: max(0, widths[place] - displayWidth(cell)))
                text += columns[place].alignment == .right ? blank + cell : isLast ? cell : cell + blank
                if !isLast { text += " " }
            }
            return cut(text, width)
        }
    }

    /// Cuts a line at a number of cells.
    static func cut(_ text: String, _ width: Int) -> String {
        guard width > 0, displayWidth(text) > width else { return text }
        var result = ""
        var used = 0
        for scalar in text.unicodeScalars {
            used += displayWidth(scalar)
            if used > width { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}

/// Rows as JSON: the keys of the contract, and those of the columns that were asked for.
enum ProcessJson {
    static func object(_ row: ProcessRow, _ table: ProcessTable, _ columns: [Column]) -> Json {
        var members: [(String, Json)] = [
            ("pid", .integer(Int64(row.pid))), ("ppid", .integer(Int64(row.parent))),
            ("startTime", .number(Column.startSeconds(row, table))), ("user", .optional(table.user(of: row))),
            ("state", .string(String(UnicodeScalar(row.state)))), ("command", .string(row.name.text)),
            ("arguments", .optional(table.texts[row.identity]?.arguments)),
            ("cpuPercent", .optional(row.rates?.cpuPercent)),
            ("residentBytes", .integer(Int64(clamping: row.residentBytes))),
            ("threads", .integer(Int64(row.threads))), ("nice", row.effectiveNice.map { .integer(Int64($0)) } ?? .null),
        ]
        if row.isThread { members.append(("threadGroup", .integer(Int64(row.threadGroup)))) }
        members += rates(row.rates)
        members.append(("python", python(row)))
        for column in columns where !members.contains(where: { $0.0 == column.key }) {
            members.append((column.key, value(column.value(row, table))))
        }
        return .object(members)
    }

    /// Rates under the keys that `viv ps` and `viv stat` share.
    static func rates(_ rates: ProcessRates?) -> [(String, Json)] {
        [
            ("voluntarySwitchesPerSecond", .optional(rates?.voluntarySwitches)),
            ("involuntarySwitchesPerSecond", .optional(rates?.involuntarySwitches)),
            ("minorFaultsPerSecond", .optional(rates?.minorFaults)),
            ("majorFaultsPerSecond", .optional(rates?.majorFaults)),
            ("readBytesPerSecond", .optional(rates?.readBytes)),
            ("writeBytesPerSecond", .optional(rates?.writtenBytes)),
        ]
    }

    private static func python(_ row: ProcessRow) -> Json {
        guard let version = row.extras.pythonVersion else { return .null }
        return .object([
            ("version", .string("\(version >> 8).\(version & 255)")), ("implementation", .string("CPython")),
        ])
    }

    private static func value(_ value: ColumnValue) -> Json {
        switch value {
        case .absent: .null
        case .number(let number): .integer(number)
        case .count(let number), .bytes(let number), .percent(let number), .seconds(let number), .moment(let number, _):
            .number(number)
        case .text(let text): .string(text)
        }
    }
}
