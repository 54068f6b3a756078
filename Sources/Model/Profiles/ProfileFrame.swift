/// One entry of a sampled stack: a function, and where in it.
public struct ProfileFrame: Hashable, Sendable {
    /// What the entry stands for.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// Python code.
        case python
        /// Machine code of the process: the interpreter, an extension, a library.
        case native
        /// Code of the kernel.
        case kernel
        /// No code: a process, thread or task under which stacks are gathered.
        case group
    }

    /// What it stands for.
    public var kind: Kind
    /// Bare name: `block`.
    public var function: String
    /// Dotted name where it is known: `Service.block`.
    public var qualifiedName: String?
    /// Source file; empty where it is not known.
    public var file: String
    /// Line in that file. Absent: not known, or the frame stands for the whole function.
    public var line: Int?
    /// Path of the binary. Absent: Python code and groups.
    public var module: String?

    /// A frame from the values that its members name.
    public init(
        kind: Kind = .python, function: String, qualifiedName: String? = nil, file: String = "", line: Int? = nil,
        module: String? = nil
    ) {
        self.kind = kind
        self.function = function
        self.qualifiedName = qualifiedName
        self.file = file
        self.line = line
        self.module = module
    }

    /// The name that is shown: the dotted one where there is one.
    public var name: String { qualifiedName ?? function }
}

/// A function that a profile knows; cheap to keep beside a code object.
public struct FunctionId: Hashable, Sendable {
    let index: UInt32
}

/// A function at a line, or a function as a whole, that a profile knows.
public struct FrameId: Hashable, Sendable {
    let index: UInt32
}

/// A whole stack that a profile knows: its innermost frame, and through it all outer ones.
public struct NodeId: Hashable, Sendable {
    let index: UInt32

    /// The stack without a frame.
    public static let empty = NodeId(index: 0)
}

/// A thread that a profile knows.
public struct ThreadId: Hashable, Sendable {
    /// Its place in ``Profile/threads``.
    public let index: Int
}
