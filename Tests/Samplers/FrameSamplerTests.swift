import Linux
import Model
import PythonInspection
import Samplers
import TestProcesses
import Testing

@Suite struct FrameSamplerTests {
    private static let program = """
        import sys, threading
        def inner(depth, text):
            number = 17
            if depth: return inner(depth - 1, text)
            print("ready", flush=True)
            sys.stdin.readline()
        inner(2, "a\\x1b[2Jb")
        """

    private static func locals(_ reading: StackReading, _ index: Int) -> [String: String]? {
        guard case .snapshot(_, _, let snapshot) = reading, let frames = snapshot.threads.first?.frames,
            frames.indices.contains(index), let locals = frames[index].locals
        else { return nil }
        return Dictionary(locals.map { ($0.name, $0.value) }) { first, _ in first }
    }

    @Test func theVariablesOfOneFrameAreReadAndNoOthers() throws {
        let child = try Child(python: FrameSamplerTests.program)
        #expect(child.line() == "ready")
        let identity = ProcessIdentity(pid: child.pid, startTicks: child.startTicks)
        var sampler = try StackSampler()
        var demand = StackDemand(identity: identity)
        #expect(FrameSamplerTests.locals(try sampler.sample(demand), 0) == nil)
        demand.frame = FramePlace(tid: UInt64(child.pid), depth: nil)
        for _ in 0..<3 {
            let reading = try sampler.sample(demand)
            let locals = try #require(FrameSamplerTests.locals(reading, 0))
            #expect(locals["depth"] == "0" && locals["number"] == "17" && locals["text"]?.hasPrefix("'a") == true)
            #expect(FrameSamplerTests.locals(reading, 1) == nil)
        }
        // Counted from the outermost: the module is 0.
        demand.frame?.depth = 1
        #expect(try #require(FrameSamplerTests.locals(try sampler.sample(demand), 2))["depth"] == "2")
        // A frame that is there no longer is the innermost.
        demand.frame?.depth = 99
        #expect(try #require(FrameSamplerTests.locals(try sampler.sample(demand), 0))["depth"] == "0")
        // A thread that is not there has none.
        demand.frame?.tid = 1
        #expect(FrameSamplerTests.locals(try sampler.sample(demand), 0) == nil)
    }

    private static func sleeper() throws -> (child: Child, identity: ProcessIdentity) {
        let child = try Child(program: "/bin/cat", arguments: ["cat"], onPipes: true)
        child.write("ready")
        _ = child.line()
        return (child, ProcessIdentity(pid: child.pid, startTicks: child.startTicks))
    }

    @Test func sourceIsReadAroundALineAndAgainWhenItChanged() throws {
        let folder = try TemporaryDirectory()
        try folder.write("日本.py", (1...500).map { "line \($0)\u{1b}[2J\r\n" }.joined() + "last")
        let (child, identity) = try FrameSamplerTests.sleeper()
        var sampler = try SourceSampler()
        var place = SourcePlace(identity: identity, file: folder.path + "/日本.py", line: 200)
        guard case .lines(140, let lines)? = try sampler.sample(place)?.excerpt else {
            Issue.record("no lines")
            return
        }
        #expect(lines.count == 121 && lines[60] == "line 200\u{1b}[2J")
        #expect(try sampler.sample(place)?.modifiedSeconds ?? 0 > 1_000_000_000)
        place.line = 501
        guard case .lines(441, let end)? = try sampler.sample(place)?.excerpt else {
            Issue.record("no end")
            return
        }
        #expect(end.last == "last" && end.count == 61)
        place.line = 502
        guard case .absent(let reason)? = try sampler.sample(place)?.excerpt else {
            Issue.record("a line behind the last")
            return
        }
        #expect(reason.contains("501 lines"))
        try folder.write("日本.py", "short\n")
        place.line = 1
        #expect(try sampler.sample(place)?.excerpt == .lines(first: 1, ["short"]))
        child.end()
        #expect(try sampler.sample(place) == nil)
    }

    @Test func whatIsNoSourceFileSaysWhy() throws {
        let folder = try TemporaryDirectory()
        try folder.write("long.py", [UInt8](repeating: UInt8(ascii: "x"), count: 5 << 20))
        try folder.write("wide.py", [UInt8](repeating: 0xff, count: 1 << 20))
        try folder.link("loop.py", to: "loop.py")
        let (child, identity) = try FrameSamplerTests.sleeper()
        var sampler = try SourceSampler()
        func excerpt(_ file: String, _ line: Int = 1) throws -> SourceReading.Excerpt? {
            try sampler.sample(SourcePlace(identity: identity, file: file, line: line))?.excerpt
        }
        for (file, words) in [
            ("<string>", "at run time"), ("<frozen importlib._bootstrap>", "frozen"), ("", "no file"),
            ("/a\0b", "no file system"),
            ("/nowhere/at/all.py", "no such file"), ("nowhere.py", "working directory"),
            (folder.path, "no regular file"),
            ("/dev/zero", "no regular file"), (folder.path + "/long.py", "larger than"),
            (folder.path + "/loop.py", "ELOOP"),
            (folder.path + "/wide.py/x", "no such file"), ("/" + String(repeating: "x", count: 10_000), "ENAMETOOLONG"),
        ] {
            guard case .absent(let reason)? = try excerpt(file) else {
                Issue.record("lines of \(file.prefix(40))")
                continue
            }
            #expect(reason.contains(words), "\(file.prefix(40)): \(reason)")
        }
        guard case .lines(1, let wide)? = try excerpt(folder.path + "/wide.py") else {
            Issue.record("no lines")
            return
        }
        #expect(wide.count == 1 && wide[0].unicodeScalars.count <= 1_000)
        for line in [0, -1, Int.max, Int.min] {
            guard case .absent? = try excerpt(folder.path + "/wide.py", line) else {
                Issue.record("line \(line)")
                continue
            }
        }
        #expect(try sampler.sample(nil) == nil)
        child.end()
    }
}
