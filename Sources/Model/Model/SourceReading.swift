/// A line of a program's source, as its code object names it.
public struct SourcePlace: Sendable, Hashable {
    /// Process whose file system it is in.
    public var identity: ProcessIdentity
    /// File, hostile as the target wrote it; where it is relative, in the process's working directory.
    public var file: String
    /// The line that is looked at.
    public var line: Int

    /// Names a line.
    public init(identity: ProcessIdentity, file: String, line: Int) {
        (self.identity, self.file, self.line) = (identity, file, line)
    }
}

/// Source lines around one, read from the file system of the process.
public struct SourceReading: Sendable, Equatable {
    /// What was asked for.
    public var place: SourcePlace
    /// What there was.
    public var excerpt: Excerpt
    /// When the file was changed last. Unit: seconds since 1970. Absent: it was not read.
    public var modifiedSeconds: Double?

    /// Lines, or why there are none.
    public enum Excerpt: Sendable, Equatable {
        /// Lines without their ends, hostile as they stand in the file; the number of the first one.
        case lines(first: Int, [String])
        /// There are none; the reason in words.
        case absent(String)
    }

    /// A reading of these lines.
    public init(place: SourcePlace, excerpt: Excerpt, modifiedSeconds: Double? = nil) {
        (self.place, self.excerpt, self.modifiedSeconds) = (place, excerpt, modifiedSeconds)
    }
}

/// A frame that is looked at.
public struct FramePlace: Sendable, Hashable {
    /// Thread id here.
    public var tid: UInt64
    /// Interpreter that the thread is looked at in.
    public var interpreter: Int64
    /// How many frames are outside of it. Absent: the innermost, whichever that is.
    public var depth: Int?

    /// Names a frame.
    public init(tid: UInt64, interpreter: Int64 = 0, depth: Int?) {
        (self.tid, self.interpreter, self.depth) = (tid, interpreter, depth)
    }

    /// Its place among the frames of a thread, innermost first; the innermost where the stack became shorter. Nil: there is no frame.
    public func index(among count: Int) -> Int? {
        guard count > 0 else { return nil }
        return depth.map { max(0, count - 1 - $0) } ?? 0
    }
}
