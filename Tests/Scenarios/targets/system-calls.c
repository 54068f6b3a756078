// A fixed list of system calls, so that what two tracers say about it can be compared call by call: what strace says of
// one run, and what viv says of another. Every result is known beforehand, and a call that gives another one ends the run.
//
//     system-calls DIRECTORY
//
// Works in the directory, which must be empty, on a file system with user.* attributes. It prints "ready", reads a line from
// standard input (a tracer may attach meanwhile) and writes the name of what follows to descriptor -1: "begin", "part NAME"
// before every part, "end". It exits with 3, or with 1 and a word on standard error.
//
// Nothing in the list depends on the speed of the machine or on who is faster: every child is waited for before the next one
// begins, and SIGCHLD is blocked until all are gone. Most calls go past the C library, which would add some of its own.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifndef __x86_64__
#error "The list has calls that other processors do not have: open, fork, arch_prctl"
#endif

enum { PAGE = 4096, MASK_SIZE = 8 };
#define ANY LONG_MIN          // a result that depends on the machine or the run, but is none of the errors
#define FAILS (LONG_MIN + 1)  // an error that depends on the kernel or its settings

static long expect(int line, const char *name, long result, long wanted) {
    if (result == -1) result = -errno;
    int as_wanted = wanted == ANY ? result >= 0 : wanted == FAILS ? result < 0 : result == wanted;
    if (as_wanted) return result;
    dprintf(STDERR_FILENO, "line %d: %s gave %ld instead of %ld\n", line, name, result, wanted);
    _exit(1);
}

// CALL(result, name, arguments...): an error is the result -ENUMBER. All six registers are set, for calls unknown to a tracer.
#define CALL(wanted, name, ...) CALL_NUMBER(wanted, SYS_##name, #name, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define CALL_NUMBER(wanted, number, name, a, b, c, d, e, f, ...) \
    expect(__LINE__, name, syscall(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)), wanted)

static long me;  // the process of the list

static void mark(const char *name) { syscall(SYS_write, -1, name, strlen(name)); }

static void opening(void) {
    struct open_how beneath = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    CALL(3, open, "plain", O_RDWR | O_CREAT | O_EXCL | O_TRUNC, 0644);
    CALL(4, openat, AT_FDCWD, "plain", O_WRONLY | O_APPEND | O_CLOEXEC);
    CALL(5, creat, "created", 0600);
    CALL(6, openat, AT_FDCWD, "plain", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    CALL(7, openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_PATH);
    CALL(-ENOENT, openat, 7, "missing", O_RDWR | O_SYNC | O_DIRECT | O_NOATIME | O_ASYNC);
    CALL(-ENOENT, openat, AT_FDCWD, "missing", O_RDWR | O_TMPFILE, 0600);
    CALL(-EEXIST, openat, AT_FDCWD, "plain", O_RDWR | O_CREAT | O_EXCL | O_DSYNC, 0666);
    CALL(8, openat2, AT_FDCWD, "plain", &beneath, sizeof beneath);
    CALL(-EXDEV, openat2, AT_FDCWD, "../plain", &beneath, sizeof beneath);
    CALL(0, close, 4);
    CALL(0, close_range, 5, 8, 0);
    CALL(0, close_range, 40, ~0U, CLOSE_RANGE_CLOEXEC);
}

static void contents(void) {
    char first[16], second[16];
    struct iovec out[] = {{"one ", 4}, {"", 0}, {"two\n", 4}}, in[] = {{first, 4}, {second, sizeof second}};
    long offset = 2;
    CALL(13, write, 3, "hello, world\n", 13);
    CALL(5, pwrite64, 3, "HELLO", 5, 0);
    CALL(8, writev, 3, out, 3);
    CALL(8, pwritev2, 3, out, 3, 21, 0, RWF_DSYNC);
    CALL(0, lseek, 3, 0, SEEK_SET);
    CALL(5, read, 3, first, 5);
    CALL(16, pread64, 3, first, 16, 7);
    CALL(20, readv, 3, in, 2);
    CALL(20, preadv2, 3, in, 2, 0, 0, 0);
    CALL(27, lseek, 3, -2, SEEK_END);
    CALL(2, read, 3, first, sizeof first);
    CALL(0, read, 3, first, sizeof first);
    CALL(0, ftruncate, 3, 100);
    CALL(0, truncate, "plain", 20);
    CALL(0, fallocate, 3, FALLOC_FL_KEEP_SIZE, 0, PAGE);
    CALL(0, fsync, 3);
    CALL(0, fdatasync, 3);
    CALL(4, openat, AT_FDCWD, "created", O_RDWR);
    CALL(8, sendfile, 4, 3, &offset, 8);
    CALL(10, copy_file_range, 3, &offset, 4, NULL, 64, 0);
    CALL(0, fadvise64, 3, 0, 0, POSIX_FADV_SEQUENTIAL);
}

static void attributes(void) {
    struct stat status;
    struct statx extended;
    struct statfs system;
    struct timespec times[] = {{1000000000, 500}, {0, UTIME_OMIT}};
    char value[32];
    CALL(0, stat, "plain", &status);
    CALL(0, lstat, "created", &status);
    CALL(0, fstat, 3, &status);
    CALL(0, newfstatat, 3, "", &status, AT_EMPTY_PATH);
    CALL(0, statx, AT_FDCWD, "plain", AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &extended);
    CALL(0, access, "plain", R_OK | W_OK);
    CALL(0, faccessat, AT_FDCWD, "plain", F_OK);
    CALL(0, faccessat2, AT_FDCWD, "plain", R_OK, AT_EACCESS);
    CALL(0, chmod, "plain", 0640);
    CALL(0, fchmod, 3, 04755);
    CALL(0, fchmodat, AT_FDCWD, "plain", 0600);
    CALL(0, chown, "plain", -1, -1);
    CALL(0, fchownat, AT_FDCWD, "plain", status.st_uid, -1, AT_SYMLINK_NOFOLLOW);
    CALL(022, umask, 027);
    CALL(0, utimensat, AT_FDCWD, "plain", times, 0);
    CALL(0, setxattr, "plain", "user.note", "a value", 7, XATTR_CREATE);
    CALL(7, getxattr, "plain", "user.note", value, sizeof value);
    CALL(10, flistxattr, 3, value, sizeof value);
    CALL(0, removexattr, "plain", "user.note");
    CALL(-ENODATA, lgetxattr, "plain", "user.note", value, sizeof value);
    CALL(0, statfs, "/proc", &system);
    CALL(0, fstatfs, 3, &system);
}

static void names(void) {
    char buffer[PAGE];
    CALL(0, mkdir, "a b", 0755);
    CALL(0, symlink, "created", "a b/link");
    CALL(0, link, "plain", "hard");
    CALL(7, readlink, "a b/link", buffer, sizeof buffer);
    CALL(0, rename, "hard", "moved");
    CALL(-EEXIST, renameat2, AT_FDCWD, "moved", AT_FDCWD, "plain", RENAME_NOREPLACE);
    CALL(0, chdir, "a b");
    CALL(ANY, getcwd, buffer, sizeof buffer);
    CALL(5, openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY);
    CALL(72, getdents64, 5, buffer, sizeof buffer);
    CALL(0, getdents64, 5, buffer, sizeof buffer);
    CALL(0, close, 5);
    CALL(0, chdir, "..");
    CALL(0, unlink, "a b/link");
    CALL(0, unlinkat, AT_FDCWD, "moved", 0);
    CALL(0, rmdir, "a b");
}

static void descriptors(void) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    struct flock part = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 5, .l_len = 10};
    CALL(5, dup, 3);
    CALL(9, dup2, 3, 9);
    CALL(10, dup3, 3, 10, O_CLOEXEC);
    CALL(20, fcntl, 3, F_DUPFD, 20);
    CALL(21, fcntl, 3, F_DUPFD_CLOEXEC, 20);
    CALL(FD_CLOEXEC, fcntl, 21, F_GETFD);
    CALL(0, fcntl, 20, F_SETFD, FD_CLOEXEC);
    CALL(0, fcntl, 3, F_SETFL, O_APPEND | O_NONBLOCK);
    CALL(O_RDWR | O_APPEND | O_NONBLOCK | 0100000, fcntl, 3, F_GETFL);  // and O_LARGEFILE
    CALL(0, fcntl, 3, F_SETLK, &whole);
    CALL(0, fcntl, 3, F_GETLK, &part);
    CALL(0, fcntl, 4, F_OFD_SETLK, &whole);
    CALL(F_UNLCK, fcntl, 3, F_GETLEASE);
    CALL(-EINVAL, fcntl, 3, 999, 1);
    CALL(0, flock, 3, LOCK_EX | LOCK_NB);
    CALL(6, memfd_create, "a memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    CALL(0, fcntl, 6, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    CALL(F_SEAL_SHRINK | F_SEAL_GROW, fcntl, 6, F_GET_SEALS);
    CALL(0, close_range, 5, ~0U, 0);
}

static void notices(void) {
    char event[64];
    struct termios terminal;
    int count = 0;
    CALL(5, inotify_init1, IN_NONBLOCK | IN_CLOEXEC);
    CALL(1, inotify_add_watch, 5, ".", IN_DELETE | IN_ONLYDIR);
    CALL(0, unlink, "created");
    CALL(0, ioctl, 5, FIONREAD, &count);
    CALL(32, read, 5, event, sizeof event);
    CALL(0, inotify_rm_watch, 5, 1);
    CALL(0, ioctl, 5, FIONBIO, &count);
    CALL(-ENOTTY, ioctl, 3, TCGETS, &terminal);
    CALL(-ENOTTY, ioctl, 3, 0x12345678, 0x11);
    CALL(0, close_range, 4, ~0U, 0);
}

static void memory(void) {
    unsigned char resident[2];
    int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
    char *area = (char *)CALL(ANY, mmap, NULL, 4 * PAGE, PROT_READ | PROT_WRITE, anonymous, -1, 0);
    char *file = (char *)CALL(ANY, mmap, NULL, PAGE, PROT_READ, MAP_SHARED | MAP_POPULATE, 3, 0);
    CALL((long)area, mmap, area, PAGE, PROT_NONE, anonymous | MAP_FIXED | MAP_NORESERVE | MAP_STACK, -1, 0);
    CALL(-EINVAL, mmap, NULL, 0, PROT_READ | PROT_EXEC, MAP_PRIVATE, 3, PAGE);
    CALL(0, mprotect, area, PAGE, PROT_READ | PROT_WRITE);
    area[0] = 1;
    CALL(0, mincore, area, PAGE, resident);
    CALL(0, mlock, area, PAGE);
    CALL(0, munlock, area, PAGE);
    CALL(0, madvise, area + PAGE, 2 * PAGE, MADV_DONTNEED);
    CALL(0, msync, file, PAGE, MS_SYNC | MS_INVALIDATE);
    CALL((long)(area + PAGE), mremap, area + PAGE, 3 * PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    CALL(0, munmap, area, 3 * PAGE);
    CALL(0, munmap, file, PAGE);
    long end = CALL(ANY, brk, NULL);
    CALL(end + PAGE, brk, end + PAGE);
    CALL(end, brk, end);
}

static void bytes(void) {
    char back[128];
    CALL(4, openat, AT_FDCWD, "bytes", O_RDWR | O_CREAT | O_APPEND, 0666);
    CALL(26, write, 4, "line\nquote\"back\\slash\tend\r", 26);
    CALL(10, write, 4, "nul\0and\0" "12", 10);  // an octal escape before a digit
    CALL(9, write, 4, "\x1b[31mred\x7f", 9);
    CALL(6, write, 4, "\xff\xfe\x80" "abc", 6);
    CALL(11, write, 4, "naïve – ", 11);
    CALL(80, write, 4, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 80);
    CALL(32, write, 4, "exactly thirty-two bytes of text", 32);
    CALL(0, write, 4, "", 0);
    CALL(62, pread64, 4, back, 62, 0);
    CALL(0, mkdir, "a path – with ünusual\n\"bytes\"\xff", 0700);
    CALL(0, rmdir, "a path – with ünusual\n\"bytes\"\xff");
    CALL(0, close, 4);
}

static void errors(void) {
    char path[300];
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = 0;
    CALL(-EBADF, read, 99, path, 1);
    CALL(-ENOENT, openat, AT_FDCWD, "", O_RDONLY);
    CALL(-EFAULT, openat, AT_FDCWD, 1, O_RDONLY);
    CALL(-EFAULT, write, 3, 1, 4);
    CALL(-EINVAL, lseek, 3, -5, SEEK_SET);
    CALL(-ENOTDIR, open, "plain/below", O_RDONLY);
    CALL(-EISDIR, open, ".", O_WRONLY);
    CALL(-ENAMETOOLONG, unlink, path);
    CALL(-ESRCH, kill, INT_MAX, SIGTERM);
    CALL(-ENOENT, execve, "missing", NULL, NULL);
    CALL_NUMBER(-ENOSYS, 9999, "9999", 1, 2, 3, 4, 5, 0x600000006, 0);
}

#include "system-calls-tasks.h"

static const struct {
    const char *mark;
    void (*run)(void);
} parts[] = {
    {"part opening", opening},
    {"part contents", contents},
    {"part attributes", attributes},
    {"part names", names},
    {"part descriptors", descriptors},
    {"part notices", notices},
    {"part memory", memory},
    {"part bytes", bytes},
    {"part errors", errors},
    {"part pipes", pipes},
    {"part events", events},
    {"part local sockets", local_sockets},
    {"part messages", messages},
    {"part network", network},
    {"part time", the_time},
    {"part signals", signals},
    {"part interruptions", interruptions},
    {"part itself", itself},
    {"part scheduling", scheduling},
    {"part rights", rights},
    {"part children", children},
    {"part threads", threads},
    {"part futexes", futexes},
};

int main(int count, char **arguments) {
    char byte = 0;
    unsigned long no_signals = 0;
    if (count != 2 || chdir(arguments[1]) != 0) {
        dprintf(STDERR_FILENO, "usage: system-calls DIRECTORY\n");
        return 2;
    }
    // What a caller may have left behind would show in the results.
    umask(022);
    syscall(SYS_close_range, 3, ~0U, 0);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, MASK_SIZE);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    me = getpid();
    CALL(6, write, STDOUT_FILENO, "ready\n", 6);
    while (byte != '\n') CALL(1, read, STDIN_FILENO, &byte, 1);
    mark("begin");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        mark(parts[i].mark);
        parts[i].run();
    }
    mark("end");
    syscall(SYS_exit_group, 3);
}
