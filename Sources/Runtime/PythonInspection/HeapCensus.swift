/// How many objects of each type the collector tracks.
public struct HeapCensus: Sendable, Hashable {
    /// Objects of one type.
    public struct Row: Sendable, Hashable {
        /// Name of the type with its module, but for those of `builtins`.
        public var type: String
        /// Objects.
        public var count: Int
        /// Bytes of the objects themselves and their collector's heads, without what they point to, such as the table of a `dict`.
        ///
        /// - Source: `tp_basicsize`, `tp_itemsize` and `ob_size`; for `list` also its array.
        /// - Absent: where the type does not look like one.
        public var shallowBytes: Int?
        /// Types of that name: more than one where a class is made again and again.
        public var types: Int
    }

    /// Types with the most objects, in their order.
    public var rows: [Row]
    /// Types that have objects, also those that are no rows.
    public var typeCount: Int
    /// Bytes of all objects that were counted, without what they point to.
    public var shallowBytes: Int
    /// How the walk went: the objects of all types, and whether the numbers are exact.
    public var walk: HeapWalk
}

extension PythonInspector {
    /// Counts the objects that the collectors track by their type, without stopping the target and without running code.
    ///
    /// A walk that tore is made again, and the best one counts.
    ///
    /// - Parameters:
    ///   - top: most rows.
    ///   - isOver: asked now and then; true ends the walk, and the census says so.
    /// - Throws: ``PythonInspectionError``.
    public func heapCensus<Target: RemoteProcess & ~Copyable>(
        of target: inout Target, top: Int = 20, limits: HeapLimits = HeapLimits(), isOver: () -> Bool = { false }
    ) throws(PythonInspectionError) -> HeapCensus {
        var best = (tally: TypeTally(), walk: HeapWalk())
        for attempt in 0..<HeapCensus.attempts {
            var tally = TypeTally()
            let walk = try forEachCollectable(in: &target, limits: limits) { batch in
                for object in batch.objects { tally.count(object) }
                return !isOver()
            }
            let isBetter = walk.tears < best.walk.tears || walk.cut == nil && best.walk.cut != nil
            if attempt == 0 || isBetter { best = (tally, walk) }
            if walk.tears == 0 || walk.cut != nil { break }
        }
        return best.tally.census(best.walk, top: top, runtime.layout, in: &target)
    }
}

extension HeapCensus {
    fileprivate static let attempts = 3
}

/// Objects by type while they are counted.
struct TypeTally {
    struct Sum {
        var type: RemoteAddress
        var count = 0
        /// Sum of the words where objects of variable size have their number of items.
        var items: Int64 = 0
    }

    private var sums: [Sum] = []
    private var places: [RemoteAddress: Int] = [:]
    /// Place of a type by some bits of its address: most objects are of few types.
    private var recent = [Int32](repeating: -1, count: 1024)
    /// Most types that are told apart: only a broken heap has more.
    private static let limit = 200_000
    /// Bytes that the names of all types may ask for; one takes some ten thousand at most.
    private static let readingLimit = 512 << 20
    /// Most items that one object is believed to have.
    private static let itemLimit: Int64 = 1 << 40

    /// Counts an object.
    mutating func count(_ object: CollectableObject) {
        let slot = Int(truncatingIfNeeded: object.type.rawValue >> 4 ^ object.type.rawValue >> 14) & 1023
        var place = Int(recent[slot])
        if place < 0 || sums[place].type != object.type {
            guard let found = find(object.type) else { return }
            place = found
            recent[slot] = Int32(truncatingIfNeeded: place)
        }
        sums[place].count += 1
        if object.itemCount > 0, object.itemCount < TypeTally.itemLimit {
            sums[place].items &+= object.itemCount
        }
    }

    private mutating func find(_ type: RemoteAddress) -> Int? {
        if let known = places[type] { return known }
        guard sums.count < TypeTally.limit else { return nil }
        places[type] = sums.count
        sums.append(Sum(type: type))
        return sums.count - 1
    }

    // MARK: Names and sizes

    /// The types with the most objects, by name.
    func census<Memory: RemoteMemory & ~Copyable>(
        _ walk: HeapWalk, top: Int, _ layout: PythonLayout, in memory: inout Memory
    ) -> HeapCensus {
        var rows: [HeapCensus.Row] = []
        var byName: [String: Int] = [:]
        var total = 0
        var metered = PageMemory(memory, allowance: TypeTally.readingLimit)
        for sum in sums.sorted(by: { $0.count > $1.count }) {
            let type = TypeFacts(sum.type, layout, in: &metered)
            let bytes = type?.shallowBytes(count: sum.count, items: sum.items, headSize: layout["const.PyGC_Head_size"])
            total = HeapCensus.sum(total, bytes ?? 0)
            let name = type?.name ?? "(no type at 0x\(String(sum.type.rawValue, radix: 16)))"
            if let place = byName[name] {
                rows[place].count += sum.count
                rows[place].types += 1
                rows[place].shallowBytes = HeapCensus.sum(rows[place].shallowBytes ?? 0, bytes ?? 0)
            } else {
                byName[name] = rows.count
                rows.append(HeapCensus.Row(type: name, count: sum.count, shallowBytes: bytes, types: 1))
            }
        }
        memory = metered.end()
        rows.sort { ($1.count, $0.type) < ($0.count, $1.type) }
        return HeapCensus(
            rows: Array(rows.prefix(max(0, top))), typeCount: sums.count, shallowBytes: total, walk: walk)
    }
}

extension HeapCensus {
    /// A sum that ends at the largest number: sizes are the target's word.
    fileprivate static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, isOver) = left.addingReportingOverflow(right)
        return isOver ? .max : sum
    }
}
