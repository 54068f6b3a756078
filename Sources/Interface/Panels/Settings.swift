internal import Model

/// What the user can set and keep: the configuration file, F2 and command-line options all end here.
public struct Settings: Sendable, Equatable {
    /// Names of the table's columns, left to right.
    public var columns = Column.defaultNames
    /// Name of the column sorted by.
    public var sortColumn = "cpu"
    /// Whether larger values come first.
    public var sortsDescending = true
    /// Whether processes are nested under their parents at start.
    public var tree = false
    /// Whether kernel threads are hidden.
    public var hidesKernelThreads = true
    /// Whether processes that ended are hidden at once.
    public var hidesEnded = false
    /// Name of the theme.
    public var theme = Theme.Name.standard
    /// Name of the key preset.
    public var keys = KeyMap.Preset.viv
    /// Bindings that replace the preset's: command name to keys.
    public var bindings: [String: [String]] = [:]
    /// Time between refreshes. Unit: milliseconds.
    public var refreshMilliseconds = 1000
    /// Time to tell a lone Esc from the start of a key. Unit: milliseconds.
    public var escapeDelayMilliseconds = 25
    /// Whether clicks and the wheel are reported.
    public var mouse = true

    /// What viv does without a configuration file.
    public init() {}
}
