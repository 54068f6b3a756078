/// The table with which CPython describes itself, at the start of `_PyRuntime`. Source: `_Py_DebugOffsets`, CPython 3.13.
struct DebugOffsets {
    /// Bytes that are read of it.
    static let size = 24 + fields.count * 8

    let version: PythonVersion
    /// Offsets by the names of the layout tables.
    let offsets: [String: Int]

    /// Names of the numbers behind the head, in the order of 3.13; an empty one is of no use here.
    private static let fields = [
        "runtime.size", "", "runtime.interpreters_head",
        "interp.size", "interp.id", "interp.next", "interp.threads_head", "", "interp.imports_modules", "", "",
        "interp.ceval_gil_ptr_or_struct", "gil", "", "gil.locked", "gil.last_holder",
        "tstate.size", "tstate.prev", "tstate.next", "tstate.interp", "tstate.current_frame", "tstate.thread_id",
        "tstate.native_thread_id", "tstate.datastack_chunk", "",
        "iframe.size", "iframe.previous", "iframe.f_executable", "iframe.instr_ptr", "iframe.localsplus",
        "iframe.owner",
        "code.size", "code.co_filename", "code.co_name", "code.co_qualname", "code.co_linetable", "code.co_firstlineno",
        "", "", "", "code.co_code_adaptive",
    ]

    /// Parses the start of a runtime; nil when the cookie is not there, as in 3.12 and before.
    ///
    /// Of later versions, whose order is another, only the version is taken.
    init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Array("xdebugpy".utf8)), bytes.count >= DebugOffsets.size,
            var version = PythonVersion(hex: UInt32(truncatingIfNeeded: bytes.word(8)))
        else { return nil }
        version.isFreeThreaded = bytes.word(16) != 0
        self.version = version
        guard version.minor == 13 else {
            offsets = [:]
            return
        }
        var offsets: [String: Int] = [:]
        for (index, name) in DebugOffsets.fields.enumerated() where !name.isEmpty {
            // A number that does not fit is left out as a hostile one: the layout then misses it and is refused.
            offsets[name] = Int(exactly: bytes.word(24 + index * 8)) ?? -1
        }
        // The lock's fields are counted from the interpreter; they are needed from the lock.
        let lock = offsets.removeValue(forKey: "gil") ?? -1
        for name in ["gil.locked", "gil.last_holder"] { offsets[name] = (offsets[name] ?? -1) &- lock }
        self.offsets = offsets
    }
}
