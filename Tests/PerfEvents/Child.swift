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

    /// Where a symbolic link points; empty where there is none.
    static func target(of link: String) -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        let size = unsafe readlink(link, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(size, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
