#pragma once
// Files, processes and clocks. The wrappers exist because errno is a macro, the headers are GNU-only or the calls variadic.
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

/// openat(2).
static inline int cl_openat(int directory, const char *path, int flags, unsigned mode) {
    int fd = openat(directory, path, flags, mode);
    return fd < 0 ? -errno : fd;
}

/// openat2(2) with RESOLVE_IN_ROOT. The C library has no function for it.
static inline int cl_openat2_in_root(int directory, const char *path, uint64_t flags) {
    struct open_how how = {.flags = flags, .resolve = RESOLVE_IN_ROOT};
    long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
    return fd < 0 ? -errno : (int)fd;
}

/// fstat(2).
static inline int cl_fstat(int fd, struct stat *status) {
    return fstat(fd, status) < 0 ? -errno : 0;
}

/// read(2).
static inline ssize_t cl_read(int fd, void *buffer, size_t size) {
    ssize_t count = read(fd, buffer, size);
    return count < 0 ? -errno : count;
}

/// pread(2).
static inline ssize_t cl_pread(int fd, void *buffer, size_t size, int64_t offset) {
    ssize_t count = pread(fd, buffer, size, offset);
    return count < 0 ? -errno : count;
}

/// write(2).
static inline ssize_t cl_write(int fd, const void *buffer, size_t size) {
    ssize_t count = write(fd, buffer, size);
    return count < 0 ? -errno : count;
}

/// pwrite(2).
static inline ssize_t cl_pwrite(int fd, const void *buffer, size_t size, int64_t offset) {
    ssize_t count = pwrite(fd, buffer, size, offset);
    return count < 0 ? -errno : count;
}

/// close(2).
static inline int cl_close(int fd) {
    return close(fd) < 0 ? -errno : 0;
}

/// lseek(2) from the start.
static inline int64_t cl_seek(int fd, int64_t offset) {
    off_t position = lseek(fd, offset, SEEK_SET);
    return position < 0 ? -errno : position;
}

/// readlinkat(2).
static inline ssize_t cl_readlinkat(int directory, const char *path, char *buffer, size_t size) {
    ssize_t count = readlinkat(directory, path, buffer, size);
    return count < 0 ? -errno : count;
}

/// fstatat(2).
static inline int cl_fstatat(int directory, const char *path, struct stat *result, int flags) {
    return fstatat(directory, path, result, flags) < 0 ? -errno : 0;
}

/// fstatfs(2), the file system's magic number.
static inline int64_t cl_file_system_magic(int fd) {
    struct statfs result;
    return fstatfs(fd, &result) < 0 ? -errno : (int64_t)result.f_type;
}

/// getdents64(2).
static inline ssize_t cl_getdents64(int fd, void *buffer, size_t size) {
    long count = syscall(SYS_getdents64, fd, buffer, size);
    return count < 0 ? -errno : count;
}

/// pidfd_open(2).
static inline int cl_pidfd_open(int pid, unsigned flags) {
    long fd = syscall(SYS_pidfd_open, pid, flags);
    return fd < 0 ? -errno : (int)fd;
}

/// pidfd_send_signal(2).
static inline int cl_pidfd_send_signal(int fd, int signal) {
    return syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) < 0 ? -errno : 0;
}

/// process_vm_readv(2).
static inline ssize_t cl_process_vm_readv(
    int pid, const struct iovec *local, size_t localCount, const struct iovec *remote, size_t remoteCount
) {
    ssize_t count = process_vm_readv(pid, local, localCount, remote, remoteCount, 0);
    return count < 0 ? -errno : count;
}

/// setpriority(2) of one process or thread.
static inline int cl_set_nice(int pid, int nice) {
    return setpriority(PRIO_PROCESS, (id_t)pid, nice) < 0 ? -errno : 0;
}

/// getpriority(2) of one process or thread as the kernel answers it: 20 - nice, so that it never looks like an error.
static inline int cl_get_priority(int pid) {
    long result = syscall(SYS_getpriority, PRIO_PROCESS, pid);
    return result < 0 ? -errno : (int)result;
}

/// ioprio_get(2) of one process or thread.
static inline int cl_ioprio_get(int pid) {
    long result = syscall(SYS_ioprio_get, 1 /* IOPRIO_WHO_PROCESS */, pid);
    return result < 0 ? -errno : (int)result;
}

/// getrlimit(2), RLIMIT_NOFILE.
static inline int cl_get_open_file_limit(struct rlimit *result) {
    return getrlimit(RLIMIT_NOFILE, result) < 0 ? -errno : 0;
}

/// setrlimit(2), RLIMIT_NOFILE.
static inline int cl_set_open_file_limit(const struct rlimit *limit) {
    return setrlimit(RLIMIT_NOFILE, limit) < 0 ? -errno : 0;
}

/// clock_gettime(2).
static inline int cl_clock_gettime(int clock, struct timespec *result) {
    return clock_gettime(clock, result) < 0 ? -errno : 0;
}

/// clock_nanosleep(2) of CLOCK_MONOTONIC until a moment.
static inline int cl_sleep_until(const struct timespec *moment) {
    return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, moment, NULL);
}

/// prctl(2), PR_SET_TIMERSLACK of the calling thread.
static inline int cl_set_timer_slack(unsigned long nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0) < 0 ? -errno : 0;
}

/// sched_setattr(2) of the calling thread: the ordinary policy with a slice of its own, which kernels since 6.12 heed.
static inline int cl_set_time_slice(unsigned long nanoseconds) {
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = 48, .nice = getpriority(PRIO_PROCESS, 0), .runtime = nanoseconds};
    return syscall(SYS_sched_setattr, 0, &attributes, 0) < 0 ? -errno : 0;
}

/// Words of a set of processors: as many as any kernel is built for.
#define CL_PROCESSOR_WORDS 128

/// sched_getaffinity(2) of the calling thread, into CL_PROCESSOR_WORDS words.
static inline int cl_get_affinity(unsigned long *words) {
    return syscall(SYS_sched_getaffinity, 0, CL_PROCESSOR_WORDS * sizeof(unsigned long), words) < 0 ? -errno : 0;
}

/// sched_setaffinity(2) of the calling thread.
static inline int cl_set_affinity(const unsigned long *words) {
    return syscall(SYS_sched_setaffinity, 0, CL_PROCESSOR_WORDS * sizeof(unsigned long), words) < 0 ? -errno : 0;
}

/// uname(2).
static inline int cl_uname(struct utsname *result) {
    return uname(result) < 0 ? -errno : 0;
}

/// mallopt(3).
static inline int cl_mallopt(int parameter, int value) {
    return mallopt(parameter, value);
}

/// malloc_trim(3), which keeps nothing.
static inline int cl_malloc_trim(void) {
    return malloc_trim(0);
}

/// strerror(3).
static inline const char *cl_error_text(int number) { return strerror(number); }
