import Elf
import Elf
import Linux
import PythonInspection
import Samplers
import TestProcesses
import Testing

@testable import CoreFiles

@Suite struct CoreFileTests: ~Copyable {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/core" }

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ image: CoreImage) throws -> CoreFile {
        try directory.write("core", image.bytes)
        return try CoreFile(path)
    }

    @Test func memoryIsWhatWasDumpedAndNothingElse() throws {
        var image = CoreImage()
        image.segments = [
            .init(start: 0x7000, memoryBytes: 0x2000, bytes: [UInt8](repeating: 7, count: 0x1000)),
            .init(start: 0x1000, memoryBytes: 0x1000, bytes: (0..<0x1000).map { UInt8(truncatingIfNeeded: $0) }),
            .init(start: .max - 10, memoryBytes: 100, bytes: [1, 2, 3]),
        ]
        let core = try open(image)
        // One that wraps around is none.
        #expect(core.segments.map(\.start) == [0x1000, 0x7000])
        #expect(core.bytes(0x10ff, 3) == [255, 0, 1])
        #expect(core.bytes(0x1ffe, 10) == [254, 255])
        #expect(core.bytes(0x7fff, 2) == [7] && core.bytes(0x8000, 1) == [] && core.bytes(0x0fff, 2) == [])
        #expect(core.missingBytes == 0 && core.process == nil && core.signal == nil && core.threads.isEmpty)
        #expect(core.isFileBacked(0x8000) && !core.isFileBacked(0x7fff) && !core.isFileBacked(0x2000))
    }

    @Test func whatTheNotesSayOfTheProcess() throws {
        var image = CoreImage()
        image.addThread(4711, signal: 11)
        image.addSignal(11, code: 1, 0xdead_beef)
        image.addThread(4712, signal: 0)
        var process = [UInt8](repeating: 0, count: 136)
        process.replaceSubrange(16..<20, with: CoreImage.number(1000, 4))
        process.replaceSubrange(24..<32, with: CoreImage.number(4711, 4) + CoreImage.number(1, 4))
        process.replaceSubrange(40..<46, with: Array("python".utf8))
        process.replaceSubrange(56..<69, with: Array("python app.py".utf8))
        image.add(3, process)
        image.add(6, CoreImage.number(9, 8) + CoreImage.number(0x400, 8) + CoreImage.number(0, 16))
        image.addMappings([(0x2000, 0x3000, 2, "/usr/lib/b.so"), (0x1000, 0x2000, 0, "/usr/bin/a b")])
        let core = try open(image)
        #expect(core.threads.map(\.tid) == [4711, 4712])
        let (mark, of) = (core.signal, core.process)
        let signal = try #require(mark)
        #expect(signal.number == 11 && signal.address == 0xdead_beef && signal.sender == nil)
        let found = try #require(of)
        #expect(found.pid == 4711 && found.parent == 1 && found.uid == 1000)
        #expect(found.name == "python" && found.command == "python app.py")
        #expect(core.auxiliary == [9: 0x400])
        #expect(core.mappings.map(\.path) == ["/usr/bin/a b", "/usr/lib/b.so"])
        #expect(core.mapping(at: 0x2fff)?.fileOffset == 0x2000 && core.mapping(at: 0x3000) == nil)
    }

    @Test func aSignalThatAProcessSentNamesTheSender() throws {
        var image = CoreImage()
        image.addThread(1, signal: 6)
        image.addSignal(6, code: -6, 77 | 1000 << 32)
        let core = try open(image)
        #expect(core.signal?.sender == 77 && core.signal?.senderUid == 1000 && core.signal?.address == nil)
    }

    @Test func aThreadWithoutAnIdIsNone() throws {
        var image = CoreImage()
        for tid in [7, 0, 0xffff_ffff, 0x8000_0000, 8] as [UInt64] { image.addThread(tid, signal: 6) }
        #expect(try open(image).threads.map(\.tid) == [7, 8])
    }

    @Test func aProcessThatADebuggerCopiedGotNoSignal() throws {
        var image = CoreImage()
        image.addThread(1, signal: 0)
        image.addSignal(19, code: 0, 0)
        let core = try open(image)
        #expect(core.signal == nil)
    }

    @Test func moreSegmentsThanTheHeaderCounts() throws {
        var image = CoreImage()
        image.countsInSection = true
        image.segments = (1...70_000).map {
            .init(start: $0 * 0x1000, memoryBytes: 0x1000, bytes: [UInt8(truncatingIfNeeded: $0)])
        }
        let core = try open(image)
        #expect(core.segments.count == 70_000 && core.missingBytes == 0)
        #expect(core.bytes(70_000 * 0x1000, 2) == [UInt8(truncatingIfNeeded: 70_000)])
    }

    @Test func aFileThatIsNoCoreFileSaysWhatItIs() throws {
        func expect(_ bytes: [UInt8], _ words: String) throws {
            try directory.write("core", bytes)
            do {
                _ = try CoreFile(path)
                Issue.record("\(words) was read")
            } catch {
                #expect("\(error)".contains(words) && "\(error)".contains(path), "\(error)")
            }
        }
        try expect([], "empty")
        try expect([0x28, 0xb5, 0x2f, 0xfd, 0], "zstd -d \(path)")
        try expect([0x04, 0x22, 0x4d, 0x18, 0], "lz4 -d \(path)")
        try expect([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "coredumpctl dump")
        try expect([0x1f, 0x8b, 8], "gunzip -k \(path)")
        try expect(Array("ProblemType: Crash\n".utf8), "apport-unpack \(path)")
        try expect(Array("hello".utf8), "no core file")
        var image = CoreImage()
        try expect(Array(image.bytes.prefix(50)), "cut off")
        image.type = 2
        try expect(image.bytes, "--executable")
        image.type = 4
        image.machine = 40
        try expect(image.bytes, "arm")
        var bytes = image.bytes
        bytes[4] = 1
        try expect(bytes, "32 bits")
        #expect(throws: CoreFileError.unreadable(path + "-", .noEntry)) { _ = try CoreFile(path + "-") }
        #expect(throws: CoreFileError.notCore(directory.path, "no regular file")) { _ = try CoreFile(directory.path) }
    }

    // MARK: Files that were mapped

    /// A process that had a library mapped of which only the first page was dumped.
    private func process(with library: String, _ change: (inout [UInt8]) -> Void = { _ in }) throws -> CoreImage {
        var first = try FileDescriptor.open(library).readToEnd(limit: 4096)
        change(&first)
        var image = CoreImage()
        image.addThread(1, signal: 6)
        image.addMappings([(0x10000, 0x20000, 0, library)])
        image.segments = [
            .init(start: 0x10000, memoryBytes: 0x8000, bytes: first),
            .init(start: 0x18000, memoryBytes: 0x8000, isWritable: true),
        ]
        return image
    }

    @Test func whatWasNotDumpedComesFromTheFile() throws {
        let library = "/bin/ls"
        try directory.write("core", try process(with: library).bytes)
        var target = try CoreTarget(path)
        #expect(target.files.mismatches.isEmpty && target.files.missing.isEmpty)
        let whole = try FileDescriptor.open(library).readToEnd(limit: 1 << 16)
        var bytes: [UInt8] = []
        try target.read(
            [RemotePiece(RemoteAddress(0x10f00), 0x2000), RemotePiece(RemoteAddress(0x17ff0), 16)], into: &bytes)
        #expect(bytes == Array(whole[0xf00..<0x2f00] + whole[0x7ff0..<0x8000]))
        // What could be written to is not what the file has.
        #expect(throws: RemoteMemoryError.unmapped) {
            try target.read([RemotePiece(RemoteAddress(0x17ff0), 17)], into: &bytes)
        }
        #expect(try target.mappings().map(\.path) == [library])
    }

    @Test func aFileThatWasReplacedIsNotRead() throws {
        let library = "/bin/ls"
        let digits = try #require(
            ElfBuildId.find { offset, count in
                let bytes = (try? FileDescriptor.open(library).readToEnd(limit: 1 << 16)) ?? []
                return Array(bytes.dropFirst(Int(offset)).prefix(count))
            })
        let own = digits.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
        let image = try process(with: library) { bytes in
            for place in 0..<bytes.count - digits.count where Array(bytes[place..<place + digits.count]) == digits {
                bytes[place] ^= 0xff
            }
        }
        try directory.write("core", image.bytes)
        var target = try CoreTarget(path)
        let mismatch = try #require(target.files.mismatches.first)
        #expect(mismatch.path == library && mismatch.fileBuildId == own && mismatch.buildId != own)
        var bytes: [UInt8] = []
        #expect(throws: RemoteMemoryError.unmapped) {
            try target.read([RemotePiece(RemoteAddress(0x11000), 1)], into: &bytes)
        }
        // Naming it does not make it the right one.
        #expect(throws: CoreFileError.mismatch(mismatch)) { _ = try CoreTarget(path, executables: [library]) }
        #expect(throws: CoreFileError.standsForNone("/bin/cat")) { _ = try CoreTarget(path, executables: ["/bin/cat"]) }
        #expect(throws: CoreFileError.notProgram("/etc/passwd")) {
            _ = try CoreTarget(path, executables: ["/etc/passwd"])
        }
    }

    @Test func aFileThatIsSomewhereElseIsFoundUnderTheRootOrByItsBuildId() throws {
        let library = "/bin/ls"
        var image = try process(with: library)
        image.notes = []
        image.addThread(1, signal: 6)
        image.addMappings([(0x10000, 0x20000, 0, "/opt/there/program (deleted)")])
        try directory.write("core", image.bytes)
        let lost = try CoreTarget(path)
        #expect(lost.files.missing == ["/opt/there/program (deleted)"])
        try directory.write("opt/there/program", try FileDescriptor.open(library).readToEnd(limit: 1 << 24))
        let whole = try FileDescriptor.open(library).readToEnd(limit: 1 << 16)
        for (root, executables) in [(directory.path, []), ("", [library])] {
            var target = try CoreTarget(path, root: root, executables: executables)
            #expect(target.files.missing.isEmpty && target.files.mismatches.isEmpty)
            var bytes: [UInt8] = []
            try target.read([RemotePiece(RemoteAddress(0x12345), 100)], into: &bytes)
            #expect(bytes == Array(whole[0x2345..<0x2345 + 100]))
        }
    }

    @Test func whateverTheBytesSayItEndsAndReadsWithinTheFile() throws {
        var image = try process(with: "/bin/ls")
        image.addSignal(6, code: 0, 1)
        image.countsInSection = true
        let bytes = image.bytes
        var random = Randomness(seed: 11)
        let extremes: [UInt8] = [0, 1, 0x7f, 0x80, 0xff]
        for round in 0..<600 {
            var broken = bytes
            for _ in 0...(round % 7) {
                let place = Int.random(in: 16..<min(bytes.count, 900), using: &random)
                broken[place] = extremes.randomElement(using: &random) ?? 0
            }
            if round % 3 == 0 { broken.removeLast(Int.random(in: 0..<broken.count, using: &random)) }
            try directory.write("core", broken)
            guard var target = try? CoreTarget(path) else { continue }
            var room: [UInt8] = []
            for segment in target.core.segments.prefix(4) {
                try? target.read(
                    [RemotePiece(RemoteAddress(segment.start), 64), RemotePiece(RemoteAddress(segment.end &- 8), 16)],
                    into: &room)
                #expect(target.core.bytes(segment.start, 1 << 16).count <= bytes.count)
            }
            _ = try? target.mappings()
            _ = target.activity(ofNative: 1)
        }
    }
}
