/// A target: its memory, what is mapped into it, and what its threads do.
public protocol RemoteProcess: RemoteMemory, ~Copyable {
    /// Everything mapped into it, by address.
    mutating func mappings() throws(RemoteMemoryError) -> [RemoteMapping]

    /// Bytes of the file behind a mapping; fewer than asked for at its end, nil when it cannot be opened.
    mutating func file(of mapping: RemoteMapping, at offset: UInt64, count: Int) -> [UInt8]?

    /// What a thread does now; nil when it ended.
    ///
    /// - Parameter nativeThreadId: the id as the target itself sees it, in its own pid namespace.
    mutating func activity(ofNative nativeThreadId: UInt64) -> ThreadActivity?
}

/// A stretch of a target's address space. Source: `/proc/<pid>/maps`.
public struct RemoteMapping: Hashable, Sendable {
    /// First address.
    public var start: RemoteAddress
    /// Address behind the last.
    public var end: RemoteAddress
    /// Offset of the first byte in the file.
    public var fileOffset: UInt64
    /// Path of the file as the target sees it; empty for anonymous memory.
    public var path: String

    /// Describes a mapping.
    public init(start: RemoteAddress, end: RemoteAddress, fileOffset: UInt64, path: String) {
        self.start = start
        self.end = end
        self.fileOffset = fileOffset
        self.path = path
    }

    /// Last part of the path, without the mark of a deleted file.
    var fileName: Substring {
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix(" (deleted)") ? name.dropLast(10) : name
    }
}

/// What a thread does, as the kernel tells.
public struct ThreadActivity: Hashable, Sendable {
    /// Thread id in the reader's pid namespace.
    public var tid: Int32
    /// Whether it is the process's first thread.
    public var isMain: Bool
    /// Whether it is on a processor or ready for one.
    public var isRunning: Bool
    /// Word it sleeps on when it is inside futex(2); nil otherwise, or when the kernel does not tell.
    public var futex: RemoteAddress?

    /// Describes a thread.
    public init(tid: Int32, isMain: Bool, isRunning: Bool, futex: RemoteAddress? = nil) {
        self.tid = tid
        self.isMain = isMain
        self.isRunning = isRunning
        self.futex = futex
    }
}
