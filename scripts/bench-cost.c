// Runs a command and tells what it cost: bench-cost REPORT SECONDS COMMAND [ARGUMENT]...
//
// REPORT gets one line: wall seconds from fork to the end, processor seconds and peak resident kB as wait4 tells them,
// the wait status, and whether it was interrupted. After SECONDS the command gets SIGINT, as from ^C, and 20 s later SIGKILL.
// A program of its own and no line of Python, because a child begins with the peak of the process that it was forked from.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

// Whether the child ends, or is interrupted, before so many seconds are over; it stays to be waited for.
static int ends_within(pid_t child, double seconds, const sigset_t *child_ended) {
    double end = now() + seconds;
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_PID, child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child) return 1;
        double left = end - now();
        if (left <= 0) return 0;
        struct timespec timeout = {(time_t)left, (long)((left - (time_t)left) * 1e9)};
        sigtimedwait(child_ended, NULL, &timeout);
    }
}

int main(int count, char **arguments) {
    if (count < 4) return 2;
    sigset_t child_ended, before;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_ended, &before);
    double start = now();
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        sigprocmask(SIG_SETMASK, &before, NULL);
        execvp(arguments[3], arguments + 3);
        perror(arguments[3]);
        _exit(127);
    }
    if (child < 0) return 2;
    int interrupted = !ends_within(child, atof(arguments[2]), &child_ended);
    if (interrupted) {
        kill(child, SIGINT);
        if (!ends_within(child, 20, &child_ended)) kill(child, SIGKILL);
    }
    struct rusage usage;
    int status = 0;
    wait4(child, &status, 0, &usage);
    double wall = now() - start;
    FILE *report = fopen(arguments[1], "w");
    if (!report) return 2;
    fprintf(report, "%.6f %.6f %ld %d %d\n", wall,
            usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
            usage.ru_maxrss, status, interrupted);
    return fclose(report) == 0 ? 0 : 2;
}
