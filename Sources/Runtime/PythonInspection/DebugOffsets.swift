/// The table with which CPython describes itself, at the start of `_PyRuntime`. Source: `_Py_DebugOffsets`, CPython 3.13 and later.
struct DebugOffsets {
    /// Bytes of the cookie, the version, and the word that says whether it is free-threaded.
    static let headSize = 24
    /// Below it are all numbers of a table.
    private static let limit: UInt64 = 1 << 24

    let version: PythonVersion
    /// Offsets by the names of the layout tables.
    private(set) var offsets: [String: Int] = [:]

    /// Reads the table at the start of a runtime; nil when there is none.
    static func read<Memory: RemoteMemory & ~Copyable>(at runtime: RemoteAddress, in memory: inout Memory)
        -> DebugOffsets?
    {
        guard let head = try? memory.bytes(runtime, headSize), let version = version(head),
            let table = try? memory.bytes(runtime, headSize + fields(of: version).count * 8)
        else { return nil }
        return DebugOffsets(table)
    }

    /// The version at the start of a runtime; nil when the cookie is not there, as in 3.12 and before.
    private static func version(_ head: [UInt8]) -> PythonVersion? {
        guard head.starts(with: Array("xdebugpy".utf8)), head.count >= headSize,
            var version = PythonVersion(hex: UInt32(truncatingIfNeeded: head.word(8)))
        else { return nil }
        version.isFreeThreaded = head.word(16) != 0
        return version
    }

    /// Parses the start of a runtime; nil when that is no whole table.
    ///
    /// Of a version whose order is not known only the version is taken.
    init?(_ bytes: [UInt8]) {
        guard let version = DebugOffsets.version(bytes) else { return nil }
        self.version = version
        let fields = DebugOffsets.fields(of: version)
        guard bytes.count >= DebugOffsets.headSize + fields.count * 8 else { return nil }
        for (index, name) in fields.enumerated() {
            // No structure of CPython is that large; what readers add to an offset then never overflows.
            let value = bytes.word(DebugOffsets.headSize + index * 8)
            guard value < DebugOffsets.limit else { return nil }
            offsets[name] = Int(value)
        }
        guard !fields.isEmpty else { return }
        // The lock's fields are counted from the interpreter; they are needed from the lock.
        let lock = offsets.removeValue(forKey: "gil.place") ?? -1
        for name in ["gil.locked", "gil.last_holder"] { offsets[name] = (offsets[name] ?? -1) &- lock }
    }

    /// Names of the numbers behind the head, in their order.
    static func fields(of version: PythonVersion) -> [String] {
        let start = Array("\(version.major).\(version.minor) ".utf8)
        return PackageResources.cpython_debug_offsets_txt.split(separator: UInt8(ascii: "\n"))
            .filter { $0.starts(with: start) }
            .map { String(decoding: $0.dropFirst(start.count), as: UTF8.self) }
    }
}
