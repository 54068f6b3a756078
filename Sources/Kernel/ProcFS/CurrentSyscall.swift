internal import SystemCalls

/// What a thread is doing in the kernel. Source: `/proc/<pid>/syscall`, proc_pid_syscall(5).
public enum CurrentSyscall: Sendable {
    /// On a processor, or ready for one: the kernel tells nothing.
    case running
    /// Blocked, but not in a system call: in a page fault, or stopped.
    case blockedOutside(stackPointer: UInt64, programCounter: UInt64)
    /// In a system call.
    case inside(SyscallFrame)

    /// Parses the file; nil unless it is whole.
    public init?(parsing bytes: Span<UInt8>) {
        guard bytes.endsWithNewline else { return nil }
        if bytes.holds("running\n", at: 0) {
            self = .running
            return
        }
        var index = 0
        guard let number = bytes.signedDecimal(&index).flatMap({ Int32(exactly: $0) }) else { return nil }
        var values = InlineArray<8, UInt64>(repeating: 0)
        var count = 0
        while count < 8, bytes.skip(" ", &index) {
            guard let value = bytes.prefixedHexadecimal(&index) else { return nil }
            values[count] = value
            count += 1
        }
        switch (number < 0, count) {
        case (true, 2): self = .blockedOutside(stackPointer: values[0], programCounter: values[1])
        case (false, 8): self = .inside(SyscallFrame(number: number, values: values))
        default: return nil
        }
    }
}

/// A system call in progress.
public struct SyscallFrame: Sendable, BitwiseCopyable {
    /// Number on this architecture.
    public let number: Int32
    private let values: InlineArray<8, UInt64>

    init(number: Int32, values: InlineArray<8, UInt64>) {
        self.number = number
        self.values = values
    }

    /// An argument, 0 to 5, as the register held it.
    public func argument(_ index: Int) -> UInt64 {
        precondition((0..<6).contains(index), "a system call has six arguments")
        return values[index]
    }

    /// Stack of the caller.
    public var stackPointer: UInt64 { values[6] }
    /// Instruction of the caller.
    public var programCounter: UInt64 { values[7] }
    /// Whether the thread waits for a word in memory. Source: futex(2).
    public var isFutex: Bool { number == SyscallFrame.futexNumber }
    private static let futexNumber = SystemCallNames.native.number(of: "futex") ?? -1
    /// Name of the call, nil for a number without one.
    public var name: String? { SystemCallNames.native.name(of: number) }
}

extension ProcReader {
    /// Reads `/proc/<pid>/syscall`: the main thread's; refused without the right to trace the process.
    public mutating func syscall(_ pid: Int32) -> Reading<CurrentSyscall> {
        read(Self.path(pid, "syscall"), .onePiece, CurrentSyscall.init(parsing:))
    }

    /// Reads `/proc/<pid>/task/<tid>/syscall`.
    public mutating func syscall(_ pid: Int32, thread: Int32) -> Reading<CurrentSyscall> {
        read(Self.path(pid, thread: thread, "syscall"), .onePiece, CurrentSyscall.init(parsing:))
    }
}
