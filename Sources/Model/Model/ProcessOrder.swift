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
        /// Rows folded into this one; 0 when it is expanded or has no children.
        public var folded: Int32
        /// Whether it has children in view or folded.
        public var hasChildren: Bool
    }

    /// Visible rows from top to bottom.
    public var entries: [Entry]

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

    /// A request for that order; without more words all rows in a flat list.
    public init(
        column: Column, descending: Bool, tree: Bool = false, collapsed: Set<ProcessIdentity> = [],
        filter: Filter? = nil,
        userID: UInt32? = nil, hidesKernelThreads: Bool = false
    ) {
        self.column = column
        self.descending = descending
        self.tree = tree
        self.collapsed = collapsed
        self.filter = filter
        self.userID = userID
        self.hidesKernelThreads = hidesKernelThreads
    }
}

extension ProcessTable {
    /// The rows that pass and their order.
    public func order(_ request: OrderRequest) -> ProcessOrder {
        var kept: [Int32] = []
        kept.reserveCapacity(rows.count)
        var leader: (pid: Int32, passes: Bool)?
        for index in rows.indices {
            let row = rows[index]
            // A thread is kept with its process, or by itself: both are what somebody who filters threads may mean.
            let follows = row.isThread && leader?.pid == row.threadGroup && leader?.passes == true
            let isKept = follows || passes(row, request)
            if !row.isThread { leader = (row.pid, isKept) }
            if isKept { kept.append(Int32(index)) }
        }
        let sorted = sort(kept, by: request.column, descending: request.descending)
        return request.tree ? nest(sorted, collapsed: request.collapsed) : flat(sorted)
    }

    private func passes(_ row: ProcessRow, _ request: OrderRequest) -> Bool {
        if let user = request.userID, row.userID != user { return false }
        if request.hidesKernelThreads, row.traits.contains(.kernel) { return false }
        return request.filter?.matches(row, self) ?? true
    }

    /// Sorts indices by a column; equal rows stay in pid order, rows without a value come last.
    func sort(_ indices: [Int32], by column: Column, descending: Bool) -> [Int32] {
        if column.alignment == .right {
            var keys: [(Double, Int32)] = indices.map { index in
                let magnitude = column.value(rows[Int(index)], self).magnitude ?? -.infinity
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
