import Glibc
import TestProcesses
import Testing

/// Core files that tests make: by the kernel where it leaves them beside the process, else by gdb's gcore.
enum CoreDump {
    /// What makes them.
    enum Maker: String, Sendable {
        case kernel, gcore
    }

    /// What can make them on this host.
    static let makers: [Maker] = {
        var makers: [Maker] = []
        let pattern = Files.text("/proc/sys/kernel/core_pattern")
        var limit = rlimit()
        let mayDump = unsafe getrlimit(__rlimit_resource_t(4), &limit) == 0 && limit.rlim_max > 1 << 30
        if !pattern.hasPrefix("|"), !pattern.contains("/"), mayDump { makers.append(.kernel) }
        if Files.isExecutable("/usr/bin/gcore") { makers.append(.gcore) }
        return makers
    }()

    /// What a program begins with so that the kernel leaves its core file beside its source.
    static let prelude = """
        import os, resource, sys
        os.chdir(os.path.dirname(os.path.abspath(sys.argv[0])))
        resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)

        """

    /// Makes one of a program that began with the prelude; its path.
    static func make(_ maker: Maker, of company: Company, _ interpreter: Interpreter) throws -> String {
        let folder = interpreter.root + company.file.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        switch maker {
        case .kernel:
            kill(company.child.pid, SIGABRT)
            company.child.waitForEnd()
        case .gcore:
            _ = try Child(
                program: "/bin/sh",
                arguments: ["sh", "-c", "gcore -o \(folder)/core \(company.child.pid) >/dev/null 2>&1"]
            ).reap()
        }
        let name = try #require(Files.names(in: folder).first { $0.hasPrefix("core") })
        return folder + "/" + name
    }
}
