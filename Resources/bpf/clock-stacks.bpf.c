// Python stacks of a thread, taken by the thread itself: whenever it has run for another period of its clock, and when it leaves its
// processor. It stands still meanwhile, so that what is read is one moment of it; nothing is written to its memory.
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_helpers.h>

#include "clock_stacks.h"

typedef __u64 u64;
typedef __u32 u32;
typedef __u8 u8;

#define WINDOW 8192
#define FRAME 256
#define THREAD 512
#define CODE 512
#define PRINTS 1024
#define FRAMES 65536
// What the program may take of each stretch of time on a processor, whatever a thread's memory leads it to. Unit: nanoseconds.
#define STRETCH 10000000ull
#define ALLOWANCE 4000000ull
// What a frame costs that is in a copy, one that is read by itself, and a copy, beside each other.
#define COST_FRAME 1
#define COST_SINGLE 10
#define COST_COPY 40
// What a thread waits for a processor when it is woken, at most, to be none that waits long, and for how long it is one after it did. Unit:
// nanoseconds.
#define LATE 200000ull
#define LATE_FOR 1000000000ull
// How far behind its C frame an evaluation has its own link to its caller, at most.
#define CARRIER 1024

const volatile struct cs_layout layout = {};

struct print {
    u64 code, until;
    u32 print, spare;
};

// Too much for the stack of a program.
struct scratch {
    u64 stretch_start, spent;
    struct cs_record record;
    struct cs_frame frames[CS_RECORD_FRAMES];
    // A copy of a part of the thread's stack of frames; behind it one frame from elsewhere. One array, so that the verifier sees one case.
    u8 copies[WINDOW * 2 + FRAME];
    u8 thread[THREAD + 8];
    u8 code[CODE + 8];
};

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 2 << 20);
} records SEC(".maps");

// One for each processor, as many as there may be: set before the program is loaded. What the kernel has for the like itself holds no more than
// 32 kB of all programs together.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct scratch);
} scratches SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, PRINTS);
    __type(key, u32);
    __type(value, struct print);
} prints SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct cs_control);
} controls SEC(".maps");

struct known_thread {
    // 0: no interpreter knew it when it was looked for.
    u64 state;
    u64 looked;
    u64 tid;
    // How long it had waited for a processor in its life when it left one the last time.
    u64 delay;
    // Up to when it is one that waits long for a processor.
    u64 late_until;
};

// By thread pointer, which is what threading.get_ident() returns.
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 16384);
    __type(key, u64);
    __type(value, struct known_thread);
} threads SEC(".maps");

// The functions that are not static are verified each by itself, once: a tenth of the time that it takes to follow every way
// through all of them together.

static __always_inline struct scratch *own_scratch(void)
{
    u32 processor = bpf_get_smp_processor_id();
    return bpf_map_lookup_elem(&scratches, &processor);
}

static __always_inline struct cs_control *own_control(void)
{
    u32 zero = 0;
    return bpf_map_lookup_elem(&controls, &zero);
}

static __always_inline u64 word(const u8 *bytes, u32 place, u32 mask)
{
    return *(u64 *)(bytes + (place & mask));
}

static __always_inline u64 user_word(u64 address)
{
    u64 value = 0;
    bpf_probe_read_user(&value, sizeof value, (void *)address);
    return value;
}

// A member of the running thread's task_struct.
static __always_inline u64 task_word(u32 place)
{
    u64 value = 0;
    bpf_probe_read_kernel(&value, sizeof value, (void *)(bpf_get_current_task() + place));
    return value;
}

// MARK: Which state is a thread's

#define LIST_LIMIT 4096
#define SEARCH_NANOSECONDS 1000000ull
#define LOOK_NANOSECONDS 10000000ull

struct search {
    u64 state, pointer, found, now;
};

static long search_step(u32 index, struct search *search)
{
    u64 state = search->state;
    if (!state) return 1;
    if (user_word(state + layout.thread_id) == search->pointer) {
        search->found = state;
        return 1;
    }
    search->state = user_word(state + layout.thread_next);
    return 0;
}

static long search_interpreter(u32 index, struct search *search)
{
    struct cs_control *control = own_control();
    if (!control || index >= control->count) return 1;
    search->state = user_word(control->interpreters[index & (CS_INTERPRETERS - 1)].state + layout.interpreter_threads);
    bpf_loop(LIST_LIMIT, search_step, search, 0);
    return search->found != 0 || bpf_ktime_get_ns() - search->now > SEARCH_NANOSECONDS;
}

static __always_inline bool read_thread(struct scratch *scratch, u64 state, u64 pointer)
{
    u32 size = layout.thread_size;
    if (size > THREAD) size = THREAD;
    return !bpf_probe_read_user(scratch->thread, size, (void *)state)
        && word(scratch->thread, layout.thread_id, THREAD - 1) == pointer;
}

// Reads the state of the running thread; 0 where no interpreter knows it.
__noinline u64 own_state(u64 pointer, u64 now)
{
    struct scratch *scratch = own_scratch();
    if (!scratch) return 0;
    struct known_thread *known = bpf_map_lookup_elem(&threads, &pointer);
    if (known) {
        u64 state = known->state;
        if (state && read_thread(scratch, state, pointer)) return state;
        // One that no interpreter knows is not looked for with each sample.
        if (now - known->looked < LOOK_NANOSECONDS) return 0;
    }
    struct search search = { .pointer = pointer, .now = now };
    bpf_loop(CS_INTERPRETERS, search_interpreter, &search, 0);
    struct known_thread found = { .state = search.found, .looked = now, .tid = (u32)bpf_get_current_pid_tgid() };
    bpf_map_update_elem(&threads, &pointer, &found, BPF_ANY);
    return search.found && read_thread(scratch, search.found, pointer) ? search.found : 0;
}

// MARK: Its frames

// The hash of what tells code from the next at its address.
__noinline u32 print_of(u64 code, u64 now)
{
    struct cs_control *control = own_control();
    struct scratch *scratch = own_scratch();
    u32 slot = (u32)(code >> 4 ^ code >> 14) & (PRINTS - 1);
    struct print *known = bpf_map_lookup_elem(&prints, &slot);
    if (!known || !control || !scratch) return 0;
    if (known->code == code && known->until > now) return known->print;
    u32 size = layout.code_size;
    if (size > CODE) size = CODE;
    if (bpf_probe_read_user(scratch->code, size, (void *)code)) return 0;
    // All that code points to may be at the same addresses as it was for the one before; the hash of another name is another.
    u64 hash = user_word(word(scratch->code, layout.code_name, CODE - 1) + layout.text_hash);
    for (u32 index = 0; index < CS_PRINT_WORDS; index++) {
        hash = (hash ^ word(scratch->code, layout.code_fields[index], CODE - 1)) * 0x9E3779B97F4A7C15ull;
        hash ^= hash >> 29;
    }
    known->code = code;
    known->print = hash >> 32;
    known->until = now + control->belief;
    return known->print;
}

__noinline int emit(u32 count)
{
    struct scratch *scratch = own_scratch();
    if (!scratch) return 0;
    if (count > CS_RECORD_FRAMES) count = CS_RECORD_FRAMES;
    scratch->record.count = count;
    u64 size = sizeof(struct cs_record) + count * sizeof(struct cs_frame);
    // Where there is no room the reader misses the period.
    bpf_ringbuf_output(&records, &scratch->record, size, BPF_RB_NO_WAKEUP);
    return 0;
}

struct walk {
    u64 frame, now;
    // Where the copy in the window begins, and how far from there a whole frame may begin.
    u64 window, window_room;
    // The chunk that the walk is in, and the one before.
    u64 chunk, chunk_size, previous, previous_size;
    u64 last_code;
    u32 last_print;
    u32 count;
    u32 flags;
    u32 cost;
};

// Copies a frame, and its callers where they are in the same chunk.
//
// Returns where in the copies it is, or a negative number where it cannot be read.
__noinline int copy_frame(struct walk *walk)
{
    struct scratch *scratch = own_scratch();
    if (!walk || !scratch) return -1;
    u64 frame = walk->frame;
    u64 size = layout.frame_size;
    if (size > FRAME) size = FRAME;
    if (frame - walk->chunk >= walk->chunk_size && frame - walk->previous < walk->previous_size) {
        walk->chunk = walk->previous;
        walk->chunk_size = walk->previous_size;
        walk->previous = user_word(walk->chunk + layout.chunk_previous);
        walk->previous_size = walk->previous ? user_word(walk->previous + layout.chunk_size) : 0;
    }
    u64 inside = frame - walk->chunk;
    if (inside >= walk->chunk_size || inside + size > walk->chunk_size) {
        walk->cost += COST_SINGLE;
        if (bpf_probe_read_user(scratch->copies + WINDOW + FRAME, size, (void *)frame)) return -1;
        return WINDOW + FRAME;
    }
    walk->cost += COST_COPY;
    u64 length = inside + size;
    if (length > WINDOW) length = WINDOW;
    u64 start = frame + size - length;
    if (bpf_probe_read_user(scratch->copies, length, (void *)start)) return -1;
    walk->window = start;
    walk->window_room = length - size + 1;
    return frame - start;
}

static long walk_step(u32 index, struct walk *walk)
{
    struct scratch *scratch = own_scratch();
    u64 frame = walk->frame;
    if (!frame || !scratch || walk->cost > layout.maximum_cost) return 1;
    walk->cost += COST_FRAME;
    u64 place = frame - walk->window;
    if (place >= walk->window_room) {
        int copied = copy_frame(walk);
        if (copied < 0) {
            walk->flags |= CS_IS_TORN;
            return 1;
        }
        place = copied;
    }
    u8 *raw = scratch->copies + (place & (WINDOW * 2 - 1));
    u64 code = word(raw, layout.frame_code, FRAME - 1) & layout.reference_mask;
    u64 instruction = word(raw, layout.frame_instruction, FRAME - 1);
    u32 owner = 0;
    walk->frame = word(raw, layout.frame_previous, FRAME - 1);
    // A generator that runs has a caller, but it stands a moment without one when it is resumed and when it yields.
    if (!walk->frame && layout.asks_callers && raw[layout.frame_owner & (FRAME - 1)] == 1) walk->flags |= CS_IS_TORN;
    if (layout.has_frame_objects) {
        instruction = (u64)(long long)(int)instruction;
        owner = word(raw, layout.frame_generator, FRAME - 1) != 0;
        // One that has just begun or ended keeps all the rest.
        if (index == 0 && raw[layout.frame_running & (FRAME - 1)] != layout.running_value) return 0;
    } else {
        owner = raw[layout.frame_owner & (FRAME - 1)];
    }
    if (walk->count >= CS_RECORD_FRAMES) {
        scratch->record.flags |= CS_CONTINUES;
        emit(CS_RECORD_FRAMES);
        scratch->record.flags &= ~CS_CONTINUES;
        scratch->record.part++;
        walk->count = 0;
    }
    if (code != walk->last_code) {
        walk->last_code = code;
        walk->last_print = owner > 2 ? 0 : print_of(code, walk->now);
    }
    struct cs_frame *found = &scratch->frames[walk->count & (CS_RECORD_FRAMES - 1)];
    found->code = code;
    found->instruction = instruction;
    found->owner = owner;
    found->print = walk->last_print;
    walk->count++;
    return 0;
}

// Whether the frame lies in the newest chunk of the stack, but where the stack has ended.
static __always_inline bool is_behind(const struct walk *walk, u64 top)
{
    return walk->frame - walk->chunk < walk->chunk_size && walk->frame >= top;
}

__noinline int take_stack(u64 now)
{
    struct scratch *scratch = own_scratch();
    if (!scratch) return 0;
    struct walk walk = { .now = now };
    u64 top = 0;
    if (layout.thread_chunk != CS_NONE) {
        top = word(scratch->thread, layout.thread_top, THREAD - 1);
        walk.chunk = word(scratch->thread, layout.thread_chunk, THREAD - 1);
        if (walk.chunk) {
            walk.chunk_size = user_word(walk.chunk + layout.chunk_size);
            walk.previous = user_word(walk.chunk + layout.chunk_previous);
            if (walk.previous) walk.previous_size = user_word(walk.previous + layout.chunk_size);
        }
    }
    if (layout.thread_cframe != CS_NONE) {
        u64 carrier = word(scratch->thread, layout.thread_cframe, THREAD - 1);
        walk.frame = user_word(carrier + layout.cframe_current);
        // A C frame that was just entered has no frame yet, or still one of a call that was there before: behind the stack's end, or its own link
        // to its caller. The frames of the one below it run then.
        if (!walk.frame || is_behind(&walk, top) || walk.frame - carrier < CARRIER) {
            u64 below = user_word(carrier + layout.cframe_previous);
            if (walk.frame || below) walk.flags |= CS_IS_TORN;
            if (below) walk.frame = user_word(below + layout.cframe_current);
            if (below && walk.frame && !is_behind(&walk, top)) walk.flags = 0;
        }
    } else {
        walk.frame = word(scratch->thread, layout.thread_frame, THREAD - 1);
    }
    if (!(walk.flags & CS_IS_TORN)) {
        bpf_loop(FRAMES, walk_step, &walk, 0);
        if (walk.frame && !(walk.flags & CS_IS_TORN)) walk.flags |= CS_IS_CUT;
    }
    scratch->record.flags |= walk.flags | CS_HAS_STACK;
    emit(walk.count);
    return 0;
}

// MARK: Its moments

struct holding {
    u64 state;
    u64 holds;
};

static long ask_lock(u32 index, struct holding *holding)
{
    struct cs_control *control = own_control();
    if (!control || index >= control->count) return 1;
    struct cs_interpreter *interpreter = &control->interpreters[index & (CS_INTERPRETERS - 1)];
    u64 lock = interpreter->lock;
    if (interpreter->current) {
        holding->holds = user_word(interpreter->current) == holding->state;
    } else if (lock) {
        holding->holds = user_word(lock + layout.lock_holder) == holding->state
            && (u32)user_word(lock + layout.lock_locked) == 1
            && (layout.lock_enabled == CS_NONE || (u32)user_word(lock + layout.lock_enabled) != 0);
    }
    return holding->holds;
}

__noinline int holds_lock(u64 state)
{
    struct holding holding = { .state = state };
    bpf_loop(CS_INTERPRETERS, ask_lock, &holding, 0);
    return holding.holds != 0;
}

static long ask_word(u32 index, struct holding *holding)
{
    struct cs_control *control = own_control();
    if (!control || index >= control->count) return 1;
    struct cs_interpreter *interpreter = &control->interpreters[index & (CS_INTERPRETERS - 1)];
    holding->holds = interpreter->lock && holding->state - interpreter->lock < interpreter->lock_length;
    return holding->holds;
}

// Why the running thread leaves its processor.
__noinline u32 reason(void)
{
    u32 state = task_word(layout.task_state);
    if (state == 0) return CS_READY;
    // TASK_UNINTERRUPTIBLE, unless TASK_NOLOAD says that it is idle so.
    if ((state & 2) && !(state & 0x400)) return CS_AWAITS_DEVICE;
    u64 registers = bpf_task_pt_regs(bpf_get_current_task_btf());
    u64 call = 0;
    struct holding holding = {};
    bpf_probe_read_kernel(&call, 8, (void *)(registers + layout.register_call));
    if ((u32)call != layout.futex_call) return CS_SLEEPS;
    // A thread that sleeps on a word of the lock waits for it.
    bpf_probe_read_kernel(&holding.state, 8, (void *)(registers + layout.register_argument));
    bpf_loop(CS_INTERPRETERS, ask_word, &holding, 0);
    return holding.holds ? CS_AWAITS_LOCK : CS_SLEEPS;
}

// Whether the running thread, which leaves its processor, waits long for one now and then.
static __always_inline bool is_late(u64 pointer, u64 delay, u64 now)
{
    struct known_thread *known = bpf_map_lookup_elem(&threads, &pointer);
    if (!known) return false;
    if (delay - known->delay > LATE) known->late_until = now + LATE_FOR;
    known->delay = delay;
    return now < known->late_until;
}

SEC("perf_event")
int on_moment(struct bpf_perf_event_data *context)
{
    struct scratch *scratch = own_scratch();
    if (!scratch) return 0;
    struct cs_record *record = &scratch->record;
    u64 now = bpf_ktime_get_ns();
    if (now - scratch->stretch_start > STRETCH) {
        scratch->stretch_start = now;
        scratch->spent = 0;
    }
    u64 pointer = task_word(layout.task_pointer);
    u64 state = own_state(pointer, now);
    // Of the two events that it is attached to, the clock has a longer period than one.
    u32 kind = context->sample_period == 1 ? CS_LEAVES : CS_CLOCK;
    u32 flags = kind == CS_LEAVES ? reason() : 0;
    if (layout.asks_holder && state && holds_lock(state)) flags |= CS_HOLDS_LOCK;
    record->nanoseconds = now;
    record->run_nanoseconds = task_word(layout.task_run);
    record->delay_nanoseconds = layout.task_delay == CS_NONE ? 0 : task_word(layout.task_delay);
    record->thread = pointer;
    record->state = state;
    record->tid = (u32)bpf_get_current_pid_tgid();
    record->kind = kind;
    record->flags = flags;
    record->part = 0;
    bool is_wanted = kind == CS_CLOCK || flags & layout.wanted;
    if (kind == CS_LEAVES && is_late(pointer, record->delay_nanoseconds, now) && layout.wants_late) is_wanted = true;
    if (!state || !is_wanted) {
        emit(0);
    } else if (scratch->spent > ALLOWANCE) {
        record->flags |= CS_HAS_STACK | CS_IS_TORN;
        emit(0);
    } else {
        take_stack(now);
    }
    scratch->spent += bpf_ktime_get_ns() - now;
    return 0;
}

// Of threads that end nothing else would say so: their clocks end before they leave their processors the last time.
SEC("raw_tracepoint/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *context)
{
    u64 pointer = task_word(layout.task_pointer);
    u32 tid = (u32)bpf_get_current_pid_tgid();
    struct known_thread *known = bpf_map_lookup_elem(&threads, &pointer);
    // The tracepoint is that of all processes, which use the same addresses.
    if (!known || known->tid != tid || !known->state) return 0;
    struct cs_record record = {
        .nanoseconds = bpf_ktime_get_ns(), .run_nanoseconds = task_word(layout.task_run), .thread = pointer,
        .state = known->state, .tid = tid, .kind = CS_ENDS,
    };
    bpf_map_delete_elem(&threads, &pointer);
    bpf_ringbuf_output(&records, &record, sizeof record, BPF_RB_NO_WAKEUP);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
