// The task table: one record for each thread of the machine, in one go. Read as a file, which has the kernel walk all tasks.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "task_table.h"

typedef __u64 u64;
typedef __u32 u32;

// Of the kernel's structures only the members that are read; where they are in the running kernel is found when the program is loaded.
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct upid {
    int nr;
    struct pid_namespace *ns;
};

struct pid {
    unsigned level;
    struct upid numbers[1];
};

struct prev_cputime {
    u64 utime, stime;
};

struct sched_entity {
    u64 sum_exec_runtime;
};

struct sched_info {
    unsigned long long run_delay;
};

struct thread_info {
    u32 cpu;
};

struct percpu_counter {
    long long count;
};

struct mm_struct {
    unsigned long total_vm;
    struct percpu_counter rss_stat[4];
};

// Up to Linux 6.1.
struct mm_rss_stat {
    struct {
        long long counter;
    } count[4];
};

struct mm_struct___old {
    struct mm_rss_stat rss_stat;
};

struct cred {
    struct {
        u32 val;
    } euid;
};

struct tty_driver {
    int major, minor_start;
};

struct tty_struct {
    int index;
    struct tty_driver *driver;
    struct {
        struct pid *pgrp;
    } ctrl;
};

// Up to Linux 5.12.
struct tty_struct___old {
    struct pid *pgrp;
};

struct signal_struct {
    int nr_threads;
    struct pid *pids[4];
    struct tty_struct *tty;
    u64 utime, stime, cutime, cstime;
    struct prev_cputime prev_cputime;
    unsigned long nvcsw, nivcsw, min_flt, maj_flt, cmin_flt, cmaj_flt;
    unsigned long long sum_sched_runtime;
};

struct task_struct {
    struct thread_info thread_info;
    unsigned __state;
    unsigned flags;
    int prio, static_prio;
    unsigned rt_priority;
    struct sched_entity se;
    unsigned policy;
    struct sched_info sched_info;
    struct mm_struct *mm;
    int exit_state;
    int pid, tgid;
    struct task_struct *real_parent, *group_leader;
    struct pid *thread_pid;
    u64 utime, stime;
    struct prev_cputime prev_cputime;
    unsigned long nvcsw, nivcsw;
    u64 start_boottime;
    unsigned long min_flt, maj_flt;
    const struct cred *real_cred;
    char comm[16];
    struct signal_struct *signal;
};

// Up to Linux 5.13.
struct task_struct___old {
    long state;
};

struct bpf_iter_meta {
    struct seq_file *seq;
};

struct bpf_iter__task {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
};

#pragma clang attribute pop

// Kinds of struct pid that a process has, and of its pages.
enum { PROCESS_GROUP = 2, SESSION = 3 };
enum { FILE_PAGES = 0, ANONYMOUS_PAGES = 1, SHARED_PAGES = 3 };

// What a struct pid is called in a namespace so deep; nothing where it is not in one.
static __always_inline struct upid read_name(struct pid *pid, u32 level)
{
    struct upid name = {};
    if (!pid || BPF_CORE_READ(pid, level) < level) return name;
    u64 place = bpf_core_field_offset(struct pid, numbers) + level * bpf_core_type_size(struct upid);
    bpf_probe_read_kernel(&name, sizeof name, (void *)pid + place);
    return name;
}

// The same of one whose type the verifier knows. In the initial namespace, as mostly, its place is known as well: a load and no call.
static __always_inline struct upid name_of(struct pid *pid, u32 level)
{
    if (level) return read_name(pid, level);
    struct upid name = { .nr = pid ? pid->numbers[0].nr : 0 };
    return name;
}

static __always_inline u32 device(struct tty_struct *tty)
{
    u32 major = BPF_CORE_READ(tty, driver, major);
    u32 minor = BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index);
    return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

static __always_inline struct pid *foreground(struct tty_struct *tty)
{
    struct tty_struct___old *old = (void *)tty;
    if (bpf_core_field_exists(old->pgrp)) return BPF_CORE_READ(old, pgrp);
    return BPF_CORE_READ(tty, ctrl.pgrp);
}

// What processors have not handed in yet can make a counter negative for a moment.
static __always_inline u64 positive(long long count)
{
    return count > 0 ? count : 0;
}

static __always_inline u64 resident(struct mm_struct *mm)
{
    struct mm_struct___old *old = (void *)mm;
    if (bpf_core_type_exists(struct mm_rss_stat))
        return positive(BPF_CORE_READ(old, rss_stat.count[FILE_PAGES].counter))
            + positive(BPF_CORE_READ(old, rss_stat.count[ANONYMOUS_PAGES].counter))
            + positive(BPF_CORE_READ(old, rss_stat.count[SHARED_PAGES].counter));
    return positive(mm->rss_stat[FILE_PAGES].count) + positive(mm->rss_stat[ANONYMOUS_PAGES].count)
        + positive(mm->rss_stat[SHARED_PAGES].count);
}

static __always_inline void take(struct tt_task *found, struct task_struct *task)
{
    struct task_struct___old *old = (void *)task;
    found->start = task->start_boottime;
    found->user = task->utime;
    found->system = task->stime;
    found->told_user = task->prev_cputime.utime;
    found->told_system = task->prev_cputime.stime;
    found->run = task->se.sum_exec_runtime;
    found->delay = bpf_core_field_exists(task->sched_info.run_delay) ? task->sched_info.run_delay : 0;
    found->voluntary = task->nvcsw;
    found->involuntary = task->nivcsw;
    found->minor = task->min_flt;
    found->major = task->maj_flt;
    found->state = bpf_core_field_exists(old->state) ? BPF_CORE_READ(old, state) : task->__state;
    found->exit_state = task->exit_state;
    found->flags = task->flags;
    found->policy = task->policy;
    found->realtime_priority = task->rt_priority;
    found->processor = task->thread_info.cpu;
    found->priority = task->prio;
    found->static_priority = task->static_prio;
    bpf_core_read(found->name, sizeof found->name, &task->comm);
}

static __always_inline void take_process(struct tt_process *found, struct task_struct *task, struct upid *own, u32 level)
{
    struct signal_struct *signal = task->signal;
    found->user = signal->utime;
    found->system = signal->stime;
    found->told_user = signal->prev_cputime.utime;
    found->told_system = signal->prev_cputime.stime;
    found->run = signal->sum_sched_runtime;
    found->voluntary = signal->nvcsw;
    found->involuntary = signal->nivcsw;
    found->minor = signal->min_flt;
    found->major = signal->maj_flt;
    found->children_user = signal->cutime;
    found->children_system = signal->cstime;
    found->children_minor = signal->cmin_flt;
    found->children_major = signal->cmaj_flt;
    found->threads = signal->nr_threads;
    found->group = name_of(signal->pids[PROCESS_GROUP], level).nr;
    found->session = name_of(signal->pids[SESSION], level).nr;
    struct tty_struct *tty = signal->tty;
    found->foreground = -1;
    if (tty) {
        found->terminal = device(tty);
        struct pid *group = foreground(tty);
        found->foreground = group ? read_name(group, level).nr : -1;
    }
    struct mm_struct *mm = task->mm;
    if (mm) {
        found->pages = mm->total_vm;
        found->resident = resident(mm);
    }
    found->user_id = task->real_cred->euid.val;
    struct upid parent = name_of(task->real_parent->group_leader->thread_pid, level);
    // One outside of the namespace has no number in it.
    found->parent = parent.ns == own->ns ? parent.nr : 0;
}

SEC("iter/task")
int tasks(struct bpf_iter__task *context)
{
    struct task_struct *task = context->task;
    if (!task) return 0;
    struct seq_file *file = context->meta->seq;
    struct {
        struct tt_task task;
        struct tt_process process;
    } found = {};
    // It runs in whoever reads, whose numbers are told.
    struct task_struct *reader = (void *)bpf_get_current_task();
    u32 level = BPF_CORE_READ(reader, thread_pid, level);
    struct upid name = name_of(task->thread_pid, level);
    // One that has ended and was waited for.
    if (!name.nr) return 0;
    found.task.pid = name.nr;
    found.task.is_main = task->pid == task->tgid;
    found.task.process = found.task.is_main ? name.nr : name_of(task->group_leader->thread_pid, level).nr;
    take(&found.task, task);
    if (!found.task.is_main) {
        bpf_seq_write(file, &found.task, sizeof found.task);
        return 0;
    }
    take_process(&found.process, task, &name, level);
    bpf_seq_write(file, &found, sizeof found);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
