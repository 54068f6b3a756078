import Glibc
import Linux
import TestProcesses
import Testing

@Suite struct FileDescriptorTests {
    @Test func whatIsWrittenIsReadBack() throws {
        let directory = try TemporaryDirectory()
        let bytes: [UInt8] = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
        let file = try FileDescriptor.open(directory.path + "/file", [.readWrite, .create, .exclusive])
        try file.writeAll(bytes.span)
        try file.seek(to: 0)
        let whole = try file.readToEnd()
        #expect(whole == bytes)
        var part = [UInt8](repeating: 0, count: 4)
        let count = try file.read(into: &part, at: 256)
        #expect(count == 4 && part == [0, 1, 2, 3])
        try file.seek(to: 0)
        #expect(try file.readToEnd(limit: 10).count == 10)
    }

    @Test func nothingLeadsOutOfARootDirectory() throws {
        let directory = try TemporaryDirectory()
        try directory.write("etc/name", "inside")
        try directory.write("root/etc/name", "the right one")
        try directory.link("root/out", to: "/etc/name")
        try directory.link("root/up", to: "../../../../etc/name")
        try directory.link("root/self", to: "/proc/self/cwd")
        let root = try FileDescriptor.open(directory.path + "/root", .directory)
        for path in ["/etc/name", "etc/name", "/out", "/up", "../../etc/name", "/../etc/name"] {
            let text = String(decoding: try root.open(inRoot: path).readToEnd(), as: UTF8.self)
            #expect(text == "the right one", "\(path)")
        }
        #expect(throws: Errno.noEntry) { _ = try root.open(inRoot: "/self") }
        #expect(throws: Errno.noEntry) { _ = try root.open(inRoot: directory.path + "/etc/name") }
        let file = try root.open(inRoot: "/etc/name").status()
        #expect(file.isRegular && file.size == 13)
        #expect(try !FileDescriptor.open(directory.path).status().isRegular)
    }

    @Test func aFileThatExistsIsNotMadeAgain() throws {
        let directory = try TemporaryDirectory()
        _ = try FileDescriptor.open(directory.path + "/file", [.writeOnly, .create, .exclusive])
        #expect(throws: Errno.fileExists) {
            _ = try FileDescriptor.open(directory.path + "/file", [.writeOnly, .create, .exclusive])
        }
        #expect(throws: Errno.noEntry) { _ = try FileDescriptor.open(directory.path + "/none") }
    }

    @Test func theDescriptorIsClosedWithTheValue() throws {
        let ends = try makePipe()
        let readEnd = FileDescriptor(owning: ends.read)
        do {
            let writeEnd = FileDescriptor(owning: ends.write)
            try writeEnd.writeAll([1].span)
        }
        var buffer: [UInt8] = [0, 0]
        let first = try readEnd.read(into: &buffer)
        // The end of the file comes only when no writer is left.
        let second = try readEnd.read(into: &buffer)
        #expect(first == 1 && second == 0)
    }

    @Test func aReleasedDescriptorStaysOpen() throws {
        let ends = try makePipe()
        let readEnd = FileDescriptor(owning: ends.read)
        let number = FileDescriptor(owning: ends.write).release()
        try FileDescriptor(owning: number).writeAll([7].span)
        var buffer: [UInt8] = [0]
        let count = try readEnd.read(into: &buffer)
        #expect(count == 1 && buffer == [7])
    }

    /// The ends of a pipe, to be owned by the caller.
    private func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
        // A child of another test that held the write end would keep the end of the file away.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    @Test func bytesAreWrittenAndReadAtAPosition() throws {
        let directory = try TemporaryDirectory()
        let file = try FileDescriptor.open(directory.path + "/file", [.readWrite, .create])
        let written = try file.write([1, 2, 3].span, at: 5)
        var bytes: [UInt8] = [9, 9, 9, 9]
        let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe file.read(into: $0, at: 4) }
        #expect(written == 3 && count == 4 && bytes == [0, 1, 2, 3])
        let status = try FileStatus(path: directory.path + "/file")
        #expect(status.size == 8 && status.uid == geteuid() && status.mode & 0o170000 == 0o100000)
        // The position that other calls go on from has not moved.
        let whole = try file.readToEnd()
        #expect(whole == [0, 0, 0, 0, 0, 1, 2, 3])
    }

    @Test func aLinkIsReadAsFarAsThereIsRoom() throws {
        let directory = try TemporaryDirectory()
        try directory.link("12", to: "target")
        let top = try FileDescriptor.open(directory.path, .directory)
        var path = KernelPath()
        path.append(12)
        var buffer = [UInt8](repeating: 0, count: 4)
        let cut = try top.readLink(path, into: &buffer)
        #expect(cut == 4 && buffer == Array("targ".utf8))
        buffer = [UInt8](repeating: 0, count: 64)
        let count = try top.readLink(path, into: &buffer)
        #expect(buffer.prefix(count).elementsEqual("target".utf8))
        #expect(throws: Errno.nameTooLong) { _ = try FileDescriptor.open(String(repeating: "n", count: 5_000)) }
        #expect(throws: Errno(rawValue: ELOOP)) { _ = try top.open("12", .noFollow) }
    }

    @Test func anEndlessFileIsReadUpToTheLimit() throws {
        let zeros = try FileDescriptor.open("/dev/zero")
        let bytes = try zeros.readToEnd(limit: 100_000)
        #expect(bytes == [UInt8](repeating: 0, count: 100_000))
    }

    @Test func theKernelsTreeOfProcessesIsKnownByItsFileSystem() throws {
        let tree = try FileDescriptor.open("/proc", .directory)
        let isKernelTree = tree.isProcessFileSystem()
        #expect(isKernelTree)
    }

    @Test func aPathIsBuiltInPlace() throws {
        var path = KernelPath()
        path.append(Int32.max)
        path.append("/")
        path.append(-120)
        path.append("/0")
        path.append(0)
        let directory = try TemporaryDirectory()
        let top = try FileDescriptor.open(directory.path, .directory)
        try directory.makeDirectory("2147483647/-120/00")
        let status = try FileStatus(of: path, in: top)
        #expect(status == (try FileStatus(path: directory.path + "/2147483647/-120/00")))
        let isKernelTree = top.isProcessFileSystem()
        #expect(!isKernelTree)
    }
}
