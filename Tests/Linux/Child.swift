import Glibc
import Linux

/// A process of ours that a test looks at; it is ended and reaped with the value.
struct Child: ~Copyable {
    let pid: pid_t

    /// Runs a shell script; `exec` in it makes another program of the same process.
    init(_ script: String) throws {
        try self.init(program: "/bin/sh", arguments: ["/bin/sh", "-c", script])
    }

    /// Runs a program with these arguments, its name among them.
    init(program: String, arguments: [String]) throws {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []
        for argument in arguments { unsafe pointers.append(strdup(argument)) }
        unsafe pointers.append(nil)
        // The threads of a test block most signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        var noSignals = sigset_t()
        unsafe sigemptyset(&noSignals)
        unsafe posix_spawnattr_init(&attributes)
        unsafe posix_spawnattr_setsigmask(&attributes, &noSignals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var pid: pid_t = 0
        let result = unsafe posix_spawn(&pid, program, nil, &attributes, &pointers, environ)
        for index in unsafe pointers.indices { unsafe free(pointers[index]) }
        guard result == 0 else { throw SpawnFailure(error: result) }
        self.pid = pid
    }

    /// Waits for its end without reaping it: it stays a zombie.
    func waitForEnd() {
        var information = unsafe siginfo_t()
        _ = unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
    }

    /// Reaps it; its wait status.
    consuming func reap() -> Int32 {
        let pid = pid
        discard self
        var status: Int32 = 0
        _ = unsafe waitpid(pid, &status, 0)
        return status
    }

    deinit {
        kill(pid, SIGKILL)
        _ = waitpid(pid, nil, 0)
    }
}

struct SpawnFailure: Error {
    let error: Int32
}

/// A directory of a test, removed with the value.
struct TemporaryDirectory: ~Copyable {
    let path: String

    init() throws {
        var template = Array("/tmp/viv-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw SpawnFailure(error: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        _ = try? Child(program: "/bin/rm", arguments: ["rm", "-rf", path]).reap()
    }
}

extension TemporaryDirectory {
    /// Makes a directory in it, and those above.
    func makeDirectory(_ name: String) throws {
        var path = path
        // By bytes, as the kernel does: a mark that joins the slash before it would hide it.
        for component in name.utf8.split(separator: UInt8(ascii: "/")) {
            path += "/" + String(decoding: component, as: UTF8.self)
            guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
        }
    }

    /// Writes a file in it, whose directory is made.
    func write(_ name: String, _ bytes: [UInt8]) throws {
        if let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) { try makeDirectory(String(name[..<slash])) }
        let file = try FileDescriptor.open(path + "/" + name, [.writeOnly, .create, .truncate])
        try file.writeAll(bytes.span)
    }

    /// Writes a file of text in it.
    func write(_ name: String, _ text: String) throws {
        try write(name, Array(text.utf8))
    }

    /// Makes a symbolic link in it.
    func link(_ name: String, to target: String) throws {
        if let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) { try makeDirectory(String(name[..<slash])) }
        guard unsafe symlink(target, path + "/" + name) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Removes a file in it.
    func remove(_ name: String) throws {
        guard unsafe unlink(path + "/" + name) == 0 else { throw Errno(rawValue: errno) }
    }
}
