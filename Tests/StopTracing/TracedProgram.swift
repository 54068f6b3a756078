import Glibc
import Linux
import StopTracing
import SystemCalls
import TestProcesses

/// A program that a test traces, and what was told of it.
final class TracedProgram {
    let child: Child
    private let compiled: CompiledProgram
    let tracer: StopTracer
    private(set) var events: [SyscallEvent] = []

    /// Compiles a program that says `ready` and then goes on with each line it is written, and traces it.
    init(_ source: String, _ options: SyscallOptions = SyscallOptions()) throws {
        compiled = try CompiledProgram(source)
        child = try Child(program: compiled.path, arguments: ["program"], onPipes: true)
        _ = child.line()
        tracer = try StopTracer(.native, options)
        try tracer.watch(processes: [child.pid])
    }

    /// What has been told until now.
    func fetch() {
        tracer.drain { events.append($0) }
    }

    /// Waits until the program has ended: not by wait(2), which would take its stops away.
    func waitForEnd() {
        wait { child.state(of: child.pid) == "Z" }
        fetch()
    }

    /// Calls of a name, in the order in which they ended.
    func calls(_ name: String) -> [SyscallEvent] {
        let number = SystemCallTable.native.number(of: name)
        return events.filter { $0.kind == .call && $0.number == number }
    }

    /// Events of a kind.
    func all(_ kind: SyscallEvent.Kind) -> [SyscallEvent] { events.filter { $0.kind == kind } }
}

/// Waits until something is so; ten seconds at most.
func wait(_ isSo: () throws -> Bool) rethrows {
    for _ in 0..<20_000 {
        if try isSo() { return }
        usleep(500)
    }
}

/// An event as the command writes it.
func text(_ event: SyscallEvent) -> String {
    var text = CallText()
    text.write(event)
    return String(decoding: text.bytes, as: UTF8.self)
}

extension Child {
    /// Whether nobody traces any of its threads, and none stands still.
    var isFree: Bool {
        threads().allSatisfy { status(of: $0, "TracerPid") == 0 && !["t", "T"].contains(state(of: $0)) }
    }
}

/// A program with threads that count what they do. Each line it is written it answers with their counts; before them how many calls ended
/// early or with EINTR, and how many of epoll_wait(2), which ends so at every opportunity.
func countingProgram(threads: Int) -> String {
    """
    #define _GNU_SOURCE
    #include <errno.h>
    #include <linux/futex.h>
    #include <poll.h>
    #include <pthread.h>
    #include <stdio.h>
    #include <string.h>
    #include <sys/epoll.h>
    #include <sys/syscall.h>
    #include <time.h>
    #include <unistd.h>
    enum { number = \(threads) };
    static volatile long early[2], counts[number];
    static struct timespec duration = {0, 5000000};
    static int polled, word;
    static long now(void) {
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        return time.tv_sec * 1000000000L + time.tv_nsec;
    }
    static int wait(long which) {
        struct epoll_event event;
        switch (which % 5) {
        case 0: return nanosleep(&duration, NULL);
        case 1: return poll(NULL, 0, 5);
        case 2: return epoll_wait(polled, &event, 1, 5);
        case 3: return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &duration, NULL, 0) < 0 && errno == ETIMEDOUT ? 0 : -1;
        default: getppid(); return 1;
        }
    }
    static void *work(void *argument) {
        long which = (long)argument;
        while (1) {
            long begin = now();
            int result = wait(which);
            if (result < 0 || (result == 0 && now() - begin < 4900000)) __sync_fetch_and_add(&early[which % 5 == 2], 1);
            counts[which]++;
        }
        return NULL;
    }
    int main(void) {
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, 65536);
        polled = epoll_create1(0);
        for (long n = 0; n < number; n++) {
            pthread_t thread;
            pthread_create(&thread, &attributes, work, (void *)n);
        }
        puts("ready");
        fflush(stdout);
        char line[100];
        while (fgets(line, sizeof line, stdin)) {
            printf("%ld %ld", early[0], early[1]);
            for (int n = 0; n < number; n++) printf(" %ld", counts[n]);
            printf("\\n");
            fflush(stdout);
        }
        return 0;
    }
    """
}
