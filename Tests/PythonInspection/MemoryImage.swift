@testable import PythonInspection

/// Memory that a test writes: objects one behind the other, nothing mapped around them.
struct MemoryImage: RemoteMemory {
    private static let start: UInt64 = 0x7f00_0000_0000
    private var contents: [UInt8] = []
    /// The largest reading that was asked for.
    private(set) var largest = 0

    mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        bytes = []
        for piece in pieces {
            largest = max(largest, piece.length)
            guard piece.address.rawValue >= Self.start, piece.length >= 0,
                let first = Int(exactly: piece.address.rawValue - Self.start), first <= contents.count,
                piece.length <= contents.count - first
            else { throw .unmapped }
            bytes += contents[first..<first + piece.length]
        }
    }

    /// Puts bytes behind what is there; their address.
    mutating func add(_ bytes: [UInt8]) -> RemoteAddress {
        while contents.count % 16 != 0 { contents.append(0) }
        let address = RemoteAddress(Self.start + UInt64(contents.count))
        contents += bytes
        return address
    }

    /// Writes a number of `size` bytes into an object.
    mutating func write(_ value: UInt64, at address: RemoteAddress, size: Int = 8) {
        let first = Int(address.rawValue - Self.start)
        for index in 0..<size { contents[first + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
    }

    /// Cuts the memory off behind an address.
    mutating func cut(at address: RemoteAddress) {
        contents.removeLast(contents.count - Int(address.rawValue - Self.start))
    }
}

/// How wide the characters of a `str` object are.
enum TextForm: UInt64, CaseIterable {
    case ascii, latin1, twoBytes, fourBytes

    var kind: Int { self == .twoBytes ? 2 : self == .fourBytes ? 4 : 1 }
}

extension MemoryImage {
    /// A `str` object of these code points.
    mutating func addText(
        _ scalars: [UInt32], _ form: TextForm, _ layout: PythonLayout, isCompact: Bool = true
    ) -> RemoteAddress {
        let head = form == .ascii ? layout["unicode_ascii.size"] : layout["unicode_compact.size"]
        let object = add([UInt8](repeating: 0, count: head + (scalars.count + 1) * form.kind))
        write(UInt64(scalars.count), at: object + layout["unicode_ascii.length"])
        // Two bits whether it is interned, three of kind, then compact and ASCII.
        let state = UInt64(form.kind) << 2 | (isCompact ? 0x20 : 0) | (form == .ascii ? 0x40 : 0) | 1
        write(state, at: object + layout["unicode_ascii.state"], size: 1)
        for (index, scalar) in scalars.enumerated() {
            write(UInt64(scalar), at: object + (head + index * form.kind), size: form.kind)
        }
        return object
    }

    /// A `str` object in the narrowest form, as CPython makes it.
    mutating func addText(_ text: String, _ layout: PythonLayout) -> RemoteAddress {
        let scalars = text.unicodeScalars.map(\.value)
        let widest = scalars.max() ?? 0
        let form: TextForm =
            widest < 0x80 ? .ascii : widest < 0x100 ? .latin1 : widest < 0x1_0000 ? .twoBytes : .fourBytes
        return addText(scalars, form, layout)
    }

    /// A `dict` object; values apart from the keys where `isSplit`.
    mutating func addDictionary(
        _ entries: [(key: RemoteAddress, value: RemoteAddress)], isGeneral: Bool, isSplit: Bool = false,
        _ layout: PythonLayout
    ) -> RemoteAddress {
        // Up to 3.10 every table has the hashes of its keys.
        let isOld = layout.version.minor < 11
        let group = isGeneral || isOld ? "dictkeyentry" : "dictunicodeentry"
        let entrySize = layout[group + ".size"]
        let indexBytes = 16
        let head = layout["dictkeys.size"]
        let keys = add([UInt8](repeating: 0, count: head + indexBytes + entries.count * entrySize))
        if isOld {
            write(UInt64(indexBytes), at: keys + layout["dictkeys.dk_size"])
        } else {
            write(4, at: keys + layout["dictkeys.dk_log2_index_bytes"], size: 1)
            let kind =
                isGeneral
                ? layout["const.DK_GENERAL"] : isSplit ? layout["const.DK_SPLIT"] : layout["const.DK_UNICODE"]
            write(UInt64(kind), at: keys + layout["dictkeys.dk_kind"], size: 1)
        }
        write(UInt64(entries.count), at: keys + layout["dictkeys.dk_nentries"])
        for (index, entry) in entries.enumerated() {
            let place = keys + (head + indexBytes + index * entrySize)
            write(entry.key.rawValue, at: place + layout[group + ".me_key"])
            if !isSplit { write(entry.value.rawValue, at: place + layout[group + ".me_value"]) }
        }
        let dictionary = add([UInt8](repeating: 0, count: layout["dict.size"]))
        write(keys.rawValue, at: dictionary + layout["dict.ma_keys"])
        if isSplit {
            let values = add([UInt8](repeating: 0, count: layout["dictvalues.values"] + entries.count * 8))
            for (index, entry) in entries.enumerated() {
                write(entry.value.rawValue, at: values + (layout["dictvalues.values"] + index * 8))
            }
            write(values.rawValue, at: dictionary + layout["dict.ma_values"])
        }
        return dictionary
    }
}
