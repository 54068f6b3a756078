import Glibc
import StopTracing
import SystemCalls
import TestProcesses
import Testing

/// What is told of a program's calls, signals, births and ends.
@Suite(.serialized) struct EventTests {
    @Test func callsAreToldWithTheirMemoryAndResults() throws {
        let program = try TracedProgram(
            start + """
                int main(void) {
                    ready();
                    char bytes[8] = {0};
                    struct iovec parts[2] = {{"one", 3}, {"two", 3}};
                    int descriptor = open("/nowhere/at/all", O_RDONLY);
                    int ends[2];
                    pipe(ends);
                    writev(ends[1], parts, 2);
                    read(ends[0], bytes, sizeof bytes);
                    return 3;
                }
                """)
        program.child.write("")
        program.waitForEnd()
        #expect(
            program.calls("openat").last.map(text)
                == #"openat(AT_FDCWD, "/nowhere/at/all", O_RDONLY) = -1 ENOENT (No such file or directory)"#)
        #expect(
            program.calls("writev").last.map {
                text($0).contains(#"[{iov_base="one", iov_len=3}, {iov_base="two", iov_len=3}], 2) = 6"#)
            } == true)
        #expect(program.calls("read").last.map { text($0).hasSuffix(#""onetwo", 8) = 6"#) } == true)
        // The one that it waited in when the tracer came.
        let first = try #require(program.calls("read").first)
        #expect(
            first.flags == .unseenEntry && first.durationNanoseconds == nil
                && text(first) == #"read(0, "\n", 4096) = 1"#)
        #expect(program.calls("exit_group").map(\.flags) == [.final])
        #expect(program.all(.end).map(\.result) == [3 << 8])
        #expect(program.events.allSatisfy { $0.pid == program.child.pid && $0.tid == program.child.pid })
        #expect(zip(program.events, program.events.dropFirst()).allSatisfy { $0.leftNanoseconds <= $1.leftNanoseconds })
        let overhead = program.tracer.overhead
        #expect(overhead.stops > 10 && overhead.stoppedNanoseconds > 0)
    }

    @Test func onlyWhatIsAskedForIsTold() throws {
        var options = SyscallOptions()
        options.onlyFailed = true
        options.wanted = SystemCallTable.native.number(of: "close").map { [$0] }
        let program = try TracedProgram(
            start + "int main(void) { ready(); close(0); close(99); open(\"/x\", 0); return 0; }", options)
        program.child.write("")
        program.waitForEnd()
        #expect(program.all(.call).map(text) == ["close(99) = -1 EBADF (Bad file descriptor)"])
    }

    @Test func birthsAndEndsOfThreadsAndChildrenAreTold() throws {
        let program = try TracedProgram(start + familyProgram)
        let pid = program.child.pid
        program.child.write("")
        program.waitForEnd()
        let births = program.all(.birth)
        #expect(births.count == 4)
        #expect(births.filter { $0.number == pid }.count == 1, "the thread")
        #expect(Set(program.all(.end).map(\.tid)) == Set(births.map { Int32($0.result) } + [pid]))
        for birth in births {
            let events = program.events.filter { $0.tid == Int32(birth.result) }
            #expect(events.allSatisfy { $0.pid == birth.number }, "\(events.map(text))")
            #expect(events.last?.kind == .end)
        }
        #expect(program.calls("getppid").count == 4)
        #expect(Set(program.all(.end).map(\.result)) == [0, 1 << 8, 2 << 8, 4 << 8, 5 << 8])
    }

    @Test func childrenAreLeftAloneWhereNobodyWantsThem() throws {
        var options = SyscallOptions()
        options.follows = false
        let program = try TracedProgram(start + familyProgram, options)
        program.child.write("")
        program.waitForEnd()
        #expect(program.all(.birth).map(\.number) == [program.child.pid])
        #expect(program.calls("getppid").count == 1)
        #expect(Set(program.events.map(\.pid)) == [program.child.pid])
    }

    @Test func aThreadThatBecomesAnotherProgramIsFollowed() throws {
        let program = try TracedProgram(
            start + """
                static void *again(void *argument) {
                    execl("/bin/echo", "echo", "another", NULL);
                    return NULL;
                }
                static void *idle(void *argument) { pause(); return NULL; }
                int main(void) {
                    pthread_t thread;
                    for (int n = 0; n < 5; n++) pthread_create(&thread, NULL, idle, NULL);
                    ready();
                    pthread_create(&thread, NULL, again, NULL);
                    pause();
                    return 1;
                }
                """)
        program.child.write("")
        #expect(program.child.line() == "another")
        program.waitForEnd()
        let pid = program.child.pid
        let exec = try #require(program.calls("execve").last)
        #expect(exec.result == 0 && exec.tid == pid)
        #expect(program.calls("write").last.map(text) == #"write(1, "another\n", 8) = 8"#)
        #expect(program.all(.end).count == 7, "five threads, the first one and the program")
        #expect(program.events.last?.kind == .end && program.events.last?.result == 0)
    }

    @Test func signalsAreToldAndPassedOn() throws {
        let program = try TracedProgram(
            start + """
                static void handle(int signal) { write(1, "handled\\n", 8); }
                int main(void) {
                    signal(SIGUSR1, handle);
                    ready();
                    kill(getpid(), SIGUSR1);
                    kill(getpid(), SIGCHLD);
                    abort();
                }
                """)
        program.child.write("")
        #expect(program.child.line() == "handled")
        program.waitForEnd()
        #expect(program.all(.signal).map(\.number) == [SIGUSR1, SIGCHLD, SIGABRT])
        #expect(program.all(.signal).map(\.flags) == [[], .ignored, []])
        #expect(
            program.all(.signal).first.map {
                text($0).contains("SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=\(program.child.pid)")
            } == true)
        #expect(program.calls("rt_sigreturn").count == 1)
        #expect(program.all(.end).map { $0.result & 0x7f } == [Int64(SIGABRT)])
    }

    @Test func aCallThatGoesOnIsKnown() throws {
        let program = try TracedProgram(start + "int main(void) { ready(); sleep(1000); return 0; }")
        program.child.write("")
        var found: [(sequence: UInt64, event: SyscallEvent)] = []
        wait {
            found = program.tracer.inFlight(longerThanNanoseconds: 5_000_000)
            return !found.isEmpty
        }
        #expect(
            found.first.map { $0.event.flags.contains(.unfinished) && text($0.event).contains("nanosleep") } == true)
        kill(program.child.pid, SIGKILL)
        program.waitForEnd()
        #expect(program.tracer.inFlight(longerThanNanoseconds: 0).isEmpty)
        #expect(program.all(.end).map(\.result) == [Int64(SIGKILL)])
    }

    private let start = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <pthread.h>
        #include <sched.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/uio.h>
        #include <sys/wait.h>
        #include <unistd.h>
        static void ready(void) {
            char line[100];
            puts("ready");
            fflush(stdout);
            fgets(line, sizeof line, stdin);
        }

        """

    /// fork, vfork, clone and a thread, each of which asks once who its parent is.
    private let familyProgram = """
        static void *work(void *argument) { getppid(); return argument; }
        static int child(void *argument) { getppid(); return 4; }
        int main(void) {
            ready();
            pthread_t thread;
            if (fork() == 0) { getppid(); _exit(1); }
            if (vfork() == 0) { getppid(); _exit(2); }
            static char stack[65536];
            clone(child, stack + sizeof stack, SIGCHLD, NULL);
            while (wait(NULL) > 0) {}
            pthread_create(&thread, NULL, work, NULL);
            pthread_join(thread, NULL);
            return 5;
        }
        """
}
