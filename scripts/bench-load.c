// A load for scripts/bench: N processes that sleep, and a few that use a little CPU at random moments, so that the
// numbers on a screen move as they do on a real host.
//
//     bench-load SLEEPING WORKING
//
// Prints "ready" when all of them run. Everything ends when standard input ends.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static void sleep_milliseconds(long milliseconds) {
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static long processor_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void work(void) {
    srand((unsigned)getpid());
    for (;;) {
        sleep_milliseconds(50 + rand() % 100);
        long end = processor_microseconds() + rand() % 3000;
        while (processor_microseconds() < end) {
        }
    }
}

static void become_child(pid_t parent, int working) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);  // the parent died before the line above
    prctl(PR_SET_NAME, working ? "bench-working" : "bench-sleeping");
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    if (working) work();
    for (;;) pause();
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: bench-load SLEEPING WORKING\n");
        return 2;
    }
    int sleeping = atoi(arguments[1]), working = atoi(arguments[2]);
    pid_t parent = getpid();
    for (int i = 0; i < sleeping + working; i++) {
        pid_t child = fork();
        if (child == 0) become_child(parent, i >= sleeping);
        if (child < 0) {  // the children already there die with this process
            fprintf(stderr, "bench-load: process %d: %s\n", i + 1, strerror(errno));
            return 1;
        }
    }
    printf("ready\n");
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return 0;
}
