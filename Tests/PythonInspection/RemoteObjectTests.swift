import TestProcesses
import Testing

@testable import PythonInspection

/// Layouts of the versions that are read.
let layouts = PythonRuntime.readable.compactMap { minor in
    PythonLayout(version: PythonVersion(major: 3, minor: minor), architecture: PythonLayout.architecture)
}

@Suite struct RemoteTextTests {
    @Test func aTextOfAnyWidthIsReadInEveryVersion() {
        #expect(layouts.count == 10)
        for layout in layouts {
            var memory = MemoryImage()
            for text in [
                "", "a", "main", "naïve ÿ\u{80}", "zählen", "待つ", "Ωμ\u{ffff}", "𐐀🐍\u{10ffff}", "tab\t\0nul\u{7f}",
            ] {
                let address = memory.addText(text, layout)
                #expect(layout.text(at: address, in: &memory) == text, "\(text) \(layout.version)")
            }
            // Wider than it need be: what a hostile or foreign writer may leave.
            for form in [TextForm.latin1, .twoBytes, .fourBytes] {
                let address = memory.addText([0x41, 0xe9], form, layout)
                #expect(layout.text(at: address, in: &memory) == "Aé")
            }
        }
    }

    @Test func whatIsNoScalarIsReplaced() throws {
        let layout = try #require(layouts.first)
        var memory = MemoryImage()
        let surrogates = memory.addText([0x41, 0xd800, 0xdfff, 0x42], .twoBytes, layout)
        #expect(layout.text(at: surrogates, in: &memory) == "A\u{fffd}\u{fffd}B")
        let beyond = memory.addText([0x11_0000, .max, 0xd800, 0x43], .fourBytes, layout)
        #expect(layout.text(at: beyond, in: &memory) == "\u{fffd}\u{fffd}\u{fffd}C")
        let bytes = memory.addText([0xff, 0x41], .ascii, layout)
        #expect(layout.text(at: bytes, in: &memory) == "\u{fffd}A")
    }

    @Test func whatIsNoCompactTextIsNone() throws {
        for layout in layouts {
            var memory = MemoryImage()
            let legacy = memory.addText([0x41], .latin1, layout, isCompact: false)
            #expect(layout.text(at: legacy, in: &memory) == nil)
            #expect(layout.text(at: RemoteAddress(0), in: &memory) == nil)
            #expect(layout.text(at: RemoteAddress(.max), in: &memory) == nil)
            for kind in [0, 3, 5, 6, 7] as [UInt64] {
                let text = memory.addText([0x41, 0x42], .fourBytes, layout)
                memory.write(kind << 2 | 0x20, at: text + layout["unicode_ascii.state"], size: 1)
                #expect(layout.text(at: text, in: &memory) == nil, "kind \(kind)")
            }
            // ASCII in characters of two bytes is none that CPython makes.
            let strange = memory.addText([0x41], .twoBytes, layout)
            memory.write(2 << 2 | 0x60, at: strange + layout["unicode_ascii.state"], size: 1)
            #expect(layout.text(at: strange, in: &memory) == nil)
        }
    }

    @Test func aHostileLengthIsNotBelieved() throws {
        for layout in layouts {
            for length in [4_097, 1 << 32, 1 << 62, 1 << 63, UInt64.max] {
                var memory = MemoryImage()
                let text = memory.addText([0x41, 0x42], .fourBytes, layout)
                memory.write(length, at: text + layout["unicode_ascii.length"])
                #expect(layout.text(at: text, in: &memory) == nil)
                #expect(memory.largest <= 4_096 * 4)
            }
            var memory = MemoryImage()
            let long = memory.addText(String(repeating: "x", count: 65), layout)
            #expect(layout.text(at: long, limit: 64, in: &memory) == nil)
            #expect(layout.text(at: long, limit: 65, in: &memory)?.count == 65)
        }
    }

    @Test func aTextThatIsCutIsNone() throws {
        let layout = try #require(layouts.last)
        for form in TextForm.allCases {
            var whole = MemoryImage()
            let text = whole.addText([0x41, 0x42, 0x43], form, layout)
            let head = form == .ascii ? layout["unicode_ascii.size"] : layout["unicode_compact.size"]
            for length in 0...head + 3 * form.kind {
                var memory = whole
                memory.cut(at: text + length)
                #expect(layout.text(at: text, in: &memory) == (length == head + 3 * form.kind ? "ABC" : nil), "\(form)")
            }
        }
    }
}

@Suite struct RemoteDictionaryTests {
    @Test func entriesAreFoundInEveryFormOfDictionary() {
        for layout in layouts {
            for (isGeneral, isSplit) in [(true, false), (false, false), (false, true)] {
                var memory = MemoryImage()
                let keys = ["a", "ключ", "🐍"].map { memory.addText($0, layout) }
                let values = ["1", "2", "3"].map { memory.addText($0, layout) }
                let entries = zip(keys, values).map { (key: $0, value: $1) }
                let dictionary = memory.addDictionary(entries, isGeneral: isGeneral, isSplit: isSplit, layout)
                let found = layout.entries(ofDict: dictionary, in: &memory) ?? []
                #expect(found.map(\.key) == keys && found.map(\.value) == values, "\(layout.version) \(isSplit)")
                let value = layout.value(of: "ключ", inDict: dictionary, in: &memory)
                #expect(value == values[1])
                #expect(layout.value(of: "nosuch", inDict: dictionary, in: &memory) == nil)
            }
        }
    }

    @Test func whatWasDeletedIsLeftOut() throws {
        let layout = try #require(layouts.last)
        var memory = MemoryImage()
        let text = memory.addText("x", layout)
        let none = RemoteAddress(0)
        let entries = [(text, none), (none, text), (text, text), (none, none)].map { (key: $0.0, value: $0.1) }
        let dictionary = memory.addDictionary(entries, isGeneral: false, layout)
        #expect(layout.entries(ofDict: dictionary, in: &memory)?.count == 1)
        let empty = memory.addDictionary([], isGeneral: true, layout)
        #expect(layout.entries(ofDict: empty, in: &memory)?.count == 0)
    }

    @Test func aHostileTableIsNoDictionaryAndCostsNoMemory() throws {
        for layout in layouts {
            var whole = MemoryImage()
            let text = whole.addText("x", layout)
            let dictionary = whole.addDictionary([(key: text, value: text)], isGeneral: false, layout)
            let keys = RemoteAddress(try whole.bytes(dictionary, layout["dict.size"]).word(layout["dict.ma_keys"]))
            let since311 = [("dk_log2_index_bytes", 1), ("dk_kind", 1), ("dk_nentries", 8)]
            let fields = layout.version.minor < 11 ? [("dk_size", 8), ("dk_nentries", 8)] : since311
            for (field, size) in fields {
                for value in [3, 31, 32, 63, 64, 255, 100_000, 100_001, 1 << 40, 1 << 63, UInt64.max] {
                    var memory = whole
                    memory.write(value, at: keys + layout["dictkeys." + field], size: size)
                    _ = layout.entries(ofDict: dictionary, in: &memory)
                    #expect(memory.largest <= 4 << 20, "\(field) \(value)")
                }
            }
            for address in [0, 1, 8, 1 << 47, UInt64.max] {
                var memory = whole
                #expect(layout.entries(ofDict: RemoteAddress(address), in: &memory)?.count == nil)
                memory.write(address, at: dictionary + layout["dict.ma_keys"])
                #expect(layout.entries(ofDict: dictionary, in: &memory)?.count == nil)
            }
        }
    }

    @Test func aWholeNumberIsReadUpToSixtyBits() {
        for layout in layouts {
            for (digits, truth) in [
                ([7], 7), ([0x3fff_ffff], 0x3fff_ffff), ([1, 1], 1 << 30 | 1),
                ([5, 0x3fff_ffff], 0x3fff_ffff << 30 | 5),
                ([1, 2, 3], nil), ([], nil),
            ] as [([UInt64], UInt64?)] {
                var memory = MemoryImage()
                let number = memory.add([UInt8](repeating: 0, count: 40))
                let count = UInt64(digits.count)
                memory.write(layout.version.minor < 12 ? count : count << 3, at: number + 16)
                for (index, digit) in digits.enumerated() {
                    memory.write(digit, at: number + (24 + index * 4), size: 4)
                }
                #expect(layout.wholeNumber(at: number, in: &memory) == truth, "\(digits) \(layout.version)")
                // The same number with its sign turned.
                memory.write(layout.version.minor < 12 ? 0 &- count : count << 3 | 2, at: number + 16)
                #expect(layout.wholeNumber(at: number, in: &memory) == nil, "-\(digits) \(layout.version)")
            }
        }
    }
}

/// Memory with a set that gets another table after its head was read, so many times.
private struct GrowingSet: RemoteMemory {
    var image: MemoryImage
    let set: RemoteAddress
    let field: RemoteAddress
    let tables: [RemoteAddress]
    let changes: Int
    private var made = 0

    init(_ image: MemoryImage, _ set: RemoteAddress, _ field: RemoteAddress, _ tables: [RemoteAddress], changes: Int) {
        (self.image, self.set, self.field, self.tables, self.changes) = (image, set, field, tables, changes)
    }

    mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        try image.read(pieces, into: &bytes)
        guard pieces.contains(where: { $0.address == set }), made < changes else { return }
        image.write(tables[made % 2].rawValue, at: field)
        made += 1
    }
}

@Suite struct SetOfTasksTests {
    @Test func aSetThatGrowsIsReadWholeOrNotAtAll() {
        for layout in layouts {
            var image = MemoryImage()
            let set = image.add([UInt8](repeating: 0, count: 256))
            // A table that was freed, and the one in its place.
            let freed = image.add([UInt8](repeating: 0, count: 8 * 16))
            let table = image.add([UInt8](repeating: 0, count: 8 * 16))
            for place in 0..<5 { image.write(0x1000 + UInt64(place), at: table + place * 16) }
            image.write(7, at: set + layout["set.mask"])
            image.write(freed.rawValue, at: set + layout["set.table"])
            func items(changes: Int) -> [RemoteAddress]? {
                var memory = GrowingSet(
                    image, set, set + layout["set.table"], [table, freed], changes: changes)
                var objects = RemoteObjects(layout, ReadBudget(bytes: 1 << 20, readings: 1_000))
                return objects.items(ofSet: set, in: &memory)
            }
            #expect(items(changes: 0) == [])
            for changes in stride(from: 1, to: 9, by: 2) {
                #expect(items(changes: changes)?.count == 5, "\(changes) changes")
            }
            #expect(items(changes: 1_000) == nil)
        }
    }
}
