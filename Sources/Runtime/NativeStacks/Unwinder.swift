internal import CUnwind
internal import Linux
internal import ProcFS

/// Unwinds the stacks of one process from copies, while the process runs on.
///
/// The rules of each function are kept from one stack to the next. Not for use by two threads at once.
@safe
public final class Unwinder {
    let pid: Int32
    /// libunwind's own state for this process.
    private let space: UnsafeMutableRawPointer
    private let library: SharedLibrary
    private var reader: ProcReader
    /// What is mapped into the process.
    var addresses: AddressSpace
    /// What was found out of addresses.
    var names: [UInt64: NativeFunction] = [:]
    /// Addresses kept at most: all are dropped together.
    static let nameLimit = 100_000
    /// The stack that is being unwound.
    private var capture: StackCapture?
    /// The mapping that this stack is in: outside of the copy it is not read, for it has changed since.
    private var stack: Range<UInt64> = 0..<0
    /// Readings that the stack being unwound may still make: hostile tables have loops.
    private var allowance = 0

    /// Frames of a stack at most.
    private static let frameLimit = 20_000
    /// Places in code whose rules are kept.
    private static let ruleLimit = 8192
    /// Readings for one frame, on the average, and for the first ones.
    private static let (readingsEach, readingsFirst) = (500, 200_000)

    /// Prepares to unwind threads of a process; what is mapped into it is read at the first stack.
    ///
    /// - Throws: ``UnwindLibraryMissing``; when /proc cannot be opened.
    public init(pid: Int32) throws {
        guard let library = UnwindLibrary.shared else { throw UnwindLibraryMissing() }
        self.pid = pid
        self.library = library
        reader = try ProcReader()
        addresses = AddressSpace(pid: pid)
        guard let made = unsafe Self.makeSpace(library) else { throw Errno.noMemory }
        unsafe space = made
    }

    deinit {
        unsafe cu_destroy_space(library[CU_DESTROY_SPACE], space)
    }

    /// The frames of a captured stack.
    ///
    /// Libraries that were loaded since the last call are found when an address leads to none that is known.
    public func stack(of capture: StackCapture) -> NativeStack {
        if addresses.mapping(of: capture.registers.instructionPointer) == nil { refresh() }
        let stack = walk(capture)
        guard !stack.isComplete, let last = stack.frames.last, addresses.mapping(of: last.lookupAddress) == nil,
            refresh()
        else { return stack }
        return walk(capture)
    }

    /// Takes note of what is mapped now; whether that is something else than before.
    @discardableResult
    private func refresh() -> Bool {
        let before = addresses.mappings
        guard addresses.refresh(pid, &reader), addresses.mappings != before else { return false }
        unsafe cu_forget_rules(library[CU_FLUSH], space)
        names = [:]
        return true
    }

    private func walk(_ capture: StackCapture) -> NativeStack {
        self.capture = capture
        defer { self.capture = nil }
        let mapping = addresses.mapping(of: capture.registers.stackPointer)
        stack = mapping.map { $0.start..<$0.end } ?? 0..<0
        allowance = Self.readingsFirst
        var result = NativeStack(frames: [], isComplete: false)
        var cursor = unw_cursor_t()
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        guard unsafe cu_begin(library[CU_INIT], &cursor, space, context) == 0 else { return result }
        let get = unsafe library[CU_GET]
        var isExact = true
        while result.frames.count < Self.frameLimit {
            var (ip, sp) = (unw_word_t(0), unw_word_t(0))
            guard unsafe cu_get_ip(get, &cursor, &ip) == 0, unsafe cu_get_sp(get, &cursor, &sp) == 0 else { break }
            guard ip != 0 else {
                result.isComplete = !result.frames.isEmpty
                break
            }
            // Callers lie behind their callees, but for a stack that a signal handler was given.
            if let last = result.frames.last, sp <= last.stackPointer, !isExact { break }
            result.frames.append(NativeFrame(address: UInt64(ip), stackPointer: UInt64(sp), isExact: isExact))
            isExact = unsafe cu_is_signal_frame(library[CU_IS_SIGNAL], &cursor) > 0
            allowance += Self.readingsEach
            let step = unsafe cu_step(library[CU_STEP], &cursor)
            if step <= 0 {
                result.isComplete = step == 0
                break
            }
        }
        return result
    }

    // MARK: What libunwind asks for

    private static func makeSpace(_ library: SharedLibrary) -> UnsafeMutableRawPointer? {
        var room = cu_accessors_t()
        unsafe room.accessors.find_proc_info = { space, ip, result, needsInfo, context in
            guard let context = unsafe context else { return -10 }
            let unwinder = unsafe Unmanaged<Unwinder>.fromOpaque(context).takeUnretainedValue()
            guard var table = unsafe unwinder.table(of: UInt64(ip)) else { return -10 }
            let search = unsafe unwinder.library[CU_SEARCH]
            return unsafe cu_search_table(search, space, ip, &table, result, needsInfo, context)
        }
        // What a search makes is small, and the function that frees it is not exported: rules that are kept are not searched again.
        unsafe room.accessors.put_unwind_info = { _, _, _ in }
        unsafe room.accessors.get_dyn_info_list_addr = { _, _, _ in -10 }
        unsafe room.accessors.access_mem = { _, address, value, isWriting, context in
            guard isWriting == 0, let context = unsafe context, let value = unsafe value else { return -8 }
            let unwinder = unsafe Unmanaged<Unwinder>.fromOpaque(context).takeUnretainedValue()
            guard let word = unwinder.word(UInt64(address)) else { return -8 }
            unsafe value.pointee = unw_word_t(word)
            return 0
        }
        unsafe room.accessors.access_reg = { _, register, value, isWriting, context in
            guard isWriting == 0, let context = unsafe context, let value = unsafe value else { return -4 }
            let unwinder = unsafe Unmanaged<Unwinder>.fromOpaque(context).takeUnretainedValue()
            guard let content = unwinder.register(Int(register)) else { return -3 }
            unsafe value.pointee = unw_word_t(content)
            return 0
        }
        unsafe room.accessors.access_fpreg = { _, _, _, _, _ in -3 }
        unsafe room.accessors.resume = { _, _, _ in -8 }
        unsafe room.accessors.get_proc_name = { _, _, _, _, _, _ in -10 }
        guard let space = unsafe cu_create_space(library[CU_CREATE_SPACE], &room) else { return nil }
        _ = unsafe cu_keep_rules(library[CU_SET_CACHING], space)
        _ = unsafe cu_set_cache_size(library[CU_SET_CACHE_SIZE], space, Self.ruleLimit)
        return unsafe space
    }

    /// Where the rules of the function around an address are; nil where there are none.
    private func table(of ip: UInt64) -> unw_dyn_info_t? {
        guard let module = addresses.module(of: ip), let table = module.table else { return nil }
        var info = unsafe unw_dyn_info_t()
        unsafe info.format = Int32(bitPattern: UNW_INFO_FORMAT_REMOTE_TABLE.rawValue)
        unsafe info.start_ip = unw_word_t(module.first.start)
        unsafe info.end_ip = unw_word_t(UInt64.max)
        unsafe info.u.rti.segbase = unw_word_t(table.header)
        unsafe info.u.rti.table_data = unw_word_t(table.entries)
        // In words; an entry is two times four bytes.
        unsafe info.u.rti.table_len = unw_word_t(table.count)
        return unsafe info
    }

    /// Memory as it was when the stack was copied, or as nobody writes to it.
    private func word(_ address: UInt64) -> UInt64? {
        guard allowance > 0, let capture else { return nil }
        allowance -= 1
        let place = address &- capture.start
        if capture.bytes.count >= 8, place <= UInt64(capture.bytes.count - 8) {
            return unsafe capture.bytes.withUnsafeBytes {
                unsafe $0.loadUnaligned(fromByteOffset: Int(place), as: UInt64.self)
            }
        }
        return stack.contains(address) ? nil : addresses.word(address)
    }

    private func register(_ number: Int) -> UInt64? {
        guard let capture else { return nil }
        let registers = capture.registers
        if capture.hasAllRegisters { return registers.value(ofDwarf: number) }
        switch registers.value(ofDwarf: number) {
        case registers.stackPointer?: return registers.stackPointer
        case registers.instructionPointer?: return registers.instructionPointer
        default: return nil
        }
    }
}

/// libunwind is not installed on this machine.
public struct UnwindLibraryMissing: Error, CustomStringConvertible {
    /// What is missing and what helps, in one line.
    public var description: String { "\(UnwindLibrary.fileName) is not there: \(UnwindLibrary.remedy)" }
}
