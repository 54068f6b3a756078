// The load of scripts/bench-storm: so many threads or processes a second, each ended at once.
//   bench-storm threads|forks|execs RATE      until its standard input closes; prints how many it made
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void *nothing(void *argument) { return argument; }

static void one(char kind) {
    if (kind == 't') {
        pthread_t thread;
        if (pthread_create(&thread, NULL, nothing, NULL) == 0) pthread_join(thread, NULL);
        return;
    }
    pid_t child = kind == 'e' ? vfork() : fork();
    if (child == 0) {
        if (kind == 'e') execl("/bin/true", "true", (char *)NULL);
        _exit(0);
    }
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc != 3 || !strchr("tfe", argv[1][0])) return 2;
    double rate = atof(argv[2]), start = seconds();
    long made = 0;
    struct pollfd input = {.fd = 0, .events = POLLIN};
    // Spread evenly: those that are due since the last look, at most a few milliseconds' worth.
    while (poll(&input, 1, 1) == 0)
        while ((double)made < (seconds() - start) * rate) one(argv[1][0]), made++;
    printf("%ld %.3f\n", made, seconds() - start);
    return 0;
}
