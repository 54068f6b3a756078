extension CallText {
    /// Whether an argument has a meaning in this call.
    func isShown(_ event: SyscallEvent, _ call: SystemCallTable.Call, _ index: Int, _ kind: ArgumentKind) -> Bool {
        switch kind.base {
        case .none: false
        case .mode: kind.other.map { CallText.creates(event.arguments[$0]) } ?? true
        case .fcntlArgument: !CallText.fcntlQuestions.contains(event.arguments[1] & 0xffff_ffff)
        case .mremapAddress: event.arguments[3] & 6 != 0
        case .processor: event.arguments[1] != 0
        case .prctlRest: prctlCount(event) >= index
        case .prctlArgument: prctlCount(event) >= 1
        case .futexTimeout, .futexSecond, .futexThird: isFutexShown(event, kind.base)
        case .cloneParent: event.arguments[0] & 0x0010_1000 != 0
        case .address where call.name == "clone": cloneShows(event, index)
        case .device: kind.other.map { [0x2000, 0x6000].contains(event.arguments[$0] & 0xf000) } ?? true
        default: true
        }
    }

    /// O_CREAT, and O_TMPFILE.
    private static func creates(_ flags: UInt64) -> Bool { flags & 0x40 != 0 || flags & 0x410000 == 0x410000 }

    private func cloneShows(_ event: SyscallEvent, _ index: Int) -> Bool {
        switch index {
        case 3: event.arguments[0] & 0x0120_0000 != 0
        case 4: event.arguments[0] & 0x0008_0000 != 0
        default: true
        }
    }

    /// Writes an argument.
    mutating func writeArgument(
        _ event: SyscallEvent, _ call: SystemCallTable.Call, _ index: Int, _ kind: ArgumentKind
    ) {
        let value = event.arguments[index]
        if writeScalar(event, value, kind) || writeSpecial(event, call, index, kind) { return }
        // Everything else is in memory.
        guard value != 0 else {
            put("NULL")
            return
        }
        guard let piece = memory(event, index, kind), !piece.hasFailed else {
            put(address: value)
            return
        }
        writeMemory(event, index, kind, piece)
    }

    /// What an argument points to: as it was at the call's entry, or at its end where only that is asked for.
    private func memory(_ event: SyscallEvent, _ index: Int, _ kind: ArgumentKind) -> MemoryPiece? {
        if kind.moments.contains(.entry) {
            if let piece = event.piece(index, fromExit: false) { return piece }
            // Memory that was not there yet at the entry is read at the end.
            if kind.moments == .entry { return event.piece(index) ?? event.piece(index, .item) }
            return nil
        }
        return event.piece(index, fromExit: true)
    }

    /// Writes a number that needs nothing but itself; whether it was one.
    private mutating func writeScalar(_ event: SyscallEvent, _ value: UInt64, _ kind: ArgumentKind) -> Bool {
        switch kind.base {
        case .int, .timer, .timeout, .processor: put(decimal: Int64(Int32(truncatingIfNeeded: value)))
        case .uint: put(decimal: UInt64(UInt32(truncatingIfNeeded: value)))
        case .long, .offset: put(decimal: Int64(bitPattern: value))
        case .size, .ulong: put(decimal: value)
        case .hex: writeNumber(value)
        case .hexOffset: writeNumber(value)
        case .octal, .mode: put(octal: value & 0o7777, minimum: 3)
        case .address, .mremapAddress: put(address: value)
        case .uid, .pid: put(decimal: Int64(Int32(truncatingIfNeeded: value)))
        case .signal: writeSignalName(Int32(truncatingIfNeeded: value))
        case .flags: writeFlags(kind.constants.map { _ in value & 0xffff_ffff } ?? value, kind.constants)
        case .choice: writeChoice(UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value))), kind.constants)
        case .fd: writeDescriptor(Int32(truncatingIfNeeded: value), of: event.pid)
        case .dirfd:
            if Int32(truncatingIfNeeded: value) == -100 {
                put("AT_FDCWD")
                annotate(-100, of: event.pid)
            } else {
                writeDescriptor(Int32(truncatingIfNeeded: value), of: event.pid)
            }
        case .fileMode: writeFileMode(value & 0xffff)
        case .device: writeDevice(value & 0xffff_ffff)
        case .scheduler: writeScheduler(value & 0xffff_ffff)
        case .personality: value == 0xffff_ffff ? put("0xffffffff") : writePersonality(value)
        case .ipcKey: value == 0 ? put("IPC_PRIVATE") : writeNumber(value & 0xffff_ffff)
        case .ipcFlags:
            if value & ~0o777 != 0 {
                writeFlags(value & 0xffff_fe00, kind.constants)
                put("|")
            }
            put(octal: value & 0o777, minimum: 3)
        case .mapFlags: writeFlags(value & 0xffff_ffff, set("map"))
        case .cloneFlags: writeCloneFlags(value)
        case .timerMode: writeFlags(value & 0xffff_ffff, set("timer-flags"))
        default: return false
        }
        return true
    }

    /// A descriptor, and what it is.
    mutating func writeDescriptor(_ descriptor: Int32, of pid: Int32) {
        put(decimal: Int64(descriptor))
        if descriptor >= 0 { annotate(descriptor, of: pid) }
    }

    private mutating func annotate(_ descriptor: Int32, of pid: Int32) {
        guard let text = describe?(pid, descriptor) else { return }
        put("<")
        bytes.append(contentsOf: text)
        put(">")
    }

    private mutating func writeCloneFlags(_ value: UInt64) {
        let signal = Int32(value & 0xff)
        if value & 0xffff_ff00 != 0 {
            writeFlags(value & 0xffff_ff00, set("clone"))
            if signal != 0 { put("|") }
        }
        if signal != 0 {
            writeSignalName(signal)
        } else if value & 0xffff_ff00 == 0 {
            put("0")
        }
    }
}
