public import Model
internal import Profiles

/// What somebody looks at in Flame and Functions.
public struct ProfileView: Sendable {
    /// Columns of Functions that it can be sorted by.
    enum Order: CaseIterable, Sendable {
        case ownNow, totalNow, own, total, name
    }

    /// What is asked of the sampler.
    public var scope = ProfileScope()
    /// Frames from the root to the call that keys act on.
    var cursor: [ProfileFrame] = []
    /// Calls that were zoomed to, one inside of the other; the last one has the whole width.
    var zooms: [[ProfileFrame]] = []
    /// What is looked for among the calls; empty when nothing is.
    var search = ""
    /// What rows of Functions have to hold; empty for all.
    var functionFilter = ""
    /// What rows of Functions are sorted by.
    var order = Order.ownNow
    /// Whether the least comes first.
    var isTurnedRound = false
    /// Row of Functions that keys act on. Absent: the first.
    var function: ProfileFrame?
    /// How often something was pinned.
    var pins = 0

    /// Another process has other calls.
    mutating func forgetPlaces() {
        cursor = []
        zooms = []
        function = nil
        scope.pin = nil
    }

    /// Begins to compare with what is in view now, or ends it.
    mutating func togglePin() {
        if scope.pin != nil {
            scope.pin = nil
        } else {
            pins += 1
            scope.pin = pins
        }
    }

    /// Whether a frame is what is searched for; nil when nothing is.
    var matcher: ((ProfileFrame) -> Bool)? {
        guard !search.isEmpty else { return nil }
        let wanted = search
        return { $0.name.containsIgnoringCase(wanted) || $0.place.containsIgnoringCase(wanted) }
    }

    /// Rows of Functions as they are shown.
    func rows(of snapshot: ProfileSnapshot) -> [FunctionShare] {
        let wanted = functionFilter
        var rows = snapshot.functions
        if !wanted.isEmpty {
            rows = rows.filter {
                $0.frame.name.containsIgnoringCase(wanted) || $0.frame.place.containsIgnoringCase(wanted)
            }
        }
        func value(_ row: FunctionShare) -> UInt64 {
            switch order {
            case .ownNow: row.ownNow
            case .totalNow: row.totalNow
            case .own: row.own
            case .total: row.total
            case .name: 0
            }
        }
        func isBefore(_ one: FunctionShare, _ other: FunctionShare) -> Bool {
            if value(one) != value(other) { return value(one) > value(other) }
            if one.frame.name != other.frame.name { return one.frame.name < other.frame.name }
            return (one.frame.file, one.frame.line ?? 0) < (other.frame.file, other.frame.line ?? 0)
        }
        rows.sort(by: isBefore)
        return isTurnedRound ? rows.reversed() : rows
    }
}

extension CallTree {
    /// The call at the end of a path; nil when the tree does not have all of it.
    func place(of path: [ProfileFrame]) -> Int? {
        let found = node(at: path)
        return Int(nodes.indices.contains(found) ? nodes[found].depth : -1) == path.count ? found : nil
    }
}
