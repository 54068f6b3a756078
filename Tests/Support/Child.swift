public import Glibc

/// A process of ours that a test looks at, on two pipes where it was asked for; it is ended and reaped with the object.
public final class Child {
    /// Its process id.
    public let pid: Int32
    /// Its standard input and output on our side; -1 where it has ours.
    private let input: Int32
    private let output: Int32
    private var isReaped = false

    /// Runs a shell script; `exec` in it makes another program of the same process.
    public convenience init(_ script: String) throws {
        try self.init(program: "/bin/sh", arguments: ["/bin/sh", "-c", script])
    }

    /// Runs a Python program; the test writes lines to it and reads lines from it.
    ///
    /// - Parameter options: what stands before the program, such as `-X`.
    public convenience init(
        python program: String, interpreter: String = "/usr/bin/python3", options: [String] = []
    ) throws {
        try self.init(
            program: interpreter, arguments: ["python3", "-u"] + options + ["-c", program], onPipes: true)
    }

    /// Runs a program with these arguments, its name among them.
    public init(program: String, arguments: [String], onPipes: Bool = false) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var theirs: [Int32] = []
        var ours = (input: Int32(-1), output: Int32(-1))
        if onPipes {
            let (toChild, fromChild) = (try Child.pipe(), try Child.pipe())
            unsafe posix_spawn_file_actions_adddup2(&actions, toChild.read, 0)
            unsafe posix_spawn_file_actions_adddup2(&actions, fromChild.write, 1)
            theirs = [toChild.read, fromChild.write]
            ours = (toChild.write, fromChild.read)
        }
        (input, output) = ours
        // The threads of a test block most signals, and a child would inherit that, and that writing to one that has ended kills nobody.
        Child.writingToTheDeadFails
        var attributes = posix_spawnattr_t()
        var (noSignals, pipe) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&noSignals)
        unsafe sigemptyset(&pipe)
        unsafe sigaddset(&pipe, SIGPIPE)
        unsafe posix_spawnattr_init(&attributes)
        unsafe posix_spawnattr_setsigmask(&attributes, &noSignals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &pipe)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        var pid: Int32 = 0
        let failure = unsafe posix_spawn(&pid, program, &actions, &attributes, &words, environ)
        for descriptor in theirs { close(descriptor) }
        self.pid = pid
        isReaped = failure != 0
        guard failure == 0 else { throw SpawnFailure(error: failure) }
    }

    /// Without it a test that writes to a child that has ended would end all tests.
    private static let writingToTheDeadFails: Void = {
        _ = signal(SIGPIPE, SIG_IGN)
    }()

    deinit {
        for descriptor in [input, output] where descriptor >= 0 { close(descriptor) }
        end()
    }

    /// Kills and reaps it, unless that was done.
    public func end() {
        guard !isReaped else { return }
        kill(pid, SIGKILL)
        reap()
    }

    private typealias Pipe = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32

    /// A pipe that no child of another test inherits, which would keep it open: pipe2(2), which the Swift module does not show.
    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard let address = unsafe dlsym(nil, "pipe2") else { throw SpawnFailure(error: ENOSYS) }
        let call = unsafe unsafeBitCast(address, to: Pipe.self)
        guard unsafe call(&ends, O_CLOEXEC) == 0 else { throw SpawnFailure(error: errno) }
        return (ends[0], ends[1])
    }

    /// Writes a line to its standard input.
    public func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(input, $0.baseAddress, $0.count) }
    }

    /// The next line of its standard output; empty at the end of it. A child that says nothing for two minutes is killed,
    /// so that its test fails instead of all of them waiting.
    public func line() -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            if unsafe poll(&waiting, 1, 120_000) == 0 { kill(pid, SIGKILL) }
            guard unsafe Glibc.read(output, &byte, 1) == 1, byte != 10 else { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The next line as numbers.
    public func numbers() -> [UInt64] { line().split(separator: " ").compactMap { UInt64($0) } }

    /// The lines up to the end of its standard output.
    public func linesToTheEnd() -> [String] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe Glibc.read(output, &part, part.count)
            guard count > 0 else { break }
            bytes += part.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { String($0) }
    }

    /// Waits for its end without reaping it: it stays a zombie.
    public func waitForEnd() {
        var information = unsafe siginfo_t()
        _ = unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
    }

    /// Waits for its end and reaps it; its wait status.
    @discardableResult
    public func reap() -> Int32 { wait().status }

    /// Waits for its end and reaps it; its wait status and what it used.
    public func wait() -> (status: Int32, usage: rusage) {
        var (status, usage) = (Int32(0), rusage())
        unsafe wait4(pid, &status, 0, &usage)
        isReaped = true
        return (status, usage)
    }
}

/// A call of the C library that a test needs failed with this number.
public struct SpawnFailure: Error {
    /// The number of errno(3).
    public let error: Int32

    /// A failure with this number.
    public init(error: Int32) { self.error = error }
}
