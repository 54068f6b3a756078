extension CallText {
    /// Writes what an argument points to.
    mutating func writeMemory(_ event: SyscallEvent, _ index: Int, _ kind: ArgumentKind, _ piece: MemoryPiece) {
        let data = piece.bytes
        switch kind.base {
        case .path, .text: put(quoted: data.last == 0 ? data.dropLast() : data, isCut: piece.isCut)
        case .data: put(quoted: data, isCut: piece.isCut)
        case .random: writeRandom(data, piece.isCut)
        case .texts: writeTexts(event, index)
        case .variables: writeVariables(event, index, data, piece.isCut)
        case .vectors, .vectorsOnly: writeVectors(event, index, data, 0, piece.isCut)
        case .message: writeMessage(event, index, 0, data)
        case .messages: writeMessages(event, index, data)
        case .sockaddr: writeSocketAddress(data)
        case .ints, .uints, .uids, .pair: writeNumbers(data, bits: 32, isSigned: kind.base != .uints)
        case .timerId: writeNumbers(data, bits: 32, isSigned: true)
        case .longValue: writeNumbers(data, bits: 64, isSigned: true)
        case .offsets: writeChanged(event, index, data, bits: 64, sign: "] => [")
        case .addressValue:
            put("[")
            put(address: data.number(at: 0, bits: 64))
            put("]")
        case .length: writeChanged(event, index, data, bits: 32, sign: " => ")
        case .mincore: writeResidency(data, pages: (event.arguments[1] &+ 4095) / 4096)
        case .pollfds: writePolls(data, returned: false, piece.isCut)
        case .fdset: writeDescriptorSet(event, data)
        case .timevals, .utimespecs: writeTimes(data, kind.base)
        case .dirents, .dirents64: writeEntries(event, index, data, kind.base, piece.isCut)
        case .sigset: writeSignalSet(data)
        case .sigaction: writeSignalAction(data)
        case .siginfo: writeSignalInformation(data)
        case .stack: writeStack(data)
        case .sigevent: writeSignalEvent(data)
        case .cpuset: writeProcessors(data)
        case .epollEvents: writeList(data, size: 12, piece.isCut) { $0.writeEpollEvent($1) }
        case .epollEvent: writeEpollEvent(data)
        case .waitStatus:
            guard event.result > 0 else {
                put(address: event.arguments[index])
                return
            }
            put("[{")
            writeWaitStatus(UInt32(truncatingIfNeeded: data.number(at: 0, bits: 32)))
            put("}]")
        case .returnedMask:
            put("{mask=")
            writeSignalSet(data)
            put("}")
        case .schedParam:
            put("[")
            put(decimal: data.signed(at: 0, bits: 32))
            put("]")
        case .sembufs:
            let structure = table.structures.number(of: "sembuf")
            writeList(data, size: 6, piece.isCut) { text, item in
                if let structure { text.writeStructure(structure, item) }
            }
        case .structure:
            if let structure = kind.structure { writeStructure(structure, data) }
        default: put(address: event.arguments[index])
        }
    }

    /// Bytes that mean nothing: all in hexadecimal.
    private mutating func writeRandom(_ data: ArraySlice<UInt8>, _ isCut: Bool) {
        put("\"")
        for byte in data {
            put("\\x")
            put(hexadecimal: UInt64(byte), digits: 2)
        }
        put(isCut ? "\"…" : "\"")
    }

    /// Items of the same size, in brackets.
    mutating func writeList(
        _ data: ArraySlice<UInt8>, size: Int, _ isCut: Bool, _ write: (inout CallText, ArraySlice<UInt8>) -> Void
    ) {
        put("[")
        var offset = 0
        while offset + size <= data.count {
            if offset > 0 { put(", ") }
            write(&self, data.dropFirst(offset).prefix(size))
            offset += size
        }
        put(isCut ? ", ...]" : "]")
    }

    private mutating func writeNumbers(_ data: ArraySlice<UInt8>, bits: Int, isSigned: Bool) {
        writeList(data, size: bits / 8, false) { text, item in
            if isSigned {
                text.put(decimal: item.signed(at: 0, bits: bits))
            } else {
                text.put(decimal: item.number(at: 0, bits: bits))
            }
        }
    }

    private mutating func writeTexts(_ event: SyscallEvent, _ index: Int) {
        put("[")
        var number = 0
        while let piece = event.piece(index, .item, index: number) {
            if number > 0 { put(", ") }
            if piece.bytes.isEmpty, piece.isCut {
                put("...")
                break
            }
            if piece.hasFailed {
                put("???")
                break
            }
            put(quoted: piece.bytes.last == 0 ? piece.bytes.dropLast() : piece.bytes, isCut: piece.isCut)
            number += 1
        }
        put("]")
    }

    /// Of a program's environment only the count is told.
    private mutating func writeVariables(_ event: SyscallEvent, _ index: Int, _ data: ArraySlice<UInt8>, _ isCut: Bool)
    {
        put(address: event.arguments[index])
        var count = 0
        while (count + 1) * 8 <= data.count, data.number(at: count * 8, bits: 64) != 0 { count += 1 }
        put(" /* ")
        put(decimal: Int64(count))
        if (count + 1) * 8 > data.count { put(" or more") }
        put(count == 1 ? " var */" : " vars */")
    }

    private mutating func writeVectors(
        _ event: SyscallEvent, _ index: Int, _ data: ArraySlice<UInt8>, _ firstItem: Int, _ isCut: Bool
    ) {
        var number = firstItem
        writeList(data, size: 16, isCut) { text, item in
            let length = item.number(at: 8, bits: 64)
            text.put("{iov_base=")
            if let piece = event.piece(index, .item, index: number), !piece.hasFailed {
                text.put(quoted: piece.bytes, isCut: piece.isCut)
            } else if length == 0, item.number(at: 0, bits: 64) != 0,
                event.piece(index, .item, index: firstItem) != nil || event.result == 0
            {
                text.put("\"\"")
            } else {
                text.put(address: item.number(at: 0, bits: 64))
            }
            text.put(", iov_len=")
            text.put(decimal: length)
            text.put("}")
            number += 1
        }
    }

    private mutating func writeMessages(_ event: SyscallEvent, _ index: Int, _ data: ArraySlice<UInt8>) {
        put("[")
        var number = 0
        while let piece = event.piece(index, index: number * 2), !piece.hasFailed {
            if number > 0 { put(", ") }
            put("{msg_hdr=")
            writeMessage(event, index, number, piece.bytes)
            put(", msg_len=")
            // The kernel writes it.
            let length = event.piece(index, index: number * 2, fromExit: true) ?? piece
            put(decimal: length.bytes.number(at: 56, bits: 32))
            put("}")
            number += 1
        }
        let count = call(event) == "recvmmsg" ? UInt64(max(event.result, 0)) : event.arguments[2] & 0xffff_ffff
        put(UInt64(number) < count ? ", ...]" : "]")
    }

    private func call(_ event: SyscallEvent) -> String? { table.call(event.number)?.name }

    /// A struct msghdr, with what it names.
    mutating func writeMessage(_ event: SyscallEvent, _ index: Int, _ number: Int, _ data: ArraySlice<UInt8>) {
        guard event.error == nil || event.piece(index, index: number * 2)?.isFromExit != true else {
            put("{msg_namelen=")
            put(decimal: data.signed(at: 8, bits: 32))
            put("}")
            return
        }
        put("{msg_name=")
        let name = event.piece(index, .name, index: number)
        if data.number(at: 0, bits: 64) == 0 {
            put("NULL")
        } else if let name, !name.hasFailed {
            writeSocketAddress(name.bytes)
        } else {
            put(address: data.number(at: 0, bits: 64))
        }
        put(", msg_namelen=")
        put(decimal: data.signed(at: 8, bits: 32))
        put(", msg_iov=")
        if let vectors = event.piece(index, index: number * 2 + 1) {
            writeVectors(event, index, vectors.bytes, number * 16, vectors.isCut)
        } else {
            put(address: data.number(at: 16, bits: 64))
        }
        put(", msg_iovlen=")
        put(decimal: data.number(at: 24, bits: 64))
        let length = data.number(at: 40, bits: 64)
        if let control = event.piece(index, .control, index: number), !control.hasFailed, length > 0 {
            put(", msg_control=")
            writeControl(control.bytes)
        } else if data.number(at: 32, bits: 64) != 0, length > 0 {
            put(", msg_control=")
            put(address: data.number(at: 32, bits: 64))
        }
        put(", msg_controllen=")
        put(decimal: length)
        put(", msg_flags=")
        writeFlags(data.number(at: 48, bits: 32), set("message-flags"))
        put("}")
    }

    private mutating func writeControl(_ data: ArraySlice<UInt8>) {
        put("[")
        var offset = 0
        while offset + 16 <= data.count {
            let length = Int(clamping: data.number(at: offset, bits: 64))
            guard length >= 16, length <= data.count - offset else { break }
            if offset > 0 { put(", ") }
            let (level, type) = (data.number(at: offset + 8, bits: 32), data.number(at: offset + 12, bits: 32))
            put("{cmsg_len=")
            put(decimal: Int64(length))
            put(", cmsg_level=")
            writeChoice(level, set("socket-level"))
            put(", cmsg_type=")
            writeChoice(type, level == 1 ? set("control-message") : nil)
            let content = data.dropFirst(offset + 16).prefix(length - 16)
            if length > 16 { put(", cmsg_data=") }
            if level == 1, type == 1 {
                writeNumbers(content, bits: 32, isSigned: true)
            } else if level == 1, type == 2, let structure = table.structures.number(of: "ucred") {
                writeStructure(structure, content)
            } else if length > 16 {
                put(quoted: content)
            }
            put("}")
            offset += (length + 7) / 8 * 8
        }
        put("]")
    }

    /// A number that a call changes: before, and after where it is another then.
    private mutating func writeChanged(
        _ event: SyscallEvent, _ index: Int, _ data: ArraySlice<UInt8>, bits: Int, sign: StaticString
    ) {
        put("[")
        put(decimal: data.signed(at: 0, bits: bits))
        if let after = event.piece(index, fromExit: true), !after.hasFailed,
            after.bytes.number(at: 0, bits: bits) != data.number(at: 0, bits: bits)
        {
            put(sign)
            put(decimal: after.bytes.signed(at: 0, bits: bits))
        }
        put("]")
    }

    private mutating func writeResidency(_ data: ArraySlice<UInt8>, pages: UInt64) {
        put("[")
        for (number, byte) in data.prefix(Int(clamping: pages)).enumerated() {
            if number > 0 { put(", ") }
            put(decimal: UInt64(byte & 1))
        }
        put(pages > data.count ? ", ...]" : "]")
    }

    private mutating func writeTimes(_ data: ArraySlice<UInt8>, _ base: ArgumentKind.Base) {
        let structure = table.structures.number(of: base == .timevals ? "timeval" : "timespec")
        let special = set("utime")
        writeList(data, size: 16, false) { text, item in
            let rest = item.number(at: 8, bits: 64)
            if base == .utimespecs, let special, let name = text.table.constants.name(of: rest, in: special) {
                text.bytes.append(contentsOf: name)
            } else if let structure {
                text.writeStructure(structure, item)
            }
        }
    }

    /// Entries of a directory: where they are, and how many.
    private mutating func writeEntries(
        _ event: SyscallEvent, _ index: Int, _ data: ArraySlice<UInt8>, _ base: ArgumentKind.Base, _ isCut: Bool
    ) {
        var (offset, count) = (0, 0)
        while offset + 18 <= data.count {
            let length = Int(data.number(at: offset + 16, bits: 16))
            guard length > 0 else { break }
            offset += length
            count += 1
        }
        put(address: event.arguments[index])
        put(" /* ")
        put(decimal: Int64(count))
        if isCut { put(" or more") }
        put(count == 1 ? " entry */" : " entries */")
    }

    private mutating func writeProcessors(_ data: ArraySlice<UInt8>) {
        put("[")
        var isFirst = true
        for (place, byte) in data.enumerated() where byte != 0 {
            for bit in 0..<8 where byte >> bit & 1 != 0 {
                if !isFirst { put(" ") }
                isFirst = false
                put(decimal: Int64(place * 8 + bit))
            }
        }
        put("]")
    }
}
