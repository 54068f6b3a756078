/// The greenlets of a process.
public struct PythonGreenlets: Sendable, Hashable {
    /// By address.
    public var greenlets: [PythonGreenlet]
    /// Whether some may be missing: the lists of objects changed while they were walked, or there are none to walk.
    public var isIncomplete: Bool

    /// These greenlets.
    public init(_ greenlets: [PythonGreenlet] = [], isIncomplete: Bool = false) {
        (self.greenlets, self.isIncomplete) = (greenlets, isIncomplete)
    }
}

/// One greenlet of the package greenlet, which gevent and eventlet are built on.
public struct PythonGreenlet: Sendable, Hashable {
    /// What it is doing; the raw value is the word that JSON has.
    public enum State: String, Sendable {
        /// It gave way to another one and has its frames put aside.
        case suspended
        /// Its thread runs it: its frames are those of the thread.
        case running
        /// It was never switched to.
        case unstarted
    }

    /// Its address: what tells it from others, `id(greenlet)` of the target.
    public var id: UInt64
    /// Name of its class: `greenlet.greenlet`, `gevent._gevent_cgreenlet.Greenlet`.
    public var type: String
    /// What it was doing at that moment.
    public var state: State
    /// Whether it is the one that a thread begins with.
    public var isMain: Bool
    /// Whether it is the loop of gevent or eventlet that the others give way to.
    public var isHub: Bool
    /// The greenlet that goes on when this one ends, by its address.
    ///
    /// - Absent: for main ones.
    public var parent: UInt64?
    /// `threading.get_ident()` of the thread that it belongs to.
    ///
    /// - Absent: for one that was never switched to, and where its stack does not tell.
    public var pythonThreadId: UInt64?
    /// Innermost first; empty for one that runs or has none.
    public var frames: [PythonFrame]
    /// Whether its frames changed each time that they were read, or their chain leads to what is none.
    public var isTorn: Bool

    /// A greenlet from the values that its members name.
    public init(
        id: UInt64, type: String, state: State, isMain: Bool = false, isHub: Bool = false, parent: UInt64?,
        pythonThreadId: UInt64?, frames: [PythonFrame], isTorn: Bool = false
    ) {
        (self.id, self.type, self.state) = (id, type, state)
        (self.isMain, self.isHub) = (isMain, isHub)
        (self.parent, self.pythonThreadId) = (parent, pythonThreadId)
        (self.frames, self.isTorn) = (frames, isTorn)
    }
}

extension PythonInspector {
    /// Reads all greenlets, but those that ended, by walking the collector's lists; none where the package was never imported, and in
    /// free-threaded builds, whose objects are on no lists.
    ///
    /// - Throws: ``PythonInspectionError``.
    public mutating func greenlets<Target: RemoteProcess & ~Copyable>(of target: inout Target)
        throws(PythonInspectionError) -> PythonGreenlets
    {
        var reader = GreenletReader(runtime)
        let types: Set<RemoteAddress>
        do throws(RemoteMemoryError) {
            types = try reader.types(in: &target)
        } catch {
            throw .memory(error)
        }
        // Objects of free-threaded builds are on no lists.
        guard !types.isEmpty, !version.isFreeThreaded else { return PythonGreenlets(isIncomplete: !types.isEmpty) }
        var found: [RemoteAddress] = []
        let walk = try forEachCollectable(in: &target) { batch in
            for object in batch.objects where types.contains(object.type) { found.append(object.address) }
            return found.count < GreenletReader.limit
        }
        let greenlets = reader.read(Array(found.prefix(GreenletReader.limit)), &symbols.codes, in: &target)
        return PythonGreenlets(greenlets, isIncomplete: !walk.isExact)
    }
}
