/// Calls that wait for several descriptors, and what they tell.
extension CallText {
    /// Descriptors of poll(2) with what is asked, or what was found.
    mutating func writePolls(_ data: ArraySlice<UInt8>, returned: Bool, _ isCut: Bool) {
        put("[")
        var isFirst = true
        for offset in stride(from: 0, through: data.count - 8, by: 8) {
            let events = data.number(at: offset + (returned ? 6 : 4), bits: 16)
            if returned, events == 0 { continue }
            if !isFirst { put(", ") }
            isFirst = false
            put("{fd=")
            put(decimal: data.signed(at: offset, bits: 32))
            if returned || data.signed(at: offset, bits: 32) >= 0 {
                put(returned ? ", revents=" : ", events=")
                writeFlags(events, set("poll-events"))
            }
            put("}")
        }
        put(isCut ? ", ...]" : "]")
    }

    /// Descriptors of select(2).
    mutating func writeDescriptorSet(_ event: SyscallEvent, _ data: ArraySlice<UInt8>) {
        let limit = Int(Int32(truncatingIfNeeded: event.arguments[0]))
        put("[")
        var isFirst = true
        for (place, byte) in data.enumerated() where byte != 0 {
            for bit in 0..<8 where byte >> bit & 1 != 0 && place * 8 + bit < limit {
                if !isFirst { put(" ") }
                isFirst = false
                put(decimal: Int64(place * 8 + bit))
            }
        }
        put("]")
    }

    /// What epoll(7) waits for, and the number or address that comes with it.
    mutating func writeEpollEvent(_ data: ArraySlice<UInt8>) {
        put("{events=")
        writeFlags(data.number(at: 0, bits: 32), set("epoll-events"))
        let value = data.number(at: 4, bits: 64)
        put(", data={u32=")
        put(decimal: value & 0xffff_ffff)
        put(", u64=")
        put(decimal: value)
        put("}}")
    }

    /// Writes behind the result what the call found.
    mutating func writeOutcome(_ event: SyscallEvent) {
        guard let call = table.call(event.number), !event.flags.contains(.compat) else { return }
        switch call.name {
        case "poll", "ppoll": writePollOutcome(event, call)
        case "select", "pselect6": writeSelectOutcome(event, call)
        default: break
        }
    }

    private mutating func writePollOutcome(_ event: SyscallEvent, _ call: SystemCallTable.Call) {
        guard event.result >= 0 else { return }
        guard event.result > 0 else {
            put(" (Timeout)")
            return
        }
        guard let piece = event.piece(0, fromExit: true), !piece.hasFailed else { return }
        put(" (")
        writePolls(piece.bytes, returned: true, piece.isCut)
        if call.name == "ppoll" { writeRest(event, 2, "timespec") }
        put(")")
    }

    private mutating func writeSelectOutcome(_ event: SyscallEvent, _ call: SystemCallTable.Call) {
        guard event.result >= 0 else { return }
        guard event.result > 0 else {
            put(" (Timeout)")
            return
        }
        put(" (")
        var isFirst = true
        for (index, name) in [(1, "in " as StaticString), (2, "out "), (3, "except ")] {
            guard let piece = event.piece(index, fromExit: true), !piece.hasFailed,
                piece.bytes.contains(where: { $0 != 0 })
            else { continue }
            if !isFirst { put(", ") }
            isFirst = false
            put(name)
            writeDescriptorSet(event, piece.bytes)
        }
        writeRest(event, 4, call.name == "select" ? "timeval" : "timespec")
        put(")")
    }

    /// What is left of the time that a call may wait.
    private mutating func writeRest(_ event: SyscallEvent, _ index: Int, _ name: String) {
        guard let piece = event.piece(index, fromExit: true), !piece.hasFailed,
            let structure = table.structures.number(of: name)
        else { return }
        put(", left ")
        writeStructure(structure, piece.bytes)
    }
}
