import Testing

@testable import PythonInspection

/// Objects that no interpreter makes, but a hostile or half-overwritten memory may hold.
@Suite struct HostileObjectTests {
    private func value(
        at object: RemoteAddress, _ layout: PythonLayout, _ image: MemoryImage, _ limits: ValueLimits = ValueLimits()
    ) -> (value: ValueText, copied: Int) {
        var reader = ValueReader(layout: layout, limits: limits)
        var memory = PageMemory(image, allowance: limits.valueBytes)
        let value = reader.value(at: object, in: &memory)
        return (value, memory.copied)
    }

    @Test func aClassThatIsItsOwnInstanceEnds() {
        for layout in layouts {
            var memory = MemoryImage()
            let type = memory.addClass("type", layout, family: .type)
            memory.write(type.rawValue, at: type + layout.typePointer)
            memory.write(type.rawValue, at: type + layout["type.tp_base"])
            #expect(value(at: type, layout, memory).value.text == "<class 'type'>")
            // One that is in a ring of bases.
            let other = memory.addClass("other", layout)
            memory.write(type.rawValue, at: other + layout["type.tp_base"])
            memory.write(other.rawValue, at: type + layout["type.tp_base"])
            let object = memory.addObject(of: other, 32, layout)
            #expect(value(at: object, layout, memory).value.text.hasPrefix("<other object at 0x"))
        }
    }

    @Test func whatCountsMoreThanThereIsIsNotBelieved() {
        for layout in layouts {
            for count in [1 << 20, 1 << 32, 1 << 43, 1 << 62, 1 << 63, UInt64.max] {
                for (name, family) in [
                    ("list", .list), ("tuple", .tuple), ("dict", .dict), ("str", .str), ("bytes", .bytes),
                    ("int", .int), ("bytearray", nil), ("set", nil), ("collections.deque", nil),
                    ("collections.OrderedDict", .dict), ("numpy.ndarray", nil), ("decimal.Decimal", nil),
                    ("memoryview", nil),
                ] as [(String, RemoteType.Family?)] {
                    var memory = MemoryImage()
                    let type = memory.addClass(name, layout, family: family)
                    let object = memory.addObject(of: type, 256, layout)
                    for place in stride(from: 16, to: 256, by: 8) { memory.write(count, at: object + place) }
                    let (found, copied) = value(at: object, layout, memory)
                    #expect(found.text.utf8.count < 2_000, "\(name) \(count) \(layout.version)")
                    #expect(copied <= 16 << 20, "\(name) \(count) \(layout.version)")
                    // The same with pointers that lead back to the object.
                    for place in stride(from: 24, to: 256, by: 8) { memory.write(object.rawValue, at: object + place) }
                    let (again, _) = value(at: object, layout, memory)
                    #expect(again.text.utf8.count < 20_000, "\(name) \(count) \(layout.version)")
                }
            }
        }
    }

    @Test func aNumberOfManyDigitsIsNamedByItsSize() {
        for layout in layouts {
            var memory = MemoryImage()
            let type = memory.addClass("int", layout, family: .int)
            // A thousand million digits: all but the last are not there.
            let count: UInt64 = 1_000_000_000
            let object = memory.addObject(of: type, 4096, layout)
            memory.write(layout.version.minor < 12 ? count : count << 3, at: object + 16)
            let (found, copied) = value(at: object, layout, memory)
            #expect(found.text == "<int that cannot be read>" && found.isTruncated && copied < 1 << 16)
        }
    }

    @Test func listsInsideOfEachOtherEndAtTheDepth() {
        for layout in layouts {
            var memory = MemoryImage()
            let type = memory.addClass("list", layout, family: .list)
            var inner = memory.addObject(of: type, 64, layout)
            for _ in 0..<10_000 {
                let items = memory.add([UInt8](repeating: 0, count: 8))
                memory.write(inner.rawValue, at: items)
                inner = memory.addObject(of: type, 64, layout)
                memory.write(1, at: inner + layout.itemCount)
                memory.write(items.rawValue, at: inner + layout["list.ob_item"])
            }
            let limits = ValueLimits(depth: 50)
            let (found, _) = value(at: inner, layout, memory, limits)
            #expect(found.text == String(repeating: "[", count: 51) + "…" + String(repeating: "]", count: 51))
            #expect(found.isTruncated)
        }
    }

    @Test func theNameOfAClassDoesNotSteerATerminal() throws {
        for layout in layouts {
            for name in ["\u{1b}[31mred", "two\nlines", "\u{202e}back", String(repeating: "x", count: 1000), ""] {
                var memory = MemoryImage()
                let type = memory.addClass(name, layout)
                let object = memory.addObject(of: type, 64, layout)
                let text = value(at: object, layout, memory).value.text
                #expect(
                    !text.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202e } && text.utf8.count < 400,
                    "\(text)")
            }
        }
    }

    @Test func codeThatSharesAHugeTableOfLinesTakesBoundedMemory() {
        for layout in layouts where layout.version.minor > 10 {
            var memory = MemoryImage()
            let type = memory.addClass("code", layout)
            let name = memory.addText("f", layout)
            let length = 2 << 20
            let table = memory.add([UInt8](repeating: 0x80, count: layout.bytesData + length))
            memory.write(UInt64(length), at: table + layout.itemCount)
            var codes: Set<RemoteAddress> = []
            for _ in 0..<40 {
                let code = memory.addObject(of: type, layout.codeSize, layout)
                memory.write(UInt64(length), at: code + layout.itemCount)
                memory.write(name.rawValue, at: code + layout.codeName)
                memory.write(name.rawValue, at: code + layout.codeFilename)
                memory.write(table.rawValue, at: code + layout.codeLineTable)
                codes.insert(code)
            }
            var cache = CodeCache(layout: layout)
            let made = cache.entries(of: codes, in: &memory).count
            #expect((2..<20).contains(made), "\(made) \(layout.version)")
            // What is in use is back with the next round.
            #expect(cache.dropIfLarge() && !cache.dropIfLarge())
            #expect(cache.entries(of: Set(codes.prefix(2)), in: &memory).count == 2)
        }
    }

    @Test func anyBytesAreAnObjectOrNone() {
        var random = SystemRandomNumberGenerator()
        for layout in layouts {
            for _ in 0..<8 {
                var memory = MemoryImage()
                let names = [
                    "dict", "str", "set", "datetime.datetime", "function", "method", "module", "re.Pattern", "code",
                    "generator", "slice", "functools.partial", "weakref", "numpy.ndarray", "ValueError", "cell",
                ]
                let name = names[Int.random(in: 0..<names.count, using: &random)]
                let type = memory.addClass(name, layout, family: name == "ValueError" ? .exception : nil)
                let objects = (0..<20).map { _ in memory.addObject(of: type, 512, layout) }
                for object in objects {
                    for place in stride(from: 16, to: 512, by: 8) {
                        let other = objects[Int.random(in: 0..<20, using: &random)].rawValue
                        let word = [0, 1, 2, 64, 4096, other, other, other, .max][Int.random(in: 0..<9, using: &random)]
                        memory.write(word, at: object + place)
                    }
                }
                for object in objects {
                    let (found, copied) = value(at: object, layout, memory)
                    #expect(found.text.utf8.count < 100_000 && copied <= 64 << 20)
                }
            }
        }
    }
}

extension MemoryImage {
    /// A class that C code describes: of no module where the name has none.
    fileprivate mutating func addClass(
        _ name: String, _ layout: PythonLayout, family: RemoteType.Family? = nil
    ) -> RemoteAddress {
        let text = add(Array(name.utf8) + [UInt8](repeating: 0, count: 64))
        let type = add([UInt8](repeating: 0, count: max(layout["type.size"], 1024)))
        // Ready, and of a family where that is asked.
        write(1 << 12 | (family.map { 1 << $0.rawValue } ?? 0), at: type + layout["type.tp_flags"])
        write(text.rawValue, at: type + layout.typeName)
        write(type.rawValue, at: type + layout.typePointer)
        write(64, at: type + layout["type.tp_basicsize"])
        return type
    }

    /// An object of a class.
    fileprivate mutating func addObject(of type: RemoteAddress, _ size: Int, _ layout: PythonLayout) -> RemoteAddress {
        let object = add([UInt8](repeating: 0, count: size))
        write(type.rawValue, at: object + layout.typePointer)
        return object
    }
}
