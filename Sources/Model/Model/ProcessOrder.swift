/// Which rows are shown, in which order, and how deep in the tree.
public struct ProcessOrder: Sendable {
    /// A visible row.
    public struct Entry: Sendable, Hashable {
        /// Index into the table's rows.
        public var row: Int32
        /// Depth in the tree, 0 for a root and in a flat list.
        public var depth: Int16
        /// Whether it is the last child of its parent.
        public var isLast: Bool
        /// Processes folded into this one, threads not counted; 0 when it is expanded or has no children.
        public var folded: Int32
        /// Threads folded into this one, where threads are rows.
        public var foldedThreads: Int32 = 0
        /// Whether it has children in view or folded.
        public var hasChildren: Bool
        /// Whether anything is folded into it.
        public var isFolded: Bool { folded > 0 || foldedThreads > 0 }
    }

    /// Visible rows from top to bottom.
    public var entries: [Entry]
    /// Rows of ended processes that pass and are left out, because there are too many of them or none is wanted.
    public var hiddenEnded = 0

    /// The order of nothing.
    public init() { entries = [] }
}

/// What the user asked of the order.
public struct OrderRequest: Sendable {
    /// Column to sort by.
    public var column: Column
    /// Whether the larger come first.
    public var descending: Bool
    /// Whether rows are nested under their parents.
    public var tree: Bool
    /// Processes whose children are folded.
    public var collapsed: Set<ProcessIdentity>
    /// Rows to keep; nil keeps all.
    public var filter: Filter?
    /// Only this user's processes.
    public var userID: UInt32?
    /// Whether kernel threads are left out.
    public var hidesKernelThreads: Bool
    /// Most ended processes that are kept; nil keeps all.
    public var endedLimit: Int?

    /// A request for that order; without more words all rows in a flat list.
    public init(
        column: Column, descending: Bool, tree: Bool = false, collapsed: Set<ProcessIdentity> = [],
        filter: Filter? = nil,
        userID: UInt32? = nil, hidesKernelThreads: Bool = false, endedLimit: Int? = nil
    ) {
        self.column = column
        self.descending = descending
        self.tree = tree
        self.collapsed = collapsed
        self.filter = filter
        self.userID = userID
        self.hidesKernelThreads = hidesKernelThreads
        self.endedLimit = endedLimit
    }
}

/// Keys that rows are sorted by while their values move little or for a moment only, so that rows do not change places
/// every second.
public struct SteadyKeys: Sendable {
    private struct Key {
        var value: Double
        /// Whether the reading before was already far from the key.
        var isLeft: Bool
    }

    private var column = ""
    private var keys: [ProcessIdentity: Key] = [:]
    private var isFirst = true

    /// No row has a key yet.
    public init() {}

    /// Forgets the keys of another column, and now and then those of rows that are gone.
    fileprivate mutating func begin(_ column: Column, rows: Int) {
        isFirst = self.column != column.name
        if isFirst || keys.count > 2 * rows + 64 { keys = [:] }
        self.column = column.name
    }

    /// The key of a row: its value, unless the key it has is near (within a quarter, or within one), or was until a
    /// moment ago and is not far (within half, or within ten).
    fileprivate mutating func key(_ value: Double, of identity: ProcessIdentity) -> Double {
        guard let known = keys[identity] ?? (isFirst || value == 0 ? nil : Key(value: 0, isLeft: false)) else {
            if value != 0 { keys[identity] = Key(value: value, isLeft: false) }
            return value
        }
        let distance = abs(value - known.value)
        if distance <= max(1, known.value / 4), known.value > 0 || value == 0 {
            if known.isLeft { keys[identity] = Key(value: known.value, isLeft: false) }
            return known.value
        }
        if !known.isLeft, distance <= max(10, known.value / 2) {
            keys[identity] = Key(value: known.value, isLeft: true)
            return known.value
        }
        keys[identity] = value == 0 ? nil : Key(value: value, isLeft: false)
        return value
    }
}

extension Column {
    /// Whether it says how much is going on, which moves with every reading.
    var isRate: Bool { name.hasSuffix("/s") || unit.hasPrefix("percent") }
}

extension ProcessTable {
    /// The rows that pass and their order.
    public func order(_ request: OrderRequest) -> ProcessOrder {
        var keys = SteadyKeys()
        return order(request, keeping: &keys)
    }

    /// The rows that pass and their order, in which near equals stay where they were in the one before.
    public func order(_ request: OrderRequest, keeping keys: inout SteadyKeys) -> ProcessOrder {
        var kept: [Int32] = []
        kept.reserveCapacity(rows.count)
        var leader: (pid: Int32, passes: Bool)?
        for index in rows.indices {
            // A thread is kept with its process, or by itself: both are what somebody who filters threads may mean.
            let isThread = rows[index].isThread
            let follows = isThread && leader?.pid == rows[index].threadGroup && leader?.passes == true
            let isKept = follows || passes(rows[index], request)
            if !isThread { leader = (rows[index].pid, isKept) }
            if isKept { kept.append(Int32(index)) }
        }
        let hidden = request.endedLimit.map { limitEnded(in: &kept, to: $0) } ?? 0
        let sorted = sort(kept, by: request.column, descending: request.descending, keeping: &keys)
        var order = request.tree ? nest(sorted, collapsed: request.collapsed) : flat(sorted)
        order.hiddenEnded = hidden
        return order
    }

    /// Leaves the ended processes that tell most: those that lived long enough to have a row before, then those that
    /// failed, then the newest.
    ///
    /// - Returns: how many were taken out.
    private func limitEnded(in kept: inout [Int32], to limit: Int) -> Int {
        let ended = kept.compactMap { index -> (rank: Int, nanoseconds: UInt64, index: Int32)? in
            guard let ending = rows[Int(index)].ending else { return nil }
            let wasSeen = !rows[Int(index)].traits.contains(.shortLived)
            let failed = ending.signal != nil || ending.code ?? 0 != 0
            return (wasSeen ? 0 : failed ? 1 : 2, ending.nanoseconds, index)
        }
        guard ended.count > limit else { return 0 }
        let telling = ended.sorted {
            $0.rank != $1.rank
                ? $0.rank < $1.rank
                : $0.nanoseconds != $1.nanoseconds ? $0.nanoseconds > $1.nanoseconds : $0.index > $1.index
        }
        let stays = Set(telling.prefix(limit).map(\.index))
        kept.removeAll { rows[Int($0)].hasEnded && !stays.contains($0) }
        return ended.count - limit
    }

    private func passes(_ row: ProcessRow, _ request: OrderRequest) -> Bool {
        if let user = request.userID, row.userID != user { return false }
        if request.hidesKernelThreads, row.traits.contains(.kernel) { return false }
        return request.filter?.matches(row, self) ?? true
    }

    /// Sorts indices by a column; equal rows stay in pid order, rows without a value come last.
    func sort(
        _ indices: [Int32], by column: Column, descending: Bool, keeping steady: inout SteadyKeys
    ) -> [Int32] {
        if column.alignment == .right {
            steady.begin(column, rows: rows.count)
            var keys: [(Double, Int32)] = indices.map { index in
                var magnitude = column.value(rows[Int(index)], self).magnitude ?? -.infinity
                if column.isRate, magnitude >= 0 { magnitude = steady.key(magnitude, of: rows[Int(index)].identity) }
                return (descending ? -magnitude : magnitude == -.infinity ? .infinity : magnitude, index)
            }
            keys.sort { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
            return keys.map(\.1)
        }
        var keys: [(text: String?, index: Int32)] = indices.map { index in
            let value = column.value(rows[Int(index)], self)
            if case .absent = value { return (nil, index) }
            return (value.text, index)
        }
        keys.sort { left, right in
            guard left.text != right.text else { return left.index < right.index }
            guard let first = left.text else { return false }
            guard let second = right.text else { return true }
            return (first < second) != descending
        }
        return keys.map(\.index)
    }

    private func flat(_ sorted: [Int32]) -> ProcessOrder {
        var order = ProcessOrder()
        order.entries = sorted.map { .init(row: $0, depth: 0, isLast: false, folded: 0, hasChildren: false) }
        return order
    }
}
