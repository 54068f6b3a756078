/// Arguments of calls that are about processes, what they may do and what they wait for.
extension CallText {
    mutating func writeParent(_ event: SyscallEvent, _ index: Int) {
        guard let piece = event.piece(index, fromExit: true), !piece.hasFailed, event.result >= 0 else {
            put(address: event.arguments[index])
            return
        }
        put("[")
        put(decimal: piece.bytes.signed(at: 0, bits: 32))
        put("]")
    }

    mutating func writeArchArgument(_ event: SyscallEvent, _ index: Int) {
        // ARCH_GET_FS, ARCH_GET_GS.
        guard [0x1003, 0x1004].contains(event.arguments[0]), let piece = event.piece(index), !piece.hasFailed else {
            put(address: event.arguments[index])
            return
        }
        put("[")
        put(address: piece.bytes.number(at: 0, bits: 64))
        put("]")
    }

    mutating func writeCloneArguments(_ event: SyscallEvent, _ index: Int) {
        guard let piece = event.piece(index), !piece.hasFailed, piece.bytes.count >= 64
        else {
            put(address: event.arguments[index])
            return
        }
        let data = piece.bytes
        let flags = data.number(at: 0, bits: 64)
        put("{flags=")
        writeFlags(flags, set("clone"))
        if flags & 0x1000 != 0 {
            put(", pidfd=")
            put(address: data.number(at: 8, bits: 64))
        }
        if flags & 0x0120_0000 != 0 {
            put(", child_tid=")
            put(address: data.number(at: 16, bits: 64))
        }
        if flags & 0x0010_0000 != 0 {
            put(", parent_tid=")
            put(address: data.number(at: 24, bits: 64))
        }
        put(", exit_signal=")
        writeSignalName(Int32(truncatingIfNeeded: data.number(at: 32, bits: 64)))
        put(", stack=")
        put(address: data.number(at: 40, bits: 64))
        put(", stack_size=")
        writeNumber(data.number(at: 48, bits: 64))
        if flags & 0x0008_0000 != 0 {
            put(", tls=")
            put(address: data.number(at: 56, bits: 64))
        }
        put("}")
        writeCloned(event, index, flags)
    }

    /// What the kernel wrote where the caller wanted it.
    private mutating func writeCloned(_ event: SyscallEvent, _ index: Int, _ flags: UInt64) {
        let descriptor = flags & 0x1000 != 0 ? event.piece(index, .item, index: 1) : nil
        let hasParent = flags & 0x0010_0000 != 0
        guard event.result > 0, !event.flags.contains(.unfinished), descriptor != nil || hasParent else { return }
        put(" => {")
        if hasParent {
            put("parent_tid=[")
            put(decimal: event.result)
            put("]")
        }
        if let descriptor, !descriptor.hasFailed {
            put(hasParent ? ", pidfd=[" : "pidfd=[")
            put(decimal: descriptor.bytes.signed(at: 0, bits: 32))
            put("]")
        }
        put("}")
    }

    /// How many arguments behind the first a command of prctl(2) has.
    func prctlCount(_ event: SyscallEvent) -> Int {
        switch event.arguments[0] & 0xffff_ffff {
        // Those that only ask, with the result.
        case 3, 7, 13, 21, 23, 27, 30: 0
        case 1, 2, 4, 8, 14, 15, 16, 19, 25, 28, 29, 36, 37, 40: 1
        case 38, 39, 42: 4
        case 22: 2
        default: 4
        }
    }

    mutating func writePrctlArgument(_ event: SyscallEvent) {
        let value = event.arguments[1]
        switch event.arguments[0] & 0xffff_ffff {
        case 1: writeSignalName(Int32(truncatingIfNeeded: value))
        // What the kernel writes there.
        case 2, 37:
            if let piece = event.piece(1, fromExit: true), !piece.hasFailed {
                put("[")
                let number = piece.bytes.signed(at: 0, bits: 32)
                if event.arguments[0] == 2 {
                    writeSignalName(Int32(truncatingIfNeeded: number))
                } else {
                    put(decimal: number)
                }
                put("]")
            } else {
                put(address: value)
            }
        case 15, 16:
            // What is set is mostly there at the end only, too: in a child its page is not touched before.
            let piece = event.arguments[0] == 16 ? nil : event.piece(1, fromExit: false)
            if let piece = piece ?? event.piece(1, fromExit: true), !piece.hasFailed {
                put(quoted: piece.bytes.prefix { $0 != 0 })
            } else {
                put(address: value)
            }
        case 23, 24:
            writeChoice(value & 0xffff_ffff, set("capability"))
        case 4, 8, 36, 38: put(decimal: Int64(bitPattern: value))
        default: writeNumber(value)
        }
    }

    mutating func writeSeccompArgument(_ event: SyscallEvent) {
        let value = event.arguments[2]
        if event.arguments[0] == 2, let piece = event.piece(2, fromExit: false), !piece.hasFailed {
            put("[")
            writeChoice(piece.bytes.number(at: 0, bits: 32), set("seccomp-action"))
            put("]")
        } else {
            put(address: value)
        }
    }

    mutating func writeSemctl(_ command: UInt64) {
        // IPC_64 says nothing to anybody any more.
        writeChoice(command & ~0x100, set("semctl"))
    }

    mutating func writeCapabilityHeader(_ event: SyscallEvent, _ index: Int) {
        guard let piece = event.piece(index, fromExit: false), !piece.hasFailed else {
            put(address: event.arguments[index])
            return
        }
        put("{version=")
        switch piece.bytes.number(at: 0, bits: 32) {
        case 0x1998_0330: put("_LINUX_CAPABILITY_VERSION_1")
        case 0x2007_1026: put("_LINUX_CAPABILITY_VERSION_2")
        case 0x2008_0522: put("_LINUX_CAPABILITY_VERSION_3")
        case let version:
            writeNumber(version)
            put(" /* _LINUX_CAPABILITY_VERSION_??? */")
        }
        put(", pid=")
        put(decimal: piece.bytes.signed(at: 4, bits: 32))
        put("}")
    }

    mutating func writeCapabilities(_ event: SyscallEvent, _ index: Int) {
        guard event.arguments[index] != 0 else {
            put("NULL")
            return
        }
        guard let piece = event.piece(index), !piece.hasFailed else {
            put(address: event.arguments[index])
            return
        }
        let data = piece.bytes
        for (number, name) in ["{effective=" as StaticString, ", permitted=", ", inheritable="].enumerated() {
            put(name)
            let words = data.number(at: number * 4, bits: 32) | data.number(at: 12 + number * 4, bits: 32) << 32
            writeCapabilitySet(words)
        }
        put("}")
    }

    private mutating func writeCapabilitySet(_ value: UInt64) {
        guard value != 0 else {
            put("0")
            return
        }
        var isFirst = true
        for bit in 0..<64 where value >> UInt64(bit) & 1 != 0 {
            if !isFirst { put("|") }
            isFirst = false
            put("1<<")
            writeChoice(UInt64(bit), set("capability"))
        }
    }

    mutating func writePselectMask(_ event: SyscallEvent, _ index: Int) {
        guard event.arguments[index] != 0 else {
            put("NULL")
            return
        }
        guard let piece = event.piece(index, fromExit: false), !piece.hasFailed else {
            put(address: event.arguments[index])
            return
        }
        put("{sigmask=")
        if let mask = event.piece(index, .item), !mask.hasFailed {
            writeSignalSet(mask.bytes)
        } else {
            put(address: piece.bytes.number(at: 0, bits: 64))
        }
        put(", sigsetsize=")
        put(decimal: piece.bytes.number(at: 8, bits: 64))
        put("}")
    }

    mutating func writePerfAttribute(_ event: SyscallEvent, _ index: Int) {
        guard let piece = event.piece(index), !piece.hasFailed else {
            put(address: event.arguments[index])
            return
        }
        let data = piece.bytes
        guard data.number(at: 4, bits: 32) == 0 || data.number(at: 4, bits: 32) >= 64 else {
            // The kernel takes none that is so short.
            put(address: event.arguments[index])
            return
        }
        let type = data.number(at: 0, bits: 32)
        put("{type=")
        writeChoice(type, set("perf-type"))
        put(", size=")
        writeNumber(data.number(at: 4, bits: 32))
        put(", config=")
        writeChoice(
            data.number(at: 8, bits: 64), type == 0 ? set("perf-hardware") : type == 1 ? set("perf-software") : nil)
        put(", ...}")
    }

    mutating func writeRing(_ event: SyscallEvent, _ index: Int) {
        guard let piece = event.piece(index), !piece.hasFailed else {
            put(address: event.arguments[index])
            return
        }
        put("{flags=")
        writeFlags(piece.bytes.number(at: 8, bits: 32), set("io-uring-setup"))
        put(", sq_thread_cpu=")
        put(decimal: piece.bytes.number(at: 12, bits: 32))
        put(", sq_thread_idle=")
        put(decimal: piece.bytes.number(at: 16, bits: 32))
        put(event.error == nil ? ", ...}" : "}")
    }
}
