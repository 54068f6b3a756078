extension PythonRuntime {
    /// Finds the interpreter in a target: by symbol, else by section, else by what its memory looks like.
    ///
    /// - Parameter cache: where it was in other processes that run the same file.
    /// - Throws: ``PythonInspectionError`` when there is none, or one that is not read.
    static func find<Target: RemoteProcess & ~Copyable>(in target: inout Target, cache: RuntimeCache = .shared)
        throws(PythonInspectionError) -> PythonRuntime
    {
        let mappings: [RemoteMapping]
        do throws(RemoteMemoryError) {
            mappings = try target.mappings()
        } catch {
            throw .memory(error)
        }
        let hint = mappings.lazy.compactMap(version(inPathOf:)).first
        let modules = candidates(mappings)
        var failure: PythonInspectionError?
        for module in modules {
            // The rights to read any memory at all are the same for all of it.
            do throws(RemoteMemoryError) {
                _ = try target.bytes(module.mapping.start, 4)
            } catch {
                if error != .unmapped { throw .memory(error) }
                continue
            }
            guard let image = ElfImage(at: module.mapping.start, in: &target) else { continue }
            var search = RuntimeSearch(module.mapping, image, hint: hint, isLibrary: module.isLibrary)
            do throws(PythonInspectionError) {
                if let runtime = try search.runtime(in: &target, cache: cache) { return runtime }
            } catch {
                failure = failure ?? error
            }
        }
        throw failure ?? absence(in: mappings, modules.map(\.mapping), hint)
    }

    /// Why there is none: another implementation, another version, or no Python at all.
    private static func absence(in mappings: [RemoteMapping], _ modules: [RemoteMapping], _ hint: PythonVersion?)
        -> PythonInspectionError
    {
        let others = [
            ("libpypy", "PyPy"), ("pypy", "PyPy"), ("libpythonvm", "GraalPy"), ("graalpy", "GraalPy"),
            ("micropython", "MicroPython"),
        ]
        for (start, name) in others where mappings.contains(where: { $0.fileName.hasPrefix(start) }) {
            return .unsupported(name)
        }
        guard let version = modules.lazy.compactMap({ PythonVersion(fileName: $0.fileName) }).first ?? hint else {
            return .notPython
        }
        return version.major == 3 && readable.contains(version.minor)
            ? .runtimeNotFound(
                "nothing in the memory of CPython \(version) looks like one (it may be starting or ending)")
            : .unsupported("CPython \(version)")
    }

    /// First mappings of the modules an interpreter may be in: libpython before a program called python before any other
    /// program, and other libraries last.
    private static func candidates(_ mappings: [RemoteMapping]) -> [(mapping: RemoteMapping, isLibrary: Bool)] {
        var ranked: [(rank: Int, mapping: RemoteMapping)] = []
        var seen: [String: Int] = [:]
        for mapping in mappings where mapping.path.hasPrefix("/") && mapping.fileOffset == 0 {
            // A file may be mapped a second time by somebody who only reads it.
            guard seen[mapping.path, default: 0] < 3 else { continue }
            seen[mapping.path, default: 0] += 1
            let name = mapping.fileName
            let rank = name.hasPrefix("libpython") ? 0 : name.hasPrefix("python") ? 1 : name.contains(".so") ? 3 : 2
            ranked.append((rank, mapping))
        }
        return ranked.sorted { $0.rank < $1.rank }.prefix(1000).map { ($0.mapping, $0.rank == 3) }
    }

    /// The version whose modules a target has loaded: `/usr/lib/python3.9/lib-dynload/_queue.cpython-39-x86_64-linux-gnu.so`.
    private static func version(inPathOf mapping: RemoteMapping) -> PythonVersion? {
        guard mapping.path.contains("python"), mapping.path.contains("/lib-dynload/") else { return nil }
        return mapping.path.split(separator: "/").lazy.compactMap { PythonVersion(fileName: $0) }.first
    }
}

/// The search for a runtime in one module of a target.
struct RuntimeSearch {
    private let mapping: RemoteMapping
    private let image: ElfImage
    /// The version that the target's other files tell.
    private let hint: PythonVersion?
    /// A library that is not called after Python: what it exports has to say that it is.
    private let isLibrary: Bool

    init(_ mapping: RemoteMapping, _ image: ElfImage, hint: PythonVersion?, isLibrary: Bool) {
        (self.mapping, self.image, self.hint, self.isLibrary) = (mapping, image, hint, isLibrary)
    }

    /// Whether the module is called after Python, or others that are loaded with it are.
    private var isLikely: Bool {
        mapping.fileName.contains("python") && !isLibrary || hint != nil && !isLibrary
            || mapping.fileName.hasPrefix("libpython")
    }

    /// The interpreter in the module; nil when it has none.
    ///
    /// - Throws: ``PythonInspectionError`` when one is there that is not read, or that has no interpreter now.
    mutating func runtime<Target: RemoteProcess & ~Copyable>(in target: inout Target, cache: RuntimeCache)
        throws(PythonInspectionError) -> PythonRuntime?
    {
        let key = RuntimeCache.Key(device: mapping.device, inode: mapping.inode, identity: image.identity)
        switch cache[key] {
        case .nothing?: return nil
        case .runtime(let known)?:
            let moved = known.moved(by: image.bias)
            // Another process of the same program may have lied.
            if moved.isStill(in: &target),
                moved.debug != nil || moved.confirmed(in: &target)?.version == moved.version
            {
                return try alive(moved, in: &target)
            }
        case nil: break
        }
        guard let found = try found(in: &target) else {
            // What is not called after Python has none, whatever it does.
            if !isLikely { cache[key] = .nothing }
            return nil
        }
        let runtime = try alive(found, in: &target)
        // What did not tell its whole version was not proven to be one.
        guard runtime.version.patch != nil else { return runtime }
        cache[key] = .runtime(runtime.moved(by: 0 &- image.bias))
        return runtime
    }

    /// A runtime that has an interpreter.
    private func alive<Target: RemoteProcess & ~Copyable>(_ runtime: PythonRuntime, in target: inout Target)
        throws(PythonInspectionError) -> PythonRuntime
    {
        // It may be on its way this very moment.
        for _ in 0..<3 where runtime.isAlive(in: &target) { return runtime }
        throw .runtimeNotFound("CPython \(runtime.version) has no interpreter now (it is starting or ending)")
    }

    private func found<Target: RemoteProcess & ~Copyable>(in target: inout Target)
        throws(PythonInspectionError) -> PythonRuntime?
    {
        let elf = ElfModule(image, in: &target)
        var address = elf?.symbol("_PyRuntime", in: &target)
        if address == nil, !isLibrary {
            address = image.section(".PyRuntime", of: mapping, in: &target)
            if address == nil, isLikely { address = image.localSymbol("_PyRuntime", of: mapping, in: &target) }
        }
        if let address {
            if let debug = DebugOffsets.read(at: address, in: &target) {
                return try PythonRuntime(at: address, debug.version, debug)
            }
            let versions = self.versions(elf, &target)
            var first: PythonRuntime?
            for version in versions where version.minor < 13 && version.minor > 6 {
                guard let runtime = try? PythonRuntime(at: address, version) else { continue }
                first = first ?? runtime
                if runtime.isAlive(in: &target), let own = runtime.confirmed(in: &target) { return own }
            }
            if let first { return first }
        }
        let isExported = elf?.symbol("Py_IsInitialized", in: &target) != nil
        guard isLikely || isExported || !isLibrary else { return nil }
        var scan = RuntimeScan(of: image, isInitializedOnly: !isLikely && !isExported, in: &target)
        if let (address, debug) = scan.describedRuntime(in: &target) {
            return try PythonRuntime(at: address, debug.version, debug)
        }
        guard isLikely || isExported else { return nil }
        // Without a version every layout is tried: only the right one leads from an interpreter to a thread and back.
        for version in versions(elf, &target) where version.minor < 13 {
            guard let layout = PythonLayout(version: version, architecture: PythonLayout.architecture),
                let address = scan.runtime(of: layout, in: &target),
                var runtime = try PythonRuntime(at: address, version).confirmed(in: &target),
                // Before the interpreter starts, chance finds one that cannot tell its version.
                runtime.version.patch != nil
            else { continue }
            if layout.runtimeInterpretersHead == nil {
                runtime.currentThread = elf?.symbol("_PyThreadState_Current", in: &target)
                runtime.data = scan.data
            }
            return runtime
        }
        return nil
    }

    /// Versions that the module may be, the likeliest first: its own word, which 3.11 and later have, its file's name, that
    /// of other files, and then all the others, as a name may lie.
    private func versions<Memory: RemoteMemory & ~Copyable>(_ elf: ElfModule?, _ memory: inout Memory)
        -> [PythonVersion]
    {
        var named: [PythonVersion] = []
        if let place = elf?.symbol("Py_Version", in: &memory), let bytes = try? memory.bytes(place, 4),
            let own = PythonVersion(hex: UInt32(bitPattern: bytes.int(0)))
        {
            named.append(own)
        }
        if let file = PythonVersion(fileName: mapping.fileName) { named.append(file) }
        if let hint { named.append(hint) }
        // What is certainly of another time is not taken for one of ours.
        if let first = named.first, first.major != 3 || !PythonRuntime.readable.contains(first.minor) { return [] }
        let all = PythonRuntime.readable.map { PythonVersion(major: 3, minor: $0) }
        var versions: [PythonVersion] = []
        for version in named + all where !version.isFreeThreaded && version.major == 3 {
            if !versions.contains(where: { $0.minor == version.minor }) { versions.append(version) }
        }
        return versions
    }
}
