/// One frame of machine code.
public struct NativeFrame: Sendable, Hashable {
    /// Where it goes on: the instruction that runs, or the one behind the call.
    public var address: UInt64
    /// Stack pointer while it ran, as its callee found it. The frame's own memory begins here and ends at its caller's.
    public var stackPointer: UInt64
    /// Whether its address is that of the instruction itself: in the innermost frame, and in one that a signal interrupted.
    public var isExact: Bool

    /// A frame from the values that its members name.
    public init(address: UInt64, stackPointer: UInt64, isExact: Bool) {
        self.address = address
        self.stackPointer = stackPointer
        self.isExact = isExact
    }

    /// An address inside of the call that is running, for tables of functions: a call may be a function's last instruction.
    public var lookupAddress: UInt64 { isExact ? address : address &- 1 }
}

/// A thread's frames of machine code.
public struct NativeStack: Sendable, Hashable {
    /// Innermost first.
    public var frames: [NativeFrame]
    /// Whether the last frame is the thread's first; false where the tables, the copied memory or the bound ended before.
    public var isComplete: Bool

    /// A stack from the values that its members name.
    public init(frames: [NativeFrame], isComplete: Bool) {
        self.frames = frames
        self.isComplete = isComplete
    }
}

/// What is known of an address in machine code.
public struct NativeFunction: Sendable, Hashable {
    /// Readable name of the function; nil when no table has one.
    public var name: String?
    /// Bytes from the beginning of the function; 0 where neither a name nor the tables for unwinding tell where it begins.
    public var offset: UInt64
    /// Path of the file as the target sees it, or a name in brackets such as `[vdso]`.
    ///
    /// - Absent: for memory that no file is behind, such as code that a program made itself.
    public var file: String?
    /// The address as the file itself counts.
    public var fileAddress: UInt64

    /// A function from the values that its members name.
    public init(name: String?, offset: UInt64, file: String?, fileAddress: UInt64) {
        self.name = name
        self.offset = offset
        self.file = file
        self.fileAddress = fileAddress
    }

    /// Where the function begins, as the file itself counts; the address where nothing tells.
    public var fileStart: UInt64 { fileAddress &- offset }

    /// Last part of the path, without the mark of a deleted file.
    public var library: String? {
        guard let file, let name = file.split(separator: "/").last else { return nil }
        return String(name.hasSuffix(" (deleted)") ? name.dropLast(10) : name)
    }

    /// Whether it is CPython's evaluation loop, in any of the pieces that compilers cut it into.
    public var isEvaluator: Bool {
        guard let name else { return false }
        return name == "_PyEval_EvalFrameDefault" || name.hasPrefix("_PyEval_EvalFrameDefault.")
            || name.hasPrefix("_TAIL_CALL_")
    }
}
