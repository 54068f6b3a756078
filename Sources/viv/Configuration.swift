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
        guard let path else { return (Settings(), nil) }
        do throws(Errno) {
            // What is no ordinary file may keep its reader waiting for ever.
            let file = try FileDescriptor.open(path, .nonBlocking)
            guard try FileStatus(path: path).mode & S_IFMT == S_IFREG else {
                return (Settings(), "\(path) is not a regular file; defaults are used")
            }
            let bytes = try file.readToEnd()
            return read(bytes, path)
        } catch {
            guard error != .noEntry, error != .notDirectory else { return (Settings(), nil) }
            return (Settings(), "\(path) cannot be read: \(error); defaults are used")
        }
    }

    private static func read(_ bytes: [UInt8], _ path: String) -> (Settings, String?) {
        do {
            let (settings, troubles) = try settings(from: String(decoding: bytes, as: UTF8.self))
            return (settings, troubles.isEmpty ? nil : "\(path): " + troubles.joined(separator: "; "))
        } catch let error as TOMLParseError {
            let place = error.source.begin
            return (
                Settings(), "\(path):\(place.line):\(place.column): \(visible(error.description)); defaults are used"
            )
        } catch {
            return (Settings(), "\(path): \(visible("\(error)")); defaults are used")
        }
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
            let file = try AtomicFile(path)
            try file.write(Array(text(of: settings).utf8))
            try file.commit()
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
            hide-ended = \(settings.hidesEnded)

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
