internal import CLinux

/// The general registers of a thread at the moment it was stopped.
public struct ThreadRegisters: Sendable {
    /// By DWARF's numbers.
    private var values: InlineArray<33, UInt64>

    #if arch(x86_64)
    private static let (stack, instruction) = (7, 16)
    #else
    private static let (stack, instruction) = (31, 32)
    #endif

    /// No register known but where the thread is: what the kernel tells of a blocked thread without stopping it.
    public init(instructionPointer: UInt64, stackPointer: UInt64) {
        values = InlineArray(repeating: 0)
        values[Self.instruction] = instructionPointer
        values[Self.stack] = stackPointer
    }

    init(_ kernel: user_regs_struct) {
        values = InlineArray(repeating: 0)
        #if arch(x86_64)
        let ordered: InlineArray<17, UInt64> = [
            kernel.rax, kernel.rdx, kernel.rcx, kernel.rbx, kernel.rsi, kernel.rdi, kernel.rbp, kernel.rsp,
            kernel.r8, kernel.r9, kernel.r10, kernel.r11, kernel.r12, kernel.r13, kernel.r14, kernel.r15,
            kernel.rip,
        ]
        for number in ordered.indices { values[number] = ordered[number] }
        #else
        unsafe withUnsafeBytes(of: kernel.regs) { registers in
            for number in 0..<31 {
                values[number] = unsafe registers.load(fromByteOffset: number * 8, as: UInt64.self)
            }
        }
        values[Self.stack] = kernel.sp
        values[Self.instruction] = kernel.pc
        #endif
    }

    /// Address of the next instruction.
    public var instructionPointer: UInt64 { values[Self.instruction] }

    /// Address of the innermost word of the stack.
    public var stackPointer: UInt64 { values[Self.stack] }

    /// A register by its number in DWARF's tables for this architecture; nil for one that is no general register.
    public func value(ofDwarf number: Int) -> UInt64? {
        (0...Self.instruction).contains(number) ? values[number] : nil
    }
}

extension user_regs_struct {
    /// What makes the kernel repeat a call that it gave up on our behalf alone; nil where nothing is to be mended.
    ///
    /// A few calls end with EINTR whenever their thread is stopped, though no signal came: a program need not expect that.
    /// They have done nothing by then. ERESTARTNOHAND is the kernel's own way to say "again, unless a handler has to run".
    var repeatingInterruptedCall: user_regs_struct? {
        #if arch(x86_64)
        guard Int64(bitPattern: rax) == -Int64(EINTR),
            SystemCall.endingWhenStopped.contains(Int(truncatingIfNeeded: orig_rax))
        else { return nil }
        var mended = self
        mended.rax = UInt64(bitPattern: -514)
        return mended
        #else
        return nil
        #endif
    }
}
