/// What is known of one value.
struct ValueText: Equatable {
    /// Like Python's `repr`; what is left out is marked with `…`.
    var text: String
    /// Name of its class, with the module unless that is `builtins`.
    var type: String
    /// Whether something was left out: because it is too long, too deep, or cannot be read.
    var isTruncated: Bool
}

/// Prints objects of the target as their `repr` would, without running any of its code.
///
/// One value belongs to one look at a target: classes are looked up once and then believed.
struct ValueReader {
    let layout: PythonLayout
    let limits: ValueLimits
    private var classes: [RemoteAddress: ValueClass] = [:]
    /// Text of the value that is being printed.
    var out = ""
    var isTruncated = false
    /// Containers that are being printed, the outermost first: one that is in itself ends there.
    var path: [RemoteAddress] = []
    /// Values that are being printed inside of each other, containers or not.
    private var nesting = 0
    /// Plain objects among these.
    var objectDepth = 0

    init(layout: PythonLayout, limits: ValueLimits) {
        self.layout = layout
        self.limits = limits
    }

    /// Prints an object.
    mutating func value<Memory: RemoteMemory & ~Copyable>(at object: RemoteAddress, in memory: inout Memory)
        -> ValueText
    {
        (out, isTruncated, path, objectDepth) = ("", false, [], 0)
        write(object, &memory)
        let type = knownClass(of: object, &memory)?.fullName ?? ""
        return ValueText(text: out, type: type, isTruncated: isTruncated)
    }

    /// The class of an object; nil when that does not look like one.
    mutating func knownClass<Memory: RemoteMemory & ~Copyable>(of object: RemoteAddress, _ memory: inout Memory)
        -> ValueClass?
    {
        guard object.rawValue > 0xffff, let address = try? memory.pointer(object + layout.typePointer) else {
            return nil
        }
        if let known = classes[address] { return known }
        guard let type = layout.type(at: address, in: &memory) else { return nil }
        let made = ValueClass(type, layout, &memory)
        if classes.count > 10_000 { classes = [:] }
        classes[address] = made
        return made
    }

    // MARK: Writing

    /// Whether the text is as long as it may be.
    var isFull: Bool { out.utf8.count >= limits.characters }

    /// Says that so many more are left out.
    mutating func leaveOut(_ count: Int) {
        out += "…\(count) more"
        isTruncated = true
    }

    /// Says that there is something that cannot be read.
    mutating func unreadable(_ object: RemoteAddress) {
        out += "<unreadable at \(Self.hexadecimal(object))>"
        isTruncated = true
    }

    /// An address as Python writes it.
    static func hexadecimal(_ address: RemoteAddress) -> String { "0x" + String(address.rawValue, radix: 16) }

    /// Writes an object.
    mutating func write<Memory: RemoteMemory & ~Copyable>(_ object: RemoteAddress, _ memory: inout Memory) {
        guard nesting < 2 * limits.depth + 8 else {
            out += "…"
            isTruncated = true
            return
        }
        nesting += 1
        defer { nesting -= 1 }
        guard let type = knownClass(of: object, &memory) else { return unreadable(object) }
        let before = (out: out, isTruncated: isTruncated)
        let isWritten =
            switch type.form {
            case .native: writeNative(object, type, name: type.native.name, &memory)
            case .exception: writeException(object, type, &memory)
            default: writeInstance(object, type, &memory)
            }
        guard !isWritten else { return }
        // What does not look like what its class says is named and no more.
        (out, isTruncated) = before
        writePlain(object, type)
        isTruncated = true
    }

    /// Writes an object as one that nothing more is known of.
    mutating func writePlain(_ object: RemoteAddress, _ type: ValueClass) {
        out += "<\(type.fullName) object at \(Self.hexadecimal(object))>"
    }

    /// Writes what is inside of a container, unless that is being written already or too much is.
    ///
    /// - Parameters:
    ///   - ring: what stands for the container inside of itself.
    ///   - short: what stands for it where containers are too deep.
    mutating func inside(
        _ container: RemoteAddress, ring: String, short: String, _ body: (inout ValueReader) -> Bool
    ) -> Bool {
        if path.contains(container) {
            out += ring
            return true
        }
        if path.count >= limits.depth || !path.isEmpty && isFull {
            out += short
            isTruncated = true
            return true
        }
        path.append(container)
        defer { path.removeLast() }
        return body(&self)
    }

    /// Writes objects one behind the other, separated by commas, and how many are left out.
    mutating func writeItems<Memory: RemoteMemory & ~Copyable>(_ items: RemoteItems, _ memory: inout Memory) {
        var written = 0
        for item in items.addresses.prefix(limits.items) {
            if isFull { break }
            if written > 0 { out += ", " }
            write(item, &memory)
            written += 1
        }
        if written < items.count {
            if written > 0 { out += ", " }
            leaveOut(items.count - written)
        }
    }

    /// Writes pairs of keys and values as a `dict` does, without the brackets.
    mutating func writePairs<Memory: RemoteMemory & ~Copyable>(_ pairs: RemoteEntries, _ memory: inout Memory) {
        var written = 0
        for pair in pairs.entries.prefix(limits.items) {
            if isFull { break }
            if written > 0 { out += ", " }
            write(pair.key, &memory)
            out += ": "
            write(pair.value, &memory)
            written += 1
        }
        if written < pairs.count {
            if written > 0 { out += ", " }
            leaveOut(pairs.count - written)
        }
    }

    /// Writes attributes as arguments of a call.
    mutating func writeAttributes<Memory: RemoteMemory & ~Copyable>(
        _ attributes: [RemoteAttribute], after isBehind: Bool = false, _ memory: inout Memory
    ) {
        var written = 0
        for attribute in attributes.prefix(limits.items) {
            if isFull { break }
            if written > 0 || isBehind { out += ", " }
            out += Self.harmless(attribute.name) + "="
            write(attribute.value, &memory)
            written += 1
        }
        if written < attributes.count {
            if written > 0 || isBehind { out += ", " }
            leaveOut(attributes.count - written)
        }
    }

    /// A name that no quotes are around: it must neither break the line nor steer a terminal.
    static func harmless(_ name: String) -> String {
        let quoted = TextRepr.string(name.unicodeScalars.map(\.value))
        return quoted.unicodeScalars.count == name.unicodeScalars.count + 2
            ? name : String(quoted.dropFirst().dropLast())
    }
}
