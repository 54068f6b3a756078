/// What a symbolic link of a process leads to.
public enum ProcessLink: Sendable, Hashable {
    /// `/proc/<pid>/exe`; ends in ` (deleted)` when the file was.
    case executable
    /// `/proc/<pid>/cwd`.
    case workingDirectory
    /// `/proc/<pid>/root`.
    case rootDirectory
}

extension ProcReader {
    /// Bytes of arguments or environment that are read; what is longer is cut.
    static let textLimit = 128 << 10

    /// The arguments as they stand in the process's memory, each ended by a NUL; empty for kernel threads and zombies.
    ///
    /// May wait: the kernel takes the process's memory lock.
    public mutating func arguments(_ pid: Int32) -> Reading<[UInt8]> {
        read(Self.path(pid, "cmdline"), .pages(limit: Self.textLimit)) { $0.copy(0..<$0.count) }
    }

    /// The environment as it stood at execve(2), each variable ended by a NUL; empty for kernel threads.
    ///
    /// May wait: the kernel takes the process's memory lock.
    public mutating func environment(_ pid: Int32) -> Reading<[UInt8]> {
        read(Self.path(pid, "environ"), .pages(limit: Self.textLimit)) { $0.copy(0..<$0.count) }
    }

    /// The path a link leads to; gone for the executable of a kernel thread.
    public mutating func link(_ pid: Int32, _ link: ProcessLink) -> Reading<[UInt8]> {
        switch link {
        case .executable: readLink(Self.path(pid, "exe"))
        case .workingDirectory: readLink(Self.path(pid, "cwd"))
        case .rootDirectory: readLink(Self.path(pid, "root"))
        }
    }

    /// The kernel function a process's main thread sleeps in; nil when it runs, or when the kernel does not tell.
    public mutating func waitChannel(_ pid: Int32) -> Reading<String?> {
        read(Self.path(pid, "wchan"), .onePiece, Self.waitChannel)
    }

    /// The kernel function a thread sleeps in; nil when it runs, or when the kernel does not tell.
    public mutating func waitChannel(_ pid: Int32, thread: Int32) -> Reading<String?> {
        read(Self.path(pid, thread: thread, "wchan"), .onePiece, Self.waitChannel)
    }

    private static func waitChannel(_ bytes: Span<UInt8>) -> String?? {
        let text = bytes.text(0..<bytes.lineEnd(from: 0))
        return .some(text == "0" || text.isEmpty ? nil : text)
    }

    /// How ready the kernel is to end it when memory runs out, 0 to about 2,000. Source: `/proc/<pid>/oom_score`.
    public mutating func oomScore(_ pid: Int32) -> Reading<Int32> {
        read(Self.path(pid, "oom_score"), .onePiece, Self.wholeNumber)
    }

    /// What was added to that score, -1,000 to 1,000. Source: `/proc/<pid>/oom_score_adj`.
    public mutating func oomScoreAdjust(_ pid: Int32) -> Reading<Int32> {
        read(Self.path(pid, "oom_score_adj"), .onePiece, Self.wholeNumber)
    }

    private static func wholeNumber(_ bytes: Span<UInt8>) -> Int32? {
        var index = 0
        guard bytes.endsWithNewline, let value = bytes.signedDecimal(&index) else { return nil }
        return Int32(exactly: value)
    }

    /// The user who logged in, whoever the process runs as since; nil when nobody did. Source: `/proc/<pid>/loginuid`.
    ///
    /// The file has no newline, so that a cut one cannot be told.
    public mutating func loginUid(_ pid: Int32) -> Reading<UInt32?> {
        read(Self.path(pid, "loginuid")) { bytes in
            var index = 0
            guard let value = bytes.decimal(&index).flatMap({ UInt32(exactly: $0) }) else { return nil }
            return .some(value == UInt32.max ? nil : value)
        }
    }
}
