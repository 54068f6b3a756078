internal import Cells
internal import Model
internal import Panels
internal import TOMLKit

/// The keys of one table of the configuration file. Whoever asks for a key takes it; what nobody asked for is unknown.
private final class Keys {
    private let table: TOMLTable?
    /// The keys that lead to the table, and the text that has them.
    private let path: [String]
    private let text: String
    private var left: Set<String>
    private(set) var troubles: [String] = []

    init(_ table: TOMLTable?, path: [String] = [], in text: String) {
        self.table = table
        self.path = path
        self.text = text
        left = Set(table?.keys ?? [])
    }

    func note(_ key: String, _ remedy: String) {
        let path = path + [key]
        let place = ConfigurationPlace.line(of: path, in: text).map { "line \($0): " } ?? ""
        troubles.append("\(place)`\(visible(path.joined(separator: ".")))` \(remedy)")
    }

    /// What a key says; nil, and a note, where it cannot mean anything.
    func take<Value>(_ key: String, _ remedy: String, _ meaning: (any TOMLValueConvertible) -> Value?) -> Value? {
        left.remove(key)
        guard let value = table?[key] else { return nil }
        guard let meant = meaning(value) else {
            note(key, remedy)
            return nil
        }
        return meant
    }

    func flag(_ key: String) -> Bool? { take(key, "is true or false") { $0.bool } }

    func inner(_ key: String) -> Keys {
        Keys(take(key, "is a table: write [\(key)]") { $0.table }, path: path + [key], in: text)
    }

    /// Everything that is left, in order.
    func rest() -> [String] { left.sorted() }

    func noteUnknown() {
        for key in rest() { note(key, "is no setting") }
    }
}

extension Configuration {
    /// The settings in a text, and what is wrong with single keys: those keep their defaults.
    ///
    /// - Throws: what the parser says of a text that is no TOML.
    static func settings(from text: String) throws -> (Settings, [String]) {
        let keys = Keys(try TOMLTable(string: text), in: text)
        var settings = Settings()
        settings.refreshMilliseconds =
            keys.take("refresh", "takes 100 to 60000 milliseconds") { $0.int.flatMap { within(100...60000, $0) } }
            ?? settings.refreshMilliseconds
        settings.theme =
            keys.take("theme", "is default, mono or high-contrast") { $0.string.flatMap { Theme.Name(rawValue: $0) } }
            ?? settings.theme
        settings.keys =
            keys.take("keys", "is viv or htop") { $0.string.flatMap { KeyMap.Preset(rawValue: $0) } } ?? settings.keys
        settings.mouse = keys.flag("mouse") ?? settings.mouse
        settings.escapeDelayMilliseconds =
            keys.take("escape-delay", "takes 0 to 1000 milliseconds") { $0.int.flatMap { within(0...1000, $0) } }
            ?? settings.escapeDelayMilliseconds
        let table = keys.inner("table")
        readTable(table, &settings)
        let bindings = keys.inner("bindings")
        for command in bindings.rest() {
            settings.bindings[command] = bindings.take(command, "is a key such as \"F9\", or a list of keys") {
                $0.string.map { [$0] } ?? strings($0)
            }
        }
        keys.noteUnknown()
        return (settings, keys.troubles + table.troubles + bindings.troubles)
    }

    private static func readTable(_ keys: Keys, _ settings: inout Settings) {
        if let names = keys.take("columns", "is a list of names of columns", strings) {
            for name in names where Column.named(name) == nil {
                keys.note("columns", "names no column '\(visible(name))'")
            }
            let known = names.compactMap { Column.named($0)?.name }
            if !known.isEmpty { settings.columns = known }
        }
        if let name = keys.take("sort", "is the name of a column", { $0.string }) {
            if let column = Column.named(name) {
                settings.sortColumn = column.name
            } else {
                keys.note("sort", "names no column '\(visible(name))'")
            }
        }
        settings.sortsDescending = keys.flag("descending") ?? settings.sortsDescending
        settings.tree = keys.flag("tree") ?? settings.tree
        settings.hidesKernelThreads = keys.flag("hide-kernel-threads") ?? settings.hidesKernelThreads
        settings.hidesEnded = keys.flag("hide-ended") ?? settings.hidesEnded
        keys.noteUnknown()
    }

    private static func within(_ range: ClosedRange<Int>, _ value: Int) -> Int? {
        range.contains(value) ? value : nil
    }

    /// A list of nothing but texts.
    private static func strings(_ value: any TOMLValueConvertible) -> [String]? {
        guard let array = value.array else { return nil }
        let texts = array.compactMap { $0.string }
        return texts.count == array.count ? texts : nil
    }
}
