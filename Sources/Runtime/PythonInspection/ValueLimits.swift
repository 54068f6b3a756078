/// How much of a value is read and printed: all of it comes from the target, and may be of any size.
public struct ValueLimits: Sendable, Hashable {
    /// Characters of a value's text from which on the rest is left out.
    public var characters: Int
    /// Characters of a text inside of something else from which on the rest is left out.
    public var innerCharacters: Int
    /// Items of a container, attributes of an object.
    public var items: Int
    /// Containers and objects inside of each other.
    public var depth: Int
    /// Plain objects inside of each other whose attributes are printed.
    public var objectDepth: Int
    /// Decimal digits of a number.
    public var digits: Int
    /// Bytes that one value may cost, whatever its pointers lead to.
    public var valueBytes: Int
    /// Bytes that all values of a frame may cost.
    public var frameBytes: Int
    /// Bytes that all values of a process may cost.
    public var totalBytes: Int

    /// Limits that fit a screen unless others are given.
    public init(
        characters: Int = 1000, innerCharacters: Int = 120, items: Int = 100, depth: Int = 8, objectDepth: Int = 2,
        digits: Int = 4300,
        valueBytes: Int = 256 << 10, frameBytes: Int = 4 << 20, totalBytes: Int = 128 << 20
    ) {
        self.characters = characters
        self.innerCharacters = innerCharacters
        self.items = items
        self.depth = depth
        self.objectDepth = objectDepth
        self.digits = digits
        self.valueBytes = valueBytes
        self.frameBytes = frameBytes
        self.totalBytes = totalBytes
    }
}
