import TestProcesses
import Testing

@testable import SystemCalls

/// The facts about system calls, beside the kernel's and the compiler's own.
struct SystemCallTableTests {
    let table = SystemCallTable.native

    @Test func everyWordOfTheKindsIsUnderstood() throws {
        let kinds = try Facts.text("system-call-kinds")
        var count = 0
        for line in kinds.split(separator: "\n") where !line.hasPrefix("#") && !line.hasPrefix("%") {
            let words = line.split(separator: " ")
            let name = String(try #require(words.first))
            guard let number = table.number(of: name) else {
                Issue.record("no call is named \(name)")
                continue
            }
            for word in words.dropFirst() where word != "=" {
                #expect(
                    ArgumentKind(parsing: word, table.constants, table.structures) != nil, "\(word) of \(name)")
            }
            let call = try #require(table.call(number))
            #expect(call.arguments.count <= 6, "\(name)")
            #expect(table.plan(call).steps.count <= 6, "\(name)")
            count += 1
        }
        #expect(count > 240)
    }

    @Test func everyMemberOfAClassIsACall() throws {
        for line in try Facts.text("system-call-kinds").split(separator: "\n") where line.hasPrefix("%") {
            let words = line.dropFirst().split(separator: " ")
            let name = String(try #require(words.first))
            for word in words.dropFirst() {
                #expect(table.number(of: String(word)) != nil, "\(word) of %\(name)")
            }
            #expect(table.classes[name]?.count == words.count - 1)
        }
        #expect(try table.numbers(of: "%file,!openat").contains(table.number(of: "openat") ?? 0) == false)
        #expect(throws: UnknownCall.self) { try table.numbers(of: "openat,opennat") }
    }

    @Test func structuresAreLaidOutAsTheCompilerDoes() throws {
        var lines: [String] = []
        let headers = Set(table.structures.layouts.map(\.header)).sorted()
        // The C library's own and the kernel's do not stand each other.
        for layout in table.structures.layouts where !layout.header.hasPrefix("linux/") {
            lines.append("printf(\"\(layout.name) %zu\\n\", sizeof(\(layout.type)));")
            for field in layout.fields {
                if case .rest = field.kind { continue }
                let name = String(decoding: field.name, as: UTF8.self)
                // Names that strace has for what another name is in C.
                guard !name.hasPrefix("stx_"), !name.isEmpty, name != "f_flags" else { continue }
                let member = name == "f_fsid" ? "f_fsid" : name
                lines.append(
                    "printf(\"\(layout.name).\(name) %zu\\n\", __builtin_offsetof(\(layout.type), \(member)));")
            }
        }
        let includes = headers.filter { !$0.hasPrefix("linux/") }.map { "#include <\($0)>" }
        let source = """
            #define _GNU_SOURCE
            #include <stdio.h>
            #include <sys/types.h>
            \(includes.joined(separator: "\n"))
            int main(void) { \(lines.joined(separator: "\n")) return 0; }
            """
        let program = try CompiledProgram(source)
        var told: [String: Int] = [:]
        for line in try Child(program: program.path, arguments: [program.path], onPipes: true).linesToTheEnd() {
            let words = line.split(separator: " ")
            told[String(words[0])] = Int(words[1])
        }
        #expect(told.count == lines.count)
        for layout in table.structures.layouts where !layout.header.hasPrefix("linux/") {
            #expect(told[layout.name] == layout.size, "\(layout.name)")
            for field in layout.fields {
                let name = "\(layout.name).\(String(decoding: field.name, as: UTF8.self))"
                if let offset = told[name] { #expect(offset == field.offset, "\(name)") }
            }
        }
    }

    @Test func setsAreWhatTheHeadersSay() throws {
        func name(_ value: Int64, _ set: String) throws -> String? {
            let number = try #require(table.constants.number(of: set))
            return table.constants.name(of: UInt64(bitPattern: value), in: number)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(try name(2, "errno") == "ENOENT" && name(17, "signal") == "SIGCHLD")
        #expect(try name(-6, "signal-code-kernel") == "SI_TKILL" && name(21505, "ioctl") == "TCGETS")
        #expect(try name(262, "ip-protocol") == "IPPROTO_MPTCP")
    }
}

/// Files of Resources/, as they are in the package.
enum Facts {
    static func text(_ name: String) throws -> String {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(folder)/Resources/\(name).txt"
        return try Child(program: "/bin/cat", arguments: ["cat", path], onPipes: true).linesToTheEnd()
            .joined(separator: "\n")
    }
}
