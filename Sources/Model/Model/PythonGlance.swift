/// What the Python of a process is at, as far as a glance tells.
public struct PythonGlance: Sendable, Hashable {
    /// Share of the last seconds in which some thread held the GIL.
    ///
    /// - Unit: percent.
    /// - Absent: in builds without it, until it was asked for a few times, and where it cannot be read.
    public var lockedPercent: Double?
    /// File and line of the thread that ran Python last, `views.py:88`, hostile as the target wrote it; in brackets why there is none.
    public var place: String?

    /// A glance that saw these.
    public init(lockedPercent: Double? = nil, place: String? = nil) {
        (self.lockedPercent, self.place) = (lockedPercent, place)
    }
}
