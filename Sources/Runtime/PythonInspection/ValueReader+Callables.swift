extension ValueReader {
    /// What runs, is called or holds code; nil for what is none, false when it does not look like one.
    mutating func writeCallable<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool? {
        let place = Self.hexadecimal(object)
        switch type.native.name {
        case "function":
            guard let name = name(at: object + layout["function.func_qualname"], &memory) else { return false }
            out += "<function \(name) at \(place)>"
        case "method": return writeMethod(object, &memory)
        case "builtin_function_or_method": return writeBuiltin(object, &memory)
        case "module": return writeModule(object, &memory)
        case "code": return writeCode(object, &memory)
        case "generator", "coroutine", "async_generator":
            guard let name = name(at: object + layout["gen.gi_qualname"], &memory),
                let generator = layout.generator(at: object, in: &memory)
            else { return false }
            out += "<\(type.native.name) object \(name) at \(place), \(generator.state.rawValue)>"
        case "wrapper_descriptor", "method_descriptor":
            guard let name = name(at: object + layout["descriptor.d_name"], &memory),
                let owner = try? memory.pointer(object + layout["descriptor.d_type"]),
                let own = layout.type(at: owner, in: &memory)
            else { return false }
            let kind = type.native.name == "method_descriptor" ? "method" : "slot wrapper"
            out += "<\(kind) '\(name)' of '\(Self.harmless(own.name))' objects>"
        default: return nil
        }
        return true
    }

    /// Text that a pointer leads to, as a name; nil when it is none.
    private func name<Memory: RemoteMemory & ~Copyable>(at place: RemoteAddress, _ memory: inout Memory) -> String? {
        guard let address = try? memory.pointer(place) else { return nil }
        return layout.text(at: address, limit: 1000, in: &memory).map(Self.harmless)
    }

    /// Source: `PyMethodObject`.
    private mutating func writeMethod<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ memory: inout Memory
    ) -> Bool {
        guard let function = try? memory.pointer(object + layout["method.im_func"]),
            let owner = try? memory.pointer(object + layout["method.im_self"]),
            let type = knownClass(of: function, &memory)
        else { return false }
        let qualifiedName =
            type.native.name == "function" ? name(at: function + layout["function.func_qualname"], &memory) : nil
        return inside(object, ring: "...", short: "<bound method \(qualifiedName ?? "?")>") { reader in
            reader.out += "<bound method \(qualifiedName ?? "?") of "
            reader.write(owner, &memory)
            reader.out += ">"
            return true
        }
    }

    /// Source: `PyCFunctionObject`, `PyMethodDef.ml_name`.
    private mutating func writeBuiltin<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ memory: inout Memory
    ) -> Bool {
        guard let definition = try? memory.pointer(object + layout["cfunction.m_ml"]),
            let text = try? memory.pointer(definition), let name = layout.name(text, in: &memory),
            let owner = try? memory.pointer(object + layout["cfunction.m_self"])
        else { return false }
        let type = owner.rawValue == 0 ? nil : knownClass(of: owner, &memory)
        if let type, type.native.name != "module" {
            let kind = Self.harmless(type.type.name)
            out += "<built-in method \(Self.harmless(name)) of \(kind) object at \(Self.hexadecimal(owner))>"
        } else {
            out += "<built-in function \(Self.harmless(name))>"
        }
        return true
    }

    /// Source: `PyModuleObject.md_dict`, of which `__spec__` says where it came from, else `__file__`.
    private mutating func writeModule<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ memory: inout Memory
    ) -> Bool {
        guard let dict = try? memory.pointer(object + layout["module.md_dict"]),
            let entries = layout.orderedEntries(ofDict: dict, limit: 64, in: &memory)
        else { return false }
        var known: [String: RemoteAddress] = [:]
        for entry in entries.entries {
            guard let key = layout.text(at: entry.key, limit: 16, in: &memory) else { continue }
            known[key] = entry.value
        }
        func text(_ address: RemoteAddress?) -> [UInt32]? {
            guard let address, let type = layout.type(of: address, in: &memory), type.isOf(.str) else { return nil }
            return layout.characters(at: address, limit: 4096, in: &memory)?.points
        }
        var (name, origin, hasLocation) = (text(known["__name__"]), text(known["__file__"]), true)
        if let spec = known["__spec__"] {
            let attributes = layout.instanceAttributes(of: spec, in: &memory)
            func own(_ name: String) -> RemoteAddress? { attributes.first { $0.name == name }?.value }
            if let told = text(own("name")) {
                (name, origin) = (told, text(own("origin")))
                hasLocation = own("_set_fileattr").map { layout.integer(at: $0, in: &memory)?.digits == [1] } ?? true
            }
        }
        out += "<module " + (name.map(TextRepr.string) ?? "'?'")
        if origin == nil, let loader = known["__loader__"], let type = layout.type(of: loader, in: &memory),
            type.isOf(.type)
        {
            // Up to 3.8 the loader of a built-in or frozen module says so itself.
            switch layout.type(at: loader, in: &memory)?.name {
            case "BuiltinImporter": (origin, hasLocation) = ("built-in".unicodeScalars.map(\.value), false)
            case "FrozenImporter": (origin, hasLocation) = ("frozen".unicodeScalars.map(\.value), false)
            default: break
            }
        }
        if let origin {
            let plain = String(String.UnicodeScalarView(origin.map { Unicode.Scalar($0) ?? "\u{fffd}" }))
            out += hasLocation ? " from " + TextRepr.string(origin) : " (\(Self.harmless(plain)))"
        }
        out += ">"
        return true
    }

    private mutating func writeCode<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ memory: inout Memory
    ) -> Bool {
        guard let name = name(at: object + layout.codeName, &memory),
            let file = self.name(at: object + layout.codeFilename, &memory),
            let line = try? memory.bytes(object + layout.codeFirstLine, 4)
        else { return false }
        out += "<code object \(name) at \(Self.hexadecimal(object)), file \"\(file)\", line \(line.int(0))>"
        return true
    }

    // MARK: Classes

    /// Writes a class; false when it does not look like one.
    mutating func writeClass<Memory: RemoteMemory & ~Copyable>(_ object: RemoteAddress, _ memory: inout Memory) -> Bool
    {
        guard let type = layout.type(at: object, in: &memory) else { return false }
        let name = Self.harmless(layout.qualifiedName(of: type, in: &memory))
        if let metatype = layout.type(at: type.metatype, in: &memory), ["EnumMeta", "EnumType"].contains(metatype.name)
        {
            let bases = layout.chain(of: type, in: &memory)
            // Since 3.11 a class of flags says so.
            let isFlag = layout.version.minor >= 11 && bases.contains { $0.name == "Flag" }
            out += "<\(isFlag ? "flag" : "enum") '\(Self.harmless(type.name))'>"
            return true
        }
        let module = layout.module(of: type, in: &memory)
        let isPlain = module == nil || module == "builtins"
        out += "<class '" + (isPlain ? name : Self.harmless(module ?? "") + "." + name) + "'>"
        return true
    }
}
