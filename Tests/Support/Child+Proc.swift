internal import Glibc

extension Child {
    /// Its threads, as `/proc` lists them.
    public func threads() -> [Int32] { Files.names(in: "/proc/\(pid)/task").compactMap { Int32($0) } }

    /// The kernel's name of a thread.
    public func comm(of tid: Int32) -> String { Files.text("/proc/\(pid)/task/\(tid)/comm") }

    /// The words of a thread's stat behind the name: the state is word 0.
    public func stat(of tid: Int32) -> [String] {
        let text = Files.text("/proc/\(pid)/task/\(tid)/stat")
        guard let bracket = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: bracket)...].split(separator: " ").map { String($0) }
    }

    /// The kernel's state letter of a thread; empty when it is gone.
    public func state(of tid: Int32) -> String { stat(of: tid).first ?? "" }

    /// Clock ticks after boot at which it started.
    public var startTicks: UInt64 {
        let words = stat(of: pid)
        return words.count > 19 ? UInt64(words[19]) ?? 0 : 0
    }

    /// CPU time of the whole process so far. Unit: clock ticks.
    public var cpuTicks: UInt64 {
        let text = Files.text("/proc/\(pid)/stat")
        guard let bracket = text.lastIndex(of: ")") else { return 0 }
        let words = text[text.index(after: bracket)...].split(separator: " ")
        return words.count > 12 ? (UInt64(words[11]) ?? 0) + (UInt64(words[12]) ?? 0) : 0
    }

    /// A number of a thread's status.
    public func status(of tid: Int32, _ name: String) -> UInt64 {
        for line in Files.text("/proc/\(pid)/task/\(tid)/status").split(separator: "\n")
        where line.hasPrefix(name + ":") {
            return line.split(separator: "\t").last.flatMap { UInt64($0) } ?? 0
        }
        return 0
    }
}

/// The host that tests run on.
public enum Host {
    /// Whether nothing but a bug can keep this process from asking the kernel: root, and not in a container.
    public static func isRootOfTheHost() -> Bool {
        // The kernel's fixed numbers of the first namespaces (PROC_PID_INIT_INO, PROC_USER_INIT_INO).
        geteuid() == 0 && Files.target(of: "/proc/self/ns/pid") == "pid:[4026531836]"
            && Files.target(of: "/proc/self/ns/user") == "user:[4026531837]"
    }
}

/// Files as plain calls read them, beside the readers under test.
public enum Files {
    /// Names in a directory, `.` and `..` among them.
    public static func names(in path: String) -> [String] {
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
    public static func target(of link: String) -> String {
        var bytes = [CChar](repeating: 0, count: 4096)
        let size = unsafe readlink(link, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(size, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A file as text without its last line break; empty where it cannot be read.
    public static func text(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 8192)
        while true {
            let size = unsafe read(descriptor, &part, part.count)
            guard size > 0 else { break }
            bytes += part.prefix(size)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// Whether a path leads to a file that may be executed.
    public static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }
}
