public import Linux
internal import ProcFS

/// What a thread's stack can be unwound from later: its registers and the used part of its stack, copied at one moment.
public struct StackCapture: Sendable {
    /// What the registers held.
    public let registers: ThreadRegisters
    /// Whether all of them are known: of a thread that was not stopped only the stack pointer and the place are.
    public let hasAllRegisters: Bool
    /// Address of the first byte that was copied.
    let start: UInt64
    /// The stack from there on, innermost first.
    let bytes: [UInt8]
    /// How long the thread stood still; 0 where it was not stopped. Unit: nanoseconds.
    public let stoppedNanoseconds: UInt64

    /// Bytes of a stack that are copied at most: to copy them takes a tenth of a millisecond.
    public static let defaultLimit = 512 << 10
    /// What functions may use below the stack pointer, x86-64 ABI.
    private static let redZone: UInt64 = 128

    /// Stops a thread, copies, and lets it go.
    ///
    /// A thread that sleeps in a call which a stop would end, or that is traced already, is copied as it is.
    ///
    /// - Parameters:
    ///   - tid: The thread, of the process `pid`.
    ///   - limit: Bytes of the stack at most.
    ///   - body: What else is to be read while the thread stands still. It must be short.
    /// - Throws: ``StopError`` when the thread is gone or may not be traced; `body` was then not called.
    public static func take<Result>(
        _ tid: Int32, of pid: Int32, limit: Int = defaultLimit, while body: () -> Result
    ) throws(StopError) -> (capture: StackCapture, result: Result) {
        var room = [UInt8](repeating: 0, count: limit)
        do throws(StopError) {
            return try stopped(tid, pid, &room, body)
        } catch {
            switch error {
            case .blocked, .traced:
                guard let taken = resting(tid, pid, &room, body) else { throw error }
                return taken
            default: throw error
            }
        }
    }

    private static func stopped<Result>(
        _ tid: Int32, _ pid: Int32, _ room: inout [UInt8], _ body: () -> Result
    ) throws(StopError) -> (capture: StackCapture, result: Result) {
        let thread = try StoppedThread(stopping: tid, of: pid)
        let (since, registers) = (thread.sinceNanoseconds, thread.registers)
        let start = registers.stackPointer &- redZone
        let count = copy(start, pid, &room)
        let result = body()
        _ = consume thread
        let nanoseconds = KernelClock.monotonicNanoseconds() - since
        room.removeLast(room.count - count)
        return (StackCapture(registers, true, start, room, nanoseconds), result)
    }

    /// The same of a thread that sleeps in a system call and does not move: nil when it moved.
    private static func resting<Result>(
        _ tid: Int32, _ pid: Int32, _ room: inout [UInt8], _ body: () -> Result
    ) -> (capture: StackCapture, result: Result)? {
        guard var reader = try? ProcReader() else { return nil }
        for _ in 0..<10 {
            guard let before = place(reader.syscall(pid, thread: tid)) else { continue }
            let start = before.stack &- redZone
            let count = copy(start, pid, &room)
            let result = body()
            guard let after = place(reader.syscall(pid, thread: tid)), after == before else { continue }
            room.removeLast(room.count - count)
            let registers = ThreadRegisters(instructionPointer: before.instruction, stackPointer: before.stack)
            return (StackCapture(registers, false, start, room, 0), result)
        }
        return nil
    }

    private static func place(_ reading: Reading<CurrentSyscall>) -> (stack: UInt64, instruction: UInt64)? {
        switch reading {
        case .value(.inside(let call)): (call.stackPointer, call.programCounter)
        case .value(.blockedOutside(let stack, let instruction)): (stack, instruction)
        default: nil
        }
    }

    private static func copy(_ start: UInt64, _ pid: Int32, _ room: inout [UInt8]) -> Int {
        var span = room.mutableSpan
        var raw = unsafe span.mutableBytes
        return (try? ProcessMemory(pid: pid).read(start, into: &raw)) ?? 0
    }

    init(
        _ registers: ThreadRegisters, _ hasAllRegisters: Bool, _ start: UInt64, _ bytes: [UInt8], _ nanoseconds: UInt64
    ) {
        self.registers = registers
        self.hasAllRegisters = hasAllRegisters
        self.start = start
        self.bytes = bytes
        stoppedNanoseconds = nanoseconds
    }
}
