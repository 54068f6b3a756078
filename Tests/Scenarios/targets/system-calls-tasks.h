// The second half of the list of system-calls.c: descriptors that are waited for, sockets, time, signals, processes.
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <linux/membarrier.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/un.h>
#include <sys/utsname.h>

#define BIT(number) (1UL << ((number) - 1))  // of a signal, in a mask
enum { ARCH_GET_FS = 0x1003 };

static const struct timespec millisecond = {0, 1000000}, second = {1, 0};
static int ends[2];  // of a pipe or a pair of sockets

static void pipes(void) {
    struct pollfd polled[] = {{4, POLLIN | POLLRDHUP, 0}, {5, POLLOUT, 0}, {-1, POLLPRI, 0}};
    struct timespec timeout = second, short_timeout = millisecond;
    struct timeval long_timeout = {1, 0};
    unsigned long mask = BIT(SIGUSR1);
    struct { void *mask; size_t size; } blocked = {&mask, MASK_SIZE};
    fd_set readable;
    int count;
    char buffer[8];
    CALL(0, pipe2, ends, O_NONBLOCK | O_CLOEXEC);
    CALL(-EAGAIN, read, 4, buffer, 8);
    CALL(1, poll, polled, 3, 0);
    CALL(0, ppoll, polled, 1, &short_timeout, &mask, MASK_SIZE);
    FD_ZERO(&readable);
    FD_SET(4, &readable);
    short_timeout = millisecond;  // the kernel has written into it what was left
    CALL(0, pselect6, 5, &readable, NULL, NULL, &short_timeout, &blocked);
    CALL(5, write, 5, "piped", 5);
    CALL(2, ppoll, polled, 3, &timeout, NULL, 0);
    FD_SET(4, &readable);
    CALL(1, select, 5, &readable, NULL, NULL, &long_timeout);
    CALL(0, ioctl, 4, FIONREAD, &count);
    CALL(2 * PAGE, fcntl, 5, F_SETPIPE_SZ, 2 * PAGE);
    CALL(0, lseek, 3, 0, SEEK_SET);
    CALL(0, fcntl, 3, F_SETFL, O_NONBLOCK);  // nothing is spliced into a file that is only appended to
    CALL(5, splice, 4, NULL, 3, NULL, 64, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    CALL(0, close_range, 4, ~0U, 0);
}

static void events(void) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 0x123456789}, ready[2];
    struct itimerspec soon = {{0, 0}, {0, 1000000}}, rest;
    unsigned long mask = BIT(SIGUSR2), count = 5;
    CALL(4, epoll_create1, EPOLL_CLOEXEC);
    CALL(5, eventfd2, 0, O_NONBLOCK);
    CALL(0, epoll_ctl, 4, EPOLL_CTL_ADD, 5, &event);
    CALL(0, epoll_pwait, 4, ready, 2, 0, NULL, MASK_SIZE);
    CALL(8, write, 5, &count, 8);
    CALL(1, epoll_wait, 4, ready, 2, -1);
    CALL(8, read, 5, &count, 8);
    CALL(0, epoll_ctl, 4, EPOLL_CTL_DEL, 5, NULL);
    CALL(6, timerfd_create, CLOCK_MONOTONIC, O_CLOEXEC);
    CALL(0, timerfd_settime, 6, 0, &soon, NULL);
    CALL(8, read, 6, &count, 8);
    CALL(0, timerfd_gettime, 6, &rest);
    CALL(7, signalfd4, -1, &mask, MASK_SIZE, O_NONBLOCK);
    CALL(-EAGAIN, read, 7, &count, 128);
    CALL(0, close_range, 4, ~0U, 0);
}

static void local_sockets(void) {
    struct sockaddr_un address = {AF_UNIX, "socket"}, nobody = {AF_UNIX, "\0nobody there"}, other;
    socklen_t length = sizeof other;
    struct ucred peer;
    socklen_t size = sizeof peer;
    char buffer[8];
    CALL(4, socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CALL(0, bind, 4, &address, sizeof address);
    CALL(0, listen, 4, 5);
    CALL(5, socket, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CALL(0, connect, 5, &address, sizeof(sa_family_t) + 7);
    CALL(6, accept4, 4, &other, &length, SOCK_CLOEXEC);
    length = sizeof other;
    CALL(0, getpeername, 5, &other, &length);
    CALL(0, getsockopt, 5, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    CALL(3, sendto, 5, "abc", 3, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0);
    CALL(3, recvfrom, 6, buffer, 8, MSG_PEEK, NULL, NULL);
    CALL(0, shutdown, 5, SHUT_WR);
    CALL(0, unlink, "socket");
    CALL(-ECONNREFUSED, connect, 5, &nobody, sizeof(sa_family_t) + 13);
    CALL(0, close_range, 4, ~0U, 0);
}

static void messages(void) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec pieces[] = {{"first ", 6}, {"\0second", 7}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof control};
    struct mmsghdr many[] = {{.msg_hdr = {.msg_iov = pieces, .msg_iovlen = 1}},
                             {.msg_hdr = {.msg_iov = pieces + 1, .msg_iovlen = 1}}};
    char first[6], second[7];
    int descriptor = 3;  // is sent along
    memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    CALL(0, socketpair, AF_UNIX, SOCK_DGRAM, 0, ends);
    CALL(13, sendmsg, 4, &message, MSG_NOSIGNAL);
    CALL(2, sendmmsg, 4, many, 2, 0);
    pieces[0].iov_base = first;
    pieces[1].iov_base = second;
    CALL(13, recvmsg, 5, &message, MSG_CMSG_CLOEXEC);
    CALL(2, recvmmsg, 5, many, 2, MSG_DONTWAIT, NULL);
    CALL(-EAGAIN, recvmsg, 5, &message, MSG_DONTWAIT);
    CALL(0, close_range, 4, ~0U, 0);
}

static void network(void) {
    struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {0}}, other;
    struct sockaddr_in6 sixth = {.sin6_family = AF_INET6, .sin6_port = htons(1), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct linger linger = {1, 2};
    socklen_t length = sizeof address;
    int on = 1;
    char buffer[8];
    CALL(4, socket, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    CALL(-ENOTCONN, getpeername, 4, &other, &length);
    CALL(0, setsockopt, 4, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    CALL(0, setsockopt, 4, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    CALL(0, setsockopt, 4, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    CALL(-ENOPROTOOPT, getsockopt, 4, SOL_SOCKET, 999, &on, &length);
    CALL(0, bind, 4, &address, sizeof address);
    CALL(0, getsockname, 4, &address, &length);
    CALL(5, socket, AF_INET, SOCK_STREAM, IPPROTO_IP);
    CALL(-ECONNREFUSED, connect, 5, &address, sizeof address);  // nobody listens
    CALL(0, listen, 4, 1);
    CALL(0, connect, 5, &address, sizeof address);
    CALL(6, accept4, 4, &other, &length, SOCK_NONBLOCK);
    CALL(7, socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
    address.sin_port = 0;
    CALL(0, bind, 7, &address, sizeof address);
    CALL(0, getsockname, 7, &address, &length);
    CALL(4, sendto, 7, "ping", 4, 0, &address, sizeof address);
    CALL(4, recvfrom, 7, buffer, 8, MSG_DONTWAIT | MSG_TRUNC, &other, &length);
    CALL(8, socket, AF_INET6, SOCK_STREAM, 0);
    CALL(0, setsockopt, 8, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    CALL(FAILS, connect, 8, &sixth, sizeof sixth);  // refused, or there is no ::1
    CALL(9, socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    CALL(0, bind, 9, &kernel, sizeof kernel);
    CALL(0, getsockname, 9, &kernel, &length);
    CALL(-EAFNOSUPPORT, socket, 99, SOCK_STREAM, 0);
    CALL(0, close_range, 4, ~0U, 0);
}

static void the_time(void) {
    struct timespec now, past = {5, 0};
    struct timeval today;
    struct itimerval interval;
    struct sigevent nobody = {.sigev_notify = SIGEV_NONE, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 7};
    struct itimerspec later = {{0, 0}, {60, 0}};
    int timer = -1;
    CALL(0, clock_gettime, CLOCK_MONOTONIC, &now);
    CALL(0, clock_getres, CLOCK_REALTIME_COARSE, &now);
    CALL(-EINVAL, clock_gettime, 99, &now);
    CALL(0, gettimeofday, &today, NULL);
    CALL(0, nanosleep, &millisecond, NULL);
    CALL(0, clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL);
    CALL(0, getitimer, ITIMER_VIRTUAL, &interval);
    CALL(0, timer_create, CLOCK_MONOTONIC, &nobody, &timer);
    CALL(0, timer_settime, timer, 0, &later, NULL);
    CALL(0, timer_delete, timer);
}

static void handle(int number) {
    // Who waits at a pipe is set free.
    if (number == SIGALRM && ends[1] > 0) CALL(1, write, ends[1], "!", 1);
}

static void signals(void) {
    struct sigaction handler = {.sa_handler = handle, .sa_flags = SA_RESTART | SA_ONSTACK}, old;
    static char room[16384];
    stack_t stack = {.ss_sp = room, .ss_size = sizeof room}, previous;
    unsigned long mask = BIT(SIGUSR1) | BIT(SIGUSR2), waiting;
    siginfo_t information;
    long former[4];
    sigemptyset(&handler.sa_mask);
    sigaddset(&handler.sa_mask, SIGTERM);
    CALL(0, sigaltstack, &stack, &previous);
    expect(__LINE__, "rt_sigaction", sigaction(SIGUSR1, &handler, &old), 0);
    CALL(0, rt_sigaction, SIGUSR1, NULL, former, MASK_SIZE);
    CALL(0, kill, me, SIGUSR1);
    CALL(0, rt_sigprocmask, SIG_BLOCK, &mask, &waiting, MASK_SIZE);
    CALL(0, tgkill, me, me, SIGUSR1);
    CALL(0, rt_sigpending, &waiting, MASK_SIZE);
    CALL(SIGUSR1, rt_sigtimedwait, &mask, &information, &second, MASK_SIZE);
    CALL(-EAGAIN, rt_sigtimedwait, &mask, NULL, &millisecond, MASK_SIZE);
    CALL(0, rt_sigprocmask, SIG_UNBLOCK, &mask, NULL, MASK_SIZE);
    CALL(4, pidfd_open, me, 0);
    CALL(0, pidfd_send_signal, 4, SIGUSR1, NULL, 0);
    CALL(0, close, 4);
}

static void interruptions(void) {
    struct sigaction handler = {.sa_handler = handle};
    struct itimerval soon = {{0, 0}, {0, 100000}};
    struct timespec left;
    char byte;
    ends[1] = 0;
    expect(__LINE__, "rt_sigaction", sigaction(SIGALRM, &handler, NULL), 0);
    CALL(0, setitimer, ITIMER_REAL, &soon, NULL);
    CALL(-EINTR, pause);
    CALL(0, setitimer, ITIMER_REAL, &soon, NULL);
    CALL(-EINTR, clock_nanosleep, CLOCK_MONOTONIC, 0, &second, &left);
    handler.sa_flags = SA_RESTART;
    expect(__LINE__, "rt_sigaction", sigaction(SIGALRM, &handler, NULL), 0);
    CALL(0, pipe, ends);
    CALL(0, setitimer, ITIMER_REAL, &soon, NULL);
    CALL(1, read, 4, &byte, 1);
    CALL(0, close_range, 4, ~0U, 0);
}

static void itself(void) {
    struct rlimit limit;
    struct rusage usage;
    struct tms ticks;
    struct utsname name;
    struct sysinfo information;
    char random[8];
    unsigned long base;
    static int word;
    CALL(me, getpid);
    CALL(me, gettid);
    CALL(ANY, getppid);
    CALL(ANY, getuid);
    CALL(ANY, getegid);
    CALL(ANY, getpgid, 0);
    CALL(0, getrlimit, RLIMIT_CORE, &limit);
    limit.rlim_cur = 0;
    CALL(0, setrlimit, RLIMIT_CORE, &limit);
    CALL(0, prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
    CALL(0, getrusage, RUSAGE_SELF, &usage);
    CALL(ANY, times, &ticks);
    CALL(0, uname, &name);
    CALL(0, sysinfo, &information);
    CALL(me, set_tid_address, &word);
    CALL(0, arch_prctl, ARCH_GET_FS, &base);
    CALL(8, getrandom, random, 8, GRND_NONBLOCK);
}

static void scheduling(void) {
    unsigned long processors[128];
    char attributes[56];
    int parameter;
    struct timespec slice;
    CALL(0, sched_yield);
    CALL(0, sched_getscheduler, 0);
    CALL(0, sched_getparam, 0, &parameter);
    CALL(99, sched_get_priority_max, 1);
    CALL(0, sched_rr_get_interval, 0, &slice);
    CALL(ANY, sched_getaffinity, 0, sizeof processors, processors);
    CALL(0, sched_getattr, 0, attributes, sizeof attributes, 0);
    CALL(ANY, getpriority, PRIO_PROCESS, 0);
}

static void rights(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    unsigned action = SECCOMP_RET_ERRNO;
    union bpf_attr command;
    struct perf_event_attr event;
    char parameters[120] = {0};
    memset(&command, 0, sizeof command);
    memset(&event, 0, sizeof event);
    event.type = PERF_TYPE_SOFTWARE;
    event.size = 8;
    CALL(0, capget, &header, data);
    CALL(0, kcmp, me, me, KCMP_FILE, 0, 0);
    CALL(ANY, membarrier, MEMBARRIER_CMD_QUERY, 0);
    CALL(0, seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
    CALL(FAILS, bpf, 9999, &command, 8);
    CALL(FAILS, perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    CALL(FAILS, io_uring_setup, 0, parameters);
}

static void end_with(int status) { syscall(SYS_exit_group, status); }

static void forked(void) {
    char name[16];
    CALL(me, getppid);
    CALL(ANY, setsid);
    CALL(0, prctl, PR_SET_NAME, "a \"child\"", 0, 0, 0);
    CALL(0, prctl, PR_GET_NAME, name, 0, 0, 0);
    CALL(0, prctl, PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    CALL(0, setpriority, PRIO_PROCESS, 0, 19);
    end_with(7);
}

static int cloned(void *stops) {
    if (stops) {
        long own = CALL(ANY, getpid);
        CALL(0, kill, own, SIGSTOP);
    }
    end_with(8);
    return 0;
}

static _Alignas(16) char child_stack[65536];
#define CHILD_STACK (child_stack + sizeof child_stack)

static void started_with_exec(void) {
    char *arguments[] = {"true", "an argument", NULL}, *environment[] = {"A=1", "B=two words", NULL};
    long child = vfork();  // of the C library: who returns from syscall twice loses the place to return to
    if (child == 0) {
        CALL(-ENOENT, execve, "missing", arguments, environment);
        CALL(-EACCES, execve, "plain", arguments, environment);
        CALL(0, execve, "/bin/true", arguments, environment);
    }
    CALL(child, wait4, child, NULL, __WALL, NULL);
}

static void children(void) {
    struct clone_args arguments = {.flags = CLONE_PIDFD, .exit_signal = SIGCHLD};
    int descriptor = -1, status = 0;
    siginfo_t information;
    struct rusage usage;
    unsigned long mask = BIT(SIGCHLD);
    CALL(0, rt_sigprocmask, SIG_BLOCK, &mask, NULL, MASK_SIZE);
    long child = CALL(ANY, fork);
    if (child == 0) forked();
    CALL(child, wait4, child, &status, 0, &usage);
    expect(__LINE__, "the child", WEXITSTATUS(status), 7);
    started_with_exec();
    child = expect(__LINE__, "clone", clone(cloned, CHILD_STACK, CLONE_VM | CLONE_FS | SIGCHLD, NULL), ANY);
    CALL(0, waitid, P_PID, child, &information, WEXITED | WNOWAIT, NULL);
    CALL(child, wait4, -1, NULL, WNOHANG, NULL);
    arguments.pidfd = (long)&descriptor;
    child = CALL(ANY, clone3, &arguments, sizeof arguments);
    if (child == 0) cloned(&arguments);
    CALL(child, wait4, child, &status, WUNTRACED, NULL);
    CALL(0, kill, child, SIGKILL);
    CALL(0, waitid, P_PIDFD, descriptor, &information, WEXITED, NULL);
    CALL(-ECHILD, wait4, -1, &status, 0, NULL);
    CALL(0, close, descriptor);
    CALL(0, rt_sigprocmask, SIG_UNBLOCK, &mask, NULL, MASK_SIZE);
}

static int threaded(void *unused) {
    CALL(ANY, gettid);
    CALL(1, write, 5, "t", 1);
    syscall(SYS_exit, 0);
    return unused != NULL;
}

static void threads(void) {
    static volatile int running;
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    char byte;
    CALL(0, pipe, ends);
    expect(__LINE__, "clone", clone(threaded, CHILD_STACK, flags, NULL, &running, NULL, &running), ANY);
    CALL(1, read, 4, &byte, 1);
    while (running) {}  // until it is gone; a wait would be a call or none
    CALL(0, close_range, 4, ~0U, 0);
}

static void futexes(void) {
    static unsigned word = 5, other;
    struct timespec past = {5, 0};
    CALL(0, futex, &word, FUTEX_WAKE_PRIVATE, 1);
    CALL(-EAGAIN, futex, &word, FUTEX_WAIT, 4, NULL);
    CALL(-ETIMEDOUT, futex, &word, FUTEX_WAIT_PRIVATE, 5, &millisecond);
    CALL(-ETIMEDOUT, futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &past, NULL, FUTEX_BITSET_MATCH_ANY);
    CALL(0, futex, &word, FUTEX_REQUEUE, 1, INT_MAX, &other);
    CALL(-EAGAIN, futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &other, 6);
}
