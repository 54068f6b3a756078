/// Functions and their lines, each kept once.
///
/// Bounded: what comes after the last place of the table is one function named `(further functions)`.
struct FrameTable: Sendable {
    static let maximumFunctions = 1 << 16
    static let maximumFrames = 1 << 18
    /// Longest name or path that is kept, and the sum of all.
    static let maximumNameBytes = 2048
    static let maximumNameBytesInAll = 8 << 20

    /// A function at a line; −1 where no line is known.
    struct Entry {
        var function: UInt32
        var line: Int32
    }

    /// All without a line.
    private(set) var functions: [ProfileFrame] = []
    private(set) var frames: [Entry] = []
    private var functionPlaces: [ProfileFrame: UInt32] = [:]
    private var framePlaces: [UInt64: UInt32] = [:]
    private var nameBytes = 0

    /// The whole frame at a place.
    subscript(place: UInt32) -> ProfileFrame {
        let entry = frames[Int(place)]
        var frame = functions[Int(entry.function)]
        frame.line = entry.line < 0 ? nil : Int(entry.line)
        return frame
    }

    /// Place of a function; its line does not count.
    mutating func function(_ frame: ProfileFrame) -> UInt32 {
        var function = frame
        function.line = nil
        if let known = functionPlaces[function] { return known }
        let cut = FrameTable.cut(function)
        if cut != function, let known = functionPlaces[cut] { return known }
        for text in [cut.function, cut.qualifiedName ?? "", cut.file, cut.module ?? ""] { nameBytes += text.utf8.count }
        if functions.count >= FrameTable.maximumFunctions || nameBytes > FrameTable.maximumNameBytesInAll {
            return overflow
        }
        return append(cut)
    }

    /// Place of a function at a line.
    mutating func frame(function: UInt32, line: Int?) -> UInt32 {
        let line = line.map { Int32(clamping: max(0, $0)) } ?? -1
        let key = UInt64(function) << 32 | UInt64(UInt32(bitPattern: line))
        if let known = framePlaces[key] { return known }
        // With the table full, lines are given up before functions.
        if frames.count >= FrameTable.maximumFrames, line >= 0 { return frame(function: function, line: nil) }
        let place = UInt32(frames.count)
        frames.append(Entry(function: function, line: line))
        framePlaces[key] = place
        return place
    }

    private mutating func append(_ function: ProfileFrame) -> UInt32 {
        let place = UInt32(functions.count)
        functions.append(function)
        functionPlaces[function] = place
        return place
    }

    private var overflow: UInt32 {
        mutating get {
            let frame = ProfileFrame(kind: .group, function: "(further functions)")
            return functionPlaces[frame] ?? append(frame)
        }
    }

    private static func cut(_ frame: ProfileFrame) -> ProfileFrame {
        var frame = frame
        frame.function = shortenedName(frame.function)
        frame.qualifiedName = frame.qualifiedName.map { shortenedName($0) }
        frame.file = shortenedName(frame.file)
        frame.module = frame.module.map { shortenedName($0) }
        return frame
    }
}

/// A name as long as a profile keeps it.
func shortenedName(_ text: String, toBytes maximum: Int = FrameTable.maximumNameBytes) -> String {
    guard text.utf8.count > maximum else { return text }
    // A cut in the middle of a character becomes U+FFFD, which is as visible as the ellipsis.
    return String(decoding: text.utf8.prefix(maximum), as: UTF8.self) + "…"
}
