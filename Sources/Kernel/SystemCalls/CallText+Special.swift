/// Arguments whose meaning another argument of the call says.
extension CallText {
    /// Commands of fcntl(2) that have no argument.
    static let fcntlQuestions: [UInt64] = [1, 3, 9, 11, 1025, 1032, 1034]

    /// Writes such an argument; whether it was one.
    mutating func writeSpecial(
        _ event: SyscallEvent, _ call: SystemCallTable.Call, _ index: Int, _ kind: ArgumentKind
    ) -> Bool {
        let value = event.arguments[index]
        let other = kind.other.map { event.arguments[$0] & 0xffff_ffff } ?? 0
        switch kind.base {
        case .socketProtocol: writeProtocol(value & 0xffff_ffff, family: other)
        case .socketOption: writeSocketOption(value & 0xffff_ffff, level: other)
        case .optionValue: writeOptionValue(event, index, kind)
        case .waitId: put(decimal: Int64(Int32(truncatingIfNeeded: value)))
        case .ioctlRequest: writeIoctl(value & 0xffff_ffff)
        case .ioctlArgument: writeIoctlArgument(event)
        case .fcntlArgument: writeFcntlArgument(event)
        case .prctlArgument: writePrctlArgument(event)
        case .prctlRest: writeNumber(value)
        case .seccompArgument: writeSeccompArgument(event)
        case .futexOperation: writeFutexOperation(value & 0xffff_ffff)
        case .futexValue: writeFutexValue(event)
        case .futexTimeout: writeFutexTimeout(event)
        case .futexSecond: put(address: value)
        case .futexThird: writeFutexThird(event)
        case .semctlCommand: writeSemctl(value & 0xffff_ffff)
        case .cloneParent: writeParent(event, index)
        case .archArgument: writeArchArgument(event, index)
        case .capabilityHeader: writeCapabilityHeader(event, index)
        case .capabilities: writeCapabilities(event, index)
        case .pselectMask: writePselectMask(event, index)
        case .perfAttribute: writePerfAttribute(event, index)
        case .ioUringParameters: writeRing(event, index)
        case .cloneArguments: writeCloneArguments(event, index)
        default: return false
        }
        return true
    }

    // MARK: Sockets

    private mutating func writeProtocol(_ value: UInt64, family: UInt64) {
        switch family {
        case 2, 10: writeChoice(value, set("ip-protocol"))
        case 16: writeChoice(value, set("netlink-family"))
        case 17:
            put("htons(")
            writeNumber((value & 0xff) << 8 | value >> 8 & 0xff)
            put(")")
        default: writeNumber(value)
        }
    }

    private static let optionSets: [UInt64: String] = [
        1: "socket-option", 6: "tcp-option", 17: "udp-option", 0: "ip-option", 41: "ipv6-option", 270: "netlink-option",
        263: "packet-option",
    ]

    private mutating func writeSocketOption(_ value: UInt64, level: UInt64) {
        writeChoice(value, CallText.optionSets[level].flatMap { set($0) })
    }

    private mutating func writeOptionValue(_ event: SyscallEvent, _ index: Int, _ kind: ArgumentKind) {
        guard event.arguments[index] != 0 else {
            put("NULL")
            return
        }
        guard let piece = event.piece(index), !piece.hasFailed else {
            put(address: event.arguments[index])
            return
        }
        let data = piece.bytes
        let (level, option) = (event.arguments[1] & 0xffff_ffff, event.arguments[2] & 0xffff_ffff)
        switch (level, option) {
        case (1, 13) where data.count >= 8: writeStructure("linger", data)
        case (1, 17) where data.count >= 12: writeStructure("ucred", data)
        case (1, 20), (1, 21), (1, 66), (1, 67):
            if data.count >= 16 { writeStructure("timeval", data) } else { put(quoted: data) }
        case (1, 4) where data.count == 4:
            put("[")
            writeErrorName(data.signed(at: 0, bits: 32))
            put("]")
        case (1, 3) where data.count == 4:
            put("[")
            writeFlags(data.number(at: 0, bits: 32), set("socket-type"))
            put("]")
        case (1, 39) where data.count == 4:
            put("[")
            writeChoice(data.number(at: 0, bits: 32), set("address-family"))
            put("]")
        case (1, 38) where data.count == 4:
            put("[")
            writeChoice(data.number(at: 0, bits: 32), set("ip-protocol"))
            put("]")
        default:
            if data.count == 4 {
                put("[")
                put(decimal: data.signed(at: 0, bits: 32))
                put("]")
            } else {
                put(quoted: data, isCut: piece.isCut)
            }
        }
    }

    private mutating func writeErrorName(_ value: Int64) {
        if let name = set("errno").flatMap({ table.constants.name(of: UInt64(bitPattern: value), in: $0) }), value != 0
        {
            bytes.append(contentsOf: name)
        } else {
            put(decimal: value)
        }
    }

    private mutating func writeStructure(_ name: String, _ data: ArraySlice<UInt8>) {
        if let number = table.structures.number(of: name) { writeStructure(number, data) }
    }

    // MARK: Files

    private mutating func writeIoctl(_ request: UInt64) {
        if let set = set("ioctl"), let name = table.constants.name(of: request, in: set) {
            bytes.append(contentsOf: name)
            return
        }
        // Not named: how it is made of a direction, a type, a number and a size.
        let directions: [StaticString] = ["_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE"]
        put("_IOC(")
        put(directions[Int(request >> 30 & 3)])
        put(", ")
        writeNumber(request >> 8 & 0xff)
        put(", ")
        writeNumber(request & 0xff)
        put(", ")
        writeNumber(request >> 16 & 0x3fff)
        put(")")
    }

    private mutating func writeIoctlArgument(_ event: SyscallEvent) {
        let (request, value) = (event.arguments[1] & 0xffff_ffff, event.arguments[2])
        guard value != 0 else {
            put("NULL")
            return
        }
        switch request {
        // FIONREAD, TIOCOUTQ, TIOCGPGRP, TIOCGSID.
        case 0x541b, 0x5411, 0x540f, 0x5429: writeNumber(of: event, fromExit: true)
        // FIONBIO, FIOASYNC, TIOCSPGRP.
        case 0x5421, 0x5452, 0x5410: writeNumber(of: event, fromExit: false)
        // TIOCGWINSZ, TIOCSWINSZ.
        case 0x5413, 0x5414:
            if let piece = event.piece(2, fromExit: request == 0x5413), !piece.hasFailed {
                writeStructure("winsize", piece.bytes)
            } else {
                put(address: value)
            }
        default: put(address: value)
        }
    }

    private mutating func writeNumber(of event: SyscallEvent, fromExit: Bool) {
        guard let piece = event.piece(2, fromExit: fromExit), !piece.hasFailed else {
            put(address: event.arguments[2])
            return
        }
        put("[")
        put(decimal: piece.bytes.signed(at: 0, bits: 32))
        put("]")
    }

    private mutating func writeFcntlArgument(_ event: SyscallEvent) {
        let value = event.arguments[2]
        switch event.arguments[1] & 0xffff_ffff {
        case 2: writeFlags(value & 0xffff_ffff, set("fd-flags"))
        case 4: writeFlags(value & 0xffff_ffff, set("open"))
        case 5, 36:
            if let piece = event.piece(2, fromExit: true), !piece.hasFailed {
                writeStructure("flock-told", piece.bytes)
            } else if let piece = event.piece(2), !piece.hasFailed {
                writeStructure("flock", piece.bytes)
            } else {
                put(address: value)
            }
        case 6, 7, 37, 38:
            if let piece = event.piece(2, fromExit: false), !piece.hasFailed {
                writeStructure("flock", piece.bytes)
            } else {
                put(address: value)
            }
        case 10: writeSignalName(Int32(truncatingIfNeeded: value))
        case 15, 16:
            if let piece = event.piece(2, fromExit: event.arguments[1] == 16), !piece.hasFailed {
                writeStructure("owner", piece.bytes)
            } else {
                put(address: value)
            }
        case 1024: writeChoice(value & 0xffff_ffff, set("lease"))
        case 1026: writeFlags(value & 0xffff_ffff, set("dnotify"))
        case 1033: writeFlags(value & 0xffff_ffff, set("seals"))
        case 1035...1038: put(address: value)
        case 0, 8, 12, 14, 1030, 1031: put(decimal: Int64(Int32(truncatingIfNeeded: value)))
        default: writeNumber(value)
        }
    }

    mutating func writeFcntlResult(_ event: SyscallEvent) {
        let value = UInt64(bitPattern: event.result)
        switch event.arguments[1] & 0xffff_ffff {
        case 0, 1030: writeDescriptor(Int32(truncatingIfNeeded: event.result), of: event.pid)
        case 1: writeNamed(value, "flags", set("fd-flags"))
        case 3: writeNamed(value, "flags", set("open"))
        case 1025:
            writeNumber(value)
            put(" (")
            writeChoice(value, set("lease"))
            put(")")
        case 1034: writeNamed(value, "seals", set("seals"))
        default: put(decimal: event.result)
        }
    }

    /// A number, and the flags that it is made of.
    mutating func writeNamed(_ value: UInt64, _ name: StaticString, _ set: Int?) {
        writeNumber(value)
        guard value != 0 else { return }
        put(" (")
        put(name)
        if name.utf8CodeUnitCount > 0 { put(" ") }
        writeFlags(value, set)
        put(")")
    }

    // MARK: Processes

    private mutating func writeParent(_ event: SyscallEvent, _ index: Int) {
        guard let piece = event.piece(index, fromExit: true), !piece.hasFailed, event.result >= 0 else {
            put(address: event.arguments[index])
            return
        }
        put("[")
        put(decimal: piece.bytes.signed(at: 0, bits: 32))
        put("]")
    }

    private mutating func writeArchArgument(_ event: SyscallEvent, _ index: Int) {
        // ARCH_GET_FS, ARCH_GET_GS.
        guard [0x1003, 0x1004].contains(event.arguments[0]), let piece = event.piece(index), !piece.hasFailed else {
            put(address: event.arguments[index])
            return
        }
        put("[")
        put(address: piece.bytes.number(at: 0, bits: 64))
        put("]")
    }

    private mutating func writeCloneArguments(_ event: SyscallEvent, _ index: Int) {
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

    private mutating func writePrctlArgument(_ event: SyscallEvent) {
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

    private mutating func writeSeccompArgument(_ event: SyscallEvent) {
        let value = event.arguments[2]
        if event.arguments[0] == 2, let piece = event.piece(2, fromExit: false), !piece.hasFailed {
            put("[")
            writeChoice(piece.bytes.number(at: 0, bits: 32), set("seccomp-action"))
            put("]")
        } else {
            put(address: value)
        }
    }

    private mutating func writeSemctl(_ command: UInt64) {
        writeFlags(command & 0x100, nil)
        bytes.removeLast(command & 0x100 == 0 ? 1 : 5)
        writeChoice(command & ~0x100, set("semctl"))
    }

    private mutating func writeCapabilityHeader(_ event: SyscallEvent, _ index: Int) {
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

    private mutating func writeCapabilities(_ event: SyscallEvent, _ index: Int) {
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

    // MARK: Waiting

    private mutating func writePselectMask(_ event: SyscallEvent, _ index: Int) {
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

    private mutating func writePerfAttribute(_ event: SyscallEvent, _ index: Int) {
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

    private mutating func writeRing(_ event: SyscallEvent, _ index: Int) {
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
