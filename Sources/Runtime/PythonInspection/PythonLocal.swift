/// A variable of a frame and what it holds.
public struct PythonLocal: Sendable, Hashable {
    /// Where the variable comes from; the raw value is the word that JSON has.
    public enum Kind: String, Sendable {
        /// The frame was called with it, `*args` and `**kwargs` included.
        case argument
        /// It is assigned in the frame.
        case local
        /// It belongs to a function around this one.
        case free
    }

    /// Name in the source; `.0` is what a comprehension goes through.
    public var name: String
    /// Where it comes from.
    public var kind: Kind
    /// Class of the value, with its module unless that is `builtins`; empty when it cannot be read.
    public var type: String
    /// The value like its `repr`, made without running code of the target; `…` marks what is left out.
    public var value: String
    /// Whether something was left out of the value: too long, too deep, or not to be read.
    public var isTruncated: Bool
    /// Whether it may be torn: the variable, or the call itself, changed while it was read.
    public var isTorn: Bool

    /// A variable from the values that its members name.
    public init(
        name: String, kind: Kind, type: String, value: String, isTruncated: Bool = false, isTorn: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.type = type
        self.value = value
        self.isTruncated = isTruncated
        self.isTorn = isTorn
    }
}

/// Which variables a snapshot is to have.
public struct LocalsDemand: Sendable, Hashable {
    /// How much of each value.
    public var limits: ValueLimits
    /// Only those of the thread with this id in the target's pid namespace; nil for all.
    public var tid: UInt64?
    /// Only those of this frame, counted from the innermost; nil for all.
    public var frame: Int?

    /// Asks for the variables of all frames unless a thread or frame is named.
    public init(limits: ValueLimits = ValueLimits(), tid: UInt64? = nil, frame: Int? = nil) {
        self.limits = limits
        self.tid = tid
        self.frame = frame
    }
}
