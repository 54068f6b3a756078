/// Where the fields of the collector's state are, for one version. Source: `struct _gc_runtime_state`.
///
/// Up to 3.6 it is no structure but variables of `gcmodule.c`: only the array of generations is one piece, and offsets are counted
/// from its start.
struct CollectorLayout: Sendable {
    /// Generations that are collected, the youngest first.
    static let generationCount = 3
    /// Bytes of `PyGC_Head`, which lies before every object that is tracked.
    let headSize: Int
    /// First of the generations, one behind the other.
    private(set) var generations: Int
    /// Bytes of one generation: the head of its list, its threshold and its count.
    let generationSize: Int
    /// The generation of `gc.freeze()`.
    ///
    /// - Absent: up to 3.6.
    let permanent: Int?
    /// Absent: up to 3.6.
    let enabled: Int?
    /// Absent: up to 3.6.
    let collecting: Int?
    /// Figures of the generations; since 3.15 a pointer to them.
    ///
    /// - Absent: up to 3.6.
    let statistics: Int?
    /// Frame that the collection began in.
    ///
    /// - Absent: up to 3.14.
    let frame: Int?
    /// Whether the two older generations are one that is collected in steps: 3.14.0 until that was taken back in a later 3.14.
    let isIncremental: Bool
    /// Bytes of the whole.
    let size: Int
    /// Whether the figures lie in rings behind a pointer: since 3.15.
    let hasRings: Bool
    /// Whether the link backwards of an object is used for counting while it is collected: since 3.8.
    let countsInLinks: Bool
    let typePointer: Int
    let itemCount: Int

    /// The layout of a version; nil where objects are on no lists, as in free-threaded builds, or a field is missing.
    init?(_ layout: PythonLayout) {
        let version = layout.version
        headSize = layout["const.PyGC_Head_size"]
        guard !version.isFreeThreaded, headSize == 16 || headSize == 32 else { return nil }
        // Two numbers of four bytes behind the head, and the whole aligned as the head is.
        generationSize = headSize == 16 ? 24 : 48
        typePointer = layout.typePointer
        itemCount = layout.itemCount
        guard typePointer < 64, itemCount < 64 else { return nil }
        countsInLinks = version.minor >= 8
        hasRings = version.minor >= 15
        guard version.minor >= 7 else {
            (generations, size) = (0, generationSize * CollectorLayout.generationCount)
            (permanent, enabled, collecting, statistics, frame) = (nil, nil, nil, nil, nil)
            isIncremental = false
            return
        }
        let size = layout["gc.size"]
        generations = layout["gc.generations"]
        permanent = layout["gc.permanent_generation"]
        enabled = layout["gc.enabled"]
        collecting = layout["gc.collecting"]
        statistics = layout["gc.generation_stats"]
        frame = hasRings ? layout["gc.frame"] : nil
        // The structure ends with a pointer to the youngest generation again since the steps were taken back.
        isIncremental = version.minor == 14 && size < 264
        self.size = size
        let ends = [
            generations + 3 * generationSize, (permanent ?? 0) + generationSize, (collecting ?? 0) + 4,
            (statistics ?? 0) + (hasRings ? 8 : 3 * 24), (frame ?? 0) + 8,
        ]
        guard size <= 4096, generations > 0, ends.allSatisfy({ $0 > 0 && $0 <= size }) else { return nil }
    }

    /// The same with the generations four bytes earlier: 3.13 aligned them to four bytes in its later patch levels, and back again.
    var withPackedGenerations: CollectorLayout {
        var packed = self
        packed.generations -= 4
        return packed
    }

    /// Where the head of a generation's list is in the state; 3 is the permanent one.
    func list(_ generation: Int) -> Int? {
        generation < CollectorLayout.generationCount ? generations + generation * generationSize : permanent
    }
}
