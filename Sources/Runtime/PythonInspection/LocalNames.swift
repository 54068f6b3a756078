/// A variable of a frame.
struct LocalName: Sendable, Equatable {
    /// Where a variable lives.
    enum Place { case value, cell }

    var name: String
    var kind: PythonLocal.Kind
    /// Whether its slot holds the value, or a cell with it.
    var place: Place
    /// Which of the frame's slots it has.
    var slot: Int
}

/// What a frame's slots are called, by its code.
struct LocalNames: Sendable {
    /// In the order in which they are printed: arguments first.
    let names: [LocalName]
    /// Slots of the frame that have names.
    let slotCount: Int
    /// Whether its variables are slots: not those of a module, a class's body or text that is executed.
    let isOptimized: Bool

    /// Most variables of one function.
    private static let limit = 4096
}

extension LocalNames {
    /// Names of a code object's variables; nil when it does not look like one. Source: `PyCodeObject`.
    init?<Memory: RemoteMemory & ~Copyable>(
        ofCode code: RemoteAddress, _ layout: PythonLayout, in memory: inout Memory
    ) {
        guard let object = try? memory.bytes(code, layout.codeSize) else { return nil }
        let flags = object.int(layout["code.co_flags"])
        let positional = Int(object.int(layout["code.co_argcount"]))
        let keyword = Int(object.int(layout["code.co_kwonlyargcount"]))
        guard (0...LocalNames.limit).contains(positional), (0...LocalNames.limit).contains(keyword) else { return nil }
        // `CO_VARARGS` and `CO_VARKEYWORDS` follow the others, in this order.
        let arguments = positional + keyword + (flags & 4 != 0 ? 1 : 0) + (flags & 8 != 0 ? 1 : 0)
        func texts(_ field: String) -> [String]? {
            guard
                let items = layout.items(
                    ofTuple: RemoteAddress(object.word(layout[field])), limit: LocalNames.limit, in: &memory),
                items.count <= LocalNames.limit
            else { return nil }
            let texts = items.addresses.compactMap { layout.text(at: $0, limit: 256, in: &memory) }
            return texts.count == items.count ? texts : nil
        }
        let slots: [LocalName]?
        if layout.hasFrameObjects {
            slots = LocalNames.slots(
                texts("code.co_varnames"), texts("code.co_cellvars"), texts("code.co_freevars"), arguments)
        } else {
            let kinds = layout.contents(
                ofBytes: RemoteAddress(object.word(layout["code.co_localspluskinds"])), limit: LocalNames.limit,
                in: &memory)
            slots = LocalNames.slots(texts("code.co_localsplusnames"), kinds?.bytes, arguments)
        }
        guard let slots else { return nil }
        slotCount = (slots.map(\.slot).max() ?? -1) + 1
        isOptimized = flags & 1 != 0
        names = slots.filter { $0.kind == .argument } + slots.filter { $0.kind != .argument }
    }

    /// Up to 3.10: variables, then those that are shared with inner functions, then those of outer ones.
    private static func slots(_ variables: [String]?, _ cells: [String]?, _ free: [String]?, _ arguments: Int)
        -> [LocalName]?
    {
        guard let variables, let cells, let free else { return nil }
        var slots: [LocalName] = []
        for (index, name) in variables.enumerated() {
            let kind: PythonLocal.Kind = index < arguments ? .argument : .local
            slots.append(LocalName(name: name, kind: kind, place: .value, slot: slots.count))
        }
        var cellsOfArguments: [LocalName] = []
        for (index, name) in cells.enumerated() {
            let slot = variables.count + index
            // An argument that inner functions use moves from its slot to a cell.
            if variables.prefix(arguments).contains(name) {
                cellsOfArguments.append(LocalName(name: name, kind: .argument, place: .cell, slot: slot))
            } else {
                slots.append(LocalName(name: name, kind: .local, place: .cell, slot: slot))
            }
        }
        for cell in cellsOfArguments {
            if let place = slots.firstIndex(where: { $0.name == cell.name }) { slots.insert(cell, at: place) }
        }
        for (index, name) in free.enumerated() {
            slots.append(
                LocalName(name: name, kind: .free, place: .cell, slot: variables.count + cells.count + index))
        }
        return slots
    }

    /// Since 3.11: a name and a kind for each slot. Source: `_PyLocals_Kind`.
    private static func slots(_ names: [String]?, _ kinds: [UInt8]?, _ arguments: Int) -> [LocalName]? {
        guard let names, let kinds, names.count == kinds.count else { return nil }
        return zip(names, kinds).enumerated().map { index, slot in
            let (name, kind) = slot
            return LocalName(
                name: name, kind: kind & 0x80 != 0 ? .free : index < arguments ? .argument : .local,
                place: kind & 0xc0 != 0 ? .cell : .value, slot: index)
        }
    }
}
