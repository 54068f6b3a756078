import Glibc
import StopTracing
import SystemCalls
import TestProcesses
import Testing

/// Whoever is traced goes on as if nothing had been, whatever becomes of the tracer.
@Suite(.serialized) struct DetachTests {
    @Test func aHundredThreadsComeAndGoUnderTheTracer() throws {
        let program = try Counting(threads: 100)
        for round in 0..<30 {
            let tracer = try StopTracer(.native, SyscallOptions())
            try tracer.watch(processes: [program.child.pid])
            usleep(UInt32(round % 7) * 3000)
            if round % 2 == 0 { tracer.stop() }
        }
        #expect(program.child.isFree)
        try program.requireProgress()
        let early = try program.counts().prefix(2)
        #expect(early == [0, 0], "calls that ended early")
    }

    @Test func everyThreadMakesProgressWhileAllAreTraced() throws {
        let program = try Counting(threads: 100)
        let tracer = try StopTracer(.native, SyscallOptions())
        try tracer.watch(processes: [program.child.pid])
        #expect(program.child.threads().allSatisfy { program.child.status(of: $0, "TracerPid") != 0 })
        try program.requireProgress()
        var tids: Set<Int32> = []
        tracer.drain { tids.insert($0.tid) }
        #expect(tids.count == 101)
        let early = try program.counts().prefix(2)
        #expect(early == [0, 0], "calls that ended early")
    }

    @Test func aTracerThatIsKilledLetsGo() async throws {
        let program = try Counting(threads: 10)
        let pid = program.child.pid
        for number in 0..<20 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [pid = pid as Int32, number = number as Int] in
                let tracer = try StopTracer(.native, SyscallOptions())
                try tracer.watch(processes: [pid])
                let killer = try Child("sleep 0.0\(number % 10); kill -9 \(getpid())")
                while killer.pid > 0 { tracer.drain { _ in } }
            }
            #expect(program.child.isFree)
            try program.requireProgress()
        }
        #expect(try program.counts()[0] == 0)
    }

    @Test func aSignalThatArrivesAsTheTracerGoesIsNotLost() throws {
        let compiled = try CompiledProgram(
            """
            #include <signal.h>
            #include <stdio.h>
            #include <unistd.h>
            static volatile long handled;
            static void handle(int signal) { handled++; }
            int main(void) {
                struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
                sigaction(SIGRTMIN, &action, NULL);
                puts("ready");
                fflush(stdout);
                char line[100];
                while (fgets(line, sizeof line, stdin)) { printf("%ld\\n", handled); fflush(stdout); }
            }
            """)
        let child = try Child(program: compiled.path, arguments: ["program"], onPipes: true)
        _ = child.line()
        for sent in 1...200 {
            let tracer = try StopTracer(.native, SyscallOptions())
            try tracer.watch(processes: [child.pid])
            kill(child.pid, 34)
            if sent % 2 == 0 { tracer.stop() }
        }
        var handled: [UInt64] = []
        wait {
            child.write("")
            handled = child.numbers()
            return handled == [200]
        }
        #expect(handled == [200])
        #expect(child.isFree)
    }

    @Test func aProcessIsStoppedAndGoesOnUnderTheTracerAndAfterIt() throws {
        let program = try Counting(threads: 5)
        let child = program.child
        for round in 0..<10 {
            let tracer = try StopTracer(.native, SyscallOptions())
            if round % 3 == 0 { program.pause(isTraced: false) }
            try tracer.watch(processes: [child.pid])
            if round % 3 != 0 { program.pause(isTraced: true) }
            let before = child.threads().map { child.stat(of: $0)[11] }
            usleep(20_000)
            #expect(child.threads().map { child.stat(of: $0)[11] } == before, "it stands still")
            var stops = 0
            tracer.drain { if $0.flags.contains(.stops) { stops += 1 } }
            #expect(stops == (round % 3 == 0 ? 0 : 1))
            if round % 2 == 0 {
                tracer.stop()
                #expect(child.threads().allSatisfy { child.status(of: $0, "TracerPid") == 0 })
                for tid in child.threads() {
                    wait { child.state(of: tid) == "T" }
                    #expect(child.state(of: tid) == "T")
                }
            }
            kill(child.pid, SIGCONT)
            try program.requireProgress()
        }
        #expect(child.isFree)
    }

    @Test func aProcessThatIsKilledUnderTheTracerEnds() throws {
        for round in 0..<20 {
            let program = try Counting(threads: 20)
            let tracer = try StopTracer(.native, SyscallOptions())
            try tracer.watch(processes: [program.child.pid])
            usleep(UInt32(round) * 500)
            kill(program.child.pid, SIGKILL)
            wait { ["Z", ""].contains(program.child.state(of: program.child.pid)) }
            var ends: [Int64] = []
            wait {
                tracer.drain { if $0.kind == .end { ends.append($0.result) } }
                return ends.count >= 21
            }
            #expect(ends == Array(repeating: Int64(SIGKILL), count: 21))
        }
    }

    @Test func aProcessThatHasATracerIsRefusedWithItsName() throws {
        let child = try Child("exec sleep 1000")
        let first = try StopTracer(.native, SyscallOptions())
        try first.watch(processes: [child.pid])
        let second = try StopTracer(.native, SyscallOptions())
        var own = ""
        do throws(StopTracingError) {
            try second.watch(processes: [child.pid])
            Issue.record("two tracers")
        } catch {
            own = Files.text("/proc/self/comm")
            #expect(error == .traced(pid: child.pid, by: getpid(), name: own))
            #expect("\(error)".contains("\(own) \(getpid())"))
        }
        first.stop()
        try second.watch(processes: [child.pid])
    }

    @Test func whoCannotBeTracedIsRefused() throws {
        let tracer = try StopTracer(.native, SyscallOptions())
        #expect(throws: StopTracingError.own) { try tracer.watch(processes: [getpid()]) }
        let child = try Child("exit 0")
        child.waitForEnd()
        #expect(throws: StopTracingError.gone(pid: child.pid)) { try tracer.watch(processes: [child.pid]) }
        child.reap()
        #expect(throws: StopTracingError.gone(pid: child.pid)) { try tracer.watch(processes: [child.pid]) }
    }
}

/// The program that counts what its threads do.
private final class Counting {
    private let compiled: CompiledProgram
    let child: Child

    init(threads: Int) throws {
        compiled = try CompiledProgram(countingProgram(threads: threads))
        child = try Child(program: compiled.path, arguments: ["counting"], onPipes: true)
        _ = child.line()
    }

    /// How many calls ended early, and how many each thread has made.
    func counts() throws -> [UInt64] {
        child.write("")
        let numbers = child.numbers()
        try #require(numbers.count > 1)
        return numbers
    }

    /// Waits until every thread has made some more calls.
    func requireProgress() throws {
        let before = try counts().dropFirst(2)
        for _ in 0..<10_000 {
            if try zip(before, counts().dropFirst(2)).allSatisfy({ $0 + 2 < $1 }) { return }
            usleep(1000)
        }
        Issue.record("a thread makes no progress")
    }

    /// Stops the process as ^Z does.
    func pause(isTraced: Bool) {
        kill(child.pid, SIGSTOP)
        for tid in child.threads() {
            wait { child.state(of: tid) == (isTraced ? "t" : "T") }
        }
    }
}
