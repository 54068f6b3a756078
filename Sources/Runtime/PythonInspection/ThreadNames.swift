/// Python-level names of threads, as the module `threading` of the target has them.
struct ThreadNames {
    private let layout: PythonLayout
    /// The dictionary `threading._active` by interpreter.
    private var registries: [RemoteAddress: RemoteAddress] = [:]
    private var names: [UInt64: String] = [:]
    private var readingsUntilRefresh = 0
    private static let refreshInterval = 10

    init(layout: PythonLayout) {
        self.layout = layout
    }

    /// Names by `threading.get_ident()`. They change seldom: read again when a thread is new, else every tenth time.
    mutating func names<Memory: RemoteMemory & ~Copyable>(
        of identifiers: [UInt64], interpreters: [RemoteAddress], in memory: inout Memory
    ) -> [UInt64: String] {
        readingsUntilRefresh -= 1
        if readingsUntilRefresh <= 0 || identifiers.contains(where: { names[$0] == nil }) {
            readingsUntilRefresh = ThreadNames.refreshInterval
            names = [:]
            for interpreter in interpreters { read(interpreter, &memory) }
        }
        return names
    }

    private mutating func read<Memory: RemoteMemory & ~Copyable>(_ interpreter: RemoteAddress, _ memory: inout Memory) {
        if registries[interpreter] == nil { registries[interpreter] = registry(of: interpreter, &memory) }
        guard let registry = registries[interpreter] else { return }
        guard let threads = layout.entries(ofDict: registry, in: &memory) else {
            registries[interpreter] = nil
            return
        }
        for (key, thread) in threads {
            guard let identifier = layout.wholeNumber(at: key, in: &memory),
                let attributes = layout.attributes(of: thread, in: &memory)
            else { continue }
            for attribute in attributes where layout.text(at: attribute.key, limit: 64, in: &memory) == "_name" {
                names[identifier] = layout.text(at: attribute.value, in: &memory)
            }
        }
    }

    /// `sys.modules["threading"]._active`.
    private func registry<Memory: RemoteMemory & ~Copyable>(of interpreter: RemoteAddress, _ memory: inout Memory)
        -> RemoteAddress?
    {
        guard let modules = try? memory.pointer(interpreter + layout.interpreterModules),
            let module = layout.value(of: "threading", inDict: modules, in: &memory),
            // The module's dictionary is the first field behind the object's head. Source: `PyModuleObject.md_dict`.
            let dictionary = try? memory.pointer(module + layout["object.size"])
        else { return nil }
        return layout.value(of: "_active", inDict: dictionary, in: &memory)
    }
}

extension PythonLayout {
    /// A positive `int` of at most 60 bits; nil for any other. Source: `PyLongObject`, digits of 30 bits.
    func wholeNumber<Memory: RemoteMemory & ~Copyable>(at address: RemoteAddress, in memory: inout Memory) -> UInt64? {
        guard address.rawValue != 0, let bytes = try? memory.bytes(address, 32) else { return nil }
        let head = bytes.word(16)
        // Since 3.12 the count of digits shares its word with three bits of sign.
        let digits = version.minor >= 12 ? head >> 3 : head
        guard digits >= 1, digits <= 2, version.minor < 12 || head & 3 == 0 else { return nil }
        let low = UInt64(UInt32(bitPattern: bytes.int(24)))
        return digits == 1 ? low : low | UInt64(UInt32(bitPattern: bytes.int(28))) << 30
    }
}
