/// A target: its memory, what is mapped into it, and what its threads do.
public protocol RemoteProcess: RemoteMemory, ~Copyable {
    /// Whether nothing in it changes any more: what cannot be read once is not tried again and again.
    var isFrozen: Bool { get }

    /// Everything mapped into it, by address.
    mutating func mappings() throws(RemoteMemoryError) -> [RemoteMapping]

    /// Bytes of the file behind a mapping; fewer than asked for at its end, nil when it cannot be opened.
    mutating func file(of mapping: RemoteMapping, at offset: UInt64, count: Int) -> [UInt8]?

    /// What a thread does now; nil when it ended.
    ///
    /// - Parameter nativeThreadId: the id as the target itself sees it, in its own pid namespace.
    mutating func activity(ofNative nativeThreadId: UInt64) -> ThreadActivity?

    /// What a thread did since it was asked the last time.
    mutating func motion(ofNative nativeThreadId: UInt64) -> ThreadMotion

    /// Moves the calling thread to the processor that a thread runs on: as long as both stay there, that one waits while this one runs. False
    /// when it cannot be done.
    mutating func joinProcessor(ofNative nativeThreadId: UInt64) -> Bool

    /// Lets the calling thread run where it might before it joined any.
    mutating func leaveProcessor()

    /// Lets the threads run on for a while.
    func letRun(nanoseconds: Int64)

    /// Does something while a thread is held still; returns for how many nanoseconds it was, nil when that cannot be done.
    mutating func whileStopped(ofNative nativeThreadId: UInt64, _ body: (inout Self) -> Void) -> UInt64?
}

extension RemoteProcess where Self: ~Copyable {
    /// A process runs, or may run on.
    public var isFrozen: Bool { false }
    /// Where nothing remembers, a thread may always have moved.
    public mutating func motion(ofNative nativeThreadId: UInt64) -> ThreadMotion {
        activity(ofNative: nativeThreadId).map { .moved($0) } ?? .gone
    }
    /// What does not run is on no processor.
    public mutating func joinProcessor(ofNative nativeThreadId: UInt64) -> Bool { false }
    /// Who joined nothing has nothing to leave.
    public mutating func leaveProcessor() {}
    /// What does not run is not waited for.
    public func letRun(nanoseconds: Int64) {}
    /// What cannot run cannot be stopped.
    public mutating func whileStopped(ofNative nativeThreadId: UInt64, _ body: (inout Self) -> Void) -> UInt64? {
        nil
    }
}

/// What a thread did since it was asked the last time.
public enum ThreadMotion: Hashable, Sendable {
    /// It ended.
    case gone
    /// It slept on: it has not run for longer than the kernel takes to notice.
    case still(ThreadActivity)
    /// It ran, or may have.
    case moved(ThreadActivity)

    /// What it does now; nil when it ended.
    public var activity: ThreadActivity? {
        switch self {
        case .gone: nil
        case .still(let activity), .moved(let activity): activity
        }
    }

    var isStill: Bool { if case .still = self { true } else { false } }
    var isRunning: Bool { activity?.isRunning ?? false }
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
    /// Device and inode of the file, which tell it from any other at its path; 0 for anonymous memory and where they are not known.
    public var device: UInt64
    /// The inode.
    public var inode: UInt64

    /// Describes a mapping.
    public init(
        start: RemoteAddress, end: RemoteAddress, fileOffset: UInt64, path: String, device: UInt64 = 0,
        inode: UInt64 = 0
    ) {
        (self.device, self.inode) = (device, inode)
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
    /// Whether it waits for a disk or another device and no signal wakes it.
    public var isUninterruptible: Bool
    /// Word it sleeps on when it is inside futex(2); nil otherwise, or when the kernel does not tell.
    public var futex: RemoteAddress?

    /// Describes a thread.
    public init(tid: Int32, isMain: Bool, isRunning: Bool, isUninterruptible: Bool = false, futex: RemoteAddress? = nil)
    {
        self.tid = tid
        self.isMain = isMain
        self.isRunning = isRunning
        self.isUninterruptible = isUninterruptible
        self.futex = futex
    }
}
