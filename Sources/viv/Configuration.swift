internal import Cells
internal import Glibc
internal import Linux
internal import Model
internal import Panels
internal import TOMLKit

/// The configuration file: `$XDG_CONFIG_HOME/viv/config.toml`.
enum Configuration {
    /// Where it is; nil when neither `XDG_CONFIG_HOME` nor `HOME` is set.
    static var path: String? {
        if let base = environment("XDG_CONFIG_HOME"), base.hasPrefix("/") { return base + "/viv/config.toml" }
        return environment("HOME").map { $0 + "/.config/viv/config.toml" }
    }

    /// The settings, and what is wrong with the file; a broken file gives the defaults.
    static func load() -> (settings: Settings, trouble: String?) {
        guard let path, let bytes = try? FileDescriptor.open(path).readToEnd() else { return (Settings(), nil) }
        do {
            return try read(String(decoding: bytes, as: UTF8.self), path)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            return (
                Settings(), "\(path):\(place.line):\(place.column): \(visible(error.description)); defaults are used"
            )
        } catch {
            return (Settings(), "\(path): \(visible("\(error)")); defaults are used")
        }
    }

    static func read(_ text: String, _ path: String) throws -> (Settings, String?) {
        let table = try TOMLTable(string: text)
        var settings = Settings()
        var trouble: String?
        func note(_ key: String, _ remedy: String) { trouble = trouble ?? "\(path): `\(visible(key))` \(remedy)" }
        if let value = table["refresh"] {
            if let milliseconds = value.int, (100...60000).contains(milliseconds) {
                settings.refreshMilliseconds = milliseconds
            } else {
                note("refresh", "takes 100 to 60000 milliseconds")
            }
        }
        if let value = table["theme"] {
            if let theme = value.string.flatMap({ Theme.Name(rawValue: $0) }) {
                settings.theme = theme
            } else {
                note("theme", "is default, mono or high-contrast")
            }
        }
        if let value = table["keys"] {
            if let keys = value.string.flatMap({ KeyMap.Preset(rawValue: $0) }) {
                settings.keys = keys
            } else {
                note("keys", "is viv or htop")
            }
        }
        if let mouse = table["mouse"]?.bool { settings.mouse = mouse }
        if let value = table["escape-delay"] {
            if let delay = value.int, (0...1000).contains(delay) {
                settings.escapeDelayMilliseconds = delay
            } else {
                note("escape-delay", "takes 0 to 1000 milliseconds")
            }
        }
        if let inner = table["table"]?.table { readTable(inner, &settings, note) }
        if let bindings = table["bindings"]?.table {
            for (command, keys) in bindings {
                settings.bindings[command] = keys.array?.compactMap { $0.string } ?? keys.string.map { [$0] } ?? []
            }
        }
        return (settings, trouble)
    }

    private static func readTable(_ table: TOMLTable, _ settings: inout Settings, _ note: (String, String) -> Void) {
        if let names = table["columns"]?.array?.compactMap({ $0.string }) {
            let known = names.filter { Column.named($0) != nil }
            if let wrong = names.first(where: { Column.named($0) == nil }) {
                note("columns", "names no column '\(visible(wrong))'")
            }
            if !known.isEmpty { settings.columns = known.compactMap { Column.named($0)?.name } }
        }
        if let name = table["sort"]?.string {
            if let column = Column.named(name) {
                settings.sortColumn = column.name
            } else {
                note("sort", "names no column '\(visible(name))'")
            }
        }
        if let value = table["descending"]?.bool { settings.sortsDescending = value }
        if let value = table["tree"]?.bool { settings.tree = value }
        if let value = table["hide-kernel-threads"]?.bool { settings.hidesKernelThreads = value }
    }

    /// Writes the file whole or not at all.
    ///
    /// - Throws: ``Failure`` with the path and the reason.
    static func save(_ settings: Settings) throws(Failure) {
        guard let path else {
            throw Failure(.failed, "neither XDG_CONFIG_HOME nor HOME is set: there is no place for the settings")
        }
        do throws(Errno) {
            try makeDirectories(path)
            let text = Array(text(of: settings).utf8)
            let draft = path + ".\(Machine.ownPid()).new"
            do throws(Errno) {
                let file = try FileDescriptor.open(draft, [.writeOnly, .create, .truncate])
                try file.writeAll(text.span)
                fsync(file.rawValue)
            } catch {
                unsafe unlink(draft)
                throw error
            }
            guard unsafe rename(draft, path) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw Failure(.failed, "\(path) cannot be written: \(error)")
        }
    }

    private static func makeDirectories(_ path: String) throws(Errno) {
        var directory = ""
        for part in path.split(separator: "/").dropLast() {
            directory += "/" + part
            guard unsafe mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
        }
    }

    static func text(of settings: Settings) -> String {
        func list(_ names: [String]) -> String {
            "[" + names.map { "\"\(escaped($0))\"" }.joined(separator: ", ") + "]"
        }
        var text = """
            # viv's settings, written by F2.
            refresh = \(settings.refreshMilliseconds)
            theme = "\(settings.theme.rawValue)"
            keys = "\(settings.keys.rawValue)"
            mouse = \(settings.mouse)
            escape-delay = \(settings.escapeDelayMilliseconds)

            [table]
            columns = \(list(settings.columns))
            sort = "\(settings.sortColumn)"
            descending = \(settings.sortsDescending)
            tree = \(settings.tree)
            hide-kernel-threads = \(settings.hidesKernelThreads)

            [bindings]

            """
        for (command, keys) in settings.bindings.sorted(by: { $0.key < $1.key }) {
            text += "\"\(escaped(command))\" = \(list(keys))\n"
        }
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.map { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : String($0) }.joined()
    }

    private static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
