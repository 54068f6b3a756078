internal import CLinux

/// A thread of another process that the calling thread traces: each call on it must come from the thread that seized it.
///
/// The kernel lets go of it when the calling thread ends: a call in which it sleeps is not disturbed, a signal that is under way arrives,
/// and a process that is stopped stays so. Only one that stands at the begin of a call then enters it as if a signal had come, and a few
/// calls fail with EINTR: let it run first.
public struct TracedThread: Sendable {
    /// What is told besides signals and system calls.
    public struct Options: OptionSet, Sendable {
        /// PTRACE_O_* of ptrace(2).
        public let rawValue: Int32
        /// Options by the kernel's bits.
        public init(rawValue: Int32) { self.rawValue = rawValue }
        /// Threads that it makes are traced, too.
        public static let threads = Options(rawValue: Int32(CL_TRACE_THREADS))
        /// Children that it makes are traced, too.
        public static let children = Options(rawValue: Int32(CL_TRACE_CHILDREN))
        /// It becomes another program.
        public static let programs = Options(rawValue: Int32(CL_TRACE_PROGRAMS))
        /// It is about to end.
        public static let ends = Options(rawValue: Int32(CL_TRACE_ENDS))
    }

    /// The thread.
    public let tid: Int32

    /// A thread that the calling thread traces already, as one that a traced thread made.
    public init(known tid: Int32) { self.tid = tid }

    /// Begins to trace a thread, which runs on, and asks it to stop once.
    ///
    /// The C functions are ptrace(2) with PTRACE_SEIZE and PTRACE_INTERRUPT.
    /// - Throws: ``StopError``.
    public init(seizing tid: Int32, _ options: Options) throws(StopError) {
        self.tid = tid
        for attempt in 1... {
            let result = cl_ptrace_seize_with(tid, options.rawValue | Int32(CL_TRACE_CALLS))
            if result >= 0 { break }
            let error = StopError.seizing(tid, Errno(rawValue: -result))
            // While a program is exchanged, the kernel refuses for a moment what it allows before and after.
            guard case .refused = error, attempt < 3 else { throw error }
            _ = cl_yield()
        }
        _ = cl_ptrace_interrupt(tid)
    }

    /// Lets it run to its next stop, with a signal that it receives; 0 for none. Whether it was there.
    @discardableResult
    public func resume(_ signal: Int32 = 0) -> Bool { cl_ptrace_resume_to_call(tid, signal) == 0 }

    /// Lets it run, through system calls as well, with a signal that it receives; 0 for none.
    public func resumeThroughCalls(_ signal: Int32 = 0) { _ = cl_ptrace_continue(tid, signal) }

    /// Asks it to stop: a call in which it sleeps is disturbed.
    public func interrupt() { _ = cl_ptrace_interrupt(tid) }

    /// Leaves it stopped as its process is, until SIGCONT.
    public func listen() { _ = cl_ptrace_listen(tid) }

    /// Lets go of it while it is in a stop. Whether it was there.
    @discardableResult
    public func detach() -> Bool { cl_ptrace_detach(tid, 0) == 0 }

    /// What the kernel says besides of an event: who is born, who it was, the wait status.
    public var message: UInt64? {
        var message: UInt = 0
        return unsafe cl_ptrace_message(tid, &message) == 0 ? UInt64(message) : nil
    }

    /// Particulars of the signal that it is about to receive: the 48 bytes of siginfo_t that mean something.
    public var signalInformation: [UInt8]? {
        var information = unsafe siginfo_t()
        guard unsafe cl_ptrace_signal(tid, &information) == 0 else { return nil }
        return unsafe withUnsafeBytes(of: &information) { unsafe Array($0.prefix(48)) }
    }

    /// Begin or end of a system call, which it stands at; nil when it is at neither.
    public var callStop: CallStop? {
        var information = __ptrace_syscall_info()
        guard unsafe cl_ptrace_call(tid, &information) > 0 else { return nil }
        return CallStop(information)
    }

    /// The call that its registers tell of, while it stands behind one; nil where it is in none, and where that is not known.
    public var callInRegisters: (number: Int32, arguments: InlineArray<6, UInt64>, result: Int64)? {
        #if arch(x86_64)
        var values = user_regs_struct()
        guard unsafe cl_ptrace_get_registers(tid, &values) == 0, Int64(bitPattern: UInt64(values.orig_rax)) >= 0,
            values.cs == 0x33
        else {
            return nil
        }
        return (
            Int32(truncatingIfNeeded: values.orig_rax),
            [values.rdi, values.rsi, values.rdx, values.r10, values.r8, values.r9],
            Int64(bitPattern: UInt64(values.rax))
        )
        #else
        return nil
        #endif
    }

    /// Makes the kernel repeat a call that it gave up though no handler is to run, which few programs expect. Whether there was one.
    @discardableResult
    public func repeatInterruptedCall() -> Bool {
        var values = user_regs_struct()
        guard unsafe cl_ptrace_get_registers(tid, &values) == 0, let mended = values.repeatingInterruptedCall else {
            return false
        }
        return unsafe withUnsafePointer(to: mended) { unsafe cl_ptrace_set_registers(tid, $0) } == 0
    }

    /// Whether a signal would have come to nothing if nobody traced the thread: the program ignores it, or has said nothing of one that is
    /// ignored by default.
    public static func ignores(_ signal: Int32, _ tid: Int32) -> Bool {
        guard (1...64).contains(signal), let status = ThreadStatus(tid) else { return false }
        let bit = UInt64(1) << UInt64(signal - 1)
        if status.ignored & bit != 0 { return true }
        return [SIGCHLD, SIGCONT, SIGURG, SIGWINCH].contains(signal) && status.handled & bit == 0
    }

    /// Whether the calling thread traces a thread.
    public static func isTracedByCaller(_ tid: Int32) -> Bool { ThreadStatus(tid)?.tracer == cl_gettid() }

    /// The threads of a process; none when it is gone.
    public static func threads(of pid: Int32) -> [Int32] {
        var found: [Int32] = []
        guard let directory = try? FileDescriptor.open("/proc/\(pid)/task", .directory) else { return [] }
        var buffer = [UInt8](repeating: 0, count: 1 << 15)
        while let count = try? directory.readDirectory(into: &buffer), count > 0 {
            // struct linux_dirent64: the length of the entry at 16, the name at 19.
            var entry = buffer[..<count]
            while entry.count > 19 {
                let length = Int(entry[entry.startIndex + 16]) | Int(entry[entry.startIndex + 17]) << 8
                let name = entry.dropFirst(19).prefix { $0 != 0 }
                if let tid = Int32(String(decoding: name, as: UTF8.self)) { found.append(tid) }
                entry = entry.dropFirst(max(length, 19))
            }
        }
        return found
    }

    /// The process that a thread belongs to, its parent, who traces it; nil when it is gone.
    public static func status(of tid: Int32) -> (process: Int32, parent: Int32, tracer: Int32, hasEnded: Bool)? {
        ThreadStatus(tid).map { ($0.process, $0.parent, $0.tracer, $0.hasEnded) }
    }
}

/// A stop at the begin or the end of a system call. Source: PTRACE_GET_SYSCALL_INFO.
public enum CallStop: Sendable {
    /// It begins.
    case entry(number: Int32, arguments: InlineArray<6, UInt64>, stackPointer: UInt64, isCompat: Bool)
    /// It ends.
    case exit(result: Int64, isCompat: Bool)

    init?(_ information: __ptrace_syscall_info) {
        // __AUDIT_ARCH_64BIT
        let isCompat = information.arch & 0x8000_0000 == 0
        switch information.op {
        case 1:
            let words = information.entry.args
            self = .entry(
                number: Int32(truncatingIfNeeded: information.entry.nr),
                arguments: [
                    UInt64(words.0), UInt64(words.1), UInt64(words.2), UInt64(words.3), UInt64(words.4),
                    UInt64(words.5),
                ], stackPointer: UInt64(information.stack_pointer), isCompat: isCompat)
        case 2: self = .exit(result: Int64(information.exit.rval), isCompat: isCompat)
        default: return nil
        }
    }
}
