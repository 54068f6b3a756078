#pragma once
// Netlink: sockaddr_nl needs a cast that Swift cannot write safely, and the GNU socket flags are macros on enums.
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <linux/taskstats.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/// socket(2), close-on-exec and non-blocking.
static inline int cl_netlink_socket(int protocol) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    return fd < 0 ? -errno : fd;
}

/// bind(2) to a port of the kernel's choice and to the multicast groups of the mask.
static inline int cl_netlink_bind(int fd, uint32_t groups) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
    return bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

/// sendto(2) to the kernel.
static inline ssize_t cl_netlink_send(int fd, const void *data, size_t length) {
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t sent = sendto(fd, data, length, 0, (struct sockaddr *)&kernel, sizeof kernel);
    return sent < 0 ? -errno : sent;
}

/// recvfrom(2) with MSG_TRUNC: the result is the datagram's whole length even where the buffer was shorter.
/// `sender` is the port it came from; 0 is the kernel.
static inline ssize_t cl_netlink_receive(int fd, void *buffer, size_t length, uint32_t *sender) {
    struct sockaddr_nl address = {0};
    socklen_t size = sizeof address;
    ssize_t received = recvfrom(fd, buffer, length, MSG_TRUNC, (struct sockaddr *)&address, &size);
    *sender = address.nl_pid;
    return received < 0 ? -errno : received;
}

/// open(2) of a kernel setting, read-only and close-on-exec.
static inline int cl_open_setting(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/// setsockopt(2) for SO_RCVBUFFORCE: the size without the limit of net.core.rmem_max; needs CAP_NET_ADMIN.
static inline int cl_force_receive_buffer(int fd, int bytes) {
    return setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0 ? -errno : 0;
}

/// setsockopt(2) for SO_RCVBUF.
static inline int cl_set_receive_buffer(int fd, int bytes) {
    return setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) < 0 ? -errno : 0;
}

/// setsockopt(2) for SO_ATTACH_FILTER: a classic BPF program that sees each message before it is queued.
static inline int cl_attach_filter(int fd, const struct sock_filter *program, unsigned short length) {
    struct sock_fprog whole = {.len = length, .filter = (struct sock_filter *)program};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof whole) < 0 ? -errno : 0;
}

/// getsockopt(2) for SO_MEMINFO: how many messages found no room, all told; since Linux 4.12.
static inline int64_t cl_socket_drops(int fd) {
    uint32_t values[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof values;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &size) < 0) return -errno;
    return size > SK_MEMINFO_DROPS * sizeof values[0] ? values[SK_MEMINFO_DROPS] : -EOPNOTSUPP;
}
