public import Model

/// What the interface wants of the process table.
public struct TableDemand: Sendable, Equatable {
    /// Rows on the screen.
    public var visible: Set<ProcessIdentity>
    /// What to read of rows on the screen.
    public var visibleSources: ProcessSources
    /// What to read of every row, because it is sorted or filtered by.
    public var tableSources: ProcessSources
    /// Whether threads are rows too.
    public var showsThreads: Bool
    /// Local ports whose owners a filter asks for.
    public var ports: Set<UInt16>
    /// Processes that were acted on a moment ago: read whatever they did since.
    public var acted: Set<ProcessIdentity> = []
    /// The one process that is asked about; nil for all.
    public var only: Int32?
    /// Whether all rows count as visible: a command that prints the table once.
    public var allVisible: Bool

    /// A demand; without more words for rows with nothing but what stat tells.
    public init(
        visible: Set<ProcessIdentity> = [], visibleSources: ProcessSources = [], tableSources: ProcessSources = [],
        showsThreads: Bool = false, ports: Set<UInt16> = [], allVisible: Bool = false
    ) {
        self.visible = visible
        self.visibleSources = visibleSources
        self.tableSources = tableSources
        self.showsThreads = showsThreads
        self.ports = ports
        self.allVisible = allVisible
    }

    func sources(for identity: ProcessIdentity) -> ProcessSources {
        isVisible(identity) ? visibleSources.union(tableSources) : tableSources
    }

    func isVisible(_ identity: ProcessIdentity) -> Bool {
        allVisible || visible.contains(identity)
    }
}
