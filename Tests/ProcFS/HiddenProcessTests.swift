import Glibc
import Linux
import ProcFS
import TestProcesses
import Testing

/// Processes and files that the reader may not look at.
@Suite struct HiddenProcessTests {
    @Test func whatMayNotBeReadIsRefusedAndNotMissing() throws {
        let tree = try TemporaryDirectory()
        try tree.write("7/stat", Fixture.stat)
        try tree.write("7/io", Fixture.io)
        try tree.link("7/fd/0", to: "/dev/null")
        try tree.write("8/stat", Fixture.stat)
        try tree.write("8/task/8/stat", Fixture.stat)
        try tree.link("8/exe", to: "/bin/sh")
        try tree.link("8/ns/net", to: "net:[1]")
        unsafe chmod(tree.path, 0o755)
        let closed = ["7/io", "7/fd", "8"].map { tree.path + "/" + $0 }
        for path in closed { unsafe chmod(path, 0) }
        // What nobody may enter cannot be removed either.
        defer { for path in closed { unsafe chmod(path, 0o755) } }
        var reader = try ProcReader(root: tree.path)
        try ThreadRights.withoutPrivileges {
            let stat = reader.stat(7).value
            #expect(stat?.pid == 4_242)
            #expect(reader.io(7).isRefused && reader.openFileCount(7).isRefused)
            #expect(reader.stat(8).isRefused && reader.status(8).isRefused && reader.cgroups(8).isRefused)
            #expect(reader.link(8, .executable).isRefused && reader.arguments(8).isRefused)
            #expect(reader.namespaces(8).isRefused && reader.interpreterHint(8).isRefused)
            #expect(reader.stat(9).isGone && reader.namespaces(9).isGone)
            var tids: [Int32] = [1, 2]
            let found = reader.threads(of: 8, into: &tids)
            #expect(!found && tids.isEmpty)
            let holds = reader.holdsSocket(in: [1], pid: 7)
            #expect(!holds)
            var kept = StatDescriptors(limit: 2)
            let refused = kept.keep(8, with: &reader).isRefused
            #expect(refused && kept.count == 0)
        }
    }

    /// Two processes of root in a namespace of their own, seen through a tree that hides them from others.
    private static func hider(_ mode: Int, in path: String) throws -> Child {
        let script = "mount -t proc -o hidepid=\(mode),gid=54321 proc '\(path)' && exec sleep 1000"
        let words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", script]
        return try Child(program: "/usr/bin/unshare", arguments: words)
    }

    private static let canHide: Bool = {
        let script = "mount -t proc -o hidepid=2 proc /proc 2>/dev/null"
        let words = ["unshare", "--mount", "--pid", "--fork", "/bin/sh", "-c", script]
        return geteuid() == 0 && (try? Child(program: "/usr/bin/unshare", arguments: words).reap()) == 0
    }()

    @Test(
        "A tree that hides processes is believed",
        .enabled(if: canHide, "needs the right to mount, CAP_SYS_ADMIN"), arguments: [1, 2])
    func hidden(mode: Int) throws {
        let directory = try TemporaryDirectory()
        let child = try Self.hider(mode, in: directory.path)
        let root = "/proc/\(child.pid)/root" + directory.path
        for _ in 0..<5_000 where (try? FileStatus(path: root + "/1/stat")) == nil { usleep(1_000) }
        var reader = try ProcReader(root: root)
        var pids: [Int32] = []
        try reader.processes(into: &pids)
        let stat = reader.stat(1).value
        #expect(pids.contains(1) && stat?.pid == 1)

        try ThreadRights.withoutPrivileges {
            try reader.processes(into: &pids)
            var tids: [Int32] = []
            let found = reader.threads(of: 1, into: &tids)
            #expect(!found)
            if mode == 1 {
                // The names are there, what is in them is not.
                #expect(pids.contains(1) && reader.stat(1).isRefused && reader.status(1).isRefused)
            } else {
                #expect(pids.isEmpty && reader.stat(1).isGone && reader.uid(of: 1).isGone && reader.io(1).isGone)
            }
        }
    }

    @Test func theReaderIsRefusedWhatTheSystemCallsAreRefused() throws {
        var reader = try ProcReader()
        var refusals = 0
        for isPrivileged in [true, false] {
            let found =
                isPrivileged ? try compare(&reader) : try ThreadRights.withoutPrivileges { try compare(&reader) }
            refusals += found
        }
        // The first process at least does not show its files to others, unless all here is one user's.
        let isForeign = geteuid() == 0 || reader.uid(of: 1) != .value(geteuid())
        #expect(refusals > 0 || !isForeign)
    }

    private enum Outcome: Equatable {
        case value, gone, refused
        case failed(Int32)

        init(_ error: Int32) {
            switch error {
            case 0: self = .value
            case ENOENT, ESRCH: self = .gone
            case EACCES, EPERM: self = .refused
            default: self = .failed(error)
            }
        }

        init<Value>(_ reading: Reading<Value>) {
            switch reading {
            case .value, .malformed: self = .value
            case .gone: self = .gone
            case .refused: self = .refused
            case .unavailable(let error): self = .failed(error.rawValue)
            }
        }
    }

    /// Compares files of every process; how many were refused.
    private func compare(_ reader: inout ProcReader) throws -> Int {
        var pids: [Int32] = []
        try reader.processes(into: &pids)
        var refusals = 0
        for pid in pids {
            let readings: [(String, Outcome)] = [
                ("environ", Outcome(reader.environment(pid))), ("io", Outcome(reader.io(pid))),
                ("syscall", Outcome(reader.syscall(pid))), ("status", Outcome(reader.status(pid))),
                ("exe", Outcome(reader.link(pid, .executable))), ("cwd", Outcome(reader.link(pid, .workingDirectory))),
            ]
            for (name, outcome) in readings {
                let (first, second) = (plainOutcome(pid, name), plainOutcome(pid, name))
                // A process that ended or changed between the two is left out.
                guard first == second else { continue }
                #expect(outcome == first || plainOutcome(pid, "stat") == .gone, "\(name) of \(pid)")
                if outcome == .refused { refusals += 1 }
            }
        }
        return refusals
    }

    /// The same file by the plain calls of the C library.
    private func plainOutcome(_ pid: Int32, _ name: String) -> Outcome {
        let path = "/proc/\(pid)/\(name)"
        var buffer = [CChar](repeating: 0, count: 4_096)
        if name == "exe" || name == "cwd" {
            return unsafe Outcome(readlink(path, &buffer, buffer.count) < 0 ? errno : 0)
        }
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return Outcome(errno) }
        let outcome = unsafe Outcome(read(file, &buffer, buffer.count) < 0 ? errno : 0)
        close(file)
        return outcome
    }
}
