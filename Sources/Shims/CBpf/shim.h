// libbpf: programs that run in the kernel. One function for each call; a negative number is an errno.
//
// The library is opened while viv runs: it and what it needs would make every start slower, and keep viv from starting where it is not
// installed. Each function therefore takes the address of the one it calls. The types of its arguments are written here as libbpf 1.0 has
// them, all of its structures as void: its headers define those of the C library anew, otherwise than Swift's module of that has them.
#pragma once
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "clock_stacks.h"
#include "system_calls.h"
#include "task_table.h"

/// The functions of libbpf that are used.
enum {
    CB_SET_PRINT, CB_OPEN, CB_LOAD, CB_CLOSE, CB_FIND_MAP, CB_MAP_FD, CB_SET_INITIAL, CB_FIND_PROGRAM, CB_PROGRAM_FD, CB_UPDATE,
    CB_RING_NEW, CB_RING_CONSUME, CB_RING_FREE, CB_ATTACH, CB_PROCESSORS,
    CB_SET_ENTRIES, CB_LINK, CB_ITERATE, CB_LOOKUP, CB_NEXT, CB_DELETE, CB_FUNCTIONS
};

/// Name of one of the functions.
static inline const char *cb_name(int function) {
    static const char *const names[CB_FUNCTIONS] = {
        "libbpf_set_print", "bpf_object__open_mem", "bpf_object__load", "bpf_object__close", "bpf_object__find_map_by_name", "bpf_map__fd",
        "bpf_map__set_initial_value", "bpf_object__find_program_by_name", "bpf_program__fd", "bpf_map_update_elem",
        "ring_buffer__new", "ring_buffer__consume", "ring_buffer__free", "bpf_raw_tracepoint_open",
        "libbpf_num_possible_cpus", "bpf_map__set_max_entries", "bpf_link_create", "bpf_iter_create",
        "bpf_map_lookup_elem", "bpf_map_get_next_key", "bpf_map_delete_elem",
    };
    return names[function];
}

/// libbpf_set_print with no printer: what it would write would spoil the screen.
static inline void cb_silence(void *function) {
    ((void *(*)(void *))function)(NULL);
}

/// bpf_object__open_mem, without options.
static inline int cb_open(void *function, const void *bytes, size_t length, void **object) {
    *object = ((void *(*)(const void *, size_t, const void *))function)(bytes, length, NULL);
    return *object ? 0 : -errno;
}

/// bpf_object__load.
static inline int cb_load(void *function, void *object) {
    return ((int (*)(void *))function)(object);
}

/// bpf_object__close.
static inline void cb_close(void *function, void *object) {
    ((void (*)(void *))function)(object);
}

/// bpf_object__find_map_by_name.
static inline void *cb_find_map(void *function, void *object, const char *name) {
    return ((void *(*)(const void *, const char *))function)(object, name);
}

/// bpf_map__fd.
static inline int cb_map_fd(void *function, void *map) {
    return ((int (*)(const void *))function)(map);
}

/// bpf_map__set_initial_value: the constants of a program, before it is loaded.
static inline int cb_set_initial(void *function, void *map, const void *value, size_t length) {
    return ((int (*)(void *, const void *, size_t))function)(map, value, length);
}

/// bpf_object__find_program_by_name.
static inline void *cb_find_program(void *function, void *object, const char *name) {
    return ((void *(*)(const void *, const char *))function)(object, name);
}

/// bpf_program__fd.
static inline int cb_program_fd(void *function, void *program) {
    return ((int (*)(const void *))function)(program);
}

/// bpf_map_update_elem.
static inline int cb_update(void *function, int map, const void *key, const void *value) {
    const uint64_t any = 0;
    return ((int (*)(int, const void *, const void *, uint64_t))function)(map, key, value, any);
}

/// bpf_map_lookup_elem: a copy.
static inline int cb_lookup(void *function, int map, const void *key, void *value) {
    return ((int (*)(int, const void *, void *))function)(map, key, value);
}

/// bpf_map_get_next_key: the one behind a key; the first one behind none.
static inline int cb_next(void *function, int map, const void *key, void *next) {
    return ((int (*)(int, const void *, void *))function)(map, key, next);
}

/// bpf_map_delete_elem.
static inline int cb_delete(void *function, int map, const void *key) {
    return ((int (*)(int, const void *))function)(map, key);
}

/// ring_buffer__new, without options.
static inline int cb_ring_new(
    void *function, int map, int (*receive)(void *, void *, size_t), void *context, void **ring
) {
    typedef void *(*make)(int, int (*)(void *, void *, size_t), void *, const void *);
    *ring = ((make)function)(map, receive, context, NULL);
    return *ring ? 0 : -errno;
}

/// ring_buffer__consume: records handed over.
static inline int cb_ring_consume(void *function, void *ring) {
    return ((int (*)(void *))function)(ring);
}

/// ring_buffer__free.
static inline void cb_ring_free(void *function, void *ring) {
    ((void (*)(void *))function)(ring);
}

/// bpf_raw_tracepoint_open: a descriptor; the program runs for as long as it is open.
static inline int cb_attach(void *function, const char *tracepoint, int program) {
    int fd = ((int (*)(const char *, int))function)(tracepoint, program);
    return fd < 0 ? -errno : fd;
}

/// libbpf_num_possible_cpus.
static inline int cb_processors(void *function) {
    return ((int (*)(void))function)();
}

/// bpf_map__set_max_entries, before the map is made.
static inline int cb_set_entries(void *function, void *map, uint32_t entries) {
    return ((int (*)(void *, uint32_t))function)(map, entries);
}

/// bpf_link_create of a program that the kernel runs for each task: a descriptor that keeps it.
static inline int cb_link_iterator(void *function, int program) {
    // BPF_TRACE_ITER.
    const int kind = 28;
    int fd = ((int (*)(int, int, int, const void *))function)(program, 0, kind, NULL);
    return fd < 0 ? -errno : fd;
}

/// bpf_iter_create: a descriptor that is read like a file, and runs the program meanwhile.
static inline int cb_iterate(void *function, int link) {
    int fd = ((int (*)(int))function)(link);
    return fd < 0 ? -errno : fd;
}
