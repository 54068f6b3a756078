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

    mutating func writeNumber(of event: SyscallEvent, fromExit: Bool) {
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
}
