// What viv and its BPF program system-calls tell each other. Included by both: no more than C's own types.
#pragma once

/// Numbers of calls are below it.
#define SC_CALLS 512
/// Pieces of memory that are read of one call; an array of texts or of buffers is one here.
#define SC_STEPS 6
/// Most bytes of one piece, and of all pieces of a call with what stands before each.
#define SC_PIECE 512
#define SC_DATA 2560
/// Most texts of an array that are read, and most buffers.
#define SC_TEXTS 16
#define SC_BUFFERS 8
#define SC_MESSAGES 4
/// Parts of each power of two that durations are counted in, the first power, and how many parts there are.
#define SC_PARTS 4
#define SC_FIRST_POWER 7
#define SC_BUCKETS 128

/// What is read.
enum {
    SC_NOTHING = 0,
    /// A text, up to its NUL.
    SC_TEXT = 1,
    /// So many bytes.
    SC_BYTES = 2,
    /// An array of addresses of texts, up to a null.
    SC_TEXT_ARRAY = 3,
    /// An array of struct iovec, and the buffers that they name.
    SC_VECTORS = 4,
    /// Structures that begin with a struct msghdr, and what each names.
    SC_MESSAGE = 5,
    /// Eight bytes that an address in a structure points to, whose place the size says.
    SC_FOLLOWED = 6,
};

/// When it is read: two bits, and whether also when the call failed.
enum { SC_AT_ENTRY = 1, SC_AT_EXIT = 2, SC_FAILED_TOO = 4 };

/// How many there are: as many as argument 0 to 5 says, as the number says that argument n points to, as the call's result says; else one.
enum { SC_COUNT_AT = 16, SC_COUNT_RESULT = 32, SC_ONE = 255 };

/// One piece of memory that belongs to a call.
struct sc_step {
    unsigned char argument, kind, when, count;
    /// Bytes of one.
    unsigned short size;
    /// Most bytes that are read of it where it is data; 0 where no limit of data applies.
    unsigned short is_data;
};

/// What is read of a call.
struct sc_plan {
    /// Whether it does not come back.
    unsigned is_final, spare;
    struct sc_step steps[SC_STEPS];
};

/// All of them: the program's constants.
struct sc_plans {
    struct sc_plan calls[SC_CALLS];
};

/// What may change while the program runs.
struct sc_control {
    /// A bit for each call that is wanted.
    unsigned long long wanted[SC_CALLS / 64];
    /// Calls that took less are not told. Unit: nanoseconds.
    unsigned long long slower_than;
    /// Most bytes of data, as of a buffer, that are told.
    unsigned data_limit;
    /// Whether each call is told, whether calls are summed up, whether only those are told that failed, and whether children are followed.
    unsigned tells, sums, only_failed, follows;
    /// Whether numbers that no call has are told.
    unsigned wants_unknown;
};

/// What a record is of.
enum { SC_CALL = 1, SC_SIGNAL = 2, SC_END = 3, SC_BIRTH = 4 };

/// What else is known.
enum {
    /// The call had begun before it was looked at: the time of its entry is not known.
    SC_UNSEEN_ENTRY = 1,
    /// It is told at its entry, and does not come back.
    SC_FINAL = 2,
    /// By the numbers and registers of 32-bit programs.
    SC_COMPAT = 4,
    /// A signal that is ignored.
    SC_IGNORED = 8,
    /// A signal that has the thread stand still.
    SC_STOPS = 64,
};

/// One event. Pieces follow, each padded to eight bytes.
struct sc_record {
    /// CLOCK_MONOTONIC.
    unsigned long long entered, left;
    /// Of a call its result; of an end the wait status; of a birth the tid that is born.
    long long result;
    unsigned long long arguments[6];
    /// As viv's pid namespace counts.
    unsigned pid, tid;
    unsigned short kind, flags;
    /// Of a call its number, of a signal its own; of a birth the pid of the process.
    int number;
    /// Bytes of the pieces.
    unsigned length, spare;
};

enum {
    /// Read when the call ended.
    SC_PIECE_EXIT = 1,
    /// It could not be read.
    SC_PIECE_FAILED = 2,
    /// There is more of it.
    SC_PIECE_CUT = 4,
};

/// What a piece is of its argument.
enum { SC_PART_ITSELF = 0, SC_PART_ITEM = 1, SC_PART_NAME = 2, SC_PART_CONTROL = 3 };

/// One piece.
struct sc_piece {
    unsigned char argument, flags, part, index;
    /// Bytes of it that follow.
    unsigned length;
};

/// What a thread is in, and what was read of it.
struct sc_thread {
    /// Whether it is in a call that is wanted; grows with each.
    unsigned long long sequence;
    unsigned is_inside, again;
    /// Whether threads and children that it makes are looked at as well.
    unsigned is_alone, spare;
    /// How much of the buffers of an array is told at most.
    unsigned long long room;
    struct sc_record record;
    unsigned char data[SC_DATA + sizeof(struct sc_piece) + SC_PIECE];
};

/// Calls of one number by one thread, in sum.
struct sc_sum_key {
    unsigned thread, number;
};

struct sc_sum {
    unsigned long long count, errors, total, longest;
    unsigned pid, tid;
    unsigned buckets[SC_BUCKETS];
};

/// Who is to be looked at: a process or a thread, by the number that viv's pid namespace has for it.
/// A held one is told from its next exec on.
enum { SC_TARGET_PROCESS = 1, SC_TARGET_THREAD = 2, SC_TARGET_HELD = 3 };

/// Counts of the program itself.
struct sc_counts {
    /// Records that found no room in the ring, and sums that found none.
    unsigned long long lost, lost_sums;
    /// Threads that could not be taken up.
    unsigned long long lost_threads;
};
