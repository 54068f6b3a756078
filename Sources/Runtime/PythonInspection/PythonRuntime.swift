/// The interpreter in a target: where its runtime is, which version, how its structures are laid out.
struct PythonRuntime: Sendable {
    /// Address of `_PyRuntime`.
    let address: RemoteAddress
    let version: PythonVersion
    let layout: PythonLayout

    /// Versions whose frames this code walks.
    static let readable = 11...13

    /// Finds the interpreter in a target.
    ///
    /// - Throws: ``PythonInspectionError`` when there is none, or one that is not read.
    static func find<Target: RemoteProcess & ~Copyable>(in target: inout Target) throws(PythonInspectionError)
        -> PythonRuntime
    {
        let mappings: [RemoteMapping]
        do throws(RemoteMemoryError) {
            mappings = try target.mappings()
        } catch {
            throw .memory(error)
        }
        let modules = candidates(mappings)
        var failure: PythonInspectionError?
        for module in modules {
            do throws(PythonInspectionError) {
                if let runtime = try open(module, in: &target) { return runtime }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        if mappings.contains(where: { $0.fileName.hasPrefix("libpypy") || $0.fileName.hasPrefix("pypy") }) {
            throw .unsupported("PyPy")
        }
        if let named = modules.compactMap({ PythonVersion(fileName: $0.fileName) }).first {
            throw named.major == 3 && readable.contains(named.minor)
                ? .runtimeNotFound("\(named) has neither the symbol _PyRuntime nor the section .PyRuntime")
                : .unsupported("CPython \(named)")
        }
        throw .notPython
    }

    /// First mappings of the modules an interpreter may be in: libpython before a program called python before any other program.
    private static func candidates(_ mappings: [RemoteMapping]) -> [RemoteMapping] {
        var ranked: [(rank: Int, mapping: RemoteMapping)] = []
        var seen: Set<String> = []
        for mapping in mappings where mapping.path.hasPrefix("/") && mapping.fileOffset == 0 {
            guard seen.insert(mapping.path).inserted else { continue }
            let name = mapping.fileName
            let rank = name.hasPrefix("libpython") ? 0 : name.hasPrefix("python") ? 1 : name.contains(".so") ? 3 : 2
            if rank < 3 { ranked.append((rank, mapping)) }
        }
        return ranked.sorted { $0.rank < $1.rank }.map(\.mapping)
    }

    /// The interpreter in a module; nil when it has none.
    private static func open<Target: RemoteProcess & ~Copyable>(
        _ module: RemoteMapping, in target: inout Target
    ) throws(PythonInspectionError) -> PythonRuntime? {
        let elf = ElfModule(at: module.start, in: &target)
        var address = elf?.symbol("_PyRuntime", in: &target)
        if address == nil, module.fileName.contains("python") {
            address = ElfModule.section(".PyRuntime", of: module, in: &target)
        }
        guard let address else { return nil }
        let offsets = try? target.bytes(address, DebugOffsets.size)
        if let offsets, let debug = DebugOffsets(offsets) {
            return try make(address, debug.version, debug)
        }
        var version = PythonVersion(fileName: module.fileName)
        if let place = elf?.symbol("Py_Version", in: &target), let bytes = try? target.bytes(place, 4) {
            version = PythonVersion(hex: UInt32(bitPattern: bytes.int(0)))
        }
        guard let version else { throw .unsupported("CPython before 3.11") }
        return try make(address, version, nil)
    }

    private static func make(_ address: RemoteAddress, _ version: PythonVersion, _ debug: DebugOffsets?)
        throws(PythonInspectionError) -> PythonRuntime
    {
        guard version.major == 3, readable.contains(version.minor), !version.isFreeThreaded else {
            throw .unsupported("CPython \(version)" + (version.isFreeThreaded ? " (free-threaded)" : ""))
        }
        guard let layout = PythonLayout(version: version, architecture: PythonLayout.architecture, debug) else {
            throw .runtimeNotFound("its own table of offsets does not make sense")
        }
        return PythonRuntime(address: address, version: version, layout: layout)
    }
}
