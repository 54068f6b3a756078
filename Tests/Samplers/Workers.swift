import Glibc
import Model
import Samplers
import TestProcesses
import Testing

/// A program that does as it is told, one line at a time, and is at rest when it has answered.
struct Worker {
    let child: Child

    private static let program = """
        import os, sys, threading, time
        held = []
        stay = threading.Event()
        for line in sys.stdin:
            words = line.split()
            if words[0] == "burn":
                end = time.process_time() + float(words[1])
                while time.process_time() < end: pass
            if words[0] == "rename": open("/proc/self/comm", "w").write(words[1])
            if words[0] == "title": open("/proc/self/comm", "wb").write(bytes.fromhex(words[1]))
            if words[0] == "grow": held.append(bytearray(b"x") * (int(words[1]) << 20))
            if words[0] == "open": held += [open("/dev/null") for _ in range(int(words[1]))]
            if words[0] == "write": os.write(1, b""); open(words[1], "wb").write(b"x" * int(words[2]))
            if words[0] == "thread":
                def wait(name=words[1]):
                    open("/proc/thread-self/comm", "w").write(name); print("done"); stay.wait()
                threading.Thread(target=wait, daemon=True).start()
                continue
            if words[0] == "listen":
                import socket
                server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen()
                held.append(server)
                print(server.getsockname()[1])
                continue
            if words[0] == "exec": print("done"); os.execv("/bin/sleep", ["sleep", "1000"])
            print("done")
        """

    init() throws {
        child = try Child(python: Self.program)
        tell("ready")
    }

    /// Has it do something; its answer, once it sleeps again.
    @discardableResult
    func tell(_ words: String) -> String {
        child.write(words)
        let answer = child.line()
        for _ in 0..<2_000 {
            if child.threads().allSatisfy({ child.state(of: $0) == "S" }) { break }
            pause(milliseconds: 1)
        }
        return answer
    }

    var identity: ProcessIdentity { ProcessIdentity(pid: child.pid, startTicks: child.startTicks) }
}

func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

extension ProcessTable {
    /// The process of a pid that is alive.
    func living(_ pid: Int32) -> ProcessRow? { rows.first { $0.pid == pid && !$0.hasEnded && !$0.isThread } }

    func row(_ identity: ProcessIdentity) -> ProcessRow? { index(of: identity).map { rows[$0] } }
}

/// Everything of every row.
let everything = TableDemand(
    visibleSources: [
        .accounting, .io, .sizes, .shares, .openFiles, .outOfMemoryScore, .ioPriority, .autogroup, .waiting, .python,
        .arguments, .executable, .workingDirectory, .cgroup,
    ], allVisible: true)

/// A number of a file such as `/proc/meminfo` by the first word of its line.
func number(_ name: String, in path: String) -> UInt64 {
    for line in Files.text(path).split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count > 1, words[0] == name { return UInt64(words[1]) ?? 0 }
    }
    return 0
}
