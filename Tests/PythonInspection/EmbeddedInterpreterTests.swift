import Glibc
import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

/// Programs that are not called after Python, and those that look like it and are not read.
@Suite struct EmbeddedInterpreterTests {
    private static let source = """
        #include <Python.h>
        #include <stdio.h>
        #include <unistd.h>
        int main(int argc, char **argv) {
            puts("before"); fflush(stdout); getchar();
            Py_Initialize();
            PyRun_SimpleString(argv[1]);
            Py_FinalizeEx();
            puts("after");
            fflush(stdout); getchar(); getchar();
            return 0;
        }
        """

    @Test(
        "A program that embeds Python, before it starts the interpreter, meanwhile, and after its end",
        arguments: Interpreter.ofEachVersion.filter { $0.library != nil })
    func embedded(interpreter: Interpreter) throws {
        let library = try #require(interpreter.library)
        let prefix = interpreter.path.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        let directory = try TemporaryDirectory()
        try directory.write("main.c", Self.source)
        let suffix = interpreter.minor < 8 ? "m" : ""
        let compiler = try Child(
            program: "/usr/bin/env",
            arguments: [
                "env", "gcc", "-I\(prefix)/include/python3.\(interpreter.minor)\(suffix)", "-o",
                directory.path + "/служба", directory.path + "/main.c", library.path, "-Wl,-rpath,\(prefix)/lib",
            ])
        try #require(compiler.reap() == 0)
        let program = Stand.program.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n")
        let child = try Child(
            program: "/usr/bin/env",
            arguments: [
                "env", "LC_ALL=C.UTF-8", "PYTHONUNBUFFERED=1", "PYTHONHOME=" + prefix, directory.path + "/служба",
                program,
            ], onPipes: true)
        try #require(child.line() == "before")
        var target = try LiveTarget(pid: child.pid)
        expectAbsence(&target)
        child.write("")
        try #require(child.line() == "ready")
        try Stand.expect(child.pid, interpreter)
        child.write("")
        try #require(child.line() == "after")
        // 3.6 leaves its interpreter where it was.
        if interpreter.minor > 6 { expectAbsence(&target) }
    }

    private func expectAbsence(_ target: inout LiveTarget) {
        do {
            let inspector = try PythonInspector(&target)
            Issue.record("found \(inspector.version)")
        } catch {
            #expect("\(error)".contains("starting or ending"), "\(error)")
        }
    }

    @Test(
        "What is not CPython 3 is named",
        arguments: [
            ("/usr/bin/pypy3", "PyPy", "pypy"),
            (Interpreter.home + "/.pyenv/versions/2.7.18/bin/python2.7", "CPython 2.7", ""),
            ("/usr/bin/micropython", "MicroPython", "pypy"),
        ])
    func named(path: String, name: String, root: String) throws {
        let root = root.isEmpty ? "" : Interpreter.cache + "/" + root
        guard Files.isExecutable(root + path) else { return }
        let elsewhere = root.isEmpty ? [] : ["/usr/sbin/chroot", root]
        let child = try Child(
            program: "/usr/bin/env",
            arguments: ["env", "LC_ALL=C"] + elsewhere + [
                path, "-c", "import sys\nprint('ready')\nsys.stdin.readline()",
            ],
            onPipes: true)
        var target = try LiveTarget(pid: child.pid)
        // What it prints may wait in a buffer: it is asked until it has started.
        var failure: PythonInspectionError?
        for _ in 0..<100 where failure != .unsupported(name) {
            pause(milliseconds: 100)
            do { _ = try PythonInspector(&target) } catch { failure = error }
        }
        #expect(failure == .unsupported(name))
    }

    @Test func theRemedyForAMemoryThatMayNotBeReadIsNamed() {
        let text = "\(PythonInspectionError.memory(.refused))"
        for word in ["sudo", "CAP_SYS_PTRACE", "ptrace_scope", "--cap-add=SYS_PTRACE", "--pid=container:"] {
            #expect(text.contains(word), "\(word)")
        }
    }
}
