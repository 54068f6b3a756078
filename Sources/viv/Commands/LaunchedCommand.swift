internal import Cells
internal import Glibc

/// A program that viv starts to follow it: it waits for viv before it does anything of its own.
final class LaunchedCommand {
    let pid: Int32
    private let gate: Int32
    private var waited: Int32?

    /// Starts a shell that waits for a byte and becomes the program then.
    ///
    /// - Throws: ``Failure`` where there is no such program.
    init(_ words: [String]) throws(Failure) {
        guard let name = words.first, let path = LaunchedCommand.place(of: name) else {
            throw Failure(.failed, "'\(visible(words.first ?? ""))' is no program: not found in PATH")
        }
        var (ends, ready): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard unsafe pipe(&ends) == 0, unsafe pipe(&ready) == 0 else { throw Failure(.failed, "no pipe can be made") }
        LaunchedCommand.lift(&ends)
        LaunchedCommand.lift(&ready)
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[0], LaunchedCommand.gates.begin)
        unsafe posix_spawn_file_actions_adddup2(&actions, ready[1], LaunchedCommand.gates.ready)
        for end in ends + ready where end != LaunchedCommand.gates.begin && end != LaunchedCommand.gates.ready {
            unsafe posix_spawn_file_actions_addclose(&actions, end)
        }
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        var signals = sigset_t()
        unsafe posix_spawnattr_init(&attributes)
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        // What viv ignores, the program does not.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { unsafe sigaddset(&signals, number) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        let (begin, told) = LaunchedCommand.gates
        let script = "echo >&\(told); exec \(told)>&-; read -r go <&\(begin) || exit 1; exec \(begin)<&-; exec \"$@\""
        let arguments = ["/bin/sh", "-c", script, "sh", path] + words.dropFirst()
        var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
        var started: Int32 = -1
        let failure = unsafe posix_spawn(&started, "/bin/sh", &actions, &attributes, &pointers, environ)
        close(ends[0])
        close(ready[1])
        // The shell is what it will be until it becomes the program: its own exec is not taken for that.
        var byte: UInt8 = 0
        if failure == 0 { _ = unsafe read(ready[0], &byte, 1) }
        close(ready[0])
        guard failure == 0 else {
            close(ends[1])
            throw Failure(.failed, "\(visible(name)) cannot be started: \(unsafe String(cString: strerror(failure)))")
        }
        pid = started
        gate = ends[1]
    }

    /// Moves descriptors out of the way of those that the shell knows.
    private static func lift(_ ends: inout [Int32]) {
        for index in ends.indices {
            let higher = fcntl(ends[index], F_DUPFD_CLOEXEC, gates.begin + 1)
            guard higher >= 0 else { continue }
            close(ends[index])
            ends[index] = higher
        }
    }

    /// Descriptors that no shell uses for itself, of one digit: no shell knows others.
    private static let gates: (begin: Int32, ready: Int32) = (9, 8)

    deinit {
        close(gate)
    }

    /// __WNOTHREAD: stops of a program that another thread of viv traces are for that one.
    private static let ofThisThread: Int32 = 0x2000_0000

    /// Lets the program run.
    func begin() {
        _ = unsafe write(gate, "\n", 1)
    }

    /// Whether it has not ended yet.
    var isRunning: Bool {
        if waited != nil { return false }
        // The kernel tells stops by a thread of ours here, too: they are that one's to take.
        var told = unsafe siginfo_t()
        let options = WEXITED | WNOHANG | WNOWAIT | LaunchedCommand.ofThisThread
        let ends = [CLD_EXITED, CLD_KILLED, CLD_DUMPED].map { Int32($0) }
        guard unsafe waitid(P_PID, id_t(pid), &told, options) == 0, unsafe ends.contains(told.si_code) else {
            return true
        }
        var status: Int32 = 0
        guard unsafe waitpid(pid, &status, WNOHANG | LaunchedCommand.ofThisThread) == pid else { return true }
        waited = status
        return false
    }

    /// What it exited with, as a shell tells it; nil while it runs.
    var status: Int32? {
        waited.map { $0 & 0x7f == 0 ? $0 >> 8 & 0xff : 128 + ($0 & 0x7f) }
    }

    private static func place(of name: String) -> String? {
        if name.contains("/") { return unsafe access(name, X_OK) == 0 ? name : nil }
        let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":", omittingEmptySubsequences: false).lazy
            .map { ($0.isEmpty ? "." : $0) + "/" + name }.first { unsafe access($0, X_OK) == 0 }
    }
}
