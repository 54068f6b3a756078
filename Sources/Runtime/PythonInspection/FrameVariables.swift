/// Reads single local variables of suspended frames by their names.
struct FrameVariables: Sendable {
    private let layout: PythonLayout
    /// Names of local variables in the order of their places, by code object and the tuple that has them.
    private var names: [RemoteAddress: (fingerprint: [UInt8], names: [String])] = [:]
    private static let limit = 512

    init(_ layout: PythonLayout) {
        self.layout = layout
    }

    /// Local variables that have a value, by name. Source: `co_localsplusnames`; up to 3.10 `co_varnames`, `co_cellvars`, `co_freevars`.
    mutating func values<Memory: RemoteMemory & ~Copyable>(
        of link: CoroutineChains.Link, _ objects: inout RemoteObjects, in memory: inout Memory
    ) -> [(name: String, value: RemoteAddress)] {
        let names = self.names(of: link.code, &objects, &memory)
        guard !names.isEmpty, objects.budget.take(names.count * 8),
            let values = try? memory.bytes(link.locals, names.count * 8)
        else { return [] }
        var found: [(name: String, value: RemoteAddress)] = []
        for (index, name) in names.enumerated() {
            let word = values.word(index * 8) & layout.referenceMask
            if word != 0 { found.append((name, RemoteAddress(word))) }
        }
        // A variable that an inner function uses is in a cell.
        let kinds = objects.kinds(of: found.map(\.value), in: &memory)
        for index in found.indices where kinds[index]?.name == "cell" {
            if let inside = try? memory.pointer(found[index].value + objects.head), inside.rawValue != 0 {
                found[index].value = inside
            }
        }
        return found
    }

    private mutating func names<Memory: RemoteMemory & ~Copyable>(
        of code: RemoteAddress, _ objects: inout RemoteObjects, _ memory: inout Memory
    ) -> [String] {
        let fields =
            layout.hasFrameObjects
            ? ["code.co_varnames", "code.co_cellvars", "code.co_freevars"] : ["code.co_localsplusnames"]
        let places = fields.map { layout[$0] }
        guard objects.budget.take(layout.codeSize), let copy = try? memory.bytes(code, layout.codeSize) else {
            return []
        }
        let fingerprint = Array(places.flatMap { copy[min($0, copy.count)..<min($0 + 8, copy.count)] })
        if let known = self.names[code], known.fingerprint == fingerprint { return known.names }
        var found: [String] = []
        for place in places {
            guard let items = objects.items(ofTuple: RemoteAddress(copy.word(place)), in: &memory),
                found.count + items.count <= FrameVariables.limit
            else { return [] }
            found += objects.texts(at: items, in: &memory).map { $0 ?? "?" }
        }
        if self.names.count > 10_000 { self.names = [:] }
        self.names[code] = (fingerprint, found)
        return found
    }

    /// What a frame calls an object: the name of a local variable, an attribute of `self`, or a global variable; nil where it has none.
    mutating func name<Memory: RemoteMemory & ~Copyable>(
        of object: RemoteAddress, in link: CoroutineChains.Link, _ objects: inout RemoteObjects,
        in memory: inout Memory
    ) -> String? {
        let variables = values(of: link, &objects, in: &memory)
        if let own = variables.first(where: { $0.value == object }) { return own.name }
        if let owner = variables.first(where: { $0.name == "self" })?.value, objects.budget.take(1024),
            let attributes = layout.attributes(of: owner, in: &memory),
            let key = attributes.first(where: { $0.value == object })?.key,
            let name = layout.text(at: key, limit: 256, in: &memory)
        {
            return "self." + name
        }
        let place = layout[layout.hasFrameObjects ? "frameobject.f_globals" : "iframe.f_globals"]
        guard place > 0, objects.budget.take(4096), let globals = try? memory.pointer(link.frame + place),
            let entries = layout.entries(ofDict: globals, in: &memory),
            let key = entries.first(where: { $0.value == object })?.key
        else { return nil }
        return layout.text(at: key, limit: 256, in: &memory)
    }
}
