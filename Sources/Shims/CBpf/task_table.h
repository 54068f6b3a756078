// What viv and its BPF program task-table tell each other. Included by both: no more than C's own types.
#pragma once

/// One thread. The kernel's own numbers and units: times in nanoseconds, nothing scaled.
struct tt_task {
    /// task_struct.start_boottime.
    unsigned long long start;
    unsigned long long user, system;
    /// What was told of the two the last time that somebody read them in /proc.
    unsigned long long told_user, told_system;
    /// se.sum_exec_runtime, and sched_info.run_delay.
    unsigned long long run, delay;
    unsigned long long voluntary, involuntary;
    unsigned long long minor, major;
    unsigned pid, process;
    unsigned state, exit_state, flags, policy, realtime_priority, processor;
    int priority, static_priority;
    /// Whether it is its process's main thread: a tt_process follows.
    unsigned is_main, spare;
    char name[16];
};

/// What belongs to a whole process. Of its times and counts only the part of threads that have ended.
struct tt_process {
    unsigned long long user, system;
    unsigned long long told_user, told_system;
    unsigned long long run;
    unsigned long long voluntary, involuntary;
    unsigned long long minor, major;
    unsigned long long children_user, children_system, children_minor, children_major;
    /// Pages of its address space, and those that are resident.
    unsigned long long pages, resident;
    unsigned parent, group, session;
    /// Device number of its terminal, as /proc writes it, and the process group in the foreground there.
    unsigned terminal;
    int foreground;
    unsigned threads, user_id, spare;
};
