extension ValueReader {
    /// Arrays and numbers of numpy; nil for what is none, false when it does not look like one.
    mutating func writeArray<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, _ memory: inout Memory
    ) -> Bool? {
        let name = type.native.name
        guard name.hasPrefix("numpy.") else { return nil }
        if name == "numpy.ndarray" { return writeNumpyArray(object, &memory) }
        if name.hasPrefix("numpy.dtype") {
            guard let dtype = dtype(at: object, &memory) else { return nil }
            out += "dtype('\(dtype.name)')"
            return true
        }
        guard let element = Self.scalars[name] else { return nil }
        let place = object + layout["object.size"]
        out += "np.\(name.dropFirst(6))("
        guard writeElement(at: place, element, &memory) else { return false }
        out += ")"
        return true
    }

    /// What an array's elements are. Source: `PyArray_Descr`.
    struct Element {
        /// Letter of the kind. Source: `PyArray_Descr.kind`.
        var kind: UInt8
        var size: Int
        /// Whether the bytes are in the other order than the processor's.
        var isSwapped = false

        /// Name as numpy prints it.
        var name: String {
            let letter = String(decoding: [kind], as: UTF8.self)
            let order = isSwapped ? ">" : ""
            switch letter {
            case "b": return "bool"
            case "i" where !isSwapped: return "int\(size * 8)"
            case "u" where !isSwapped: return "uint\(size * 8)"
            case "f" where !isSwapped: return "float\(size * 8)"
            case "c" where !isSwapped: return "complex\(size * 8)"
            case "O": return "object"
            case "M": return "datetime64"
            case "m": return "timedelta64"
            case "V": return "void\(size * 8)"
            case "U": return (isSwapped ? ">" : "<") + "U\(size / 4)"
            default: return order + letter + "\(size)"
            }
        }
    }

    /// Numbers of numpy that stand alone, by the names of their classes.
    private static let scalars: [String: Element] = {
        var found: [String: Element] = [
            "numpy.bool_": Element(kind: UInt8(ascii: "b"), size: 1),
            "numpy.bool": Element(kind: UInt8(ascii: "b"), size: 1),
            "numpy.longlong": Element(kind: UInt8(ascii: "i"), size: 8),
            "numpy.ulonglong": Element(kind: UInt8(ascii: "u"), size: 8),
            "numpy.intc": Element(kind: UInt8(ascii: "i"), size: 4),
            "numpy.uintc": Element(kind: UInt8(ascii: "u"), size: 4),
        ]
        for size in [1, 2, 4, 8] {
            found["numpy.int\(size * 8)"] = Element(kind: UInt8(ascii: "i"), size: size)
            found["numpy.uint\(size * 8)"] = Element(kind: UInt8(ascii: "u"), size: size)
            if size > 1 { found["numpy.float\(size * 8)"] = Element(kind: UInt8(ascii: "f"), size: size) }
            if size > 2 { found["numpy.complex\(size * 16)"] = Element(kind: UInt8(ascii: "c"), size: size * 2) }
        }
        return found
    }()

    private func dtype<Memory: RemoteMemory & ~Copyable>(at address: RemoteAddress, _ memory: inout Memory)
        -> Element?
    {
        guard let bytes = try? memory.bytes(address, layout["dtype.elsize"] + 8) else { return nil }
        // Up to 1.26 the size is followed by the alignment; 2.0 has flags of 64 bits there, of which the upper are never set.
        let isOld = bytes.int(layout["dtype.old_alignment"]) != 0
        let size =
            isOld ? Int(bytes.int(layout["dtype.old_elsize"])) : Int(clamping: bytes.word(layout["dtype.elsize"]))
        let kind = bytes.byte(layout["dtype.kind"])
        guard (0..<(1 << 30)).contains(size), (UInt8(ascii: "A")...UInt8(ascii: "z")).contains(kind) else { return nil }
        return Element(
            kind: kind, size: size, isSwapped: bytes.byte(layout["dtype.byteorder"]) == UInt8(ascii: ">"))
    }

    /// Most axes of an array. Source: `NPY_MAXDIMS`.
    private static let axisLimit = 64

    /// Source: `PyArrayObject_fields`.
    private mutating func writeNumpyArray<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ memory: inout Memory
    ) -> Bool {
        guard let head = try? memory.bytes(object, layout["ndarray.descr"] + 8),
            let dtype = dtype(at: RemoteAddress(head.word(layout["ndarray.descr"])), &memory)
        else { return false }
        let axes = Int(head.int(layout["ndarray.nd"]))
        guard (0...Self.axisLimit).contains(axes),
            let sizes = try? memory.bytes(RemoteAddress(head.word(layout["ndarray.dimensions"])), axes * 8),
            let steps = try? memory.bytes(RemoteAddress(head.word(layout["ndarray.strides"])), axes * 8)
        else { return false }
        let shape = (0..<axes).map { Int(clamping: sizes.word($0 * 8)) }
        let strides = (0..<axes).map { Int(truncatingIfNeeded: steps.word($0 * 8)) }
        let data = RemoteAddress(head.word(layout["ndarray.data"]))
        return inside(object, ring: "array(...)", short: "array(…)") { reader in
            reader.out += "array("
            var room = min(reader.limits.items, 1000)
            guard reader.writeAxis(data, dtype, shape[...], strides[...], &room, &memory) else { return false }
            let text = shape.map { "\($0)" }.joined(separator: ", ")
            reader.out += ", shape=(\(text)\(axes == 1 ? "," : "")), dtype=\(dtype.name))"
            return true
        }
    }

    /// The elements along the first of some axes, in brackets.
    private mutating func writeAxis<Memory: RemoteMemory & ~Copyable>(
        _ place: RemoteAddress, _ element: Element, _ shape: ArraySlice<Int>, _ strides: ArraySlice<Int>,
        _ room: inout Int, _ memory: inout Memory
    ) -> Bool {
        guard let count = shape.first, let stride = strides.first else {
            room -= 1
            return writeElement(at: place, element, &memory)
        }
        out += "["
        var written = 0
        while written < count, room > 0, !isFull {
            if written > 0 { out += ", " }
            let next = place + written.multipliedReportingOverflow(by: stride).partialValue
            guard writeAxis(next, element, shape.dropFirst(), strides.dropFirst(), &room, &memory) else { return false }
            // One that holds nothing costs as well.
            if shape.dropFirst().contains(0) { room -= 1 }
            written += 1
        }
        if written < count {
            if written > 0 { out += ", " }
            leaveOut(count - written)
        }
        out += "]"
        return true
    }

    /// One element, as numpy's `item()` would be written; what is of no known kind is left out.
    private mutating func writeElement<Memory: RemoteMemory & ~Copyable>(
        at place: RemoteAddress, _ element: Element, _ memory: inout Memory
    ) -> Bool {
        guard element.size <= 4096, var bytes = try? memory.bytes(place, element.size) else { return false }
        if element.isSwapped, element.kind != UInt8(ascii: "U"), element.kind != UInt8(ascii: "c") { bytes.reverse() }
        let bits = UInt64(element.size * 8)
        switch (UnicodeScalar(element.kind), element.size) {
        case ("b", 1): out += bytes[0] != 0 ? "True" : "False"
        case ("u", 1...8): out += "\(bytes.padded.word(0))"
        case ("i", 1...8): out += "\(Int64(bitPattern: bytes.padded.word(0) << (64 - bits)) >> Int64(64 - bits))"
        case ("f", 8): out += NumberRepr.float(Double(bitPattern: bytes.word(0)))
        case ("f", 4): out += single(bytes.int(0))
        case ("c", 16) where !element.isSwapped:
            out += NumberRepr.complex(Double(bitPattern: bytes.word(0)), Double(bitPattern: bytes.word(8)))
        case ("c", 8) where !element.isSwapped:
            out += "(\(single(bytes.int(0))), \(single(bytes.int(4)))j)"
        case ("O", 8): write(RemoteAddress(bytes.word(0)), &memory)
        case ("S", _):
            out += "b" + TextRepr.bytes(Array(bytes.prefix((bytes.lastIndex { $0 != 0 } ?? -1) + 1)))
        case ("U", _) where !element.isSwapped:
            let points = (0..<bytes.count / 4).map { UInt32(bitPattern: bytes.int($0 * 4)) }
            out += TextRepr.string(Array(points.prefix((points.lastIndex { $0 != 0 } ?? -1) + 1)))
        default:
            out += "…"
            isTruncated = true
        }
        return true
    }

    /// A number of 32 bits with the digits that lead back to it.
    private func single(_ bits: Int32) -> String {
        let value = Float(bitPattern: UInt32(bitPattern: bits))
        return value.isFinite ? NumberRepr.decimal("\(value)") : NumberRepr.float(Double(value))
    }
}

extension [UInt8] {
    /// With zeros up to eight bytes.
    fileprivate var padded: [UInt8] { self + [UInt8](repeating: 0, count: Swift.max(0, 8 - count)) }
}
