/// The interpreter in a target: where its runtime is, which version, how its structures are laid out.
struct PythonRuntime: Sendable {
    /// Address of `_PyRuntime`; in 3.6, which has none, that of the pointer to the newest interpreter.
    var address: RemoteAddress
    let version: PythonVersion
    let layout: PythonLayout
    /// Where 3.6 keeps the thread that holds the lock.
    ///
    /// - Absent: since 3.7, and where the symbol `_PyThreadState_Current` is not exported.
    var currentThread: RemoteAddress?
    /// Memory that the module writes to, where 3.6 keeps the lock that threads wait for.
    var data: RemotePiece?
    /// What it said of itself when it was found: since 3.13.
    private(set) var debug: DebugOffsets?

    /// Versions whose frames this code walks.
    static let readable = 6...15

    /// Where the pointer to the newest interpreter is.
    var interpretersHead: RemoteAddress { address + (layout.runtimeInterpretersHead ?? 0) }

    /// One that describes itself, or lies where it was found by a version's layout.
    ///
    /// - Throws: ``PythonInspectionError`` for a version that is not read.
    init(at address: RemoteAddress, _ version: PythonVersion, _ debug: DebugOffsets? = nil)
        throws(PythonInspectionError)
    {
        guard version.major == 3, PythonRuntime.readable.contains(version.minor) else {
            throw .unsupported("CPython \(version)")
        }
        guard let layout = PythonLayout(version: version, architecture: PythonLayout.architecture, debug) else {
            throw .runtimeNotFound("its own table of offsets does not make sense")
        }
        (self.address, self.version, self.layout, self.debug) = (address, version, layout, debug)
    }

    /// Another version number of the same layout, with its patch level.
    private init(_ other: PythonRuntime, version: PythonVersion) {
        (address, self.version, layout) = (other.address, version, other.layout)
        (currentThread, data, debug) = (other.currentThread, other.data, other.debug)
    }

    /// The same runtime where another process has it.
    func moved(by distance: UInt64) -> PythonRuntime {
        func moved(_ address: RemoteAddress) -> RemoteAddress { RemoteAddress(address.rawValue &+ distance) }
        var other = self
        other.address = moved(address)
        other.currentThread = currentThread.map(moved)
        other.data = data.map { RemotePiece(moved($0.address), $0.length) }
        return other
    }

    /// Whether an interpreter is there that has a thread which leads back to it. The newest may have none: nobody is in it.
    func isAlive<Memory: RemoteMemory & ~Copyable>(in memory: inout Memory) -> Bool {
        guard var interpreter = try? memory.pointer(interpretersHead) else { return false }
        for _ in 0..<1000 where interpreter.rawValue != 0 {
            guard let thread = try? memory.pointer(interpreter + layout.interpreterThreadsHead) else { return false }
            if thread.rawValue != 0 {
                return (try? memory.pointer(thread + layout.threadInterpreter)) == interpreter
            }
            guard let next = try? memory.pointer(interpreter + layout.interpreterNext) else { return false }
            interpreter = next
        }
        return false
    }

    /// Whether it is one where it was found in another process of the same program.
    func isStill<Memory: RemoteMemory & ~Copyable>(in memory: inout Memory) -> Bool {
        guard let debug else { return isAlive(in: &memory) }
        let own = DebugOffsets.read(at: address, in: &memory)
        return own?.version == debug.version && own?.offsets == debug.offsets
    }

    /// The runtime with the version that the program itself knows; nil when that is one of another layout.
    ///
    /// Source: `sys.hexversion`.
    func confirmed<Memory: RemoteMemory & ~Copyable>(in memory: inout Memory) -> PythonRuntime? {
        guard let interpreter = try? memory.pointer(interpretersHead),
            let dictionary = try? memory.pointer(interpreter + layout["interp.sysdict"]),
            let number = layout.value(of: "hexversion", inDict: dictionary, in: &memory),
            let hex = layout.wholeNumber(at: number, in: &memory),
            let own = PythonVersion(hex: UInt32(truncatingIfNeeded: hex))
        else { return self }
        guard own.major == version.major, own.minor == version.minor else { return nil }
        return PythonRuntime(self, version: own)
    }
}
