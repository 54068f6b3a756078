import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

@Suite struct LayoutTests {
    /// Offsets that the readers ask for by name, as their sources say.
    private static func askedFor() -> Set<String> {
        let parts = #filePath.split(separator: "/").dropLast(3)
        let folder = "/" + parts.joined(separator: "/") + "/Sources/Runtime/PythonInspection"
        var names: Set<String> = []
        for file in Files.names(in: folder) where file.hasSuffix(".swift") {
            for piece in Files.text(folder + "/" + file).split(separator: "[\"").dropFirst() {
                guard let end = piece.firstIndex(of: "\"") else { continue }
                let name = piece[..<end]
                // Brackets and quotes are in texts as well, and names of numpy's types and asyncio's modules.
                guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }) else { continue }
                if name.split(separator: ".").count == 2, !["numpy.", "asyncio."].contains(where: name.hasPrefix) {
                    names.insert(String(name))
                }
            }
        }
        return names
    }

    @Test(
        "Every version has what a walk needs, and every field that is asked for is in the table of some",
        arguments: ["x86_64", "aarch64"])
    func complete(architecture: String) throws {
        let names = Self.askedFor()
        #expect(names.count > 60 && names.contains("dict.ma_keys"))
        var known: Set<String> = []
        for minor in PythonRuntime.readable {
            let version = PythonVersion(major: 3, minor: minor)
            // The walk's own fields are asked for by the layout itself, which is none without them.
            #expect(PythonLayout(version: version, architecture: architecture) != nil, "\(version)")
            known.formUnion(try #require(PythonLayout.table(version, architecture)).keys)
        }
        let unknown = names.filter { !known.contains($0) }
        #expect(unknown == [])
    }

    @Test func aVersionThatIsNotInTheTableHasNoLayout() {
        for version in [
            PythonVersion(major: 3, minor: 39), PythonVersion(major: 2, minor: 7), PythonVersion(major: 3, minor: 1),
            PythonVersion(major: 3, minor: 12, isFreeThreaded: true),
        ] {
            #expect(PythonLayout(version: version, architecture: "x86_64")?.codeSize == nil, "\(version)")
        }
    }

    @Test func aLayoutWithoutOneFieldIsNone() throws {
        for minor in PythonRuntime.readable {
            let version = PythonVersion(major: 3, minor: minor)
            let table = try #require(PythonLayout.table(version, "x86_64"))
            var needed = 0
            for name in table.keys {
                var less = table
                less[name] = nil
                if PythonLayout(version, offsets: less) == nil { needed += 1 }
                for value in [-1, 1 << 24, .max, .min] {
                    var hostile = table
                    hostile[name] = value
                    let layout = PythonLayout(version, offsets: hostile)
                    #expect(
                        layout.map { $0.threadSize <= 4_096 && $0.codeSize <= 1_024 && $0.frameSize <= 512 } ?? true)
                }
            }
            #expect(needed >= (minor < 11 ? 18 : 25), "\(version): \(needed)")
        }
    }

    @Test(
        "What an interpreter says of itself is what the table says",
        arguments: Interpreter.all.filter { $0.minor >= 13 })
    func ownOffsets(interpreter: Interpreter) throws {
        let child = try interpreter.run(["-u", "-c", "input(print('ready'))"])
        try #require(child.line() == "ready")
        var target = try LiveTarget(pid: child.pid)
        let runtime = try PythonRuntime.find(in: &target)
        let own = try #require(DebugOffsets.read(at: runtime.address, in: &target))
        let table = try #require(PythonLayout.table(own.version, PythonLayout.architecture))
        #expect(own.offsets.count > 30)
        // Far behind in the interpreter fields move with the patch level; there its own word alone counts.
        let moving: Set = ["interp.tlbc_generation"]
        for (name, offset) in own.offsets
        where table[name] != nil && !name.hasSuffix(".size") && !moving.contains(name) {
            #expect(table[name] == offset, "\(name)")
        }
    }
}

@Suite struct DebugOffsetsTests {
    /// Bytes of the table of 3.13.
    private static let size =
        DebugOffsets.headSize + DebugOffsets.fields(of: PythonVersion(major: 3, minor: 13)).count * 8

    /// A table whose words count up from 8 in steps of 8, of this version.
    private static func table(hex: UInt64 = 0x030d_01f0, freeThreaded: UInt64 = 0) -> [UInt8] {
        var words = [hex, freeThreaded]
        while words.count * 8 + 8 < size { words.append(UInt64(words.count - 1) * 8) }
        return Array("xdebugpy".utf8)
            + words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    }

    @Test func aTableIsReadInTheOrderOf313() throws {
        let debug = try #require(DebugOffsets(Self.table()))
        #expect(debug.version == PythonVersion(major: 3, minor: 13, patch: 1))
        // Counted in the header of CPython: the 1st, 3rd, 4th, 17th and last word behind the head.
        #expect(debug.offsets["runtime.size"] == 8 && debug.offsets["runtime.interpreters_head"] == 24)
        #expect(debug.offsets["interp.size"] == 32 && debug.offsets["tstate.size"] == 17 * 8)
        #expect(debug.offsets["code.co_code_adaptive"] == 41 * 8)
        // The lock's fields are counted from the lock.
        #expect(debug.offsets["gil.locked"] == 16 && debug.offsets["gil.last_holder"] == 24)
        #expect(debug.offsets["gil.place"] == nil)
    }

    @Test func withoutTheCookieOrWholeItIsNoTable() {
        let whole = Self.table()
        for length in 0..<whole.count { #expect(DebugOffsets(Array(whole[..<length]))?.offsets == nil) }
        for index in 0..<8 {
            var wrong = whole
            wrong[index] ^= 0x20
            #expect(DebugOffsets(wrong)?.offsets == nil)
        }
        for hex in [0, 0x020d_01f0, 0x0328_0000, 0xffff_ffff] as [UInt64] {
            #expect(DebugOffsets(Self.table(hex: hex))?.offsets == nil)
        }
    }

    @Test func ofOtherVersionsOnlyTheVersionIsTaken() throws {
        for minor in [12, 16, 39] as [UInt64] {
            let debug = try #require(DebugOffsets(Self.table(hex: 3 << 24 | minor << 16)))
            #expect(debug.version.minor == Int(minor) && debug.offsets.isEmpty)
        }
        let free = try #require(DebugOffsets(Self.table(freeThreaded: 1)))
        #expect(free.version.isFreeThreaded && free.version.description == "3.13.1 free-threaded")
    }

    @Test func hostileNumbersMakeNoLayoutOrAHarmlessOne() throws {
        let own = try #require(PythonLayout.table(PythonVersion(major: 3, minor: 13), "x86_64"))
        var refused = 0
        #expect(own.count > 100)
        for index in stride(from: 24, to: Self.size, by: 8) {
            for value in [0, 1, 7, 4_097, 1 << 23, 1 << 24, 1 << 31, 1 << 32, 1 << 62, 1 << 63, UInt64.max] {
                var bytes = Self.table()
                for byte in 0..<8 { bytes[index + byte] = UInt8(truncatingIfNeeded: value >> (UInt64(byte) * 8)) }
                // What no structure can have is in no table, whichever field it is.
                guard value < 1 << 24 else {
                    #expect(DebugOffsets(bytes)?.offsets == nil, "\(index) \(value)")
                    continue
                }
                let debug = try #require(DebugOffsets(bytes))
                let layout = PythonLayout(version: debug.version, architecture: "x86_64", debug)
                if layout == nil { refused += 1 }
                if let layout {
                    #expect(layout.threadSize <= 4_096 && layout.codeSize <= 1_024 && layout.frameSize <= 512)
                    #expect((0..<1 << 24).contains(layout.gilHolder) && (0..<1 << 24).contains(layout.gilLocked))
                }
            }
        }
        #expect(refused > 10)
    }
}

@Suite struct PythonVersionTests {
    @Test(
        "A file's name tells the version",
        arguments: [
            ("libpython3.12.so.1.0", "3.12"), ("python3.13", "3.13"), ("python3.13t", "3.13 free-threaded"),
            ("libpython3.13td.so.1.0", "3.13 free-threaded"), ("python2.7", "2.7"), ("libpython3.11.so", "3.11"),
            ("python3.11-dbg", "3.11"),
            ("libpython3.6m.so.1.0", "3.6"), ("python3", nil), ("python", nil), ("libpython3.so", nil),
            ("python3.", nil), ("python.3", nil), ("python3.x", nil), ("python3.100", nil), ("", nil), ("bash", nil),
            ("python99999999999999999999.1", nil), ("mypython3.12", nil), ("python3.１２", nil),
        ] as [(String, String?)])
    func fileNames(name: String, version: String?) {
        #expect(PythonVersion(fileName: Substring(name))?.description == version)
    }

    @Test func aNumberTellsTheVersion() {
        #expect(PythonVersion(hex: 0x030b_07f0)?.description == "3.11.7")
        #expect(PythonVersion(hex: 0x030d_00a1)?.description == "3.13.0")
        for hex in [0, 0x0207_12f0, 0x0400_0000, 0x0328_0000, .max] as [UInt32] {
            #expect(PythonVersion(hex: hex) == nil)
        }
    }

    @Test func versionsAreOrderedAsNumbersAre() {
        let versions = [0x0309_12f0, 0x030b_00f0, 0x030b_02f0, 0x030b_0af0, 0x030c_01f0].compactMap {
            PythonVersion(hex: $0)
        }
        #expect(versions == versions.reversed().sorted() && versions.count == 5)
    }
}
