/// Python-level names of threads, as the module `threading` of the target has them.
struct ThreadNames {
    private let layout: PythonLayout
    /// The dictionary `threading._active` by interpreter.
    private var registries: [RemoteAddress: RemoteAddress] = [:]
    private var known: [Key: Entry] = [:]
    private var readingsUntilRefresh = 0
    private static let refreshInterval = 10
    /// Bytes that one reading of all names may ask for; a thread takes some thousand.
    private static let readingLimit = 128 << 20
    /// Most attributes of a thread that are looked at: the module sets its own first.
    private static let attributeLimit = 1000

    private struct Key: Hashable {
        var interpreter: Int64
        /// `threading.get_ident()`.
        var identifier: UInt64
    }

    /// A `threading.Thread`.
    private struct Entry {
        var name: String?
        var isDaemon: Bool?
    }

    init(layout: PythonLayout) {
        self.layout = layout
    }

    /// Gives threads what the module knows of them. It changes seldom: read again when a thread is new, else every tenth time.
    ///
    /// A thread that entered an interpreter is known there only to those who asked; its name is then that of the main one.
    mutating func complete<Memory: RemoteMemory & ~Copyable>(
        _ threads: inout [PythonThread], of interpreters: [(id: Int64, address: RemoteAddress)],
        in memory: inout Memory
    ) {
        readingsUntilRefresh -= 1
        if readingsUntilRefresh <= 0 || threads.contains(where: { self[$0] == nil }) {
            readingsUntilRefresh = ThreadNames.refreshInterval
            readAll(interpreters, &memory)
        }
        for index in threads.indices {
            let own = self[threads[index]]
            threads[index].name = own?.name
            threads[index].isDaemon = own?.isDaemon
        }
    }

    /// The name of one thread; looked up anew when the thread is not known.
    mutating func name<Memory: RemoteMemory & ~Copyable>(
        of identifier: UInt64, _ interpreter: Int64, _ interpreters: [(id: Int64, address: RemoteAddress)],
        in memory: inout Memory
    ) -> String? {
        let keys = [Key(interpreter: interpreter, identifier: identifier), Key(interpreter: 0, identifier: identifier)]
        if !keys.contains(where: { known[$0] != nil }) {
            readAll(interpreters, &memory)
        }
        return keys.compactMap { known[$0]?.name }.first
    }

    private subscript(_ thread: PythonThread) -> Entry? {
        known[Key(interpreter: thread.interpreter, identifier: thread.pythonThreadId)]
            ?? known[Key(interpreter: 0, identifier: thread.pythonThreadId)]
    }

    /// Reads what the module knows in all interpreters: within bounds, however many threads and attributes they claim.
    private mutating func readAll<Memory: RemoteMemory & ~Copyable>(
        _ interpreters: [(id: Int64, address: RemoteAddress)], _ memory: inout Memory
    ) {
        known = [:]
        var metered = PageMemory(memory, allowance: ThreadNames.readingLimit)
        for (id, address) in interpreters { read(address, id, &metered) }
        memory = metered.end()
    }

    private mutating func read<Memory: RemoteMemory & ~Copyable>(
        _ interpreter: RemoteAddress, _ id: Int64, _ memory: inout Memory
    ) {
        if registries[interpreter] == nil { registries[interpreter] = registry(of: interpreter, &memory) }
        guard let registry = registries[interpreter] else { return }
        guard let threads = layout.entries(ofDict: registry, in: &memory) else {
            registries[interpreter] = nil
            return
        }
        for (key, thread) in threads {
            guard let identifier = layout.wholeNumber(at: key, in: &memory),
                let attributes = layout.attributes(of: thread, limit: ThreadNames.attributeLimit, in: &memory)
            else { continue }
            var entry = Entry()
            for attribute in attributes {
                switch layout.text(at: attribute.key, limit: 64, in: &memory) {
                case "_name": entry.name = layout.label(at: attribute.value, in: &memory)
                case "_daemonic": entry.isDaemon = layout.wholeNumber(at: attribute.value, in: &memory) == 1
                default: break
                }
            }
            known[Key(interpreter: id, identifier: identifier)] = entry
        }
    }

    /// `sys.modules["threading"]._active`.
    private func registry<Memory: RemoteMemory & ~Copyable>(of interpreter: RemoteAddress, _ memory: inout Memory)
        -> RemoteAddress?
    {
        guard let modules = try? memory.pointer(interpreter + layout.interpreterModules),
            let module = layout.value(of: "threading", inDict: modules, limit: PythonLayout.entryLimit, in: &memory),
            // The module's dictionary is the first field behind the object's head. Source: `PyModuleObject.md_dict`.
            let dictionary = try? memory.pointer(module + layout["object.size"])
        else { return nil }
        return layout.value(of: "_active", inDict: dictionary, in: &memory)
    }
}

extension PythonLayout {
    /// A positive `int` of at most 60 bits; nil for any other. Source: `PyLongObject`, digits of 30 bits.
    func wholeNumber<Memory: RemoteMemory & ~Copyable>(at address: RemoteAddress, in memory: inout Memory) -> UInt64? {
        let start = self["object.size"]
        guard address.rawValue != 0, let bytes = try? memory.bytes(address, start + 16) else { return nil }
        let head = bytes.word(start)
        // Since 3.12 the count of digits shares its word with three bits of sign.
        let digits = version.minor >= 12 ? head >> 3 : head
        guard digits >= 1, digits <= 2, version.minor < 12 || head & 3 == 0 else { return nil }
        let low = UInt64(UInt32(bitPattern: bytes.int(start + 8)))
        return digits == 1 ? low : low | UInt64(UInt32(bitPattern: bytes.int(start + 12))) << 30
    }
}
