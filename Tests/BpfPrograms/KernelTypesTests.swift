import Linux
import TestProcesses
import Testing

@testable import BpfPrograms

/// Types of a kernel, as its compiler describes them.
@Suite final class KernelTypesTests {
    /// Bytes of a BTF file with a few types of each kind.
    private struct Writer {
        var types: [UInt8] = []
        var texts: [UInt8] = [0]
        private var known: [String: UInt32] = ["": 0]
        private var number: UInt32 = 0

        static func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }

        mutating func text(_ text: String) -> UInt32 {
            if let place = known[text] { return place }
            let place = UInt32(texts.count)
            known[text] = place
            texts += Array(text.utf8) + [0]
            return place
        }

        /// Returns its number.
        @discardableResult
        mutating func type(
            _ name: String, kind: UInt32, count: UInt32, isFlagged: Bool = false, size: UInt32 = 0, _ rest: [UInt32]
        ) -> UInt32 {
            let info = kind << 24 | count | (isFlagged ? 1 << 31 : 0)
            types += Writer.bytes(text(name)) + Writer.bytes(info) + Writer.bytes(size) + rest.flatMap(Writer.bytes)
            number += 1
            return number
        }

        /// Returns its number.
        @discardableResult
        mutating func structure(
            _ name: String, isFlagged: Bool = false, _ members: [(name: String, type: UInt32, bits: UInt32)]
        ) -> UInt32 {
            var rest: [UInt32] = []
            for member in members { rest += [text(member.name), member.type, member.bits] }
            return type(name, kind: 4, count: UInt32(members.count), isFlagged: isFlagged, rest)
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
        writer.structure("task_struct_other", [("se", 7, 8)])
        let entity = writer.structure(
            "sched_entity", isFlagged: true,
            [
                // Of a bit field the upper bits say how wide it is; one that begins within a byte is at no offset.
                ("run", 7, 640), ("flag", 7, 1 << 24 | 648), ("odd", 7, 1 << 24 | 649),
            ])
        let nameless = writer.structure("", [("inner", 7, 32)])
        let called = writer.type(
            "sched_entity_t", kind: 8, count: 0, size: writer.type("", kind: 10, count: 0, size: entity, []), [])
        writer.structure("task_struct", [("state", 7, 0), ("", nameless, 1024), ("se", called, 512), ("", 7, 0)])
        return writer.file
    }

    private static let paths = [
        "task_struct.state", "task_struct.se", "task_struct.se.run", "task_struct.se.flag", "task_struct.se.odd",
        "task_struct.inner", "task_struct_other.se", "task_struct.missing", "missing.se", "sched_entity.run",
        "state.run",
    ]

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func types(_ bytes: [UInt8]) throws -> KernelTypes {
        let path = directory.path + "/types"
        do {
            let file = try FileDescriptor.open(path, [.writeOnly, .create, .truncate])
            try file.writeAll(bytes.span)
        }
        return try KernelTypes(ofMembers: Self.paths, in: path)
    }

    @Test func membersAreFoundByTheWayToThem() throws {
        let types = try types(file())
        #expect(Self.paths.map { types[$0] } == [0, 64, 144, 145, nil, 132, 1, nil, nil, 80, nil])
    }

    @Test func nothingIsReadThatIsNotThere() throws {
        let file = file()
        for length in 0..<file.count {
            let types = try types(Array(file[..<length]))
            #expect(types["task_struct.se"] ?? 64 == 64)
        }
        #expect(try types(Array(repeating: 0xff, count: 200))["task_struct.se"] == nil)
    }

    @Test func aTypeThatIsItselfEnds() throws {
        var writer = Writer()
        writer.structure("task_struct", [("", 1, 0), ("se", 2, 0)])
        writer.type("", kind: 10, count: 0, size: 2, [])
        let types = try types(writer.file)
        #expect(
            types["task_struct.se"] == 0 && types["task_struct.se.run"] == nil && types["task_struct.missing"] == nil)
    }

    @Test func theRunningKernelSaysWhereAThreadIs() throws {
        guard
            let types = try? KernelTypes(ofMembers: [
                "list_head.next", "list_head.prev", "task_struct.pid", "mm_struct.arg_start",
            ])
        else { return }
        #expect(types["list_head.next"] == 0 && types["list_head.prev"] == 8)
        #expect(types["task_struct.pid"] ?? 0 > 0 && types["mm_struct.arg_start"] ?? 0 > 0)
    }
}
