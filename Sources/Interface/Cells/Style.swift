/// How a cell looks.
public struct Style: Hashable, Sendable {
    /// Set of effects.
    public struct Attributes: OptionSet, Hashable, Sendable {
        /// One bit for each effect below.
        public let rawValue: UInt8
        /// The effects whose bits are set.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Heavier strokes; on some terminals also a brighter colour.
        public static let bold = Attributes(rawValue: 1)
        /// Less bright, for what stands back.
        public static let dim = Attributes(rawValue: 2)
        /// A line below.
        public static let underline = Attributes(rawValue: 4)
        /// Foreground and background exchanged: what a terminal without colour marks with.
        public static let reverse = Attributes(rawValue: 8)
        /// Slanted; a terminal that cannot shows it upright.
        public static let italic = Attributes(rawValue: 16)
    }

    /// Colour of the palette, 0 to 255; -1 for the terminal's own.
    public var foreground: Int16
    /// Colour of the palette, 0 to 255; -1 for the terminal's own.
    public var background: Int16
    /// Effects on top of the colours.
    public var attributes: Attributes

    /// A style from its parts; what is left out is the terminal's own.
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
    /// Colours and effects it is drawn with.
    public var style: Style

    /// A plain blank, or another glyph; a wide one needs a 0 in the cell behind it.
    public init(glyph: UInt32 = 32, style: Style = .plain) {
        self.glyph = glyph
        self.style = style
    }
}

/// A rectangle of cells.
public struct Rect: Hashable, Sendable {
    /// Topmost line, counted from the top of the screen.
    public var row: Int
    /// Leftmost cell, counted from the left edge of the screen.
    public var column: Int
    /// Height. Unit: lines; 0 for nothing.
    public var rows: Int
    /// Width. Unit: cells; 0 for nothing.
    public var columns: Int

    /// A rectangle by its upper left corner and its size.
    public init(row: Int, column: Int, rows: Int, columns: Int) {
        self.row = row
        self.column = column
        self.rows = rows
        self.columns = columns
    }
}
