/// Reads the variables of frames that were proven whole, and proves that they still are the same calls behind that.
struct LocalsReader {
    private let layout: PythonLayout
    private let limits: ValueLimits
    private var values: ValueReader
    private var names: [RemoteAddress: LocalNames] = [:]
    /// Texts of objects that several frames hold, by address: believed while one thread is read.
    private var texts: [RemoteAddress: ValueText] = [:]
    /// Frames that are compared in one reading.
    private static let batch = 256
    /// Slots of all frames of a thread from which on no more frames' variables are read.
    private static let slotLimit = 1 << 18

    init(layout: PythonLayout, limits: ValueLimits) {
        self.layout = layout
        self.limits = limits
        values = ValueReader(layout: layout, limits: limits)
    }

    /// A frame's slots as they were at one moment.
    private struct Slots {
        var isSameCall: Bool
        var words: [UInt64]
        /// The dictionary of a class's body.
        var dict: UInt64
    }

    /// Which call a thread was in when its frames were found.
    struct Call {
        /// Its state.
        var thread: RemoteAddress
        /// Its innermost frame, whatever that is.
        var innermost: RemoteAddress
    }

    /// Variables of some frames of one thread, the frames' order kept.
    ///
    /// - Parameter isMoving: whether the thread runs: its values are then printed twice, and must be the same both times, and it must be
    ///   in its innermost frame before, between and behind. That a frame holds the same object as before does not prove that it did all
    ///   the time: objects die, and their places are used again.
    /// - Returns: for each frame its variables, nil where its code cannot be read; and whether all were proven.
    mutating func locals<Memory: RemoteMemory & ~Copyable>(
        of frames: [RawFrame], in call: Call, isMoving: Bool, in memory: inout PageMemory<Memory>
    ) -> (locals: [[PythonLocal]?], isProven: Bool) {
        memory.forget()
        texts = [:]
        var room = LocalsReader.slotLimit
        let known = frames.map { frame -> LocalNames? in
            guard room > 0, let names = localNames(ofCode: frame.code, &memory) else { return nil }
            room -= names.slotCount
            return room >= 0 ? names : nil
        }
        guard let before = slots(of: frames, in: call, known, &memory) else { return (frames.map { _ in nil }, false) }
        var sources: [[Int?]] = []
        var found = printed(known, before, &sources, &memory)
        var isWithin = true
        if isMoving {
            isWithin = slots(of: frames, in: call, known, &memory).map { $0.allSatisfy(\.isSameCall) } ?? false
            memory.forget()
            texts = [:]
            var others: [[Int?]] = []
            let again = printed(known, before, &others, &memory)
            for index in frames.indices {
                let isAlike = sources[index] == others[index]
                for place in found[index]?.indices ?? 0..<0
                where !isAlike || found[index]?[place] != again[index]?[place] {
                    found[index]?[place].isTorn = true
                }
            }
        }
        // What the frames held while the values were read is what they hold now: then the objects were alive all the time.
        guard let after = slots(of: frames, in: call, known, &memory) else {
            return (found.map { $0?.map(LocalsReader.torn) }, false)
        }
        for index in frames.indices {
            let isSame = isWithin && before[index].isSameCall && after[index].isSameCall
            for place in found[index]?.indices ?? 0..<0 {
                let slot = sources[index][place]
                let isKept =
                    slot.map { after[index].words[$0] == before[index].words[$0] }
                    ?? (after[index].dict == before[index].dict)
                if !isSame || !isKept {
                    found[index]?[place].isTorn = true
                }
            }
        }
        return (found, !found.contains { $0?.contains { $0.isTorn } ?? true })
    }

    /// Variables of frames whose slots are known.
    ///
    /// - Parameter sources: gets the slot that each came from; nil for one of a class's body.
    private mutating func printed<Memory: RemoteMemory & ~Copyable>(
        _ known: [LocalNames?], _ slots: [Slots], _ sources: inout [[Int?]], _ memory: inout PageMemory<Memory>
    ) -> [[PythonLocal]?] {
        var found: [[PythonLocal]?] = []
        for (names, slots) in zip(known, slots) {
            guard let names, memory.allowance > 0 else {
                found.append(nil)
                sources.append([])
                continue
            }
            let variables = variables(names, slots, &memory)
            var left = limits.frameBytes
            var locals: [PythonLocal] = []
            for variable in variables { locals.append(local(variable, &left, &memory)) }
            found.append(locals)
            sources.append(variables.map(\.slot))
        }
        return found
    }

    private static func torn(_ local: PythonLocal) -> PythonLocal {
        var local = local
        local.isTorn = true
        return local
    }

    // MARK: Slots

    private mutating func localNames<Memory: RemoteMemory & ~Copyable>(
        ofCode code: RemoteAddress, _ memory: inout PageMemory<Memory>
    ) -> LocalNames? {
        if let known = names[code] { return known }
        let made = LocalNames(ofCode: code, layout, in: &memory)
        names[code] = made
        return made
    }

    /// Where the slots start in a frame.
    private var slotsPlace: Int {
        layout.hasFrameObjects ? layout["frameobject.f_localsplus"] : layout["iframe.localsplus"]
    }
    /// Where a frame keeps the dictionaries of its variables.
    private var dictPlaces: (locals: Int, globals: Int) {
        layout.hasFrameObjects
            ? (layout["frameobject.f_locals"], layout["frameobject.f_globals"])
            : (layout["iframe.f_locals"], layout["iframe.f_globals"])
    }

    /// What the frames hold now; nil when their memory cannot be read.
    private func slots<Memory: RemoteMemory & ~Copyable>(
        of frames: [RawFrame], in call: Call, _ names: [LocalNames?], _ memory: inout PageMemory<Memory>
    ) -> [Slots]? {
        let ends = ends(of: call, &memory)
        var found: [Slots] = []
        found.reserveCapacity(frames.count)
        var bytes: [UInt8] = []
        var start = 0
        while start < frames.count {
            let end = min(frames.count, start + LocalsReader.batch)
            let inner = (start..<end).map { index in
                RemotePiece(
                    frames[index].address, max(layout.frameSize, slotsPlace + (names[index]?.slotCount ?? 0) * 8))
            }
            guard (try? memory.readAnew(ends + inner + ends.reversed(), into: &bytes)) != nil else { return nil }
            // The thread is in its innermost frame on both sides of the frames.
            var place = ends.count * 8
            let isIn =
                !ends.isEmpty
                && [place - 8, bytes.count - place].allSatisfy { bytes.word($0) == call.innermost.rawValue }
                && bytes.word(0) == bytes.word(bytes.count - 8)
            for (index, piece) in zip(start..<end, inner) {
                // A frame goes on from one instruction to the next without its variables changing: these are compared.
                let now = layout.frame(bytes, place, piece.address)
                let isSame = isIn && now.isRunning && now.isSameCall(as: frames[index])
                let words = (0..<(names[index]?.slotCount ?? 0)).map { bytes.word(place + slotsPlace + $0 * 8) }
                let dicts = dictPlaces
                let locals = bytes.word(place + dicts.locals)
                let isOwn = locals != bytes.word(place + dicts.globals)
                found.append(Slots(isSameCall: isSame, words: words, dict: isOwn ? locals : 0))
                place += piece.length
            }
            start = end
        }
        return found
    }

    /// Words that say which frame a thread is in: that of its state, up to 3.12 that of the C frame it points to behind it.
    private func ends<Memory: RemoteMemory & ~Copyable>(of call: Call, _ memory: inout PageMemory<Memory>)
        -> [RemotePiece]
    {
        guard let offset = layout.threadCFrame else { return [RemotePiece(call.thread + layout.threadFrame, 8)] }
        var bytes: [UInt8] = []
        let piece = RemotePiece(call.thread + offset, 8)
        guard (try? memory.readAnew([piece], into: &bytes)) != nil else { return [] }
        return [piece, RemotePiece(RemoteAddress(bytes.word(0)) + layout.cframeCurrent, 8)]
    }

    // MARK: Variables

    /// A variable whose object is known.
    private struct Variable {
        var name: String
        var kind: PythonLocal.Kind
        /// Which slot it came from; nil for one of a class's body.
        var slot: Int?
        /// The object, unless the slot holds a number itself.
        var object: RemoteAddress
        var number: Int64?
    }

    private mutating func variables<Memory: RemoteMemory & ~Copyable>(
        _ names: LocalNames, _ slots: Slots, _ memory: inout PageMemory<Memory>
    ) -> [Variable] {
        var found: [Variable] = []
        if !names.isOptimized, slots.dict != 0 {
            let dict = RemoteAddress(slots.dict)
            // Only a dictionary, or what continues one: another mapping would have to be asked.
            if layout.type(of: dict, in: &memory)?.isOf(.dict) == true,
                let entries = layout.orderedEntries(ofDict: dict, limit: limits.items, in: &memory)
            {
                for entry in entries.entries {
                    guard let name = layout.text(at: entry.key, limit: 256, in: &memory) else { continue }
                    found.append(
                        Variable(name: name, kind: .local, slot: nil, object: entry.value))
                }
            }
        }
        for name in names.names where slots.words.indices.contains(name.slot) {
            let word = slots.words[name.slot]
            // Since 3.14 the lowest bits tell how a reference is counted, or that it is a number itself.
            if layout.referenceMask != .max, word & 3 == 3 {
                found.append(
                    Variable(
                        name: name.name, kind: name.kind, slot: name.slot, object: RemoteAddress(0),
                        number: Int64(bitPattern: word) >> 2))
                continue
            }
            var object = RemoteAddress(word & layout.referenceMask)
            guard object.rawValue != 0 else { continue }
            if name.place == .cell, values.knownClass(of: object, &memory)?.type.name == "cell" {
                guard let content = try? memory.pointer(object + layout["cell.ob_ref"]), content.rawValue != 0 else {
                    continue
                }
                object = content
            }
            found.append(Variable(name: name.name, kind: name.kind, slot: name.slot, object: object))
        }
        return found
    }

    private mutating func local<Memory: RemoteMemory & ~Copyable>(
        _ variable: Variable, _ left: inout Int, _ memory: inout PageMemory<Memory>
    ) -> PythonLocal {
        if let number = variable.number {
            return PythonLocal(name: variable.name, kind: variable.kind, type: "int", value: "\(number)")
        }
        let text: ValueText
        if let known = texts[variable.object] {
            text = known
        } else {
            // The value gets its share; what it does not use is there for the next.
            let total = memory.allowance
            let share = min(limits.valueBytes, left, total)
            memory.allowance = share
            text = values.value(at: variable.object, in: &memory)
            let spent = share - memory.allowance
            memory.allowance = total - spent
            left -= spent
            texts[variable.object] = text
        }
        return PythonLocal(
            name: ValueReader.harmless(variable.name), kind: variable.kind, type: text.type, value: text.text,
            isTruncated: text.isTruncated)
    }
}
