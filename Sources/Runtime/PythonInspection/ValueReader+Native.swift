extension ValueReader {
    /// Writes an instance of a class that is written in C, or that continues one; false when it does not look like one.
    ///
    /// - Parameter name: what the class is called in the text: that of the instance, which may continue it.
    mutating func writeNative<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, name: String, _ memory: inout Memory
    ) -> Bool {
        switch type.native.name {
        case "NoneType": out += "None"
        case "ellipsis": out += "Ellipsis"
        case "NotImplementedType": out += "NotImplemented"
        case "int", "bool", "float", "complex": return writeNumber(object, type.native.name, &memory)
        case "str": return writeText(object, &memory)
        case "bytes", "bytearray", "memoryview": return writeBytes(object, type.native.name, name: name, &memory)
        case "list", "tuple", "set", "frozenset", "collections.deque":
            return writeCollection(object, type, name: name, &memory)
        case "dict", "frozendict", "collections.OrderedDict", "collections.defaultdict", "mappingproxy",
            "types.SimpleNamespace", "dict_keys", "dict_values", "dict_items", "odict_keys", "odict_values",
            "odict_items":
            return writeMapping(object, type, name: name, &memory)
        case "type": return writeClass(object, &memory)
        case "range", "slice": return writeRange(object, type.native.name, &memory)
        default:
            return writeDate(object, type, name: name, &memory) ?? writeTool(object, type, &memory)
                ?? writeCallable(object, type, &memory) ?? writeArray(object, type, &memory)
                ?? writeOther(object, type, &memory)
        }
        return true
    }

    /// What nothing more is known of, or a structure of named fields such as `time.struct_time`.
    private mutating func writeOther<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool {
        if type.type.isOf(.tuple), writeStructure(object, type, &memory) { return true }
        // A class written in C that continues one of the interpreter's own, such as `numpy.str_`.
        let families: [(RemoteType.Family, String)] = [
            (.str, "str"), (.bytes, "bytes"), (.int, "int"), (.list, "list"), (.tuple, "tuple"), (.dict, "dict"),
        ]
        guard let family = families.first(where: { type.type.isOf($0.0) })?.1 else {
            writePlain(object, type)
            return true
        }
        let name = type.fullName
        out += (name.hasPrefix("numpy.") ? "np." + name.dropFirst(6) : name) + "("
        defer { out += ")" }
        switch family {
        case "str": return writeText(object, &memory)
        case "bytes": return writeBytes(object, family, name: name, &memory)
        case "int": return writeNumber(object, family, &memory)
        case "dict": return inside(object, ring: "{...}", short: "{…}") { $0.writeDict(object, &memory) }
        default: return writeSequence(object, isList: family == "list", &memory)
        }
    }

    // MARK: Numbers

    private mutating func writeNumber<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ name: String, _ memory: inout Memory
    ) -> Bool {
        switch name {
        case "float":
            guard let value = layout.double(at: object, in: &memory) else { return false }
            out += NumberRepr.float(value)
        case "complex":
            guard let bytes = try? memory.bytes(object + layout["complex.cval"], 16) else { return false }
            out += NumberRepr.complex(Double(bitPattern: bytes.word(0)), Double(bitPattern: bytes.word(8)))
        default:
            // A digit of 30 bits is more than nine decimal ones.
            let limit = limits.digits / 9 + 2
            guard let number = layout.integer(at: object, limit: limit, in: &memory) else { return false }
            if name == "bool" {
                out += number.digits == [1] ? "True" : "False"
            } else {
                writeInteger(number, at: object, &memory)
            }
        }
        return true
    }

    private mutating func writeInteger<Memory: RemoteMemory & ~Copyable>(
        _ number: RemoteInteger, at object: RemoteAddress, _ memory: inout Memory
    ) {
        if number.digitCount == number.digits.count {
            let text = NumberRepr.integer(number.digits, isNegative: number.isNegative)
            if text.utf8.count - (number.isNegative ? 1 : 0) <= limits.digits {
                out += text
                return
            }
        }
        let highest = object + (layout["object.size"] + 8 + (number.digitCount - 1) * 4)
        let top = (try? memory.bytes(highest, 4)).map { UInt32(bitPattern: $0.int(0)) & 0x3fff_ffff }
        isTruncated = true
        guard let top, top > 0 else {
            out += "<int that cannot be read>"
            return
        }
        let bits = (number.digitCount - 1) * 30 + 32 - top.leadingZeroBitCount
        out += "<\(number.isNegative ? "negative " : "")int of \(bits) bits>"
    }

    // MARK: Texts

    /// Most characters of one text: what is left of the whole, but always some; less inside of something else.
    private var textRoom: Int {
        let room = max(32, limits.characters - out.utf8.count)
        return path.isEmpty ? room : min(room, limits.innerCharacters)
    }

    mutating func writeText<Memory: RemoteMemory & ~Copyable>(_ object: RemoteAddress, _ memory: inout Memory) -> Bool {
        guard let text = layout.characters(at: object, limit: textRoom, in: &memory) else { return false }
        out += TextRepr.string(text.points)
        if text.count > text.points.count { leaveOut(text.count - text.points.count) }
        return true
    }

    private mutating func writeBytes<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ native: String, name: String, _ memory: inout Memory
    ) -> Bool {
        switch native {
        case "bytes":
            guard let contents = layout.contents(ofBytes: object, limit: textRoom, in: &memory) else { return false }
            writeContents(contents)
        case "bytearray":
            guard let head = try? memory.bytes(object, layout["bytearray.ob_start"] + 8),
                let count = Int(exactly: head.word(layout.itemCount)), count < 1 << 44,
                let contents = layout.contents(
                    RemoteAddress(head.word(layout["bytearray.ob_start"])), count, limit: textRoom, in: &memory)
            else { return false }
            out += name + "("
            writeContents(contents, isArray: true)
            out += ")"
        default:
            return writeView(object, &memory)
        }
        return true
    }

    private mutating func writeContents(_ contents: (bytes: [UInt8], count: Int), isArray: Bool = false) {
        // Up to 3.14 an array's text escapes an apostrophe also where it need not.
        out += "b" + TextRepr.bytes(contents.bytes, escapesApostrophe: isArray && layout.version.minor < 15)
        if contents.count > contents.bytes.count { leaveOut(contents.count - contents.bytes.count) }
    }

    /// A `memoryview` with its bytes where these lie one behind the other. Source: `PyMemoryViewObject`.
    private mutating func writeView<Memory: RemoteMemory & ~Copyable>(_ object: RemoteAddress, _ memory: inout Memory)
        -> Bool
    {
        guard let head = try? memory.bytes(object, layout["memoryview.view_ndim"] + 4) else { return false }
        let flags = head.int(layout["memoryview.flags"])
        let place = ValueReader.hexadecimal(object)
        // `_Py_MEMORYVIEW_RELEASED`, then contiguous in the order of C.
        guard flags & 1 == 0 else {
            out += "<released memory at \(place)>"
            return true
        }
        guard flags & 2 != 0, head.int(layout["memoryview.view_ndim"]) == 1,
            let count = Int(exactly: head.word(layout["memoryview.view_len"])), count < 1 << 44,
            let contents = layout.contents(
                RemoteAddress(head.word(layout["memoryview.view"])), count, limit: textRoom, in: &memory)
        else {
            out += "<memory at \(place)>"
            return true
        }
        out += "<memory at \(place): "
        writeContents(contents)
        out += ">"
        return true
    }

    // MARK: Ranges

    private mutating func writeRange<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ name: String, _ memory: inout Memory
    ) -> Bool {
        guard
            let bytes = try? memory.bytes(
                object + (name == "range" ? layout["range.start"] : layout["slice.start"]), 24)
        else { return false }
        let parts = (0..<3).map { RemoteAddress(bytes.word($0 * 8)) }
        let isSlice = name == "slice"
        return inside(object, ring: "\(name)(...)", short: "\(name)(…)") { reader in
            reader.out += "\(name)("
            reader.write(parts[0], &memory)
            reader.out += ", "
            reader.write(parts[1], &memory)
            // A range writes its step unless it is one.
            if isSlice || reader.layout.integer(at: parts[2], in: &memory)?.value != 1 {
                reader.out += ", "
                reader.write(parts[2], &memory)
            }
            reader.out += ")"
            return true
        }
    }
}
