@testable import ProcFS
import TestProcesses
import Testing

/// Files that only a reader can be given: each is written anew for every length it may be cut to.
@Suite struct TruncationTests {
    /// Reads a file cut at every byte; each reading must be malformed or what the whole file gives.
    private func expectTruth<Value: Equatable>(
        _ name: String, _ text: String, _ whole: Value, _ read: (inout ProcReader) -> Reading<Value>
    ) throws {
        let tree = try TemporaryDirectory()
        var reader = try ProcReader(root: tree.path)
        for prefix in prefixes(text) {
            try tree.write(name, prefix)
            let reading = read(&reader)
            #expect(reading == .malformed || reading == .value(whole), "\(name), \(prefix.count) bytes: \(reading)")
        }
        try tree.write(name, text)
        #expect(read(&reader) == .value(whole))
    }

    @Test func aWholeNumberThatIsCutIsNoNumber() throws {
        try expectTruth("7/oom_score", "1333\n", 1_333) { $0.oomScore(7) }
        try expectTruth("7/oom_score_adj", "-999\n", -999) { $0.oomScoreAdjust(7) }
        try expectTruth("uptime", "350735.47 234388.90\n", 350_735.47) { $0.uptimeSeconds() }
    }

    @Test func theFilesOfAReaderAreParsedAsTheirBytesAre() throws {
        let io = try #require(parse(Fixture.io.bytes, ProcessIO.init(parsing:)))
        try expectTruth("7/io", Fixture.io, io) { $0.io(7) }
        try expectTruth("7/smaps_rollup", Fixture.rollup, try rollup()) { $0.memoryRollup(7) }
        try expectTruth("loadavg", Fixture.loadavg, try load()) { $0.loadAverage() }
    }

    private func rollup() throws -> MemoryRollup {
        try #require(parse(Fixture.rollup.bytes, MemoryRollup.init(parsing:)))
    }

    private func load() throws -> LoadAverage {
        try #require(parse(Fixture.loadavg.bytes, LoadAverage.init(parsing:)))
    }

    /// The kernel ends these files without a newline and hands each out in one piece: what is there is what they say.
    @Test func aFileWithoutANewlineIsTakenAsItIs() throws {
        let tree = try TemporaryDirectory()
        var reader = try ProcReader(root: tree.path)
        for prefix in prefixes("4294967295") {
            try tree.write("7/loginuid", prefix)
            let number = UInt32(String(decoding: prefix, as: UTF8.self))
            #expect(reader.loginUid(7) == (number.map { .value($0) } ?? .malformed))
        }
        try tree.write("7/loginuid", "4294967296")
        #expect(reader.loginUid(7) == .malformed)
        for (text, channel) in [("", nil), ("0", nil), ("0\n", nil), ("pipe_read", "pipe_read"), ("futex\n", "futex")] {
            try tree.write("7/wchan", text)
            #expect(reader.waitChannel(7) == .value(channel))
        }
        let arguments = Array("a\0\0b c\0".utf8) + [0xFF, 0x1B]
        for count in 0...arguments.count {
            try tree.write("7/cmdline", Array(arguments[..<count]))
            try tree.write("7/environ", Array(arguments[..<count]))
            #expect(reader.arguments(7).value == Array(arguments[..<count]))
            #expect(reader.environment(7).value == Array(arguments[..<count]))
        }
    }

    @Test func aSocketWhoseLineIsCutIsLeftOut() throws {
        let tree = try TemporaryDirectory()
        var reader = try ProcReader(root: tree.path)
        try tree.write("net/tcp", Fixture.tcp)
        #expect(reader.socketInodes(localPort: 8_000, listeningOnly: true) == [223_344])
        #expect(reader.socketInodes(localPort: 8_000, listeningOnly: false) == [223_344, 556_677])
        #expect(reader.socketInodes(localPort: 8_001, listeningOnly: true) == [889_900])
        #expect(reader.socketInodes(localPort: 0, listeningOnly: false) == [])
        for prefix in prefixes(Fixture.tcp) {
            try tree.write("net/tcp", prefix)
            let inodes = reader.socketInodes(localPort: 8_000, listeningOnly: false)
            #expect(inodes.isSubset(of: [223_344, 556_677]), "\(prefix.count) bytes: \(inodes)")
        }
        for bytes in mutations(Fixture.tcp) { _ = bytes.span.socketInodes(localPort: 8_000, listeningOnly: false) }
        try tree.write("net/tcp6", Fixture.tcp.replacing("0100007F:", with: "00000000000000000000000000000000:"))
        try tree.remove("net/tcp")
        #expect(reader.socketInodes(localPort: 8_000, listeningOnly: true) == [223_344])
    }

    @Test func aSocketBelongsToTheProcessWhoseDescriptorItIs() throws {
        let tree = try TemporaryDirectory()
        var reader = try ProcReader(root: tree.path)
        try tree.link("7/fd/3", to: "socket:[223344]")
        try tree.link("8/fd/3", to: "socket:[22334]")
        try tree.link("8/fd/4", to: "socket:[x]")
        try tree.link("8/fd/5", to: "/tmp/socket:[223344]")
        let holders = [Int32(7), 8, 9].filter { reader.holdsSocket(in: [223_344], pid: $0) }
        #expect(holders == [7])
    }

    @Test func aNamespaceIsKnownByTheNumberInBrackets() {
        let text = "net:[4026531840]"
        #expect(parse(text.bytes, NamespaceLink.inode) == 4_026_531_840)
        for prefix in prefixes(text) { #expect(parse(prefix, NamespaceLink.inode) == nil) }
        for bytes in mutations(text) { _ = parse(bytes, NamespaceLink.inode) }
    }

    /// An entry as getdents64(2) lays it out.
    private func entry(_ name: String) -> [UInt8] {
        let length = (19 + name.utf8.count + 1 + 7) & ~7
        var bytes = [UInt8](repeating: 0xAA, count: 16) + [UInt8(length & 255), UInt8(length >> 8), 4] + name.utf8
        bytes += [UInt8](repeating: 0, count: length - bytes.count)
        return bytes
    }

    @Test func entriesOfADirectoryAreNumbersOrPassedOver() {
        let names = ["1", "self", "42", "4294967297", "7x", "", "-3", "2147483647", "007"]
        let whole = names.flatMap(entry)
        var numbers: [Int32] = []
        whole.span.appendNumericEntries(to: &numbers)
        #expect(numbers == [1, 42, .max, 7] && whole.span.numericEntryCount == 4)
        for count in 0..<whole.count {
            var cut: [Int32] = []
            Array(whole[..<count]).span.appendNumericEntries(to: &cut)
            #expect(cut == Array(numbers.prefix(cut.count)))
        }
        var broken = whole
        for index in broken.indices {
            for byte in [UInt8(0), 1, 19, 0xFF] {
                broken[index] = byte
                _ = broken.span.numericEntryCount
            }
            broken[index] = whole[index]
        }
    }
}
