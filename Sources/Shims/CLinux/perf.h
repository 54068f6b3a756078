#pragma once
// perf_event_open(2): glibc has no wrapper for it.
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// perf_event_open(2) with PERF_FLAG_FD_CLOEXEC, on any CPU; `group` is the leader's descriptor or -1.
static inline int cl_perf_event_open(struct perf_event_attr *attributes, int tid, int group) {
    long fd = syscall(SYS_perf_event_open, attributes, tid, -1, group, PERF_FLAG_FD_CLOEXEC);
    return fd < 0 ? -errno : (int)fd;
}

/// read(2) of a group of counters.
static inline ssize_t cl_perf_read(int fd, void *buffer, size_t length) {
    ssize_t size = read(fd, buffer, length);
    return size < 0 ? -errno : size;
}

/// ioctl(2), PERF_EVENT_IOC_SET_BPF: the program runs at each overflow of the event, and of those that are inherited from it.
static inline int cl_perf_set_program(int fd, int program) {
    return ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) < 0 ? -errno : 0;
}
