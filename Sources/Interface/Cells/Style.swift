/// How a cell looks.
public struct Style: Hashable, Sendable {
    /// Set of effects.
    public struct Attributes: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let bold = Attributes(rawValue: 1)
        public static let dim = Attributes(rawValue: 2)
        public static let underline = Attributes(rawValue: 4)
        public static let reverse = Attributes(rawValue: 8)
        public static let italic = Attributes(rawValue: 16)
    }

    /// Colour of the palette, 0 to 255; -1 for the terminal's own.
    public var foreground: Int16
    /// Colour of the palette, 0 to 255; -1 for the terminal's own.
    public var background: Int16
    public var attributes: Attributes

    public init(foreground: Int16 = -1, background: Int16 = -1, attributes: Attributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    /// The terminal's own colours, no effects.
    public static let plain = Style()
}

/// One character cell.
public struct Cell: Hashable, Sendable {
    /// Unicode scalar; 0 is the second half of a wide one.
    public var glyph: UInt32
    public var style: Style

    public init(glyph: UInt32 = 32, style: Style = .plain) {
        self.glyph = glyph
        self.style = style
    }
}

/// A rectangle of cells.
public struct Rect: Hashable, Sendable {
    public var row: Int
    public var column: Int
    public var rows: Int
    public var columns: Int

    public init(row: Int, column: Int, rows: Int, columns: Int) {
        self.row = row
        self.column = column
        self.rows = rows
        self.columns = columns
    }
}
