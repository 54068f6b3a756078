internal import Linux

extension CallText {
    /// A structure, field by field.
    mutating func writeStructure(_ number: Int, _ data: ArraySlice<UInt8>) {
        put("{")
        var isFirst = true
        for field in table.structures.layouts[number].fields {
            if case .rest = field.kind {
                put(", ...")
                continue
            }
            if case .openMode = field.kind, data.number(at: field.offset, bits: 64) == 0 { continue }
            if !isFirst { put(", ") }
            isFirst = false
            if case .statSize = field.kind {
                writeStatSize(data)
                continue
            }
            bytes.append(contentsOf: field.name)
            put("=")
            write(field, data)
        }
        put("}")
    }

    private mutating func write(_ field: Structures.Field, _ data: ArraySlice<UInt8>) {
        let offset = field.offset
        switch field.kind {
        case .signed(let bits): put(decimal: data.signed(at: offset, bits: bits))
        case .unsigned(let bits): put(decimal: data.number(at: offset, bits: bits))
        case .hexadecimal(let bits): writeNumber(data.number(at: offset, bits: bits))
        case .octal(let bits): put(octal: data.number(at: offset, bits: bits), minimum: 3)
        case .flags(let set, let bits): writeFlags(data.number(at: offset, bits: bits), set)
        case .choice(let set, let bits): writeChoice(data.number(at: offset, bits: bits), set)
        case .fileMode(let bits): writeFileMode(data.number(at: offset, bits: bits))
        case .openMode: put(octal: data.number(at: offset, bits: 64), minimum: 3)
        case .limit: writeLimit(data.number(at: offset, bits: 64))
        case .text(let length):
            let text = data.dropFirst(offset).prefix(length)
            put(quoted: text.prefix { $0 != 0 })
        case .loads:
            put("[")
            for index in 0..<3 {
                if index > 0 { put(", ") }
                put(decimal: data.number(at: offset + index * 8, bits: 64))
            }
            put("]")
        case .filesystem: writeChoice(data.number(at: offset, bits: 64), set("file-system"))
        case .fsid:
            put("{val=[")
            writeNumber(data.number(at: offset, bits: 32))
            put(", ")
            writeNumber(data.number(at: offset + 4, bits: 32))
            put("]}")
        case .statxAttributes: writeFlags(data.number(at: offset, bits: 64), set("statx-attributes"))
        case .structure(let other): writeStructure(other, data.dropFirst(offset))
        case .statSize, .rest: break
        }
    }

    /// Of a device its number, of any other file its size. Source: struct stat, st_mode and st_rdev.
    private mutating func writeStatSize(_ data: ArraySlice<UInt8>) {
        let kind = data.number(at: 24, bits: 32) & 0xf000
        if kind == 0x2000 || kind == 0x6000 {
            put("st_rdev=")
            writeDevice(data.number(at: 40, bits: 64))
        } else {
            put("st_size=")
            put(decimal: data.signed(at: 48, bits: 64))
        }
    }

    private mutating func writeLimit(_ value: UInt64) {
        if value == .max {
            put("RLIM64_INFINITY")
        } else if value > 1024, value % 1024 == 0 {
            put(decimal: value / 1024)
            put("*1024")
        } else {
            put(decimal: value)
        }
    }

    /// An address of a socket.
    mutating func writeSocketAddress(_ data: ArraySlice<UInt8>) {
        let family = data.number(at: 0, bits: 16)
        put("{sa_family=")
        writeChoice(family, set("address-family"))
        switch family {
        case 1 where data.count > 2:
            let path = data.dropFirst(2)
            if path.first == 0 {
                put(", sun_path=@")
                put(quoted: path.dropFirst())
            } else {
                put(", sun_path=")
                put(quoted: path.prefix { $0 != 0 })
            }
        case 2 where data.count >= 8:
            put(", sin_port=htons(")
            writePort(data)
            put("), sin_addr=inet_addr(\"")
            for index in 4..<8 {
                if index > 4 { put(".") }
                put(decimal: data.number(at: index, bits: 8))
            }
            put("\")")
        case 10 where data.count >= 24:
            put(", sin6_port=htons(")
            writePort(data)
            put("), sin6_flowinfo=htonl(")
            put(decimal: data.number(at: 4, bits: 32).byteSwapped >> 32)
            put("), inet_pton(AF_INET6, \"")
            bytes.append(contentsOf: InternetAddress.text(data.dropFirst(8).prefix(16)).utf8)
            put("\", &sin6_addr), sin6_scope_id=")
            put(decimal: data.number(at: 24, bits: 32))
        case 16 where data.count >= 12:
            put(", nl_pid=")
            put(decimal: data.signed(at: 4, bits: 32))
            put(", nl_groups=")
            put(hexadecimal: data.number(at: 8, bits: 32), digits: 8)
        case 0 where data.count <= 2: break
        default:
            if data.count > 2 {
                put(", sa_data=")
                put(quoted: data.dropFirst(2))
            }
        }
        put("}")
    }

    private mutating func writePort(_ data: ArraySlice<UInt8>) {
        put(decimal: data.number(at: 2, bits: 8) << 8 | data.number(at: 3, bits: 8))
    }
}
