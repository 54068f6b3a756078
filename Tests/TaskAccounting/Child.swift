import Glibc

/// A Python program on two pipes: the test writes lines to it and reads lines from it.
final class Child {
    let pid: Int32
    private let input: Int32
    private let output: Int32
    private var reaped = false

    struct NotStarted: Error {}

    init(python program: String) throws {
        var (toChild, fromChild) = ([Int32](repeating: -1, count: 2), [Int32](repeating: -1, count: 2))
        guard unsafe pipe(&toChild) == 0, unsafe pipe(&fromChild) == 0 else { throw NotStarted() }
        for fd in toChild + fromChild { _ = fcntl(fd, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        var pid: Int32 = 0
        let words = ["python3", "-u", "-c", program]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        let failure = unsafe posix_spawn(&pid, "/usr/bin/python3", &actions, nil, &arguments, environ)
        for index in unsafe arguments.indices { unsafe free(arguments[index]) }
        unsafe posix_spawn_file_actions_destroy(&actions)
        close(toChild[0])
        close(fromChild[1])
        guard failure == 0 else { throw NotStarted() }
        self.pid = pid
        self.input = toChild[1]
        self.output = fromChild[0]
    }

    deinit {
        close(input)
        close(output)
        guard !reaped else { return }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(input, $0.baseAddress, $0.count) }
    }

    /// The next line; empty at the end of the output.
    func line() -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe Glibc.read(output, &byte, 1) == 1, byte != 10 { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The next line as numbers.
    func numbers() -> [UInt64] { line().split(separator: " ").compactMap { UInt64($0) } }

    /// The threads of the child, as `/proc` lists them.
    func threads() -> [Int32] { Self.entries("/proc/\(pid)/task").compactMap { Int32($0) } }

    func wait() -> (status: Int32, usage: rusage) {
        var (status, usage) = (Int32(0), rusage())
        unsafe wait4(pid, &status, 0, &usage)
        reaped = true
        return (status, usage)
    }

    static func entries(_ path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            names.append(
                unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    /// A small file as text; empty where it cannot be read.
    func text(_ path: String) -> String {
        let fd = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard fd >= 0 else { return "" }
        defer { close(fd) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let size = unsafe Glibc.read(fd, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(size, 0)), as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    func comm(of tid: Int32) -> String { text("/proc/\(pid)/task/\(tid)/comm") }

    /// The words behind the name: the state is word 0.
    func stat(of tid: Int32) -> [String] {
        let text = text("/proc/\(pid)/task/\(tid)/stat")
        guard let bracket = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: bracket)...].split(separator: " ").map { String($0) }
    }

    func state(of tid: Int32) -> String { stat(of: tid).first ?? "" }

    /// A number of `/proc/<pid>/task/<tid>/status`.
    func status(of tid: Int32, _ name: String) -> UInt64 {
        for line in text("/proc/\(pid)/task/\(tid)/status").split(separator: "\n") where line.hasPrefix(name + ":") {
            return line.split(separator: "\t").last.flatMap { UInt64($0) } ?? 0
        }
        return 0
    }

    /// Whether nothing but a bug can keep this process from asking the kernel: root, and not in a container.
    static func isRootOfTheHost() -> Bool {
        func link(_ path: String) -> String {
            var bytes = [CChar](repeating: 0, count: 64)
            let size = unsafe readlink(path, &bytes, bytes.count)
            return String(decoding: bytes.prefix(max(size, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        // The kernel's fixed numbers of the first namespaces (PROC_PID_INIT_INO, PROC_USER_INIT_INO).
        return geteuid() == 0 && link("/proc/self/ns/pid") == "pid:[4026531836]"
            && link("/proc/self/ns/user") == "user:[4026531837]"
    }
}
