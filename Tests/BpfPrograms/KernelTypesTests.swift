import Testing

@testable import BpfPrograms

/// Types of a kernel, as its compiler describes them.
@Suite struct KernelTypesTests {
    /// Bytes of a BTF file with a few types of each kind.
    private struct Writer {
        var types: [UInt8] = []
        var texts: [UInt8] = [0]

        static func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }

        mutating func text(_ text: String) -> UInt32 {
            let place = UInt32(texts.count)
            texts += Array(text.utf8) + [0]
            return place
        }

        mutating func type(_ name: String, kind: UInt32, count: UInt32, isFlagged: Bool = false, _ rest: [UInt32]) {
            let info = kind << 24 | count | (isFlagged ? 1 << 31 : 0)
            types += Writer.bytes(text(name)) + Writer.bytes(info) + Writer.bytes(0) + rest.flatMap(Writer.bytes)
        }

        mutating func structure(_ name: String, isFlagged: Bool = false, _ members: [(String, UInt32)]) {
            var rest: [UInt32] = []
            for member in members { rest += [text(member.0), 1, member.1] }
            type(name, kind: 4, count: UInt32(members.count), isFlagged: isFlagged, rest)
        }

        var file: [UInt8] {
            let head: [UInt8] = [0x9f, 0xeb, 1, 0] + Writer.bytes(24)
            let places = [0, UInt32(types.count), UInt32(types.count), UInt32(texts.count)].flatMap(Writer.bytes)
            return head + places + types + texts
        }
    }

    private func file() -> [UInt8] {
        var writer = Writer()
        // All kinds, each with what stands behind its head.
        for (kind, words) in [
            (1, 1), (2, 0), (3, 3), (7, 0), (8, 0), (9, 0), (10, 0), (11, 0), (12, 0), (14, 1), (16, 0), (17, 1),
            (18, 0),
        ] { writer.type("task", kind: UInt32(kind), count: 0, Array(repeating: 7, count: words)) }
        for (kind, words) in [(5, 3), (6, 2), (13, 2), (15, 3), (19, 3)] {
            writer.type("task", kind: UInt32(kind), count: 2, Array(repeating: 7, count: words * 2))
        }
        writer.structure("task_struct_other", [("se", 8)])
        writer.structure("task_struct", [("state", 0), ("se", 512), ("", 1024)])
        // Of a bit field the upper bits say how wide it is; one that begins within a byte is at no offset.
        writer.structure(
            "sched_entity", isFlagged: true, [("run", 640), ("flag", 1 << 24 | 648), ("odd", 1 << 24 | 649)])
        return writer.file
    }

    @Test func membersAreFoundByTheNamesOfTheirStructures() {
        let types = KernelTypes(parsing: file(), ["task_struct", "sched_entity", "missing"])
        #expect(types["task_struct.state"] == 0 && types["task_struct.se"] == 64)
        #expect(types["sched_entity.run"] == 80 && types["sched_entity.flag"] == 81)
        #expect(types["sched_entity.odd"] == nil && types["missing.se"] == nil && types["task_struct_other.se"] == nil)
    }

    @Test func nothingIsReadThatIsNotThere() {
        let file = file()
        for length in 0..<file.count {
            let types = KernelTypes(parsing: Array(file[..<length]), ["task_struct", "sched_entity"])
            #expect(types["task_struct.se"] ?? 64 == 64)
        }
        #expect(KernelTypes(parsing: Array(repeating: 0xff, count: 200), ["task_struct"])["task_struct.se"] == nil)
    }

    @Test func theRunningKernelSaysWhereAThreadIs() throws {
        guard let types = try? KernelTypes(ofStructures: ["task_struct", "list_head"]) else { return }
        #expect(types["list_head.next"] == 0 && types["list_head.prev"] == 8)
        #expect(types["task_struct.se"] ?? 0 > 0 && types["task_struct.pid"] != nil)
    }
}
