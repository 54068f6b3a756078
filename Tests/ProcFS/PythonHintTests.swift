import ProcFS
import TestProcesses
import Testing

@Suite struct PythonHintTests {
    @Test(
        "An executable's name tells the version",
        arguments: [
            ("/usr/bin/python3.12", 3, 12, false), ("/opt/py/bin/python3.13t", 3, 13, true),
            ("/usr/bin/python3.11d", 3, 11, false),
            ("/usr/bin/python3.12 (deleted)", 3, 12, false), ("python2.7", 2, 7, false),
            ("/a b/python3.8m", 3, 8, false),
        ])
    func byExecutable(path: String, major: Int, minor: Int, isFreeThreaded: Bool) {
        let hint = PythonHint(major: major, minor: minor, isFreeThreaded: isFreeThreaded)
        #expect(parse(path.bytes, PythonHint.init(executable:)) == hint)
    }

    @Test func aNameWithoutAVersionIsPythonAllTheSame() {
        for path in ["/usr/bin/python3", "/usr/bin/python"] {
            #expect(parse(path.bytes, PythonHint.init(executable:)) == PythonHint(major: 3, minor: nil))
        }
    }

    @Test(
        "Other programs are not Python",
        arguments: [
            "", "/", "/usr/bin/bash", "/python3.12/bin/node", "python3.12-config", "python9", "pypy3.10",
            "/usr/bin/python3.",
        ])
    func others(path: String) {
        #expect(parse(path.bytes, PythonHint.init(executable:)) == nil)
    }

    @Test func aLibraryInTheMapTellsTheVersion() {
        let hint = PythonHint(major: 3, minor: 11, isShared: true)
        #expect(parse(Fixture.maps.bytes, PythonHint.init(maps:)) == hint)
        for prefix in prefixes(Fixture.maps) {
            let cut = parse(prefix, PythonHint.init(maps:))
            #expect(cut == nil || cut == hint)
        }
        #expect(parse("/lib/libpython3.so\n".bytes, PythonHint.init(maps:)) == nil)
        #expect(parse("/lib/libpython3.11".bytes, PythonHint.init(maps:)) == nil)
        for bytes in mutations(Fixture.maps) { _ = parse(bytes, PythonHint.init(maps:)) }
    }

    @Test func theMapIsAskedWhenTheExecutableDoesNotTell() throws {
        let tree = try TemporaryDirectory()
        try tree.link("1/exe", to: "/usr/sbin/uwsgi")
        try tree.write(
            "1/maps", String(repeating: "7f00-7f01 r-xp 0 fe:00 7 /x\n", count: 9_000) + "/l/libpython3.13.so.1.0\n")
        try tree.link("2/exe", to: "/opt/python3")
        try tree.write("2/maps", "7f00-7f01 r-xp 0 fe:00 7 /x\n")
        try tree.link("3/exe", to: "/usr/bin/node")
        var reader = try ProcReader(root: tree.path)
        #expect(reader.interpreterHint(1) == .value(PythonHint(major: 3, minor: 13, isShared: true)))
        #expect(reader.interpreterHint(1, scanningMaps: false) == .value(nil))
        #expect(reader.interpreterHint(2) == .value(PythonHint(major: 3, minor: nil)))
        #expect(reader.interpreterHint(3) == .value(nil))
        #expect(reader.interpreterHint(4).isGone)
    }
}
