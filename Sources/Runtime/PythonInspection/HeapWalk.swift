/// An object that the garbage collector tracks.
public struct CollectableObject: Sendable, Hashable {
    /// Where it is.
    public var address: RemoteAddress
    /// Its type object, as the object names it.
    public var type: RemoteAddress
    /// The word where objects of variable size have their number of items; of others it is anything.
    ///
    /// - Source: `PyVarObject.ob_size`.
    public var itemCount: Int64
}

/// Objects of one generation, some thousand at once.
public struct CollectableBatch: Sendable {
    /// Id of the interpreter they belong to; up to CPython 3.8 all share one collector.
    public var interpreter: Int64
    /// 0 to 2, the youngest first; 3 for those that `gc.freeze()` put aside.
    public var generation: Int
    /// In the order of the list.
    public var objects: [CollectableObject]
}

/// What a walk over all tracked objects may cost.
public struct HeapLimits: Sendable, Hashable {
    /// Most objects that are looked at.
    public var objects: Int
    /// Most bytes that are read from the target.
    public var bytes: Int
    /// Most bytes of the target that are kept at a time: all of them only where the objects lie in no order.
    public var cacheBytes: Int

    /// Limits; as they are, enough for heaps of some ten million objects.
    public init(objects: Int = 20_000_000, bytes: Int = 8 << 30, cacheBytes: Int = 256 << 20) {
        self.objects = objects
        self.bytes = bytes
        self.cacheBytes = cacheBytes
    }
}

/// How a walk over all tracked objects went.
public struct HeapWalk: Sendable, Hashable {
    /// Why a walk ended before its end.
    public enum Cut: String, Sendable {
        /// As many objects as were allowed.
        case objects
        /// As many bytes as were allowed.
        case bytes
        /// Whoever took the objects wanted no more, as when its time is over.
        case asked
    }

    /// Objects that were handed over.
    public var objects = 0
    /// Of them by generation, the youngest first, then those that `gc.freeze()` put aside.
    public var byGeneration = [0, 0, 0, 0]
    /// Bytes that were read from the target.
    public var bytesRead = 0
    /// Lists that did not close, or whose links did not match: the target changed them meanwhile, and the counts are about right.
    public var tears = 0
    /// Why it is not all; nil when it is.
    public var cut: Cut?

    /// Whether each list was walked to its end without a contradiction.
    public var isExact: Bool { tears == 0 && cut == nil }
}

extension PythonInspector {
    /// Goes over every object that the collectors of all interpreters track, the oldest generations first, without stopping the
    /// target: `str`, `int`, `bytes`, `float` and other objects that refer to none are on no list.
    ///
    /// - Parameter body: takes the objects in batches; false ends the walk.
    /// - Throws: ``PythonInspectionError`` when the lists are not found, or nothing can be read any more.
    public func forEachCollectable<Target: RemoteProcess & ~Copyable>(
        in target: inout Target, limits: HeapLimits = HeapLimits(), _ body: (CollectableBatch) -> Bool
    ) throws(PythonInspectionError) -> HeapWalk {
        let reader = try CollectorReader(self, &target)
        do throws(RemoteMemoryError) {
            var walker = HeapWalker(reader.layout, limits)
            return try walker.walk(reader.places(&target), &target, body)
        } catch {
            throw .memory(error)
        }
    }
}
