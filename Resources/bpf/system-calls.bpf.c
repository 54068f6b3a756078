// System calls of chosen threads: entry and exit, with the memory that their arguments point to, told one by one or summed up.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "system_calls.h"

typedef __u64 u64;
typedef __u32 u32;
typedef __u16 u16;
typedef __u8 u8;
typedef __s64 s64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct upid {
    int nr;
};

struct pid {
    unsigned level;
    struct upid numbers[1];
};

struct thread_info {
    u32 status;
};

struct task_struct {
    struct thread_info thread_info;
    int exit_code;
    int pid, tgid;
    struct task_struct *group_leader;
    struct pid *thread_pid;
};

// Registers of a call, as the kernel keeps them for both kinds of processors.
#ifdef __TARGET_ARCH_x86
struct pt_regs {
    unsigned long r10, r9, r8, dx, si, di, orig_ax, bx, cx, bp, sp;
};
#else
struct pt_regs {
    unsigned long regs[31];
    unsigned long orig_x0;
    int syscallno;
};
#endif

struct bpf_iter_meta {
    struct seq_file *seq;
};

struct bpf_iter__task {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
};

#pragma clang attribute pop

// Of user space, as it is there.
struct vector {
    u64 base, length;
};

struct message {
    u64 name;
    u32 name_length, pad;
    u64 vectors, vector_count;
    u64 control, control_length;
    u32 flags, pad2;
};

const volatile struct sc_plans plans = {};

#ifdef __TARGET_ARCH_x86
#define EXECVE 59
#else
#define EXECVE 221
#endif

// How deep viv's own pid namespace is.
u32 level;

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 16 << 20);
} records SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, u32);
    __type(value, struct sc_thread);
} threads SEC(".maps");

// Who is looked at, by the lower half of the tid: all others are to pay as little as can be, and what sums calls up needs no more.
#define SLOTS 65536
struct slot {
    u32 tid, is_held, number, is_inside;
    u64 entered;
};

struct slots {
    struct slot slots[SLOTS];
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct slots);
} places SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct sc_sum_key);
    __type(value, struct sc_sum);
} sums SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16384);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, u32);
    __type(value, u32);
} targets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct sc_control);
} controls SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct sc_counts);
} counts SEC(".maps");

// Nothing, for what begins in a map: it is never written.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct sc_thread);
} blanks SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct sc_sum);
} blank_sums SEC(".maps");

static __always_inline struct sc_counts *own_counts(void)
{
    u32 zero = 0;
    return bpf_map_lookup_elem(&counts, &zero);
}

static __always_inline void lose(void)
{
    struct sc_counts *counted = own_counts();
    if (counted) __sync_fetch_and_add(&counted->lost, 1);
}

static __always_inline struct sc_control *own_control(void)
{
    u32 zero = 0;
    return bpf_map_lookup_elem(&controls, &zero);
}

static __always_inline struct slot *slot_of(u32 tid)
{
    u32 zero = 0;
    struct slots *all = bpf_map_lookup_elem(&places, &zero);
    return all ? &all->slots[tid & (SLOTS - 1)] : NULL;
}

// The slot of the running thread; nothing where it is not looked at.
static __always_inline struct slot *current_slot(void)
{
    struct task_struct *task = bpf_get_current_task_btf();
    u32 tid = task->pid;
    struct slot *slot = slot_of(tid);
    return slot && slot->tid == tid ? slot : NULL;
}

static __always_inline struct sc_thread *current_thread(void)
{
    u32 tid = (u32)bpf_get_current_pid_tgid();
    return bpf_map_lookup_elem(&threads, &tid);
}

static __always_inline bool is_wanted(struct sc_control *control, u32 number)
{
    if (number >= SC_CALLS) return control->wants_unknown;
    return control->wanted[(number / 64) & (SC_CALLS / 64 - 1)] >> (number % 64) & 1;
}

// What a struct pid is called in viv's namespace; 0 where it is not in it.
static __always_inline u32 name_of(struct pid *pid)
{
    if (BPF_CORE_READ(pid, level) < level) return 0;
    struct upid name = {};
    u64 place = bpf_core_field_offset(struct pid, numbers) + (u64)level * bpf_core_type_size(struct upid);
    bpf_probe_read_kernel(&name, sizeof name, (void *)pid + place);
    return name.nr;
}

static __always_inline u64 argument(struct sc_record *record, u32 number)
{
    return record->arguments[number < 6 ? number : 0];
}

// What stands before a piece, handed over as a number: the verifier looks at each of the functions below by itself.
union head {
    struct sc_piece piece;
    u64 word;
};

// Adds a piece whose bytes are at an address of the thread, as many of them as are allowed. Whether they could be read.
__noinline int take_bytes(struct sc_thread *thread, u64 word, u64 address, u64 length, u32 limit)
{
    union head head = { .word = word };
    if (!thread) return 0;
    u32 used = thread->record.length;
    if (used >= SC_DATA) return 0;
    u8 *place = &thread->data[used];
    if (limit > SC_PIECE) limit = SC_PIECE;
    if (length > limit) {
        length = limit;
        head.piece.flags |= SC_PIECE_CUT;
    }
    u32 bytes = length & (SC_PIECE * 2 - 1);
    if (bytes > SC_PIECE) bytes = SC_PIECE;
    if (bytes && bpf_probe_read_user(place + sizeof head, bytes, (void *)address)) {
        head.piece.flags |= SC_PIECE_FAILED;
        bytes = 0;
    }
    head.piece.length = bytes;
    *(u64 *)place = head.word;
    thread->record.length = used + sizeof head + ((bytes + 7) & ~7u);
    return !(head.piece.flags & SC_PIECE_FAILED);
}

__noinline int take_text(struct sc_thread *thread, u64 word, u64 address)
{
    union head head = { .word = word };
    if (!thread) return 0;
    u32 used = thread->record.length;
    if (used >= SC_DATA) return 0;
    u8 *place = &thread->data[used];
    long length = bpf_probe_read_user_str(place + sizeof head, SC_PIECE, (void *)address);
    u32 bytes = 0;
    if (length < 0) {
        head.piece.flags |= SC_PIECE_FAILED;
    } else {
        bytes = length & (SC_PIECE * 2 - 1);
        if (bytes >= SC_PIECE) head.piece.flags |= SC_PIECE_CUT;
        if (bytes > SC_PIECE) bytes = SC_PIECE;
    }
    head.piece.length = bytes;
    *(u64 *)place = head.word;
    thread->record.length = used + sizeof head + ((bytes + 7) & ~7u);
    return length >= 0;
}

__noinline int take_texts(struct sc_thread *thread, u64 word, u64 address)
{
    union head head = { .word = word };
    if (!thread) return 0;
    head.piece.part = SC_PART_ITEM;
    for (u32 index = 0; index < SC_TEXTS; index++) {
        u64 text = 0;
        head.piece.index = index;
        if (bpf_probe_read_user(&text, sizeof text, (void *)(address + index * sizeof text))) {
            head.piece.flags |= SC_PIECE_FAILED;
            take_bytes(thread, head.word, 0, 0, 0);
            return 0;
        }
        if (!text) return 1;
        take_text(thread, head.word, text);
    }
    head.piece.index = SC_TEXTS;
    head.piece.flags |= SC_PIECE_CUT;
    take_bytes(thread, head.word, 0, 0, 0);
    return 1;
}

// An array of struct iovec, and what is in the buffers: of all together no more than the call's result says.
__noinline int take_vectors(struct sc_thread *thread, u64 word, u64 address, u64 count, u32 limit)
{
    union head head = { .word = word };
    if (!thread) return 0;
    if (!take_bytes(thread, word, address, count * sizeof(struct vector), SC_PIECE)) return 0;
    u64 all = thread->room;
    head.piece.part = SC_PART_ITEM;
    u32 first = head.piece.index / 2 * 16;
    for (u32 index = 0; index < SC_BUFFERS; index++) {
        struct vector vector = {};
        if (index >= count || !all) break;
        if (bpf_probe_read_user(&vector, sizeof vector, (void *)(address + index * sizeof vector))) break;
        u64 length = vector.length < all ? vector.length : all;
        all -= length;
        head.piece.index = first + index;
        take_bytes(thread, head.word, vector.base, length, limit);
    }
    return 1;
}

__noinline int take_message(struct sc_thread *thread, u64 word, u64 address, u64 length, u32 limit)
{
    union head head = { .word = word };
    struct message message = {};
    u32 number = head.piece.index;
    if (!thread) return 0;
    head.piece.index = number * 2;
    if (!take_bytes(thread, head.word, address, length, SC_PIECE)) return 0;
    // Of one that failed nothing but its own fields means anything.
    if (head.piece.flags & SC_PIECE_EXIT && thread->record.result < 0) return 1;
    bpf_probe_read_user(&message, sizeof message, (void *)address);
    head.piece.index = number;
    // A struct mmsghdr says behind it how much was received.
    u32 received = 0;
    if (length > sizeof message && head.piece.flags & SC_PIECE_EXIT) {
        bpf_probe_read_user(&received, sizeof received, (void *)(address + sizeof message));
        thread->room = received;
    }
    head.piece.part = SC_PART_NAME;
    if (message.name) take_bytes(thread, head.word, message.name, message.name_length, 128);
    head.piece.part = SC_PART_CONTROL;
    if (message.control) take_bytes(thread, head.word, message.control, message.control_length, 256);
    head.piece.part = SC_PART_ITSELF;
    head.piece.index = number * 2 + 1;
    take_vectors(thread, head.word, message.vectors, message.vector_count, limit);
    return 1;
}

// Some, of a size that is in the lower half of a word, and their count in the upper.
__noinline int take_messages(struct sc_thread *thread, u64 word, u64 address, u64 sizes, u32 limit)
{
    union head head = { .word = word };
    u32 size = sizes, count = sizes >> 32;
    if (!thread) return 0;
    for (u32 index = 0; index < SC_MESSAGES; index++) {
        if (index >= count) break;
        head.piece.index = index;
        if (!take_message(thread, head.word, address + index * size, size, limit)) return 0;
    }
    return 1;
}

__noinline int take_followed(struct sc_thread *thread, u64 word, u64 place)
{
    union head head = { .word = word };
    u64 address = 0;
    if (!thread) return 0;
    bpf_probe_read_user(&address, sizeof address, (void *)place);
    if (!address) return 1;
    head.piece.part = SC_PART_ITEM;
    head.piece.index = 1;
    return take_bytes(thread, head.word, address, 8, SC_PIECE);
}

static __always_inline u64 count_of(struct sc_record *record, u32 count)
{
    if (count < 6) return argument(record, count);
    if (count == SC_COUNT_RESULT) return record->result > 0 ? record->result : 0;
    if (count >= SC_COUNT_AT && count < SC_COUNT_AT + 6) {
        u32 told = 0;
        bpf_probe_read_user(&told, sizeof told, (void *)argument(record, count - SC_COUNT_AT));
        return told;
    }
    return 1;
}

// One step of a call's plan. Whether what it is about could be read.
__noinline int take(struct sc_thread *thread, u64 word, u32 when, u32 data_limit)
{
    union {
        struct sc_step step;
        u64 word;
    } plan = { .word = word };
    struct sc_step step = plan.step;
    if (!thread) return 0;
    u64 address = argument(&thread->record, step.argument);
    if (!address) return 1;
    union head head = { .piece = { .argument = step.argument, .flags = when == SC_AT_EXIT ? SC_PIECE_EXIT : 0 } };
    if (step.kind == SC_FOLLOWED) return take_followed(thread, head.word, address + step.size);
    if (step.kind == SC_TEXT) return take_text(thread, head.word, address);
    if (step.kind == SC_TEXT_ARRAY) return take_texts(thread, head.word, address);
    u64 count = count_of(&thread->record, step.count);
    if (count > 1ull << 31) count = 1ull << 31;
    thread->room = ~0ull;
    if (when == SC_AT_EXIT) thread->room = thread->record.result > 0 ? thread->record.result : 0;
    if (step.kind == SC_MESSAGE) return take_messages(thread, head.word, address, count << 32 | step.size, data_limit);
    if (step.kind == SC_VECTORS) return take_vectors(thread, head.word, address, count, data_limit);
    return take_bytes(thread, head.word, address, count * step.size, step.is_data ? data_limit : SC_PIECE);
}

static __always_inline void take_all(struct sc_thread *thread, u32 number, u32 when, u32 data_limit)
{
    if (number >= SC_CALLS) return;
    const volatile struct sc_plan *plan = &plans.calls[number & (SC_CALLS - 1)];
    bool has_failed = thread->record.result < 0;
    for (u32 index = 0; index < SC_STEPS; index++) {
        union {
            struct sc_step step;
            u64 word;
        } next = { .word = *(const volatile u64 *)&plan->steps[index] };
        if (next.step.kind == SC_NOTHING) break;
        bool is_due = next.step.when & when;
        u32 as = when;
        if (when == SC_AT_EXIT) {
            if (has_failed && !(next.step.when & SC_FAILED_TOO)) is_due = false;
            // Memory that had not been touched yet when the call began.
            if (!is_due && thread->again >> index & 1) {
                is_due = true;
                as = SC_AT_ENTRY;
            }
        }
        if (!is_due) continue;
        u32 before = thread->record.length;
        if (take(thread, next.word, as, data_limit) || when == SC_AT_EXIT) continue;
        thread->again |= 1u << index;
        thread->record.length = before;
    }
}

static __always_inline void tell(struct sc_thread *thread)
{
    u32 length = thread->record.length;
    if (length > sizeof thread->data) return;
    if (bpf_ringbuf_output(&records, &thread->record, sizeof thread->record + length, BPF_RB_NO_WAKEUP)) lose();
}

static __always_inline void begin(struct sc_thread *thread, struct pt_regs *registers, u32 number)
{
    struct sc_record *record = &thread->record;
    record->kind = SC_CALL;
    record->flags = 0;
    record->number = number;
    record->result = 0;
    record->length = 0;
    thread->again = 0;
#ifdef __TARGET_ARCH_x86
    struct task_struct *task = bpf_get_current_task_btf();
    // TS_COMPAT
    if (task->thread_info.status & 2) {
        record->flags = SC_COMPAT;
        record->arguments[0] = (u32)registers->bx;
        record->arguments[1] = (u32)registers->cx;
        record->arguments[2] = (u32)registers->dx;
        record->arguments[3] = (u32)registers->si;
        record->arguments[4] = (u32)registers->di;
        record->arguments[5] = (u32)registers->bp;
        return;
    }
    record->arguments[0] = registers->di;
    record->arguments[1] = registers->si;
    record->arguments[2] = registers->dx;
    record->arguments[3] = registers->r10;
    record->arguments[4] = registers->r8;
    record->arguments[5] = registers->r9;
    // Return from a signal: what it has is on the stack. Behind the address it begins with are, of struct ucontext, flags, link, stack and
    // registers, and then the mask.
    if (number == 15) record->arguments[0] = registers->sp + 8 + 8 + 24 + 256;
#else
    record->arguments[0] = registers->orig_x0;
    for (u32 index = 1; index < 6; index++) record->arguments[index] = registers->regs[index];
#endif
}

SEC("tp_btf/sys_enter")
int on_entry(u64 *context)
{
    struct slot *slot = current_slot();
    if (!slot) return 0;
    struct pt_regs *registers = (void *)context[0];
    u32 number = context[1];
    slot->is_inside = 0;
    struct sc_control *control = own_control();
    if (!control) return 0;
    bool is_told = is_wanted(control, number) && (!slot->is_held || number == EXECVE);
    if (!control->tells) {
        if (!is_told) return 0;
        slot->is_inside = 1;
        slot->number = number;
        slot->entered = bpf_ktime_get_ns();
        return 0;
    }
    struct sc_thread *thread = current_thread();
    if (!thread) return 0;
    thread->sequence++;
    thread->is_inside = 0;
    if (!is_told) return 0;
    thread->is_inside = 1;
    begin(thread, registers, number);
    bool is_native = !(thread->record.flags & SC_COMPAT);
    if (is_native) take_all(thread, number, SC_AT_ENTRY, control->data_limit);
    thread->record.entered = bpf_ktime_get_ns();
    if (is_native && number < SC_CALLS && plans.calls[number & (SC_CALLS - 1)].is_final && !control->only_failed && !control->slower_than) {
        thread->record.flags = SC_FINAL;
        thread->record.left = thread->record.entered;
        tell(thread);
        thread->is_inside = 0;
    }
    return 0;
}

static __always_inline u32 bucket_of(u64 nanoseconds)
{
    if (nanoseconds < 1ull << SC_FIRST_POWER) return 0;
    u32 power = 63;
    u64 rest = nanoseconds;
    if (!(rest >> 32)) { power -= 32; rest <<= 32; }
    if (!(rest >> 48)) { power -= 16; rest <<= 16; }
    if (!(rest >> 56)) { power -= 8; rest <<= 8; }
    if (!(rest >> 60)) { power -= 4; rest <<= 4; }
    if (!(rest >> 62)) { power -= 2; rest <<= 2; }
    if (!(rest >> 63)) { power -= 1; }
    u32 bucket = 1 + (power - SC_FIRST_POWER) * SC_PARTS + (nanoseconds >> (power - 2) & (SC_PARTS - 1));
    return bucket < SC_BUCKETS ? bucket : SC_BUCKETS - 1;
}

static __always_inline void add(u32 number, u64 duration, bool has_failed)
{
    struct sc_sum_key key = { .thread = (u32)bpf_get_current_pid_tgid(), .number = number };
    struct sc_sum *sum = bpf_map_lookup_elem(&sums, &key);
    if (!sum) {
        u32 zero = 0;
        struct sc_sum *blank = bpf_map_lookup_elem(&blank_sums, &zero);
        if (!blank) return;
        bpf_map_update_elem(&sums, &key, blank, BPF_NOEXIST);
        sum = bpf_map_lookup_elem(&sums, &key);
        if (!sum) {
            struct sc_counts *counted = own_counts();
            if (counted) __sync_fetch_and_add(&counted->lost_sums, 1);
            return;
        }
        struct sc_thread *thread = current_thread();
        if (thread) {
            sum->pid = thread->record.pid;
            sum->tid = thread->record.tid;
        }
    }
    // Nobody else writes to it: it is this thread's own.
    sum->count++;
    if (has_failed) sum->errors++;
    sum->total += duration;
    if (duration > sum->longest) sum->longest = duration;
    sum->buckets[bucket_of(duration) & (SC_BUCKETS - 1)]++;
}

// A call that had begun before the thread was looked at.
static __always_inline bool find_unseen(struct sc_thread *thread, struct pt_regs *registers, struct sc_control *control)
{
#ifdef __TARGET_ARCH_x86
    u32 number = registers->orig_ax;
#else
    u32 number = registers->syscallno;
#endif
    if (thread->sequence || !control->tells || !is_wanted(control, number)) return false;
    begin(thread, registers, number);
    thread->record.entered = 0;
    thread->record.flags |= SC_UNSEEN_ENTRY;
    // What the kernel does not write is there still.
    if (!(thread->record.flags & SC_COMPAT)) take_all(thread, number, SC_AT_ENTRY, control->data_limit);
    return true;
}

SEC("tp_btf/sys_exit")
int on_exit(u64 *context)
{
    struct slot *slot = current_slot();
    if (!slot) return 0;
    struct sc_control *control = own_control();
    if (!control) return 0;
    s64 result = context[1];
    if (!control->tells) {
        if (!slot->is_inside || slot->is_held) return 0;
        slot->is_inside = 0;
        add(slot->number, bpf_ktime_get_ns() - slot->entered, result < 0 && result >= -4095);
        return 0;
    }
    struct sc_thread *thread = current_thread();
    if (!thread) return 0;
    if (!thread->is_inside && !find_unseen(thread, (void *)context[0], control)) return 0;
    thread->sequence++;
    thread->is_inside = 0;
    if (slot->is_held) return 0;
    u64 now = bpf_ktime_get_ns();
    struct sc_record *record = &thread->record;
    u32 number = record->number;
    bool is_seen = !(record->flags & SC_UNSEEN_ENTRY);
    bool has_failed = result < 0 && result >= -4095;
    u64 duration = now - record->entered;
    if (control->sums && is_seen) add(number, duration, has_failed);
    if (!control->tells || (control->only_failed && !has_failed)) return 0;
    if (control->slower_than && (!is_seen || duration < control->slower_than)) return 0;
    record->left = now;
    record->result = result;
    if (!(record->flags & SC_COMPAT)) take_all(thread, number, SC_AT_EXIT, control->data_limit);
    tell(thread);
    return 0;
}

static __always_inline struct sc_thread *enlist(struct task_struct *task, u32 is_alone, u32 is_born)
{
    u32 zero = 0, key = task->pid;
    struct sc_thread *blank = bpf_map_lookup_elem(&blanks, &zero);
    struct slot *slot = slot_of(key);
    if (!blank || !slot) return NULL;
    // Of two tids with the same lower half one can be looked at.
    bool is_free = !slot->tid || slot->tid == key;
    if (is_free) bpf_map_update_elem(&threads, &key, blank, BPF_NOEXIST);
    struct sc_thread *thread = bpf_map_lookup_elem(&threads, &key);
    if (!thread) {
        struct sc_counts *counted = own_counts();
        if (counted) __sync_fetch_and_add(&counted->lost_threads, 1);
        return NULL;
    }
    thread->is_alone = is_alone;
    // One that is just born has nothing behind it.
    thread->sequence = is_born;
    thread->record.tid = name_of(task->thread_pid);
    thread->record.pid = name_of(task->group_leader->thread_pid);
    slot->is_inside = slot->is_held = 0;
    slot->tid = key;
    return thread;
}

// Read by viv: takes up those threads of the targets that are not yet looked at.
SEC("iter/task")
int enlist_targets(struct bpf_iter__task *context)
{
    struct task_struct *task = context->task;
    if (!task) return 0;
    struct task_struct *reader = (void *)bpf_get_current_task();
    level = BPF_CORE_READ(reader, thread_pid, level);
    if (!task->thread_pid) return 0;
    u32 pid = name_of(task->group_leader->thread_pid), tid = name_of(task->thread_pid);
    u32 *process = bpf_map_lookup_elem(&targets, &pid);
    u32 *single = bpf_map_lookup_elem(&targets, &tid);
    u32 key = task->pid;
    bool is_whole = process && *process != SC_TARGET_THREAD;
    if (!is_whole && !(single && *single == SC_TARGET_THREAD)) return 0;
    if (bpf_map_lookup_elem(&threads, &key)) return 0;
    struct slot *slot = slot_of(key);
    if (enlist(task, !is_whole, 0) && slot && process && *process == SC_TARGET_HELD) slot->is_held = 1;
    return 0;
}

SEC("tp_btf/sched_process_fork")
int on_birth(u64 *context)
{
    struct task_struct *parent = (void *)context[0], *child = (void *)context[1];
    struct sc_thread *thread = current_thread();
    if (!thread || thread->is_alone) return 0;
    struct sc_control *control = own_control();
    if (!control || (child->tgid != parent->tgid && !control->follows)) return 0;
    enlist(child, 0, 1);
    struct sc_record record = { .kind = SC_BIRTH, .pid = thread->record.pid, .tid = thread->record.tid };
    record.entered = record.left = bpf_ktime_get_ns();
    record.result = name_of(child->thread_pid);
    record.number = name_of(child->group_leader->thread_pid);
    if (control->tells && bpf_ringbuf_output(&records, &record, sizeof record, BPF_RB_NO_WAKEUP)) lose();
    return 0;
}

// A thread that is not the first one and calls exec takes over the first one's number.
SEC("tp_btf/sched_process_exec")
int on_exec(u64 *context)
{
    struct task_struct *task = (void *)context[0];
    u32 before = context[1], after = task->pid;
    struct sc_thread *thread = bpf_map_lookup_elem(&threads, &before);
    struct slot *slot = slot_of(before), *next = slot_of(after);
    if (!thread || !slot || !next) return 0;
    slot->is_held = 0;
    if (before == after) return 0;
    *next = *slot;
    next->tid = after;
    slot->tid = 0;
    thread->record.tid = thread->record.pid;
    bpf_map_update_elem(&threads, &after, thread, BPF_ANY);
    bpf_map_delete_elem(&threads, &before);
    return 0;
}

SEC("tp_btf/sched_process_exit")
int on_end(u64 *context)
{
    struct task_struct *task = (void *)context[0];
    u32 tid = task->pid;
    struct sc_thread *thread = bpf_map_lookup_elem(&threads, &tid);
    if (!thread) return 0;
    struct sc_control *control = own_control();
    struct sc_record record = { .kind = SC_END, .pid = thread->record.pid, .tid = thread->record.tid };
    record.entered = record.left = bpf_ktime_get_ns();
    record.result = task->exit_code;
    if (control && control->tells && bpf_ringbuf_output(&records, &record, sizeof record, BPF_RB_NO_WAKEUP)) lose();
    struct slot *slot = slot_of(tid);
    if (slot) slot->tid = 0;
    bpf_map_delete_elem(&threads, &tid);
    return 0;
}

struct told_signal {
    struct sc_record record;
    struct sc_piece piece;
    u8 information[48];
};

static __always_inline void tell_signal(struct sc_thread *thread, u32 number, u64 information, u32 flags)
{
    struct sc_control *control = own_control();
    if (!control || !control->tells || control->only_failed || control->slower_than) return;
    struct told_signal told = {};
    told.record.kind = SC_SIGNAL;
    told.record.flags = flags;
    told.record.pid = thread->record.pid;
    told.record.tid = thread->record.tid;
    told.record.entered = told.record.left = bpf_ktime_get_ns();
    told.record.number = number;
    told.record.length = sizeof told.piece + sizeof told.information;
    told.piece.length = sizeof told.information;
    // One without particulars is 0 or 1: by a user, or by the kernel.
    if (information < 2) {
        told.record.result = information;
        told.piece.flags = SC_PIECE_FAILED;
    } else if (bpf_probe_read_kernel(told.information, sizeof told.information, (void *)information)) {
        told.piece.flags = SC_PIECE_FAILED;
    }
    if (bpf_ringbuf_output(&records, &told, sizeof told, BPF_RB_NO_WAKEUP)) lose();
}

static __always_inline void tell_stop(struct sc_thread *thread, u32 number)
{
    struct sc_control *control = own_control();
    if (!control || !control->tells || control->only_failed || control->slower_than) return;
    struct sc_record record = { .kind = SC_SIGNAL, .flags = SC_STOPS, .pid = thread->record.pid, .tid = thread->record.tid };
    record.entered = record.left = bpf_ktime_get_ns();
    record.number = number;
    if (bpf_ringbuf_output(&records, &record, sizeof record, BPF_RB_NO_WAKEUP)) lose();
}

SEC("tp_btf/signal_deliver")
int on_signal(u64 *context)
{
    struct sc_thread *thread = current_thread();
    u32 number = context[0];
    // One that kills comes without particulars; the end is told.
    if (!thread || number == 9) return 0;
    tell_signal(thread, number, (u64)context[1], 0);
    // SIGSTOP, and SIGTSTP, SIGTTIN and SIGTTOU where nothing handles them.
    u64 handler = 0;
    bpf_probe_read_kernel(&handler, sizeof handler, (void *)context[2]);
    if (number >= 19 && number <= 22 && !handler) tell_stop(thread, number);
    return 0;
}

// One that is ignored is never delivered.
SEC("tp_btf/signal_generate")
int on_ignored_signal(u64 *context)
{
    // TRACE_SIGNAL_IGNORED
    if (context[4] != 1) return 0;
    struct task_struct *task = (void *)context[2];
    u32 tid = task->pid;
    struct sc_thread *thread = bpf_map_lookup_elem(&threads, &tid);
    if (thread) tell_signal(thread, context[0], (u64)context[1], SC_IGNORED);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
