#pragma once
// Stopping one thread: ptrace(2) is variadic in glibc, and what it answers is spread over errno, siginfo_t and iovec.
#include <elf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

/// ptrace(2), PTRACE_SEIZE without options: the thread runs on, and runs on when the tracer dies.
static inline int cl_ptrace_seize(int tid) {
    return ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0 ? -errno : 0;
}

/// What a tracer is told of besides signals: PTRACE_O_*, which are macros to Swift.
enum {
    CL_TRACE_CALLS = PTRACE_O_TRACESYSGOOD,
    CL_TRACE_THREADS = PTRACE_O_TRACECLONE,
    CL_TRACE_CHILDREN = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK,
    CL_TRACE_PROGRAMS = PTRACE_O_TRACEEXEC,
    CL_TRACE_ENDS = PTRACE_O_TRACEEXIT,
};

/// ptrace(2), PTRACE_SEIZE with options: the thread runs on.
static inline int cl_ptrace_seize_with(int tid, int options) {
    return ptrace(PTRACE_SEIZE, tid, NULL, (void *)(intptr_t)options) < 0 ? -errno : 0;
}

/// ptrace(2), PTRACE_SYSCALL: the thread runs on to the next begin or end of a system call and receives `signal`, unless that is 0.
static inline int cl_ptrace_resume_to_call(int tid, int signal) {
    return ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(intptr_t)signal) < 0 ? -errno : 0;
}

/// ptrace(2), PTRACE_CONT: the thread runs on, through system calls as well, and receives `signal`, unless that is 0.
static inline int cl_ptrace_continue(int tid, int signal) {
    return ptrace(PTRACE_CONT, tid, NULL, (void *)(intptr_t)signal) < 0 ? -errno : 0;
}

/// ptrace(2), PTRACE_LISTEN: the thread stays stopped as its process is, until SIGCONT.
static inline int cl_ptrace_listen(int tid) {
    return ptrace(PTRACE_LISTEN, tid, NULL, NULL) < 0 ? -errno : 0;
}

/// ptrace(2), PTRACE_GETEVENTMSG.
static inline int cl_ptrace_message(int tid, unsigned long *message) {
    return ptrace(PTRACE_GETEVENTMSG, tid, NULL, message) < 0 ? -errno : 0;
}

/// ptrace(2), PTRACE_GETSIGINFO.
static inline int cl_ptrace_signal(int tid, siginfo_t *information) {
    return ptrace(PTRACE_GETSIGINFO, tid, NULL, information) < 0 ? -errno : 0;
}

/// ptrace(2), PTRACE_GET_SYSCALL_INFO: how many bytes there are.
static inline int cl_ptrace_call(int tid, struct __ptrace_syscall_info *information) {
    long size = ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof *information, information);
    return size < 0 ? -errno : (int)size;
}

/// What waitid(2) says of a thread.
struct cl_trace_stop {
    /// 0 where nothing is to be told.
    int tid;
    /// CLD_TRAPPED, CLD_STOPPED, or how it ended.
    int code;
    /// Of a stop `event << 8 | signal`; of an end the exit status or the signal.
    int status;
};

/// waitid(2) for any thread, or the one of `tid`, that the calling thread traces.
static inline int cl_wait_traced(int tid, int options, struct cl_trace_stop *stop) {
    siginfo_t information = {0};
    int result = waitid(tid ? P_PID : P_ALL, (id_t)tid, &information, WSTOPPED | WEXITED | __WALL | __WNOTHREAD | options);
    *stop = (struct cl_trace_stop){information.si_pid, information.si_code, information.si_status};
    return result < 0 ? -errno : 0;
}

/// ptrace(2), PTRACE_INTERRUPT.
static inline int cl_ptrace_interrupt(int tid) {
    return ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0 ? -errno : 0;
}

/// ptrace(2), PTRACE_DETACH: the thread runs on and receives `signal`, unless that is 0.
static inline int cl_ptrace_detach(int tid, int signal) {
    return ptrace(PTRACE_DETACH, tid, NULL, (void *)(intptr_t)signal) < 0 ? -errno : 0;
}

/// ptrace(2), PTRACE_GETREGSET of NT_PRSTATUS.
static inline int cl_ptrace_get_registers(int tid, struct user_regs_struct *result) {
    struct iovec room = {.iov_base = result, .iov_len = sizeof *result};
    return ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &room) < 0 ? -errno : 0;
}

/// ptrace(2), PTRACE_SETREGSET of NT_PRSTATUS.
static inline int cl_ptrace_set_registers(int tid, const struct user_regs_struct *registers) {
    struct iovec room = {.iov_base = (void *)registers, .iov_len = sizeof *registers};
    return ptrace(PTRACE_SETREGSET, tid, (void *)NT_PRSTATUS, &room) < 0 ? -errno : 0;
}

/// waitid(2) for a stop of a thread that this thread traces, without waiting: `event << 8 | signal`, 0 while it runs.
static inline int cl_poll_stop(int tid) {
    siginfo_t information = {0};
    int result = waitid(P_PID, (id_t)tid, &information, WSTOPPED | WNOHANG | __WALL | __WNOTHREAD);
    return result < 0 ? -errno : information.si_pid == 0 ? 0 : information.si_status;
}

/// waitid(2) for the end of a thread that this thread traces, without waiting: its id, 0 while it has not ended.
static inline int cl_reap_thread(int tid) {
    siginfo_t information = {0};
    int result = waitid(P_PID, (id_t)tid, &information, WEXITED | WNOHANG | __WALL | __WNOTHREAD);
    return result < 0 ? -errno : information.si_pid;
}

/// sched_yield(2).
static inline int cl_yield(void) {
    return sched_yield() < 0 ? -errno : 0;
}

/// nanosleep(2).
static inline int cl_sleep(int64_t nanoseconds) {
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return nanosleep(&time, NULL) < 0 ? -errno : 0;
}

/// tgkill(2).
static inline int cl_tgkill(int pid, int tid, int signal) {
    return syscall(SYS_tgkill, pid, tid, signal) < 0 ? -errno : 0;
}

/// gettid(2).
static inline int cl_gettid(void) {
    return (int)syscall(SYS_gettid);
}

#define CL_UNFINISHED_STOPS 16

/// A thread that was seized and neither stopped nor ended, and its process; 0 where there is none.
struct cl_unfinished_stop {
    int tid;
    int pid;
};

/// Memory of the calling thread alone, which Swift has not.
static inline struct cl_unfinished_stop *cl_unfinished_stops(void) {
    static _Thread_local struct cl_unfinished_stop stops[CL_UNFINISHED_STOPS];
    return stops;
}
