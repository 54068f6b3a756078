// What viv and its BPF program clock-stacks tell each other. Included by both: no more than C's own types.
#pragma once

/// Most interpreters of a process that are looked at.
#define CS_INTERPRETERS 16
/// Words of a code object that tell it from the next at its address.
#define CS_PRINT_WORDS 8
/// Frames of one record at most: a deeper stack is several records.
#define CS_RECORD_FRAMES 512

/// What a record is of.
enum {
    /// The thread ran for another period of its clock.
    CS_CLOCK = 1,
    /// It leaves its processor.
    CS_LEAVES = 2,
    /// It ends.
    CS_ENDS = 3,
};

/// What else is known of the moment; also, for CS_LEAVES, the kinds whose stacks are wanted.
enum {
    /// It stays ready to run.
    CS_READY = 1,
    /// It begins to wait for an interpreter's lock.
    CS_AWAITS_LOCK = 2,
    /// It begins to wait without being open to signals, as for a disk.
    CS_AWAITS_DEVICE = 4,
    /// It begins to wait for anything else.
    CS_SLEEPS = 8,
    /// It holds the lock of an interpreter. Known only where it is asked for.
    CS_HOLDS_LOCK = 16,
    /// More frames follow in the next record.
    CS_CONTINUES = 32,
    /// Its memory could not be read, or its state stood between two frames: there is no stack.
    CS_IS_TORN = 64,
    /// There are more frames than are read.
    CS_IS_CUT = 128,
    /// Its stack was wanted.
    CS_HAS_STACK = 256,
};

/// Where things are in the process: offsets in bytes, CS_NONE for what its version has not.
struct cs_layout {
    unsigned long long reference_mask;
    unsigned thread_size, thread_next, thread_id, thread_frame, thread_cframe, thread_chunk, thread_top;
    unsigned cframe_current, cframe_previous;
    unsigned chunk_size, chunk_previous;
    unsigned frame_size, frame_code, frame_previous, frame_instruction, frame_owner, frame_generator, frame_running;
    unsigned running_value, has_frame_objects;
    unsigned code_size, code_fields[CS_PRINT_WORDS], code_name, text_hash;
    unsigned interpreter_threads;
    unsigned lock_holder, lock_locked, lock_enabled;
    /// Of the kernel's task_struct: how long it has run, how long it was ready and waited for a processor, where its thread pointer is kept,
    /// what state it is in.
    unsigned task_run, task_delay, task_pointer, task_state;
    /// In the registers that a thread entered the kernel with: the number of the call, and its first argument.
    unsigned register_call, register_argument, futex_call;
    /// Kinds of CS_LEAVES whose stacks are wanted.
    unsigned wanted;
    /// Whether the others are wanted too of threads that wait long for a processor when they are woken.
    unsigned wants_late;
    /// Whether to tell who holds the lock.
    unsigned asks_holder;
    /// Whether a generator that runs has a caller always, also where C alone called it: since 3.12.
    unsigned asks_callers;
    /// What a stack may cost at most, in frames; a deeper one is cut.
    unsigned maximum_cost;
};

#define CS_NONE 0xffffffffu

/// One interpreter: its state, its lock, and the word that names the lock's holder where that is no part of the lock.
struct cs_interpreter {
    unsigned long long state, lock, lock_length, current;
};

/// What may change while the program runs.
struct cs_control {
    /// For how long code at an address is believed to be what it was. Unit: nanoseconds.
    unsigned long long belief;
    unsigned long long count;
    struct cs_interpreter interpreters[CS_INTERPRETERS];
};

/// One frame, as it stood.
struct cs_frame {
    unsigned long long code, instruction;
    /// Hash of the words that tell the code from the next at its address.
    unsigned print;
    /// Who owns its memory, as CPython counts since 3.11; up to 3.10 1 for that of a generator.
    unsigned owner;
};

/// A moment of a thread. The frames follow, the innermost first.
struct cs_record {
    /// CLOCK_MONOTONIC.
    unsigned long long nanoseconds;
    /// How long the thread has run in its life; for CS_CLOCK up to the kernel's last tick. Unit: nanoseconds.
    unsigned long long run_nanoseconds;
    /// How long it was ready in its life and waited for a processor. Unit: nanoseconds; 0 where the kernel does not count it.
    unsigned long long delay_nanoseconds;
    /// `threading.get_ident()`, and where the interpreter keeps its state; 0 where no interpreter knows the thread.
    unsigned long long thread, state;
    /// As the initial pid namespace counts.
    unsigned tid;
    unsigned kind, flags, count;
    /// Which record it is of a stack that takes several, from 0 on.
    unsigned part, spare;
};
