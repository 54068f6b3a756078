/// A thread as a core file has it. Source: `NT_PRSTATUS`.
public struct CoreThread: Sendable, Hashable {
    /// Thread id, in the pid namespace of whoever wrote the file: the process itself, or a debugger.
    public var tid: Int32
    /// Signal it had in hand; 0 for none.
    public var signal: Int32
    /// General registers in the kernel's order.
    public var registers: [UInt64]

    /// Number of the system call it was inside of; nil outside of one.
    ///
    /// - Absent: also on ARM64, whose general registers do not tell.
    public var systemCall: Int? {
        #if arch(x86_64)
        guard registers.count > Register.originalRax else { return nil }
        let number = Int64(bitPattern: registers[Register.originalRax])
        return (0..<1024).contains(number) ? Int(number) : nil
        #else
        return nil
        #endif
    }

    /// First argument of that system call.
    public var firstArgument: UInt64? {
        #if arch(x86_64)
        return systemCall == nil ? nil : registers[Register.rdi]
        #else
        return nil
        #endif
    }

    /// Address of the C library's own structure for the thread, which is its `pthread_self()`.
    ///
    /// - Absent: on ARM64, whose general registers do not tell.
    public var threadPointer: UInt64? {
        #if arch(x86_64)
        return registers.count > Register.fsBase ? registers[Register.fsBase] : nil
        #else
        return nil
        #endif
    }

    /// Places in `struct user_regs_struct` of x86-64.
    private enum Register {
        static let rdi = 14
        static let originalRax = 15
        static let fsBase = 21
    }

    /// Bytes before the registers.
    private static let head = 112
    #if arch(arm64)
    private static let registerCount = 34
    #else
    private static let registerCount = 27
    #endif

    /// Parses `struct elf_prstatus`; nil when it is not whole, or of no thread.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= CoreThread.head + CoreThread.registerCount * 8 else { return nil }
        signal = Int32(bytes.half(12))
        tid = Int32(bitPattern: bytes.int(32))
        guard tid > 0 else { return nil }
        registers = (0..<CoreThread.registerCount).map { bytes.word(CoreThread.head + $0 * 8) }
    }
}

/// The signal that a process ended by. Source: `NT_SIGINFO`, else `NT_PRSTATUS`.
public struct CoreSignal: Sendable, Hashable {
    /// Its number.
    public var number: Int32
    /// What brought it about: positive for the kernel, 0 or negative for a process. Source: `si_code`.
    ///
    /// - Absent: where only the threads' status tells.
    public var code: Int32?
    /// Address of the instruction or the memory that it is about.
    ///
    /// - Absent: for signals that a process sent, and those about no address.
    public var address: UInt64?
    /// Process that sent it.
    ///
    /// - Absent: where the kernel did, or it is not told.
    public var sender: Int32?
    /// User id of that process.
    public var senderUid: UInt32?

    init(number: Int32) {
        self.number = number
    }

    /// Signals of the kernel that are about an address: ILL, TRAP, BUS, FPE, SEGV.
    private static let withAddress: Set<Int32> = [4, 5, 7, 8, 11]

    /// Parses `siginfo_t`; nil when it is not whole, or of no signal.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 32, bytes.int(0) > 0, bytes.int(0) <= 64 else { return nil }
        number = Int32(bitPattern: bytes.int(0))
        let code = Int32(bitPattern: bytes.int(8))
        self.code = code
        if code <= 0 {
            sender = Int32(bitPattern: bytes.int(16))
            senderUid = bytes.int(20)
        } else if CoreSignal.withAddress.contains(number) {
            address = bytes.word(16)
        }
    }
}

/// The process of a core file. Source: `NT_PRPSINFO`.
public struct CoreProcess: Sendable, Hashable {
    /// Process id, in the pid namespace of whoever wrote the file.
    public var pid: Int32
    /// Process that started it.
    public var parent: Int32
    /// Effective user.
    public var uid: UInt32
    /// Name, of 15 bytes at most.
    public var name: String
    /// Command line, of 79 bytes at most.
    public var command: String

    /// Parses `struct elf_prpsinfo`; nil when it is not whole.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 136 else { return nil }
        uid = bytes.int(16)
        pid = Int32(bitPattern: bytes.int(24))
        parent = Int32(bitPattern: bytes.int(28))
        name = bytes.text(40, limit: 16)
        command = bytes.text(56, limit: 80)
        while command.last == " " { command.removeLast() }
    }
}

/// A file that the process had mapped. Source: `NT_FILE`.
public struct CoreMapping: Sendable, Hashable {
    /// First address.
    public var start: UInt64
    /// Address behind the last.
    public var end: UInt64
    /// Offset of the first byte in the file.
    public var fileOffset: UInt64
    /// Path as the process saw it.
    public var path: String
}
