import Linux
import ProcFS
import TestProcesses
import Testing

@Suite struct RecordedTreeTests {
    @Test func aRecordedTreeIsReadLikeTheKernels() throws {
        let tree = try TemporaryDirectory()
        try tree.write("4242/stat", Fixture.stat)
        try tree.write("4242/task/4242/stat", Fixture.stat)
        try tree.write("4242/task/4243/stat", Fixture.stat.replacing("4242 (python3.12)", with: "4243 (worker) 1)"))
        try tree.write("4242/task/4243/schedstat", "1 2 3\n")
        try tree.write("4242/cmdline", "python\0-c\0\u{1B}[31m\0")
        try tree.write("4242/wchan", "do_epoll_wait")
        try tree.write("4242/loginuid", "4294967295")
        try tree.write("4242/oom_score_adj", "-500\n")
        try tree.link("4242/exe", to: "/usr/bin/python3.12")
        for descriptor in 0..<5 { try tree.link("4242/fd/\(descriptor)", to: "/dev/null") }
        try tree.makeDirectory("notanumber")
        try tree.makeDirectory("12a")
        var reader = try ProcReader(root: tree.path)

        var pids: [Int32] = [9, 9, 9]
        try reader.processes(into: &pids)
        #expect(pids == [4_242])
        var tids: [Int32] = []
        let found = reader.threads(of: 4_242, into: &tids)
        #expect(found && tids.sorted() == [4_242, 4_243])
        let process = try #require(reader.stat(4_242).value)
        let thread = try #require(reader.stat(4_242, thread: 4_243).value)
        #expect(process.command.text == "python3.12" && thread.command.text == "worker) 1" && thread.pid == 4_243)
        #expect(reader.schedstat(4_242, thread: 4_243).value?.waitNanoseconds == 2)
        #expect(reader.arguments(4_242).value == "python\0-c\0\u{1B}[31m\0".bytes)
        #expect(reader.waitChannel(4_242) == .value("do_epoll_wait"))
        #expect(reader.loginUid(4_242) == .value(nil))
        #expect(reader.oomScoreAdjust(4_242) == .value(-500))
        #expect(reader.openFileCount(4_242) == .value(5))
        #expect(reader.link(4_242, .executable).value == "/usr/bin/python3.12".bytes)
        #expect(reader.interpreterHint(4_242) == .value(PythonHint(major: 3, minor: 12)))
        let bytesRead = reader.bytesRead
        #expect(bytesRead > UInt64(2 * Fixture.stat.utf8.count))
    }

    @Test func whatIsNotThereIsGoneAndWhatIsCutIsMalformed() throws {
        let tree = try TemporaryDirectory()
        try tree.write("7/stat", String(Fixture.stat.dropLast(5)))
        try tree.write("7/io", "")
        try tree.write("7/status", "Name:\tx\n")
        try tree.write("7/limits", "?")
        var reader = try ProcReader(root: tree.path)
        var tids: [Int32] = [1]
        #expect(
            reader.stat(8).isGone && reader.status(8).isGone && reader.io(8).isGone
                && reader.link(8, .workingDirectory).isGone)
        #expect(reader.namespaces(7).isGone && reader.openFileCount(7).isGone && reader.pressure(.io).isGone)
        let found = reader.threads(of: 8, into: &tids)
        #expect(!found && tids.isEmpty)
        for isMalformed in [
            reader.stat(7).isMalformed, reader.io(7).isMalformed, reader.status(7).isMalformed,
            reader.limits(7).isMalformed,
        ] {
            #expect(isMalformed)
        }
        #expect(throws: Errno.noEntry) { _ = try ProcReader(root: tree.path + "/none") }
        #expect(throws: Errno.notDirectory) { _ = try ProcReader(root: tree.path + "/7/stat") }
    }

    @Test func aDirectoryWhereAFileShouldBeIsUnavailable() throws {
        let tree = try TemporaryDirectory()
        try tree.makeDirectory("7/stat")
        var reader = try ProcReader(root: tree.path)
        guard case .unavailable(let error) = reader.stat(7) else {
            Issue.record("read a directory")
            return
        }
        #expect(error.name == "EISDIR")
    }

    @Test func aFileLargerThanTheBufferIsReadWhole() throws {
        let tree = try TemporaryDirectory()
        let line = "pgsomething 12345678901234567890123456789\n"
        let text = String(repeating: line, count: 9_000) + "pgfault 11\npgmajfault 2\n"
        try tree.write("vmstat", text)
        try tree.write(
            "7/status", Fixture.status.replacing("4 24 27", with: String(repeating: "1000000 ", count: 20_000)))
        try tree.write("7/environ", String(repeating: "A=12345\0", count: 100_000))
        var reader = try ProcReader(root: tree.path)
        #expect(reader.vmstat().value?.faults == 11)
        #expect(reader.status(7).value?.involuntarySwitches == 456)
        #expect(reader.environment(7).value?.count == 128 << 10)
    }

    @Test func keptDescriptorsAreBoundedAndForgottenWithTheirProcess() throws {
        let tree = try TemporaryDirectory()
        for pid in 1...5 { try tree.write("\(pid)/stat", Fixture.stat.replacing("4242 (", with: "\(pid) (")) }
        var reader = try ProcReader(root: tree.path)
        var kept = StatDescriptors(limit: 3)
        for pid in Int32(1)...5 { #expect(kept.keep(pid, with: &reader).value?.pid == pid) }
        #expect(kept.count == 3 && kept.limit == 3)
        kept.keepOnly { $0 == 2 }
        let (count, has) = (kept.count, kept.contains(2))
        #expect(count == 1 && has)
        try tree.write("2/stat", Fixture.stat.replacing("4242 (", with: "22 ("))
        #expect(kept.read(2, with: &reader).value?.pid == 22)
        kept.drop(2)
        #expect(kept.count == 0)
        #expect(kept.read(5, with: &reader).value?.pid == 5)
        #expect(kept.read(6, with: &reader).isGone)
    }
}

extension Reading {
    fileprivate var isMalformed: Bool {
        if case .malformed = self { true } else { false }
    }
}
