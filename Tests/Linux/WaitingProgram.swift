/// A program with a thread for every kind of waiting. Asked on its standard input, it writes how many calls ended with EINTR, how many
/// signals its handler saw, and how many calls each thread has made.
let waitingProgram = """
    #define _GNU_SOURCE
    #include <errno.h>
    #include <linux/futex.h>
    #include <poll.h>
    #include <pthread.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/epoll.h>
    #include <sys/ipc.h>
    #include <sys/prctl.h>
    #include <sys/select.h>
    #include <sys/sem.h>
    #include <sys/socket.h>
    #include <sys/syscall.h>
    #include <sys/time.h>
    #include <sys/wait.h>
    #include <time.h>
    #include <unistd.h>

    static struct timespec millisecond = {0, 1000000};
    static volatile long interrupted, handled, counts[32];
    static int ends[2], sockets[2], polled, semaphores;
    static sigset_t waited;

    static int do_nothing(void) { return 0; }
    static int do_sleep(void) { errno = clock_nanosleep(CLOCK_MONOTONIC, 0, &millisecond, NULL); return errno ? -1 : 0; }
    static int do_poll(void) { struct pollfd p = {sockets[1], POLLIN, 0}; return poll(&p, 1, 1); }
    static int do_ppoll(void) { struct pollfd p = {sockets[1], POLLIN, 0}; return ppoll(&p, 1, &millisecond, NULL); }
    static int do_select(void) { struct timeval t = {0, 1000}; return select(0, NULL, NULL, NULL, &t); }
    static int do_epoll(void) { struct epoll_event e; return epoll_wait(polled, &e, 1, 1); }
    static int do_futex(void) { static int word; return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &millisecond, NULL, 0); }
    static int do_read(void) { char byte; return read(ends[0], &byte, 1); }
    static int do_write(void) { nanosleep(&millisecond, NULL); return write(ends[1], "x", 1); }
    static int do_receive(void) { char byte; return recv(sockets[0], &byte, 1, 0); }
    static int do_semaphore(void) { struct sembuf b = {0, -1, 0}; return semtimedop(semaphores, &b, 1, &millisecond); }
    static int do_signal_wait(void) { return sigtimedwait(&waited, NULL, &millisecond); }
    static int do_vfork(void) {
        pid_t pid = vfork();
        if (pid == 0) { usleep(2000); _exit(0); }
        return waitpid(pid, NULL, 0);
    }
    static int do_clone(void) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, (void *(*)(void *))do_nothing, NULL)) return 0;
        pthread_join(thread, NULL);
        return 0;
    }
    static struct { const char *name; int (*call)(void); } works[] = {
        {"busy", do_nothing}, {"sleep", do_sleep}, {"poll", do_poll}, {"ppoll", do_ppoll}, {"select", do_select},
        {"epoll", do_epoll}, {"futex", do_futex}, {"read", do_read}, {"write", do_write}, {"receive", do_receive},
        {"semaphore", do_semaphore}, {"signal", do_signal_wait}, {"vfork", do_vfork}, {"clone", do_clone},
    };
    enum { number = sizeof works / sizeof works[0] };

    static void *work(void *argument) {
        long which = (long)argument;
        prctl(PR_SET_NAME, works[which].name);
        while (1) {
            errno = 0;
            if (works[which].call() < 0 && errno == EINTR) __sync_fetch_and_add(&interrupted, 1);
            counts[which]++;
        }
        return NULL;
    }
    static void handle(int signal) { handled++; }

    int main(void) {
        struct timeval limit = {0, 1000};
        sigemptyset(&waited);
        sigaddset(&waited, SIGUSR2);
        if (pipe(ends) || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets)) return 1;
        setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        polled = epoll_create1(0);
        semaphores = semget(IPC_PRIVATE, 1, 0600);
        sigset_t all, none;
        sigfillset(&all);
        sigemptyset(&none);
        pthread_sigmask(SIG_BLOCK, &all, NULL);
        for (long n = 0; n < number; n++) {
            pthread_t thread;
            pthread_create(&thread, NULL, work, (void *)n);
        }
        struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
        sigaction(SIGRTMIN, &action, NULL);
        pthread_sigmask(SIG_SETMASK, &none, NULL);
        puts("ready");
        fflush(stdout);
        char line[100];
        while (fgets(line, sizeof line, stdin)) {
            printf("%ld %ld", interrupted, handled);
            for (int n = 0; n < number; n++) printf(" %ld", counts[n]);
            printf("\\n");
            fflush(stdout);
        }
        semctl(semaphores, 0, IPC_RMID);
        return 0;
    }
    """
